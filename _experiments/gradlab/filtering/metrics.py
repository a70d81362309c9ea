"""How well a map agrees with the object's box, with the network, and with another map.

A map that is zero everywhere has no share, no maximum and no direction, and neither has one that left
the range of single precision: its metrics are NaN, which :mod:`gradlab.statistics.paired` leaves out
pairwise. :func:`zero_maps` and :func:`overflown_maps` count them.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn


def zero_maps(maps: Float[Tensor, "n h w"]) -> Bool[Tensor, "n"]:
    """Which maps are zero everywhere."""
    return ~maps.flatten(1).any(1)


def overflown_maps(maps: Float[Tensor, "n h w"]) -> Bool[Tensor, "n"]:
    """Which maps hold an infinity or a NaN."""
    return ~maps.flatten(1).isfinite().all(1)


def _unusable(maps: Float[Tensor, "n h w"]) -> Bool[Tensor, "n"]:
    return zero_maps(maps) | overflown_maps(maps)


def _shares(maps: Float[Tensor, "n h w"]) -> Float[Tensor, "n p"]:
    """Each map flattened and divided by its sum, in double precision; NaN for a zero map."""
    flat = maps.flatten(1).double()
    return flat / flat.sum(1, keepdim=True)


def mass_inside(maps: Float[Tensor, "n h w"], masks: Bool[Tensor, "n h w"]) -> Float[Tensor, "n"]:
    """Relevance mass accuracy (Arras et al. 2022): the share of a non-negative map's sum in the box."""
    return (_shares(maps) * masks.flatten(1)).sum(1)


def _densities(masks: Bool[Tensor, "n h w"]) -> Float[Tensor, "n p"]:
    flat = masks.flatten(1).double()
    return flat * (flat.shape[1] / flat.sum(1, keepdim=True))


def density_inside(maps: Float[Tensor, "n h w"], masks: Bool[Tensor, "n h w"]) -> Float[Tensor, "n"]:
    """``mass_inside`` over the box's share of the area: 1 for an even map, more for one in the box."""
    return (_shares(maps) * _densities(masks)).sum(1)


@dataclass(frozen=True)
class BoxPool:
    """All photographs' boxes as one map: the sum of their densities, and how many they are."""

    total: Float[Tensor, "p"]
    count: int

    @classmethod
    def of(cls, masks: Bool[Tensor, "n h w"]) -> "BoxPool":
        """The pool of these boxes."""
        return cls(_densities(masks).sum(0), len(masks))

    def __add__(self, other: "BoxPool") -> "BoxPool":
        """Both pools together."""
        return BoxPool(self.total + other.total, self.count + other.count)


def density_inside_others(
    maps: Float[Tensor, "n h w"], masks: Bool[Tensor, "n h w"], pool: BoxPool | None = None
) -> Float[Tensor, "n"]:
    """``density_inside`` against the boxes of all *other* photographs, on average.

    ``pool`` holds the boxes of all photographs, these ``n`` included; without it these are all. The
    result is the exact mean over every way of giving a wrong photograph's box to this map, so it shows
    what a preference for the centre alone is worth.
    """
    pool = pool or BoxPool.of(masks)
    shares = _shares(maps)
    own = (shares * _densities(masks)).sum(1)
    result: Tensor = (shares @ pool.total - own) / (pool.count - 1)
    return result


def pointing(maps: Float[Tensor, "n h w"], masks: Bool[Tensor, "n h w"]) -> Float[Tensor, "n"]:
    """Pointing game (Zhang et al. 2016): 1 where the largest value lies in the box, with tolerance 0."""
    peak = maps.flatten(1).argmax(1, keepdim=True)
    hit = masks.flatten(1).gather(1, peak).squeeze(1).double()
    return hit.masked_fill(_unusable(maps), math.nan)


