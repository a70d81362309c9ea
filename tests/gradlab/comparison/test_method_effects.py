"""Effects on other attribution methods, from tiny tables."""

import numpy as np
import pytest
from tests.gradlab.comparison import tables

from gradlab.comparison import method_effects
from gradlab.comparison.arms import PLAIN, Arm
from gradlab.comparison.table import Measurements, method_heading


def test_every_method_has_its_own_columns():
    table = tables.methods(seed=1)
    arm = Arm("upper", 0.1)
    found = method_effects.of_methods(table, arm)
    assert list(found) == list(tables.METHODS)
    for name, effect in found.items():
        plain, without, conserved = (
            table.columns[method_heading(name, one, "density")] for one in (PLAIN, arm, arm.conserved())
        )
        distance = table.columns[method_heading(name, arm.conserved(), "distance")]
        rank = table.columns[method_heading(name, arm.conserved(), "spearman")]
        means = (effect.plain, effect.unconserved, effect.conserved, effect.spearman)
        assert means == pytest.approx((plain.mean(), without.mean(), conserved.mean(), rank.mean()))
        assert effect.gain.mean == pytest.approx((conserved - without).mean())
        assert (effect.median, effect.largest) == (sorted(distance)[2], max(distance))


def test_slugs_are_words_with_hyphens():
    found = method_effects.of_methods(tables.methods(seed=1), Arm("upper", 0.1))
    assert [one.slug for one in found.values()] == ["saliency", "input-times-gradient", "smoothgrad"]


def test_a_map_that_is_zero_is_left_out():
    table, arm = tables.methods(seed=1), Arm("upper", 0.1)
    columns = dict(table.columns)
    for metric in ("density", "distance", "spearman"):
        name = method_heading("saliency", arm.conserved(), metric)
        columns[name] = np.array([np.nan, 1.0, 2.0, 3.0, 4.0])
    effect = method_effects.of_methods(Measurements(columns), arm)["saliency"]
    assert (effect.gain.n, effect.conserved, effect.largest, effect.median) == (4, 2.5, 4.0, 2.0)
