"""The arms of a comparison: which channels are kept where, and what is conserved.

An arm names a filtering (a list of modules), a quantile of channels, how the channels are selected, and
the conservation rule. All arms of a batch share one forward pass; only the backward pass is repeated.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from gradlab.filtering import channels
from gradlab.filtering.attribution import Forward
from gradlab.filtering.channels import Moments
from gradlab.filtering.conservation import Conservation
from gradlab.filtering.hooks import partition_channels


class Selection(Enum):
    """How the kept channels are chosen (see :mod:`gradlab.filtering.channels`).

    ``RANDOM`` keeps as many channels as ``CLASS`` would, drawn anew for each photograph and the same for
    every conservation rule.
    """

    CLASS = "class"
    INSTANCE = "instance"
    RANDOM = "random"


@dataclass(frozen=True)
class Arm:
    """One way of taking the gradient."""

    filtering: str
    quantile: float
    selection: Selection = Selection.CLASS
    conservation: Conservation = Conservation.NONE


PLAIN = Arm("", 1.0)


@dataclass
class Chooser:
    """The kept channels of any arm for any batch.

    ``filterings`` maps a name to the modules it filters. ``seed`` fixes the random channels.
    """

    moments: Mapping[str, Moments]
    filterings: Mapping[str, Sequence[str]]
    seed: int = 0
    _masks: dict[tuple[str, float], Bool[Tensor, "k c"]] = field(default_factory=dict, repr=False)

    def class_mask(self, module: str, quantile: float) -> Bool[Tensor, "k c"]:
        """The channels of every class at one module, computed once."""
        if (module, quantile) not in self._masks:
            self._masks[module, quantile] = channels.class_channels(self.moments[module], quantile)
        return self._masks[module, quantile]

    def keep(
        self, arm: Arm, labels: Int[Tensor, "n"], means: Mapping[str, Tensor], batch: int
    ) -> dict[str, Tensor]:
        """Per module the kept channels, Bool "n c"; ``batch`` numbers the batch for the random draw."""
        if arm == PLAIN:
            return {}
        names = self.filterings[arm.filtering]
        if arm.selection is Selection.INSTANCE:
            return {
                name: channels.instance_channels(self.moments[name], means[name], arm.quantile)
                for name in names
            }
        chosen = {name: self.class_mask(name, arm.quantile).to(labels.device)[labels] for name in names}
        if arm.selection is Selection.RANDOM:
            generator = torch.Generator().manual_seed(1_000_003 * self.seed + batch)
            return {name: channels.random_channels(mask, generator) for name, mask in chosen.items()}
        return chosen


@dataclass(frozen=True)
class Pass:
    """One backward pass: the signed input gradient, and the sum of log beta (zero without a filter)."""

    arm: Arm
    gradient: Float[Tensor, "n 3 h w"]
    log_beta: Float[Tensor, "n"]
    kept: Float[Tensor, "n"]
    """How many channels were kept, as a mean over the filtered modules."""


def passes(
    network: nn.Module,
    modules: Mapping[str, nn.Module],
    images: Float[Tensor, "n 3 h w"],
    labels: Int[Tensor, "n"],
    arms: Iterable[Arm],
    chooser: Chooser,
    batch: int = 0,
) -> list[Pass]:
    """The gradient of every arm after one forward pass; ``modules`` are all that any arm filters.

    A list, not a generator: a generator would leave the hooks in place while its caller works on.
    """
    zero = images.new_zeros(len(images))
    taken = []
    with channels.recorded_means(modules) as means, partition_channels(modules) as partition:
        forward = Forward(network, images, labels)
        for arm in arms:
            keep = chooser.keep(arm, labels, means, batch)
            partition.set(keep, arm.conservation)
            gradient = forward.gradient()
            counts = [mask.sum(1).to(images.dtype) for mask in keep.values()]
            log_beta = partition.total_log_beta() if keep else zero
            kept = torch.stack(counts).mean(0) if keep else zero
            taken.append(Pass(arm, gradient, log_beta, kept))
    return taken
