"""What the drawing of several networks shows, read back from its axes."""

from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt

from gradlab.comparison import overview_figures
from gradlab.comparison.measured import title_of
from gradlab.comparison.overview import FILTERINGS, Network
from gradlab.notebook import figures
from gradlab.notebook.results import Named, Results, Value

QUANTILES = (0.1, 0.3)


def network(title: str, seed: int) -> Network:
    """A network whose difference for all convolutions at the larger quantile is missing."""
    generator = np.random.default_rng(seed)
    values = Named[Value]("value")
    for f in FILTERINGS:
        values[f"net-separators-{f}"] = Value(3, None, None, None, "", "")
        values[f"net-modules-{f}"] = Value(3 if f == "last30" else 5, None, None, None, "", "")
        for q in QUANTILES:
            for of in ("delta", "delta-others"):
                low, mean, high = np.sort(generator.uniform(-1, 1, 3)).tolist()
                if (f, q) != ("all", 0.3):
                    values[f"net-{of}-{f}-q{q:g}"] = Value(mean, low, high, 12, "", "")
    results = Results("r", values, Named("table"), Named("data"), Named("claim"), Named("rows"))
    return Network(title, "net", results)


@pytest.fixture
def networks():
    return [network("ResNet18", 0), network("VGG16", 1)]


@pytest.mark.parametrize("width", [figures.TWO_COLUMNS, figures.ONE_COLUMN])
def test_every_list_and_quantile_has_a_row_in_each_panel(networks, width):
    figure: Any = overview_figures.gains(networks, QUANTILES, width)
    wide = width == figures.TWO_COLUMNS
    assert [ax.get_title() for ax in figure.axes] == ["ResNet18" if wide else "Res-\nNet18", "VGG16"]
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == [*map(title_of, FILTERINGS), *["q = 0.1", "q = 0.3"] * 5]
    heights = figure.axes[0].get_yticks()[len(FILTERINGS) :]
    assert (np.diff(heights) < 0).all()
    for ax, net in zip(figure.axes, networks, strict=True):
        for of, drawn in zip(("delta", "delta-others"), ax.containers, strict=True):
            gains = [net.gain(f, q, of) for f in FILTERINGS for q in QUANTILES][:-1]
            marks, _, (bars,) = drawn
            assert list(marks.get_xdata()) == [gain.mean for gain in gains]
            ends = [segment[:, 0] for segment in bars.get_segments()]
            np.testing.assert_allclose(ends, [(gain.low, gain.high) for gain in gains])
            assert (np.abs(np.subtract(marks.get_ydata(), heights[:-1])) < 0.2).all()
    plt.close(figure)


def test_rows_are_shaded_where_every_module_is_on_every_path(networks):
    figure: Any = overview_figures.gains(networks, QUANTILES, figures.TWO_COLUMNS)
    heights = figure.axes[0].get_yticks()[len(FILTERINGS) :]
    for ax in figure.axes:
        (band,) = ax.patches
        low, high = band.get_y(), band.get_y() + band.get_height()
        inside = [place for place, height in enumerate(heights) if low < height < high]
        assert inside == [2, 3]  # the last 30 %
    plt.close(figure)


def test_the_columns_behind_the_overview(networks):
    columns = overview_figures.gain_columns(networks, QUANTILES)
    assert columns["network"] == ["ResNet18"] * 10 + ["VGG16"] * 10
    assert columns["on_every_path"][:6] == [False, False, True, True, False, False]
    gain = networks[1].gain("upper", 0.3)
    assert gain is not None
    assert [columns[f"own_{part}"][11] for part in ("mean", "low", "high")] == [
        gain.mean,
        gain.low,
        gain.high,
    ]
    assert columns["others_mean"][9] is None
