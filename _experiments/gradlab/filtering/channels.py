"""Which channels belong to a class or to a photograph: the kept group H of a filtered gradient.

The statistic of a channel is the spatial mean of its rectified convolution output, before batch norm.
Its moments should come from *training* photographs: the released code collects them on the photographs
that it then evaluates, so that a photograph takes part in choosing its own channels.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from scipy import stats
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from gradlab.filtering import layouts
from gradlab.filtering.layouts import Layout


@contextmanager
def recorded_means(
    modules: Mapping[str, nn.Module], declared: Mapping[str, Layout] | None = None
) -> Iterator[dict[str, Float[Tensor, "n c"]]]:
    """Inside the ``with``, each forward pass leaves the rectified spatial means of ``modules`` here.

    Raises :class:`~gradlab.filtering.layouts.ModuleError` for an output whose channels stand elsewhere than
    its module's type or ``declared`` says.
    """
    placed = layouts.of(modules, declared)
    means: dict[str, Float[Tensor, "n c"]] = {}
    handles: list[RemovableHandle] = []

    def record(name: str, output: Tensor) -> None:
        layouts.check(name, modules[name], output, placed[name])
        means[name] = placed[name].maps(output.detach()).relu().mean((2, 3))

    try:
        for name, module in modules.items():
            # A hook that returned something would replace the module's output; record returns None.
            handles.append(module.register_forward_hook(lambda _m, _i, out, name=name: record(name, out)))
        yield means
    finally:
        for handle in handles:
            handle.remove()


@dataclass(frozen=True)
class Moments:
    """Per class k and channel c: number of photographs, mean, and sum of squared deviations."""

    count: Float[Tensor, "k"]
    mean: Float[Tensor, "k c"]
    squares: Float[Tensor, "k c"]

    def pooled(self) -> tuple[Float[Tensor, "c"], Float[Tensor, "c"]]:
        """Mean and standard deviation (unbiased) of each channel over all photographs."""
        total = self.count.sum()
        mean = (self.count[:, None] * self.mean).sum(0) / total
        between = (self.count[:, None] * (self.mean - mean).square()).sum(0)
        return mean, ((self.squares.sum(0) + between) / (total - 1)).sqrt()

    def rest(self) -> "Moments":
        """The moments of everything but the class, for each class."""
        count = self.count.sum() - self.count
        weighted = self.count[:, None] * self.mean
        mean = (weighted.sum(0) - weighted) / count[:, None]
        raw = self.squares + self.count[:, None] * self.mean.square()
        squares = raw.sum(0) - raw - count[:, None] * mean.square()
        return Moments(count, mean, squares.clamp_min(0))


class ClassSums:
    """Sums and sums of squares of channels, by class, in double precision; of parts, they can be added."""

    def __init__(self, classes: int) -> None:
        self.count = torch.zeros(classes, dtype=torch.float64)
        self.first: dict[str, Float[Tensor, "k c"]] = {}
        self.second: dict[str, Float[Tensor, "k c"]] = {}

    def add(self, labels: Int[Tensor, "n"], means: Mapping[str, Float[Tensor, "n c"]]) -> None:
        """Add photographs of these ``labels``, whose channels have these ``means`` at each module."""
        self.count += torch.bincount(labels.cpu(), minlength=len(self.count))
        for name, values in means.items():
            doubled, rows = values.double(), labels.to(values.device)
            for sums, terms in ((self.first, doubled), (self.second, doubled.square())):
                if name not in sums:
                    sums[name] = doubled.new_zeros(len(self.count), doubled.shape[1])
                sums[name].index_add_(0, rows, terms)

    def moments(self) -> dict[str, Moments]:
        """The moments at every module; a ValueError names a class of fewer than two photographs."""
        if (scarce := self.count < 2).any():
            raise ValueError(
                f"class {int(scarce.nonzero()[0, 0])} has {int(self.count[scarce][0])} photographs for the "
                "channel statistics; a variance needs two"
            )
        found = {}
        for name, first in self.first.items():
            mean = first.cpu() / self.count[:, None]
            squares = self.second[name].cpu() - self.count[:, None] * mean.square()
            found[name] = Moments(self.count, mean, squares.clamp_min(0))
        return found


@torch.no_grad()
def collect(
    network: nn.Module,
    modules: Mapping[str, nn.Module],
    inputs: Float[Tensor, "n c h w"],
    labels: Int[Tensor, "n"],
    classes: int,
    batch: int = 100,
) -> dict[str, Moments]:
    """The moments of every module's channels over pictures that are the network's inputs, in one pass."""
    device = next(network.parameters()).device
    sums = ClassSums(classes)
    with recorded_means(modules) as means:
        for part, own in zip(torch.split(inputs, batch), torch.split(labels, batch), strict=True):
            network(part.to(device))
            sums.add(own, means)
    return sums.moments()


@dataclass(frozen=True)
class ClassTest:
    """One-sided test "the class exceeds the rest" per class k and channel c."""

    t: Float[np.ndarray, "k c"]
    p: Float[np.ndarray, "k c"]


def class_test(moments: Moments, student: bool = False) -> ClassTest:
    """Welch's t-test of a class against the other classes for each channel, from the moments.

    ``student`` pools the variances instead, which is what the released code does under Welch's name.
    A channel that never varies has p = 1.
    """
    rest = moments.rest()
    n1, n2 = (np.asarray(m.count)[:, None] for m in (moments, rest))
    v1, v2 = (np.asarray(m.squares) / (n - 1) for m, n in ((moments, n1), (rest, n2)))
    if student:
        freedom = np.broadcast_to(n1 + n2 - 2, v1.shape)
        error = ((n1 - 1) * v1 + (n2 - 1) * v2) / freedom * (1 / n1 + 1 / n2)
    else:
        a, b = v1 / n1, v2 / n2
        error = a + b
        with np.errstate(invalid="ignore"):
            freedom = error**2 / (a**2 / (n1 - 1) + b**2 / (n2 - 1))
    difference = np.asarray(moments.mean - rest.mean)
    varies = error > 0
    t = np.divide(difference, np.sqrt(error), out=np.zeros_like(difference), where=varies)
    p = np.where(varies, stats.t.sf(t, np.where(varies, freedom, 1.0)), 1.0)
    return ClassTest(t, p)


def kept_count(quantile: float, channels: int) -> int:
    """The release's number of kept channels, max(1, int(quantile * channels))."""
    return max(1, int(quantile * channels))


