"""The arms of a comparison: which channels are kept where, and what is conserved.

An arm names a filtering (a list of modules), a quantile of channels, how the channels are selected, and
the conservation rule. All arms of a batch share one forward pass; only the backward pass is repeated.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from gradlab.comparison import keys
from gradlab.filtering import channels
from gradlab.filtering.attribution import Forward
from gradlab.filtering.channels import Moments
from gradlab.filtering.conservation import Conservation
from gradlab.filtering.hooks import partition_channels
from gradlab.filtering.layouts import Layout, ModuleError


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

    @property
    def name(self) -> str:
        """How columns of a table are headed, as "upper q=0.05 class variance"."""
        if not self.filtering:
            return "plain"
        return f"{self.filtering} q={self.quantile:g} {self.selection.value} {self.conservation.value}"

    def conserved(self) -> "Arm":
        """The same channels under the published rule."""
        return Arm(self.filtering, self.quantile, self.selection, Conservation.VARIANCE)

    def unconserved(self) -> "Arm":
        """The same channels without conservation."""
        return Arm(self.filtering, self.quantile, self.selection)


PLAIN = Arm("", 1.0)


def crossed(
    filterings: Iterable[str],
    quantiles: Iterable[float],
    selection: Selection = Selection.CLASS,
    rules: Sequence[Conservation] = (Conservation.NONE, Conservation.VARIANCE),
) -> list[Arm]:
    """Every filtering at every quantile under every rule."""
    return [Arm(f, q, selection, rule) for f in filterings for q in quantiles for rule in rules]


@dataclass
class Chooser:
    """The kept channels of any arm for any photographs.

    ``filterings`` maps a name to the modules it filters. ``seed`` fixes the random channels, which depend on
    the photograph's number and on nothing else.
    """

    moments: Mapping[str, Moments]
    filterings: Mapping[str, Sequence[str]]
    seed: int = 0
    _masks: dict[tuple[str, float], Bool[Tensor, "k c"]] = field(default_factory=dict, repr=False)
    _ranks: tuple[list[int], dict[str, Tensor]] = field(default=([], {}), repr=False)

    def class_mask(self, module: str, quantile: float) -> Bool[Tensor, "k c"]:
        """The channels of every class at one module, computed once."""
        if (module, quantile) not in self._masks:
            self._masks[module, quantile] = channels.class_channels(self.moments[module], quantile)
        return self._masks[module, quantile]

    def key(self) -> dict[str, Any]:
        """All that decides which channels are kept."""
        moments = {
            f"{name} {part}": getattr(moments, part)
            for name, moments in self.moments.items()
            for part in ("count", "mean", "squares")
        }
        return {
            "moments": keys.of_tensors(moments),
            "filterings": {name: list(modules) for name, modules in self.filterings.items()},
            "seed": self.seed,
        }

    def keep(
        self, arm: Arm, labels: Int[Tensor, "n"], means: Mapping[str, Tensor], numbers: Sequence[int]
    ) -> dict[str, Tensor]:
        """Per module the kept channels of the photographs with these ``numbers``: Bool "n c", or Bool "c"
        where all are of one class and so keep the same ones.

        ``labels`` are on the CPU, where the channels of classes are chosen: taking them from there needs not
        wait for the device.
        """
        if arm == PLAIN:
            return {}
        names = self.filterings[arm.filtering]
        if arm.selection is Selection.INSTANCE:
            return {
                name: channels.instance_channels(self.moments[name], means[name], arm.quantile)
                for name in names
            }
        one_class = bool((labels == labels[0]).all())
        if arm.selection is Selection.CLASS and one_class:
            label = int(labels[0])
            return {name: self.class_mask(name, arm.quantile)[label] for name in names}
        chosen = {name: self.class_mask(name, arm.quantile)[labels] for name in names}
        if arm.selection is Selection.RANDOM:
            ranks = self._random_ranks(numbers)
            return {name: ranks[name] < mask.sum(1, keepdim=True) for name, mask in chosen.items()}
        return chosen

    def _random_ranks(self, numbers: Sequence[int]) -> dict[str, Int[Tensor, "n c"]]:
        """A random order of the channels of each module and photograph; those of one batch are kept."""
        if self._ranks[0] != list(numbers):
            widths = [moments.mean.shape[1] for moments in self.moments.values()]
            rows = [
                torch.rand(
                    sum(widths), generator=torch.Generator().manual_seed(1_000_003 * self.seed + number)
                )
                for number in numbers
            ]
            parts = torch.split(torch.stack(rows), widths, dim=1)
            ranks = {name: channels.ranks(part) for name, part in zip(self.moments, parts, strict=True)}
            self._ranks = list(numbers), ranks
        return self._ranks[1]


@dataclass(frozen=True)
class Pass:
    """One backward pass: the signed input gradient, and the sum of log beta (zero without a filter)."""

    arm: Arm
    gradient: Float[Tensor, "n 3 h w"]
    log_beta: Float[Tensor, "n"]
    kept: Float[Tensor, "n"]
    """How many channels were kept, as a mean over the filtered modules."""


@dataclass(frozen=True)
class Passes:
    """What the network answered, and every arm's gradient of one forward pass."""

    logits: Float[Tensor, "n k"]
    taken: tuple[Pass, ...]


def passes(
    network: nn.Module,
    modules: Mapping[str, nn.Module],
    images: Float[Tensor, "n 3 h w"],
    labels: Int[Tensor, "n"],
    arms: Iterable[Arm],
    chooser: Chooser,
    numbers: Sequence[int] | None = None,
    outputs: Int[Tensor, "classes"] | None = None,
    declared: Mapping[str, Layout] | None = None,
) -> Passes:
    """The gradient of every arm after one forward pass; ``modules`` are all that any arm filters.

    ``numbers`` are those of the photographs (0 to n - 1 if not given), ``outputs`` the network's output of
    each class if they are not the classes themselves, ``declared`` the layouts of modules whose type leaves
    a choice. Raises :class:`~gradlab.filtering.layouts.ModuleError` for a module that the forward pass calls
    never or more than once, and if every gradient is zero because the plain one is.
    """
    numbers = range(len(images)) if numbers is None else numbers
    scored = labels if outputs is None else outputs.to(labels.device)[labels]
    with (
        channels.recorded_means(modules, declared) as means,
        partition_channels(modules, declared=declared) as partition,
    ):
        forward = Forward(network, images, scored)
        for name, calls in partition.calls.items():
            if calls != 1:
                times = f"{calls} times" if calls else "never"
                raise ModuleError(f"module {name!r} is called {times} in a forward pass, not once")
        taken, own = [], labels.cpu()
        for arm in arms:
            keep = chooser.keep(arm, own, means, numbers)
            partition.set(keep, arm.conservation)
            gradient = forward.gradient()
            log_beta, kept = images.new_zeros(len(images)), images.new_zeros(len(images))
            if keep:
                log_beta = partition.total_log_beta()
                kept = torch.stack([mask.sum(-1).to(images.dtype) for mask in keep.values()]).mean(0)
            taken.append(Pass(arm, gradient, log_beta, kept.expand(len(images))))
        if not any(bool(one.gradient.any()) for one in taken):
            partition.set({})
            if not bool(forward.gradient().any()):
                raise ModuleError("the input gradient is zero without any filter: nothing can be compared")
    return Passes(forward.logits.detach(), tuple(taken))
