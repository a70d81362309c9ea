"""What filtering and conserving do to the peak of a map, and a photograph for each such fate."""

from dataclasses import dataclass

import numpy as np

from gradlab.comparison.arms import Arm
from gradlab.comparison.examples import at_percentiles
from gradlab.comparison.table import Measurements

FATES = {
    "returned": (False, True),
    "kept": (True, True),
    "missed": (False, False),
    "lost": (True, False),
}
"""Whether the largest value of the map lies in the box: not conserved, and conserved."""


@dataclass(frozen=True)
class Fate:
    """How often the peak fared so, and the ``row`` of the photograph that stands for it."""

    name: str
    share: float
    row: int


def fates(table: Measurements, arm: Arm, least: float, most: float) -> list[Fate]:
    """Every fate with its share of the photographs that have both maps, and one photograph.

    Of the correctly classified photographs whose box covers ``least`` to ``most`` of the area, so that a peak
    can lie in it or not, it is the one whose difference of density (conserved minus not) is the median of its
    fate's. Raises ``ValueError`` for a fate without such a photograph.
    """
    peaks = [table.of(one, "pointing") for one in (arm.unconserved(), arm.conserved())]
    gain = table.of(arm.conserved(), "density") - table.of(arm.unconserved(), "density")
    usable = np.isfinite(gain) & np.isfinite(peaks[0]) & np.isfinite(peaks[1])
    box = table.fact("box_share")
    shown = usable & table.fact("correct") & (box >= least) & (box <= most)
    found = []
    for name, wanted in FATES.items():
        own = usable & (peaks[0] == wanted[0]) & (peaks[1] == wanted[1])
        rows = np.flatnonzero(own & shown)
        if not len(rows):
            raise ValueError(f"no photograph with a box of {least:g} to {most:g} of the area is {name}")
        (row,) = at_percentiles(np.where(own & shown, gain, np.nan), rows, [50])
        found.append(Fate(name, float(own.sum() / usable.sum()), row))
    return found
