"""Whether conservation turns the gradient of a network with random weights, and which paths explain it.

If every path from the input to the output crosses each filtered convolution, conservation multiplies a
single-pass gradient by a positive number. That depends on the architecture alone, so random weights,
random channels and noise are enough to test it; all is in double precision.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from gradlab.filtering import attribution, channels, hooks, metrics, module_lists, separators
from gradlab.filtering.conservation import Conservation
from gradlab.photographs import networks

UPPER, ALL = "upper modules", "all convolutions"
COLUMNS = [
    "Network",
    "Filtered",
    "Convolutions",
    "On every path",
    "1 − cos, largest",
    "of integrated gradients",
    "of SmoothGrad",
]
METHODS = ("integrated-gradients", "smoothgrad")
"""The methods of the last two columns, by their names in the notebook's values."""

Maps = Callable[[nn.Module, Tensor, Tensor], Tensor]
"""An attribution method: network, inputs and labels to maps "n h w"."""


def fresh(name: str, classes: int, seed: int, side: int, generator: torch.Generator) -> nn.Module:
    """An untrained network in evaluation, with batch-norm statistics of noise of ``side`` pixels.

    Without such statistics activations would not have their usual size.
    """
    network = networks.untrained(name, classes, seed).double().requires_grad_(False).train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # a plain average over the batches
    for _ in range(4):
        network(torch.randn(16, 3, side, side, generator=generator, dtype=torch.float64))
    return network.eval()


def filterings(name: str, network: nn.Module) -> dict[str, dict[str, nn.Module]]:
    """The two lists of convolutions that are filtered: :data:`UPPER` and :data:`ALL`."""
    return {UPPER: module_lists.upper_modules(name, network), ALL: module_lists.convolutions(network)}


def random_rows(
    modules: Mapping[str, nn.Module], quantile: float, inputs: int, seed: int
) -> dict[str, Tensor]:
    """For each module a random share ``quantile`` of its channels to keep, Bool "inputs c"."""
    keep = {}
    for name, module in modules.items():
        outputs = int(module.out_channels)  # type: ignore[arg-type]  # of a convolution
        first = torch.arange(outputs) < channels.kept_count(quantile, outputs)
        generator = torch.Generator().manual_seed(seed)
        keep[name] = channels.random_channels(first.expand(inputs, -1), generator)
    return keep


@dataclass(frozen=True)
class Effect:
    """What conservation does to the gradients of ``n`` inputs.

    ``modules`` convolutions are filtered; ``separators`` of them lie on every path. ``distances`` are
    1 - cos between the conserved and the unconserved gradient, ``ratios`` the logarithm of the ratio of
    their norms, and ``scales`` the sum of the logarithms of the convolutions' scales.
    """

    modules: int
    separators: int
    distances: Float[Tensor, "n"]
    ratios: Float[Tensor, "n"]
    scales: Float[Tensor, "n"]

    @property
    def distance(self) -> float:
        """The largest distance over the inputs."""
        return float(self.distances.max())


def effect(
    network: nn.Module,
    modules: Mapping[str, nn.Module],
    keep: Mapping[str, Tensor],
    pixels: Float[Tensor, "n 3 h w"],
    labels: Int[Tensor, "n"],
) -> Effect:
    """Compare the conserved gradients with the unconserved ones of the same forward pass."""
    crossed = separators.separating(network, modules, pixels[:2])
    with hooks.partition_channels(modules) as partition:
        forward = attribution.Forward(network, pixels, labels)
        partition.set(keep)
        without = forward.gradient()
        partition.set(keep, Conservation.VARIANCE)
        conserved = forward.gradient()
        scales = partition.total_log_beta()
    return Effect(
        len(modules),
        sum(crossed.values()),
        metrics.cosine_distance(without, conserved).nan_to_num(),
        metrics.log_norm(conserved) - metrics.log_norm(without),
        scales,
    )


def largest_map_distance(
    maps: Maps,
    network: nn.Module,
    modules: Mapping[str, nn.Module],
    keep: Mapping[str, Tensor],
    pixels: Float[Tensor, "n 3 h w"],
    labels: Int[Tensor, "n"],
) -> float:
    """The largest 1 - cos over inputs between the maps with and without conservation."""
    pair = []
    for rule in (Conservation.NONE, Conservation.VARIANCE):
        with hooks.partition_channels(modules, keep, rule):
            pair.append(maps(network, pixels, labels))
    return float(metrics.cosine_distance(*pair).nan_to_num().max())


def kernel_sizes(network: nn.Module) -> list[int]:
    """The distinct kernel heights of all convolutions, smallest first."""
    return sorted({m.kernel_size[0] for m in network.modules() if isinstance(m, nn.Conv2d)})


def rows(
    effects: Mapping[tuple[str, str], Effect], of_maps: Mapping[tuple[str, str], float]
) -> list[Sequence[str | int | float | None]]:
    """The table, a row for each network and filtering; its headings are :data:`COLUMNS`.

    ``of_maps`` has the largest distances by network and method; they are for the upper modules.
    """
    return [
        (
            networks.architecture(name).title,
            filtering,
            found.modules,
            found.separators,
            found.distance,
            *(of_maps[name, method] if filtering == UPPER else None for method in METHODS),
        )
        for (name, filtering), found in effects.items()
    ]