def cosine_distance(first: Float[Tensor, "n ..."], second: Float[Tensor, "n ..."]) -> Float[Tensor, "n"]:
    """1 - cosine of the angle between two tensors per photograph, in [0, 2]; NaN if one is zero.

    Both are normalised in double precision first: torch's cosine_similarity compares the product of
    the norms with 1e-8, which tiny unconserved gradients fall below. The distance is taken as half the
    squared length of the difference of unit vectors, which keeps its precision near zero.
    """
    a, b = first.flatten(1).double(), second.flatten(1).double()
    # Scaled by the largest entry before the norm, or the squares of tiny gradients vanish.
    a, b = (v / v.abs().amax(1, keepdim=True) for v in (a, b))
    a, b = (v / v.norm(dim=1, keepdim=True) for v in (a, b))
    distance: Tensor = (a - b).square().sum(1) / 2
    return distance


def log_norm(tensor: Float[Tensor, "n ..."]) -> Float[Tensor, "n"]:
    """Natural logarithm of the Euclidean norm per photograph, in double precision."""
    norm: Tensor = tensor.flatten(1).double().norm(dim=1)
    return norm.log()


def _ranks(maps: Float[Tensor, "n h w"]) -> Float[Tensor, "n p"]:
    """Ranks of each map's values from one upwards; equal values share the average of theirs."""
    values, order = maps.flatten(1).sort(dim=1)
    places = torch.arange(values.shape[1], device=values.device).expand_as(values)
    new = torch.ones_like(values, dtype=torch.bool)
    new[:, 1:] = values[:, 1:] != values[:, :-1]
    first = torch.where(new, places, 0).cummax(1).values
    ends = torch.ones_like(new)
    ends[:, :-1] = new[:, 1:]
    behind = torch.where(ends, places, values.shape[1])
    last = behind.flip(1).cummin(1).values.flip(1)
    ranks = (first + last).double() / 2 + 1
    return torch.empty_like(ranks).scatter_(1, order, ranks)


def spearman(first: Float[Tensor, "n h w"], second: Float[Tensor, "n h w"]) -> Float[Tensor, "n"]:
    """Spearman's rank correlation of two maps per photograph (average ranks for ties).

    NaN where a map has one value only, or an infinity or a NaN.
    """
    centred = []
    for maps in (first, second):
        ranks = _ranks(maps)
        ranks = ranks - ranks.mean(1, keepdim=True)
        centred.append(ranks / ranks.norm(dim=1, keepdim=True))
    correlation: Tensor = (centred[0] * centred[1]).sum(1)
    return correlation.masked_fill(overflown_maps(first) | overflown_maps(second), math.nan)


@dataclass(frozen=True)
class Perturbation:
    """Averages over the removed fractions, per photograph.

    ``aopc`` is p - p' (area over the perturbation curve); ``log_odds`` is the fall of log(p / (1 - p)).
    Both are large when the removed pixels mattered.
    """

    aopc: Float[Tensor, "n"]
    log_odds: Float[Tensor, "n"]


def _log_odds(logits: Float[Tensor, "n k"], labels: Int[Tensor, "n"]) -> Float[Tensor, "n"]:
    chosen = logits.gather(1, labels[:, None]).squeeze(1)
    others = logits.scatter(1, labels[:, None], -math.inf)
    return chosen - others.logsumexp(1)


@torch.no_grad()
def perturbation(
    network: nn.Module,
    images: Float[Tensor, "n 3 h w"],
    labels: Int[Tensor, "n"],
    maps: Float[Tensor, "n h w"],
    fractions: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.5),
    most_relevant_first: bool = True,
) -> Perturbation:
    """Remove the most (MoRF) or least (LeRF) relevant pixels and watch the class's probability.

    Samek et al. 2017 (arXiv:1509.06321). A removed pixel takes the mean colour, zero after
    normalisation. Equal values fall in the order of the pixels.
    """
    order = maps.flatten(1).argsort(dim=1, descending=most_relevant_first, stable=True)
    rank = order.argsort(dim=1).view_as(maps)
    before = _log_odds(network(images).double(), labels)
    aopc, odds = torch.zeros_like(before), torch.zeros_like(before)
    for fraction in fractions:
        present = rank >= round(fraction * order.shape[1])
        after = _log_odds(network(images * present[:, None]).double(), labels)
        aopc += before.sigmoid() - after.sigmoid()
        odds += before - after
    missing = _unusable(maps)
    return Perturbation(
        torch.where(missing, math.nan, aopc / len(fractions)),
        torch.where(missing, math.nan, odds / len(fractions)),
    )
