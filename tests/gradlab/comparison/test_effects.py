"""Paired differences and their intervals, against slower forms of the same."""

import numpy as np
import pytest
from tests.gradlab.comparison import tables

from gradlab.comparison import effects
from gradlab.comparison.arms import PLAIN, Arm, Selection
from gradlab.comparison.effects import lower_median, typical
from gradlab.comparison.table import heading
from gradlab.filtering.conservation import Conservation
from gradlab.statistics import clustered

NONE, VARIANCE, EXACT = Conservation


@pytest.fixture(scope="module")
def measured():
    return tables.measured()


def column(table, metric, f, q, rule, selection=Selection.CLASS):
    return table.columns[heading(Arm(f, q, selection, rule), metric)]


def test_differences_are_of_the_same_photograph_in_both_arms(measured):
    table, found = measured.main, effects.differences(measured.main)
    plain = table.columns[heading(PLAIN, "density")]
    for f, q in measured.pairs:
        without, conserved = (column(table, "density", f, q, rule) for rule in (NONE, VARIANCE))
        others = [column(table, "others", f, q, rule) for rule in (NONE, VARIANCE)]
        np.testing.assert_array_equal(found["density", f, q], conserved - without)
        share = table.fact("box_share")
        np.testing.assert_array_equal(found["mass", f, q], conserved * share - without * share)
        elsewhere = others[1] - others[0]
        np.testing.assert_array_equal(found["others", f, q], elsewhere)
        np.testing.assert_array_equal(found["beyond others", f, q], conserved - without - elsewhere)
        np.testing.assert_array_equal(found["density to plain", f, q], conserved - plain)
        np.testing.assert_array_equal(found["density not", f, q], without)
        np.testing.assert_array_equal(found["density conserved", f, q], conserved)
        points = [column(table, "pointing", f, q, rule) for rule in (NONE, VARIANCE)]
        np.testing.assert_array_equal(found["pointing", f, q], points[1] - points[0])


def test_each_interval_knows_the_classes(measured):
    found = effects.of_all(measured.main)
    difference = effects.differences(measured.main)["density", "all", 0.1]
    alone = clustered.mean_interval(difference, measured.main.fact("class"))
    assert found["density", "all", 0.1] == alone
    plain = measured.main.of(PLAIN, "density")
    assert found["density plain", "", 0].mean == pytest.approx(plain.mean())


def test_controls_compare_the_same_photographs(measured):
    table, found = measured.controls, effects.of_controls(measured)
    for f, q in measured.pairs:
        without, conserved, exact = (column(table, "density", f, q, rule) for rule in (NONE, VARIANCE, EXACT))
        random = [column(table, "density", f, q, rule, Selection.RANDOM) for rule in (NONE, VARIANCE)]
        expected = {
            "same photographs": conserved - without,
            "exact": exact - without,
            "random": random[1] - random[0],
            "class to random": conserved - random[1],
        }
        for kind, difference in expected.items():
            assert found[kind, f, q].mean == pytest.approx(difference.mean())
            assert found[kind, f, q].n == tables.CONTROLS
    for q in measured.quantiles:
        for kind, source, selection in (
            ("instance", table, Selection.INSTANCE),
            ("random weights", measured.random_weights, Selection.CLASS),
        ):
            both = [column(source, "density", "upper", q, rule, selection) for rule in (NONE, VARIANCE)]
            assert found[kind, "upper", q].mean == pytest.approx((both[1] - both[0]).mean())
    assert ("instance", "all", 0.1) not in found.intervals


def test_a_map_that_is_not_usable_leaves_its_comparison_only(measured):
    columns = dict(measured.main.columns)
    broken = columns[heading(Arm("all", 0.1), "density")].copy()
    broken[2] = np.nan
    columns[heading(Arm("all", 0.1), "density")] = broken
    changed = tables.measured(main=type(measured.main)(columns))
    found = effects.of_all(changed.main)
    assert found["density", "all", 0.1].n == tables.PHOTOGRAPHS - 1
    assert found["density", "all", 0.05].n == tables.PHOTOGRAPHS


def test_p_values_carry_the_correction_over_all_pairs(measured):
    effect = effects.of_all(measured.main)
    found = effects.holm_p(effect, "mass")
    assert list(found) == measured.pairs
    alone = {(f, q): effect["mass", f, q].p() for f, q in measured.pairs}
    smallest = min(alone, key=lambda pair: alone[pair])
    assert found[smallest] == pytest.approx(min(1, len(alone) * alone[smallest]))


def test_typical_leaves_out_what_is_not_finite():
    assert typical(np.array([1.0, np.nan, 3.0, np.inf])) == 2.0
    assert typical(np.array([4.0, 1.0, 2.0, 9.0]), lower_median) == 2.0
    assert typical(np.array([4.0, 1.0, 2.0, 9.0]), np.median) == 3.0
    assert np.isnan(typical(np.array([np.nan])))
