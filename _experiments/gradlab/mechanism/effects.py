"""What conservation changes inside the box: relevance per area of every arm, and differences over seeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from gradlab.filtering import attribution, metrics
from gradlab.mechanism import digits, gradients, miniatures
from gradlab.mechanism.digits import Pictures
from gradlab.mechanism.gradients import Subject
from gradlab.photographs import datasets
from gradlab.statistics import clustered
from gradlab.statistics.clustered import Mean

COLUMNS = [
    "network",
    "filtered",
    "quantile",
    "plain",
    "not conserved",
    "conserved",
    "exact",
    "difference",
    "95 % low",
    "95 % high",
    "permuted boxes",
    "random channels",
]


@dataclass(frozen=True)
class Condition:
    """A network, which of its convolutions are filtered, and the share of channels kept."""

    network: str
    filtering: str
    quantile: float

    @property
    def slug(self) -> str:
        """The condition in the name of a published value."""
        return f"{self.network}-{self.filtering.replace(' ', '-')}-q{self.quantile}"


@dataclass(frozen=True)
class Densities:
    """Relevance per area of every arm's maps, one entry per picture: 1 is an even map.

    ``inside`` is that inside the digit's box, ``permuted`` that inside the boxes of the other pictures.
    """

    inside: Mapping[str, Float[np.ndarray, "n"]]
    permuted: Mapping[str, Float[np.ndarray, "n"]]


def densities(subject: Subject, filtering: str, quantile: float, pictures: Pictures) -> Densities:
    """The densities of one trained network."""
    masks = datasets.box_mask(pictures.boxes, digits.SIDE, digits.SIDE)
    maps = {
        arm: attribution.joined(gradient)
        for arm, gradient in gradients.gradients(subject, filtering, quantile, pictures).items()
    }
    return Densities(
        {arm: metrics.density_inside(of_arm, masks).numpy() for arm, of_arm in maps.items()},
        {arm: metrics.density_inside_others(of_arm, masks).numpy() for arm, of_arm in maps.items()},
    )


def by_condition(
    subjects: Sequence[Subject], quantiles: Sequence[float], pictures: Pictures
) -> dict[Condition, list[Densities]]:
    """The densities of every condition, one entry per training seed in the order of ``subjects``.

    A filtering without modules is left out.
    """
    found: dict[Condition, list[Densities]] = {}
    for subject in subjects:
        for filtering, modules in subject.filterings.items():
            for quantile in quantiles if modules else ():
                condition = Condition(subject.name, filtering, quantile)
                one = densities(subject, filtering, quantile, pictures)
                found.setdefault(condition, []).append(one)
    return found


@dataclass(frozen=True)
class Summary:
    """A condition over its training seeds; every number is a mean over pictures.

    ``means`` are those of the arms, over seeds too. ``per_seed`` is conserved minus not conserved, and
    ``effect`` its mean with the t interval over seeds. ``permuted`` is the same difference with the boxes
    of the other pictures, ``random`` that with random channels.
    """

    condition: Condition
    means: Mapping[str, float]
    per_seed: tuple[float, ...]
    effect: Mean
    permuted: float
    random: float


def differences(
    of_seeds: Sequence[Mapping[str, Float[np.ndarray, "n"]]], arm: str, other: str
) -> tuple[float, ...]:
    """The mean over pictures of ``arm`` minus ``other``, for each seed; NaN are left out."""
    return tuple(float(np.nanmean(of_seed[arm] - of_seed[other])) for of_seed in of_seeds)


def over_seeds(values: Sequence[float]) -> Mean:
    """The mean of one value a seed with its t interval: each seed is a cluster of its own."""
    return clustered.mean_interval(np.array(values), np.arange(len(values)))


def falls(summaries: Sequence[Summary]) -> dict[str, Mean]:
    """How much less the difference is at each quantile than at the one before, seed by seed.

    ``summaries`` are those of one network and filtering, by rising quantile.
    """
    return {
        f"from {first.condition.quantile:g} to {second.condition.quantile:g}": over_seeds(
            [a - b for a, b in zip(first.per_seed, second.per_seed, strict=True)]
        )
        for first, second in pairwise(summaries)
    }


def summarise(condition: Condition, of_seeds: Sequence[Densities]) -> Summary:
    """Summarise a condition; at least two seeds are needed."""
    inside, permuted = [one.inside for one in of_seeds], [one.permuted for one in of_seeds]
    per_seed = differences(inside, "conserved", "not conserved")
    return Summary(
        condition,
        {
            arm: float(np.mean([np.nanmean(of_seed[arm]) for of_seed in inside]))
            for arm in ("plain", "not conserved", "conserved", "exact")
        },
        per_seed,
        over_seeds(per_seed),
        float(np.mean(differences(permuted, "conserved", "not conserved"))),
        float(np.mean(differences(inside, "random, conserved", "random, not conserved"))),
    )


def rows(summaries: Sequence[Summary]) -> list[list[str | float]]:
    """The table of all conditions, a row for each; its headings are :data:`COLUMNS`."""
    return [
        [
            miniatures.TITLES[one.condition.network],
            one.condition.filtering,
            one.condition.quantile,
            *one.means.values(),
            one.effect.mean,
            one.effect.low,
            one.effect.high,
            one.permuted,
            one.random,
        ]
        for one in summaries
    ]
