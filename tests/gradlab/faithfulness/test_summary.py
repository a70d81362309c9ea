"""Tables, differences and drawings of made-up measurements whose answers are known."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from gradlab.faithfulness import drawings, summary
from gradlab.faithfulness.maps import CONSERVED, FILTERED, GRADIENT, TITLES
from gradlab.faithfulness.measure import heading
from gradlab.faithfulness.summary import METRICS, Measured
from gradlab.notebook import figures
from gradlab.statistics import clustered

CLASSES = np.repeat(np.arange(10), 4)


@pytest.fixture
def measured() -> Measured:
    """Noise, but for conserved gradients, which are better by 0.5 in every metric."""
    generator = np.random.default_rng(0)
    columns = {}
    for method in TITLES:
        for metric, described in METRICS.items():
            better = 0.5 * described.sign if method == CONSERVED else 0.0
            columns[heading(method, metric)] = generator.normal(1.0, 0.05, len(CLASSES)) + better
    columns[heading("cam", "density")][:3] = np.nan
    return Measured(columns, CLASSES)


def test_differences_and_gains_pair_the_photographs(measured):
    values = measured.of(CONSERVED, "deletion") - measured.of(GRADIENT, "deletion")
    expected = clustered.mean_interval(values, CLASSES)
    assert measured.difference(CONSERVED, "deletion") == expected
    gain = measured.gain(CONSERVED, "deletion", FILTERED)
    assert gain.low > 0.4
    assert measured.difference("cam", "density").n == len(CLASSES) - 3


def test_tables_have_every_method_and_stars_where_holm_allows(measured):
    heads, rows = summary.means(measured)
    assert [row[0] for row in rows] == list(TITLES.values())
    assert {len(row) for row in rows} == {len(heads)} == {1 + len(METRICS)}
    found = summary.differences(measured)
    heads, rows = summary.difference_table(found)
    assert {len(row) for row in rows} == {len(heads)}
    starred = {row[0]: [str(cell).endswith(" *") for cell in row[1:]] for row in rows}
    assert all(starred[TITLES[CONSERVED]])
    assert TITLES[GRADIENT] not in starred
    columns = summary.difference_columns(found)
    for place, p in zip(found, columns["p_holm"], strict=True):
        method, metric = place
        assert isinstance(p, float)
        assert (p <= 0.05) == starred[TITLES[method]][list(METRICS).index(metric)]


@pytest.mark.parametrize("width", [figures.ONE_COLUMN, figures.TWO_COLUMNS])
def test_the_figure_has_a_panel_a_metric_with_better_to_the_right(measured, house, width):
    found = summary.differences(measured)
    figure = drawings.differences(found, width)
    figure.draw_without_rendering()
    panels = [ax for ax in figure.axes if ax.get_title(loc="left")]
    assert [ax.get_title(loc="left") for ax in panels] == [one.title for one in METRICS.values()]
    row = list(dict.fromkeys(method for method, _ in found)).index(CONSERVED)
    for ax, described in zip(panels, METRICS.values(), strict=True):
        assert ax.xaxis_inverted() == (described.sign < 0)
        drawn = {y: x for bars in ax.containers for x, y in zip(*bars[0].get_data(), strict=True)}
        assert drawn[-row] == pytest.approx(0.5 * described.sign, abs=0.1)
    plt.close(figure)


def test_the_cascade_is_drawn_with_every_method_once(house):
    methods = list(TITLES)[:9]
    columns = {f"{m}: {stage} 0": np.full(40, 1 / stage) for m in methods for stage in (1, 2)}
    found = summary.similarities(columns, CLASSES, 2, [0])
    figure = drawings.cascade(found, ["fc", "layer4"], figures.TWO_COLUMNS)
    legends = [legend for ax in figure.axes if (legend := ax.get_legend()) is not None]
    labels = [text.get_text() for legend in legends for text in legend.get_texts()]
    assert sorted(labels) == sorted(TITLES[m] for m in methods)
    for ax in figure.axes:
        assert len({line[0].get_color() for line in ax.containers}) == len(ax.containers)
    shown = drawings.cascade_columns(found, ["fc", "layer4"])
    assert shown["mean"] == [1.0, 0.5] * 9
    assert shown["randomised"] == ["fc", "layer4"] * 9
