"""Columns and what they are of."""

import numpy as np
import pytest
from tests.gradlab.comparison import tables

from gradlab.comparison.arms import PLAIN, Arm, Selection
from gradlab.comparison.table import Measurements, arm_of, heading, method_heading
from gradlab.filtering.conservation import Conservation

ARMS = [
    PLAIN,
    Arm("upper", 0.05),
    Arm("last30", 0.1, Selection.RANDOM, Conservation.VARIANCE),
    Arm("all", 0.125, Selection.INSTANCE, Conservation.EXACT),
]


@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: arm.name)
def test_the_arm_is_read_from_its_columns(arm):
    assert arm_of(heading(arm, "density")) == arm
    assert arm_of(heading(arm, "MoRF log-odds")) == arm
    assert arm_of(method_heading("input × gradient", arm, "spearman")) == arm


@pytest.mark.parametrize("fact", ["photograph", "class", "box_share", "x0"])
def test_a_fact_of_the_photograph_has_no_arm(fact):
    assert arm_of(fact) is None


def test_arms_are_in_the_order_of_their_columns():
    order = [ARMS[2], PLAIN, ARMS[1]]
    assert tables.table(order, 2, 0, ("density", "kept")).arms == tuple(order)


def test_mass_is_density_times_the_area_of_the_box():
    table = tables.table([PLAIN], 5, 0, ("density",))
    np.testing.assert_array_equal(
        table.of(PLAIN, "mass"), table.of(PLAIN, "density") * table.fact("box_share")
    )


def test_maps_without_a_norm_are_zero_or_overflown():
    norms = np.array([0.0, -np.inf, np.inf, np.nan])
    table = Measurements({"photograph": np.array(list("abcd")), heading(PLAIN, "log_norm"): norms})
    assert table.zero_maps(PLAIN).tolist() == [False, True, False, False]
    assert table.overflown_maps(PLAIN).tolist() == [False, False, True, True]


def test_an_unknown_column_names_near_ones():
    table = tables.table([PLAIN], 2, 0, ("density",))
    with pytest.raises(KeyError, match="no column 'plain: densty'; nearest: 'plain: density'"):
        table.of(PLAIN, "densty")
