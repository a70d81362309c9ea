"""The rows of every table, on tiny tables of measurements."""

import numpy as np
import pytest
from tests.gradlab.comparison import tables

from gradlab.comparison import effect_tables, effects, method_effects, turning
from gradlab.comparison.arms import Arm
from gradlab.statistics import paired


@pytest.fixture(scope="module")
def measured():
    return tables.measured()


@pytest.fixture(scope="module")
def effect(measured):
    return effects.of_all(measured.main, seed=0)


@pytest.fixture(scope="module")
def control(measured):
    return effects.of_controls(measured, seed=0)


@pytest.fixture(scope="module")
def every(measured, effect, control):
    turned = turning.turnings(measured)
    methods = method_effects.of_methods(measured.methods, Arm("upper", 0.1), seed=0)
    return {
        "densities": effect_tables.densities(measured, effect, effects.holm_p(measured, seed=0)),
        "localisation": effect_tables.localisation(measured, effect),
        "controls": effect_tables.controls(measured, control),
        "arms": effect_tables.arms(control),
        "theorem": effect_tables.theorem(turned),
        "methods": effect_tables.methods(methods),
        "removal": effect_tables.removal(method_effects.falls(measured.removal)),
    }


def test_every_row_has_an_entry_for_each_column(every):
    counts = {name: len(rows) for name, (_, rows) in every.items()}
    assert counts == {
        "densities": 6, "localisation": 6, "controls": 6, "arms": 12, "theorem": 2, "methods": 3,
        "removal": 7,
    }  # fmt: skip
    for columns, rows in every.values():
        assert {len(row) for row in rows} == {len(columns)}


def test_densities(measured, effect, every):
    columns, rows = every["densities"]
    row = dict(zip(columns, rows[4], strict=True))
    arm, found = Arm("all", 0.1), effect["density", "all", 0.1]
    assert (row["Filtered"], row["Quantile"]) == ("all convolutions", 0.1)
    assert row["Not conserved"] == pytest.approx(measured.main.of(arm, "density").mean())
    assert row["Conserved"] - row["Not conserved"] == pytest.approx(row["Difference"])
    assert (row["Low"], row["High"], row["n"]) == (found.low, found.high, 12)
    assert row["p (Holm)"] == effects.holm_p(measured, seed=0)["all", 0.1]
    assert row["With other boxes"] == effect["others", "all", 0.1].mean
    turned = measured.main.of(arm.conserved(), "distance")
    assert row["1 − cos, median"] == pytest.approx(np.median(turned))


def test_localisation_tests_the_pointing_game_with_mcnemar(measured, every):
    columns, rows = every["localisation"]
    row = dict(zip(columns, rows[0], strict=True))
    arm = Arm("upper", 0.05)
    hits = [measured.main.of(one, "pointing") for one in (arm, arm.conserved())]
    assert [row["Pointing, not"], row["Pointing, conserved"]] == [hit.mean() for hit in hits]
    assert row["p (McNemar)"] == paired.mcnemar_p(*(hit == 1 for hit in hits))
    assert row["Mass, conserved"] - row["Mass, not"] == pytest.approx(row["Difference"])


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


def test_removal_names_its_arms(every):
    _, rows = every["removal"]
    assert [row[:2] for row in rows[:4]] == [
        ["plain", "all"], ["not conserved", 0.05], ["conserved", 0.05], ["not conserved", 0.1],
    ]  # fmt: skip