def class_channels(
    moments: Moments, quantile: float, student: bool = False, enlarge_ties: bool = False
) -> Bool[Tensor, "k c"]:
    """CLS: the channels with the k smallest p of each class, one row per class; index it by label.

    Very small p underflow to zero and tie. Ties are broken by the larger t, then by channel index, so
    exactly k channels are kept; ``enlarge_ties`` keeps every channel that ties with the k-th, as the
    release does. The release's fallback (no channel below the level: keep all) cannot occur here.
    """
    test = class_test(moments, student)
    k = kept_count(quantile, test.p.shape[1])
    order = np.lexsort((-test.t, test.p), axis=-1)
    if enlarge_ties:
        return torch.from_numpy(test.p <= np.take_along_axis(test.p, order[:, k - 1 : k], axis=1))
    keep = np.zeros(test.p.shape, dtype=bool)
    np.put_along_axis(keep, order[:, :k], True, axis=1)
    return torch.from_numpy(keep)


def instance_channels(moments: Moments, means: Float[Tensor, "n c"], quantile: float) -> Bool[Tensor, "n c"]:
    """INS: the channels in which this photograph is most exceptional under the training moments.

    z = (mean - average) / deviation and p = P(Z > z); kept are the channels with p *strictly* below the
    k-th smallest p, hence k - 1 of them, and none for k = 1, as in the release. Comparing z instead of p
    avoids ties by underflow. A channel that never varies has z = 0.
    """
    average, deviation = (moment.to(means.device, torch.float64) for moment in moments.pooled())
    z = torch.where(deviation > 0, (means.double() - average) / deviation, 0.0)
    k = kept_count(quantile, means.shape[1])
    return z > z.topk(k, dim=1).values[:, -1:]


def ranks(scores: Float[Tensor, "n c"]) -> Int[Tensor, "n c"]:
    """The place of each channel in its row, zero for the highest score."""
    return scores.argsort(dim=1, descending=True).argsort(dim=1)


def random_channels(keep: Bool[Tensor, "n c"], generator: torch.Generator) -> Bool[Tensor, "n c"]:
    """For each row as many channels as ``keep`` has there, chosen uniformly at random."""
    scores = torch.rand(keep.shape, generator=generator).to(keep.device)
    return ranks(-scores) < keep.sum(1, keepdim=True)


def rows_of(masks: Mapping[str, Bool[Tensor, "k c"]], labels: Int[Tensor, "n"]) -> dict[str, Tensor]:
    """Per module, the class row of every photograph: Bool "n c"."""
    return {name: mask[labels] for name, mask in masks.items()}
