"""Examples and channels that are read from their tables."""

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
