"""Examples and channels that are read from their tables."""

from dataclasses import replace

import numpy as np
from tests.gradlab.comparison import tables

from gradlab.comparison import shown
from gradlab.comparison.arms import PLAIN, Arm
from gradlab.comparison.table import heading


def test_examples_are_rows_of_the_table():
    measured = tables.measured()
    first, second = shown.examples(measured)
    assert (first.photograph, first.class_name, first.percentile) == ("p3", "bullfrog", 5)
    assert (second.class_name, second.difference) == ("goldfish", 0.25)
    assert (first.box, second.box) == ((0, 1, 2, 3), (1, 2, 3, 4))
    assert len(first.maps) == len(first.densities) == 7
    arm = Arm("upper", 0.3).conserved()
    np.testing.assert_array_equal(second.maps[arm], measured.examples[heading(arm, "map")][1])
    assert second.densities[PLAIN] == measured.examples[heading(PLAIN, "density")][1]
    np.testing.assert_array_equal(second.pixels, measured.examples["pixels"][1])


def test_channels_have_their_own_photographs():
    measured = tables.measured()
    found = shown.class_channels(measured)
    assert found.class_name == "bullfrog"
    assert [one.channel for one in found.strongest] == [2, 0]
    assert [one.of_class.tolist() for one in found.strongest] == [[True, False], [True, True]]
    np.testing.assert_array_equal(found.strongest[1].pixels, measured.strongest["pixels"][2:])
    assert found.share == 0.75
    assert found.columns() == {
        "channel": [2, 0, 1], "t": [3.0, 1.0, -2.0], "kept": [True, False, False],
    }  # fmt: skip


def test_large_pictures_are_shown_by_means_over_squares():
    assert [shown.step_of(side) for side in (4, 64, 96, 224, 225, 448)] == [1, 1, 2, 4, 5, 7]
    drawn = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3)).astype(np.uint8)
    found = shown.smaller(drawn)
    assert found.shape == (2, 56, 56, 3)
    assert found.dtype == np.uint8
    np.testing.assert_allclose(found[1, 5, 7], drawn[1, 20:24, 28:32].mean((0, 1)), atol=0.5)
    np.testing.assert_array_equal(shown.smaller(drawn[..., 0])[0], found[0, ..., 0])


def test_the_box_of_a_large_photograph_shrinks_with_it():
    measured = tables.measured()
    columns = dict(measured.examples)
    for name, column in columns.items():
        if column.ndim > 2:
            columns[name] = np.repeat(np.repeat(column, 224 // column.shape[1], 1), 224 // column.shape[2], 2)
    columns |= {edge: np.array([20, 21]) for edge in ("x0", "y0")} | {
        edge: np.array([100, 101]) for edge in ("x1", "y1")
    }
    first, second = shown.examples(replace(measured, examples=columns))
    assert (first.box, second.box) == ((5, 5, 25, 25), (5.25, 5.25, 25.25, 25.25))
    assert first.pixels.shape == (56, 56, 3)
    assert {one.shape for one in first.maps.values()} == {(56, 56)}
