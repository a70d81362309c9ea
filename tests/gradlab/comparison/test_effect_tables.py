"""The rows of every table, on tiny tables of measurements."""

import numpy as np
import pytest
from tests.gradlab.comparison import tables

from gradlab.comparison import effect_tables, effects, method_effects, turning
from gradlab.comparison.arms import PLAIN, Arm
from gradlab.comparison.table import heading


@pytest.fixture(scope="module")
def measured():
    return tables.measured()


@pytest.fixture(scope="module")
def effect(measured):
    return effects.of_all(measured.main)


@pytest.fixture(scope="module")
def control(measured):
    return effects.of_controls(measured)


@pytest.fixture(scope="module")
def every(measured, effect, control):
    turned = turning.turnings(measured)
    methods = method_effects.of_methods(measured.methods, Arm("upper", 0.1))
    return {
        metric: effect_tables.of_metric(measured, effect, metric, effects.holm_p(effect, metric))
        for metric in effects.METRICS
    } | {
        "controls": effect_tables.controls(measured, control),
        "arms": effect_tables.arms(control),
        "theorem": effect_tables.theorem(turned),
        "methods": effect_tables.methods(methods),
    }


def test_every_row_has_an_entry_for_each_column(every):
    counts = {name: len(rows) for name, (_, rows) in every.items()}
    assert counts == {
        "density": 6, "mass": 6, "pointing": 6, "controls": 6, "arms": 12, "theorem": 2, "methods": 3,
    }  # fmt: skip
    for columns, rows in every.values():
        assert {len(row) for row in rows} == {len(columns)}


def test_a_metric_stands_beside_the_plain_gradient(measured, effect, every):
    for metric in effects.METRICS:
        columns, rows = every[metric]
        row = dict(zip(columns, rows[4], strict=True))
        arm, found = Arm("all", 0.1), effect[metric, "all", 0.1]
        plain = measured.main.of(PLAIN, metric).mean()
        conserved = measured.main.of(arm.conserved(), metric).mean()
        assert (row["Filtered"], row["Quantile"]) == ("all convolutions", 0.1)
        assert row["Plain"] == pytest.approx(plain)
        assert row["Not conserved"] == pytest.approx(measured.main.of(arm, metric).mean())
        assert row["Conserved"] - row["Not conserved"] == pytest.approx(row["Difference"])
        assert row["To plain"] == pytest.approx(conserved - plain)
        assert (row["Low"], row["High"], row["n"]) == (found.low, found.high, 12)
        assert row["p (Holm)"] == effects.holm_p(effect, metric)["all", 0.1]


def test_without_a_usable_map_a_row_is_empty(measured):
    columns = dict(measured.main.columns)
    for arm in (Arm("all", 0.1), Arm("all", 0.1).conserved()):
        columns[heading(arm, "density")] = np.full(tables.PHOTOGRAPHS, np.nan)
    changed = tables.measured(main=type(measured.main)(columns))
    effect = effects.of_all(changed.main)
    _, rows = effect_tables.of_metric(changed, effect, "density", effects.holm_p(effect, "density"))
    assert rows[4][3:] == [None] * 9 + [0]
    assert None not in rows[3]


def test_controls_are_written_with_their_bounds(measured, control, every):
    columns, rows = every["controls"]
    row = dict(zip(columns, rows[1], strict=True))
    found = control["exact", "upper", 0.1]
    words = f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"
    assert row["Exact variance"] == words.replace("-", "−")
    spearman = measured.controls.of(Arm("upper", 0.1).conserved(), "spearman")
    assert row["Spearman"] == pytest.approx(spearman.mean())


def test_arms_are_by_kind_then_quantile(control, every):
    _, rows = every["arms"]
    assert [row[0] for row in rows[::3]] == [
        "class channels", "channels of the photograph", "random channels", "class channels, random weights",
    ]  # fmt: skip
    assert [row[1] for row in rows[:3]] == [0.05, 0.1, 0.3]
    found = control["random weights", "upper", 0.3]
    assert rows[-1][2:] == [found.mean, found.low, found.high]


def test_the_theorem_beside_what_lies_on_every_path(measured, every):
    _, rows = every["theorem"]
    turned = turning.turnings(measured)["all"]
    assert rows[1] == ["all convolutions", 4, 3, turned.largest, turned.median, turned.excess]


def test_methods_by_name(every):
    columns, rows = every["methods"]
    row = dict(zip(columns, rows[1], strict=True))
    assert row["Method"] == "input × gradient"
    assert row["Conserved"] - row["Not conserved"] == pytest.approx(row["Difference"])
