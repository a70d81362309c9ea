"""What the drawings of photographs, maps and channels show."""

from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle
from tests.gradlab.comparison import tables

from gradlab.comparison import example_figures, shown
from gradlab.notebook import figures


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def examples():
    return shown.examples(tables.measured())


@pytest.mark.parametrize("width", [figures.TWO_COLUMNS, figures.ONE_COLUMN])
def test_each_photograph_has_its_maps_beside_it(examples, width):
    figure: Any = example_figures.grid(examples, 0.1, width)
    axes = np.array(figure.axes)
    by_photograph = axes.reshape(2, 4) if width == figures.ONE_COLUMN else axes.reshape(4, 2).T
    for row, example in zip(by_photograph, examples, strict=True):
        pictures = [np.asarray(ax.get_images()[0].get_array()) for ax in row]
        np.testing.assert_array_equal(pictures[0], example.pixels)
        for picture, arm in zip(pictures[1:], example_figures.arms_at(0.1).values(), strict=True):
            np.testing.assert_array_equal(picture, example.maps[arm])
        x0, y0, x1, y1 = example.box
        for ax in row:
            boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
            assert {box.get_bbox().bounds for box in boxes} == {(x0 - 0.5, y0 - 0.5, x1 - x0, y1 - y0)}


def test_captions_of_the_photographs_fit_the_width(examples):
    wide: Any = example_figures.grid(examples, 0.1, figures.TWO_COLUMNS)
    assert [ax.get_title() for ax in wide.axes[:2]] == [
        "5 %: −0.50\nbullfrog", "95 %: +0.25\ngoldfish",
    ]  # fmt: skip
    names = ["photograph", "plain", "not conserved", "conserved"]
    assert [ax.get_ylabel() for ax in wide.axes[::2]] == names
    narrow: Any = example_figures.grid(examples, 0.1, figures.ONE_COLUMN)
    assert [ax.get_xlabel() for ax in narrow.axes[::4]] == ["5 %: −0.50, bullfrog", "95 %: +0.25, goldfish"]
    assert narrow.axes[2].get_title() == "not\nconserved"


@pytest.mark.parametrize("width", [figures.TWO_COLUMNS, figures.ONE_COLUMN])
def test_channels_show_ranks_and_frame_the_class(width):
    found = shown.class_channels(tables.measured())
    figure: Any = example_figures.channels(found, width)
    ranks, *panels = figure.axes
    every, kept = ranks.get_lines()
    assert list(every.get_ydata()) == found.t.tolist()
    assert (list(kept.get_xdata()), list(kept.get_ydata())) == ([0], [3.0])
    assert ranks.get_title() == "bullfrog"
    pixels = np.concatenate([one.pixels for one in found.strongest])
    framed = [ax.spines["left"].get_visible() for ax in panels]
    assert framed == [True, False, True, True]
    for ax, picture in zip(panels, pixels, strict=True):
        np.testing.assert_array_equal(np.asarray(ax.get_images()[0].get_array()), picture)
    assert [panels[0].get_ylabel(), panels[2].get_ylabel()] == ["2", "0"]
