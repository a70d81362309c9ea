"""How the direction of the total moves as the group of small vectors grows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int

from gradlab.vectors import aggregation
from gradlab.vectors.aggregation import Draws, Reading

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
REPETITIONS = 20_000


@dataclass(frozen=True)
class Directions:
    """The angle of the total from Dim 2, in degrees, for each number of small vectors.

    ``exact`` is its median in closed form; ``quantiles`` are those of the draws at :data:`LEVELS`.
    """

    reading: Reading
    counts: Int[np.ndarray, "m"]
    exact: Float[np.ndarray, "m"]
    quantiles: Float[np.ndarray, "m 5"]

    @property
    def median(self) -> Float[np.ndarray, "m"]:
        """The median of the draws."""
        return self.quantiles[:, LEVELS.index(0.5)]


def counts() -> Int[np.ndarray, "m"]:
    """Numbers of small vectors from 1 to 10,000, about six in each power of ten."""
    return np.unique(np.logspace(0, 4, 25).round().astype(int))


def directions(
    draws: Draws, counts: Int[np.ndarray, "m"], seed: int, repetitions: int = REPETITIONS
) -> Directions:
    """Add small vectors, ``counts`` of them, to the sum of the large ones in the first ``repetitions``.

    A sum of normal vectors is normal itself, so it is drawn directly: one standard normal vector for
    each repetition, scaled for each count.
    """
    high = draws.high[:repetitions]
    generator = torch.Generator().manual_seed(seed)
    standard = torch.randn(len(high), 2, generator=generator, dtype=torch.float64)
    sizes = [draws.reading.with_low_count(int(count)) for count in counts]
    quantiles = []
    for sized in sizes:
        total = high + standard * torch.tensor(sized.low.sum_scale, dtype=torch.float64)
        quantiles.append(np.quantile(aggregation.angle_from_dim2(total).numpy(), LEVELS))
    exact = np.array([aggregation.median_angle(sized.total_scale) for sized in sizes])
    return Directions(draws.reading, counts, exact, np.array(quantiles))


def columns(found: Sequence[Directions]) -> dict[str, list[str | int | float]]:
    """The medians of every reading, as columns."""
    return {
        "reading": [one.reading.name for one in found for _ in one.counts],
        "small vectors": [int(count) for one in found for count in one.counts],
        "median angle, exact": [float(angle) for one in found for angle in one.exact],
        "median angle, drawn": [float(angle) for one in found for angle in one.median],
    }
