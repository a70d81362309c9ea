"""The arms of the main comparison, as ``measure.ipynb`` takes them by default."""

from collections.abc import Sequence

from torch import nn

from gradlab.filtering import module_lists

QUANTILES = (0.05, 0.1, 0.3)
RATIOS = (0.3, 0.5, 0.9, 1.0)


def filterings(
    architecture: str, network: nn.Module, ratios: Sequence[float] = RATIOS
) -> dict[str, dict[str, nn.Module]]:
    """The filtered modules: those that the release lists, and the last convolutions by ratio (1: "all")."""
    last = {
        module_lists.ratio_name(ratio): module_lists.last_convolutions(network, ratio) for ratio in ratios
    }
    return {"upper": module_lists.upper_modules(architecture, network)} | last
