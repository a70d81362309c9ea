"""The input gradients compared in a miniature: plain, filtered, conserved, and of random channels."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from gradlab.filtering import attribution, channels, hooks, metrics, module_lists, separators
from gradlab.filtering.channels import Moments
from gradlab.filtering.conservation import Conservation
from gradlab.mechanism.digits import CLASSES, Pictures

UPPER, SEPARATORS = "upper half", "separators"


@dataclass(frozen=True)
class Arm:
    """How the gradient is filtered: what is conserved, and whether random channels are kept instead."""

    conservation: Conservation
    random: bool = False


PLAIN = "plain"
ARMS = {
    "not conserved": Arm(Conservation.NONE),
    "conserved": Arm(Conservation.VARIANCE),
    "exact": Arm(Conservation.EXACT),
    "random, not conserved": Arm(Conservation.NONE, random=True),
    "random, conserved": Arm(Conservation.VARIANCE, random=True),
}


@dataclass(frozen=True)
class Subject:
    """A trained miniature, the convolutions to filter in it, and the moments of their channels.

    ``filterings`` has modules by name under :data:`UPPER`, the upper half of the convolutions, and under
    :data:`SEPARATORS`, those of them that every path crosses.
    """

    name: str
    seed: int
    network: nn.Module
    filterings: Mapping[str, Mapping[str, nn.Module]]
    moments: Mapping[str, Moments]


def prepare(
    name: str, seed: int, network: nn.Module, training: Pictures, images: Float[Tensor, "n 1 32 32"]
) -> Subject:
    """Collect the moments over ``training`` and find the separators, measured at ``images``."""
    upper = module_lists.last_convolutions(network, 0.5)
    crossed = separators.separating(network, upper, images)
    between = {module: upper[module] for module in upper if crossed[module]}
    moments = channels.collect(network, upper, training.pixels, training.labels, CLASSES)
    return Subject(name, seed, network, {UPPER: upper, SEPARATORS: between}, moments)


def class_rows(
    subject: Subject, filtering: str, quantile: float, labels: Int[Tensor, "n"]
) -> dict[str, Tensor]:
    """Per filtered module the channels that the class test keeps for each label, Bool "n c"."""
    masks = {
        module: channels.class_channels(subject.moments[module], quantile)
        for module in subject.filterings[filtering]
    }
    return channels.rows_of(masks, labels)


def gradients(
    subject: Subject, filtering: str, quantile: float, pictures: Pictures
) -> dict[str, Float[Tensor, "n 1 32 32"]]:
    """The input gradient of every arm: :data:`PLAIN`, then :data:`ARMS`, in their order.

    Random channels are as many as those of the class, and follow the subject's seed.
    """
    modules = subject.filterings[filtering]
    chosen = class_rows(subject, filtering, quantile, pictures.labels)
    generator = torch.Generator().manual_seed(subject.seed)
    random = {module: channels.random_channels(rows, generator) for module, rows in chosen.items()}
    with hooks.partition_channels(modules) as partition:
        forward = attribution.Forward(subject.network, pictures.pixels, pictures.labels)
        found = {PLAIN: forward.gradient()}
        for name, arm in ARMS.items():
            partition.set(random if arm.random else chosen, arm.conservation)
            found[name] = forward.gradient()
    return {name: gradient.detach() for name, gradient in found.items()}


@contextmanager
def double_precision(network: nn.Module) -> Iterator[None]:
    """Double precision inside the ``with``, single precision again afterwards."""
    network.double()
    try:
        yield
    finally:
        network.float()


def largest_distance(
    subject: Subject, filtering: str, quantiles: Sequence[float], pictures: Pictures
) -> float:
    """The largest 1 - cos between conserved and unconserved gradients, over pictures and quantiles.

    In double precision, where "no effect" can be told from "small effect".
    """
    modules, largest = subject.filterings[filtering], 0.0
    with double_precision(subject.network), hooks.partition_channels(modules) as partition:
        forward = attribution.Forward(subject.network, pictures.pixels.double(), pictures.labels)
        for quantile in quantiles:
            keep = class_rows(subject, filtering, quantile, pictures.labels)
            pair = []
            for conservation in (Conservation.NONE, Conservation.VARIANCE):
                partition.set(keep, conservation)
                pair.append(forward.gradient())
            largest = max(largest, float(metrics.cosine_distance(*pair).nan_to_num().max()))
    return largest


def largest_distances(
    subjects: Sequence[Subject], quantiles: Sequence[float], pictures: Pictures
) -> dict[tuple[str, str], float]:
    """:func:`largest_distance` over all training seeds, by network and filtering.

    A filtering without modules is left out.
    """
    found: dict[tuple[str, str], float] = {}
    for subject in subjects:
        for filtering, modules in subject.filterings.items():
            if modules:
                key = subject.name, filtering
                distance = largest_distance(subject, filtering, quantiles, pictures)
                found[key] = max(found.get(key, 0.0), distance)
    return found
