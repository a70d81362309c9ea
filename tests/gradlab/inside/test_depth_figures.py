"""What the drawing along the depth shows, read back from its axes."""

from typing import Any

import numpy as np
import pytest

from gradlab.comparison.arms import Selection
from gradlab.inside import depth_figures
from gradlab.inside.groups import MEASURES
from gradlab.inside.observed import Observed
from gradlab.inside.summary import SHOWN, Demonstration, Network
from gradlab.notebook import figures

TOY = {
    "deviation": Demonstration("first", {"entry-ratio": 7, "others-share": 0.2, "cosine": 0.9}),
    "variance": Demonstration("second", {"entry-ratio": 2, "others-share": 0.6, "cosine": 0.7}),
}


def network(title: str, seed: int) -> Network:
    generator = np.random.default_rng(seed)
    cases = [(selection, 0.1) for selection in (Selection.CLASS, Selection.RANDOM)]
    found = {case: {name: generator.uniform(0.1, 0.9, (9, 5)) for name in MEASURES} for case in cases}
    lists = {"upper": np.array([False, True, False, True, True]), "all": np.full(5, True)}
    return Network(
        title, "net",
        Observed(
            tuple("abcde"), np.full(5, 20), np.array([16, 9, 9, 1, 4]), lists, np.arange(9) % 3, found
        ),
    )  # fmt: skip


@pytest.fixture
def networks(house):
    return [network("First", 0), network("Second", 1)]


@pytest.mark.parametrize("width", [figures.TWO_COLUMNS, figures.ONE_COLUMN])
def test_every_measure_of_every_network_is_drawn_but_for_maps_of_one_position(networks, width):
    figure: Any = depth_figures.along_depth(networks, 0.1, TOY, width)
    panels = [(measure, net) for measure in SHOWN for net in networks]
    for ax, (measure, net) in zip(figure.axes, panels, strict=True):
        lines = {line.get_label(): line for line in ax.lines}
        for case, label in (
            (Selection.CLASS, "channels of the class"),
            (Selection.RANDOM, "random channels"),
        ):
            medians = np.median(net.observed.found[case, 0.1][measure], axis=0)
            assert lines[label].get_xdata().tolist() == [1, 2, 3, 5]
            assert lines[label].get_ydata() == pytest.approx(medians[[0, 1, 2, 4]])
        assert lines["upper modules"].get_xdata().tolist() == [2, 5]
        assert {lines[one.title].get_ydata()[0] for one in TOY.values()} == {
            one.values[measure] for one in TOY.values()
        }
        (band,) = ax.collections
        low, high = np.percentile(net.observed.found[Selection.CLASS, 0.1][measure][:, 4], [25, 75])
        at_last = [y for x, y in band.get_paths()[0].vertices if x == 5]
        assert (min(at_last), max(at_last)) == pytest.approx((low, high))
    assert figure.axes[0].get_title(loc="left") == "First"


def test_the_numbers_behind_the_drawing(networks):
    columns = depth_figures.columns(networks, 0.1)
    assert {len(column) for column in columns.values()} == {10}
    assert columns["network"] == ["First"] * 5 + ["Second"] * 5
    assert columns["upper"][5:] == [False, True, False, True, True]
    values = networks[1].observed.found[Selection.CLASS, 0.1]["cosine"][:, 2]
    assert columns["cosine, 25 %"][7] == pytest.approx(np.percentile(values, 25))
    random = networks[1].observed.found[Selection.RANDOM, 0.1]["cosine"][:, 2]
    assert columns["cosine, random"][7] == pytest.approx(np.median(random))
