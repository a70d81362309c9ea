"""How far conservation turns gradients, from tables in double precision."""

import numpy as np
import pytest
from tests.gradlab.comparison import tables

from gradlab.comparison.arms import Arm
from gradlab.comparison.table import Measurements, heading
from gradlab.comparison.turning import turnings


def test_turnings_are_over_photographs_and_quantiles_together():
    measured = tables.measured()
    found = turnings(measured)
    assert list(found) == ["upper", "all"]
    columns = measured.double_precision.columns
    arms = [Arm("all", q).conserved() for q in tables.QUANTILES]
    distances = sorted(value for arm in arms for value in columns[heading(arm, "distance")])
    assert found["all"].largest == distances[-1]
    assert found["all"].median == distances[4]  # of nine
    assert found["all"].excess == max(columns[heading(arm, "excess")].max() for arm in arms)
    assert found["all"].n == 9
    assert (found["all"].modules, found["all"].separators) == (4, 3)
    assert (found["upper"].modules, found["upper"].separators) == (2, 2)


def test_gradients_that_are_zero_are_left_out():
    measured = tables.measured()
    columns = dict(measured.double_precision.columns)
    arm = Arm("upper", 0.05).conserved()
    for metric in ("distance", "excess"):
        columns[heading(arm, metric)] = np.array([np.nan, 5.0, 6.0])
    found = turnings(tables.measured(double_precision=Measurements(columns)))["upper"]
    assert (found.n, found.largest, found.excess) == (8, 6.0, 6.0)
    others = [columns[heading(Arm("upper", q).conserved(), "distance")] for q in (0.1, 0.3)]
    assert found.median == pytest.approx(sorted([5.0, 6.0, *np.concatenate(others)])[3])  # of eight
