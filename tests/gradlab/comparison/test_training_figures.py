"""What the drawing of several trainings shows, read back from its axes."""

from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from tests.gradlab.comparison import tables

from gradlab.comparison import training_figures
from gradlab.comparison.trainings import Trainings


@pytest.fixture(scope="module")
def found():
    return Trainings.of([tables.measured(seed) for seed in (0, 10)], seed=0)


def test_a_mark_with_its_interval_for_each_training(found):
    figure: Any = training_figures.gains(found)
    assert [ax.get_title() for ax in figure.axes] == ["upper modules", "all convolutions"]
    for ax, f in zip(figure.axes, found.filterings, strict=True):
        for one, drawn in zip(found.trainings, ax.containers, strict=True):
            at = [one.intervals["density", f, q] for q in found.quantiles]
            marks, _, (bars,) = drawn
            assert list(marks.get_ydata()) == [interval.mean for interval in at]
            ends = [segment[:, 1] for segment in bars.get_segments()]
            np.testing.assert_allclose(ends, [(interval.low, interval.high) for interval in at])
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["training 1", "training 2"]
    plt.close(figure)


def test_the_columns_behind_the_trainings(found):
    columns = training_figures.gain_columns(found)
    assert columns["training"] == [1] * 6 + [2] * 6
    assert columns["filtering"][2:4] == ["upper", "all"]
    assert columns["quantile"][:3] == [0.05, 0.1, 0.3]
    assert columns["low"][10] == found.trainings[1].intervals["density", "all", 0.1].low
