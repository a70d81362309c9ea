"""Ratios of norms beside the sums of log scales."""

import numpy as np
from tests.gradlab.comparison import tables

from gradlab.comparison import norms
from gradlab.comparison.arms import Arm
from gradlab.comparison.table import Measurements, heading


def test_the_control_photographs_of_the_upper_modules_and_of_the_longest_list():
    measured = tables.measured()
    found = norms.scaled(measured)
    assert [(one.filtering, one.quantile) for one in found] == measured.pairs
    columns = measured.main.columns
    for one in found:
        arm = Arm(one.filtering, one.quantile)
        ratio = columns[heading(arm.conserved(), "log_norm")] - columns[heading(arm, "log_norm")]
        np.testing.assert_array_equal(one.ratios, ratio[: tables.CONTROLS])
        scales = columns[heading(arm.conserved(), "log_beta")][: tables.CONTROLS]
        np.testing.assert_array_equal(one.scales, scales)


def test_gradients_that_are_zero_in_both_arms_are_left_out():
    measured = tables.measured()
    columns = dict(measured.main.columns)
    for arm in (Arm("all", 0.3), Arm("all", 0.3).conserved()):
        changed = columns[heading(arm, "log_norm")].copy()
        changed[4] = -np.inf
        columns[heading(arm, "log_norm")] = changed
    found = norms.scaled(tables.measured(main=Measurements(columns)))
    assert [len(one.ratios) for one in found] == [8, 8, 8, 8, 8, 7]
    scales = columns[heading(Arm("all", 0.3).conserved(), "log_beta")][: tables.CONTROLS]
    np.testing.assert_array_equal(found[-1].scales, np.delete(scales, 4))
