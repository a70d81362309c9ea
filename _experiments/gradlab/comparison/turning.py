"""How far conservation turns the gradient and scales its norm, in double precision."""

from dataclasses import dataclass

import numpy as np

from gradlab.comparison.arms import Arm
from gradlab.comparison.effects import lower_median
from gradlab.comparison.measured import Measured


@dataclass(frozen=True)
class Turning:
    """One list of filtered modules, over ``n`` gradients: photographs times quantiles.

    Of ``modules`` filtered ones ``separators`` lie on every path. ``largest`` and ``median`` are of
    1 - cosine between the conserved and the unconserved gradient. ``excess`` is the largest absolute
    difference between the logarithm of the ratio of their norms and the sum of log scales.
    """

    modules: int
    separators: int
    largest: float
    median: float
    excess: float
    n: int


def turnings(measured: Measured) -> dict[str, Turning]:
    """By list of modules; gradients that are zero are left out."""
    return {filtering: _turning(measured, filtering) for filtering in measured.filterings}


def _turning(measured: Measured, filtering: str) -> Turning:
    arms = [Arm(filtering, q).conserved() for q in measured.quantiles]
    distances, excess = (
        np.concatenate([measured.double_precision.of(arm, metric) for arm in arms])
        for metric in ("distance", "excess")
    )
    valid = np.isfinite(distances)
    return Turning(
        modules=measured.modules.count(filtering),
        separators=measured.modules.separators(filtering),
        largest=float(distances[valid].max()),
        median=float(lower_median(distances[valid])),
        excess=float(excess[valid].max()),
        n=int(valid.sum()),
    )
