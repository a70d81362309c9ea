"""The maps of a few photographs under every filter of a study, no larger than a page shows them."""

from collections.abc import Sequence

import numpy as np

from gradlab.comparison import examples
from gradlab.comparison.arms import PLAIN, crossed
from gradlab.comparison.measured import Measured
from gradlab.comparison.shown import smaller, step_of
from gradlab.comparison.study import Study


def under_every_filter(
    study: Study, rows: Sequence[int], quantiles: Sequence[float]
) -> dict[str, np.ndarray]:
    """The columns of :func:`gradlab.comparison.examples.with_maps`, with maps in 32 steps of 0 to 31."""
    lists = study.folds[0].chooser.filterings
    columns = examples.with_maps(study, rows, [PLAIN, *crossed(lists, quantiles)])
    for heading in [heading for heading in columns if heading.endswith(": map")]:
        columns[heading] = smaller(columns[heading]) >> 3
    columns["pixels"] = smaller(columns["pixels"])
    for edge in ("x0", "y0", "x1", "y1"):
        columns[edge] = columns[edge] / step_of(study.photographs.side)
    return columns


def deviation(columns: dict[str, np.ndarray], measured: Measured) -> tuple[float, int]:
    """The largest difference of a density to the one that was measured, and of how many photographs."""
    there = np.isin(columns["photograph"], measured.main.fact("photograph"))
    if not there.any():
        return 0.0, 0
    known = measured.main.named(columns["photograph"][there])
    headings = [heading for heading in columns if heading.endswith(": density")]
    off = [np.abs(columns[heading][there] - known.columns[heading]) for heading in headings]
    return float(np.nanmax(off)), int(there.sum())
