"""What the drawings of one network show, read back from their axes."""

from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from tests.gradlab.comparison import tables

from gradlab.comparison import effect_figures, effects, norms
from gradlab.comparison.effects import Effects
from gradlab.statistics.clustered import Mean
from gradlab.statistics.paired import Interval

PAIRS = [(f, q) for f in tables.FILTERINGS for q in tables.QUANTILES]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def effect():
    return effects.of_all(tables.measured().main)


def test_each_list_has_both_metrics_above_and_differences_below(effect):
    figure: Any = effect_figures.effect(effect, tables.FILTERINGS)
    assert [ax.get_title() for ax in figure.axes[:2]] == ["upper\nmodules", "all convolutions"]
    top, middle, bottom = figure.axes[1], figure.axes[3], figure.axes[5]
    plain = top.get_lines()[0]
    assert plain.get_ydata()[0] == effect["density plain", "", 0].mean
    curves = {bar.get_label(): bar for ax in (top, bottom) for bar in ax.containers}
    assert middle.get_lines()[0].get_ydata()[0] == effect["pointing plain", "", 0].mean
    kinds = {"own box": "density", "other boxes": "others"}
    kinds = {"not conserved": "density not", "conserved": "density conserved"} | kinds
    assert list(curves) == list(kinds)
    for label, kind in kinds.items():
        found = [effect[kind, "all", q] for q in tables.QUANTILES]
        line, _, (bars,) = curves[label]
        assert list(line.get_ydata()) == [one.mean for one in found]
        ends = [segment[:, 1] for segment in bars.get_segments()]
        np.testing.assert_allclose(ends, [(one.low, one.high) for one in found])
    assert [tick.get_text() for tick in bottom.get_xticklabels()] == ["0.05", "0.1", "0.3"]
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["plain gradient", *kinds]


def test_rounding_does_not_fill_the_axis():
    tiny = Mean(1e-6, 4e-6, 9.0, 4, 1, 10)
    arms = [f"{metric} {arm}" for metric in ("density", "pointing") for arm in ("not", "conserved")]
    intervals = {(kind, "all", 0.1): tiny for kind in (*arms, "density", "others")}
    plain = {(f"{metric} plain", "", 0.0): tiny for metric in ("density", "pointing")}
    figure: Any = effect_figures.effect(Effects((0.1,), intervals | plain), ["all"])
    assert figure.axes[2].get_ylim() == (-0.01, 0.01)


def test_the_columns_behind_the_effect(effect):
    columns = effect_figures.effect_columns(effect, PAIRS)
    assert columns["filtering"] == [f for f, _ in PAIRS]
    assert columns["quantile"] == [q for _, q in PAIRS]
    assert columns["others_high"][4] == effect["others", "all", 0.1].high
    assert len(columns) == 2 + 6 * 3


def test_a_mark_for_each_photograph_and_the_line_of_equality():
    found = norms.scaled(tables.measured())
    figure: Any = effect_figures.betas(found)
    assert [ax.get_title() for ax in figure.axes] == ["upper modules", "all convolutions"]
    for ax, shown in zip(figure.axes, (found[:3], found[3:]), strict=True):
        *marks, line = ax.get_lines()
        for mark, one in zip(marks, shown, strict=True):
            assert list(mark.get_xdata()) == list(one.scales)
            assert list(mark.get_ydata()) == list(one.ratios)
        scales = np.concatenate([one.scales for one in shown])
        assert list(line.get_xdata()) == list(line.get_ydata()) == [scales.min(), scales.max()]
    texts = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert texts == ["q = 0.05", "q = 0.1", "q = 0.3", "equal"]


def test_the_columns_behind_the_norms():
    found = norms.scaled(tables.measured())
    columns = effect_figures.beta_columns(found)
    assert {len(column) for column in columns.values()} == {6 * tables.CONTROLS}
    assert columns["filtering"][-1] == "all"
    assert columns["quantile"][8] == 0.1
    assert columns["log_ratio"][8:16] == found[1].ratios.tolist()


def test_bars_reach_from_the_mean_to_both_bounds():
    found = effect_figures.bars([Interval(1.0, 0.5, 3.0, 4), Interval(2.0, 2.0 + 1e-17, 2.0, 4)])
    assert found.tolist() == [[0.5, 0.0], [2.0, 0.0]]
