"""What the drawings of the demonstration show, read back from their axes."""

from typing import Any

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.quiver import Quiver

from gradlab.vectors import aggregation, aggregation_figures, group_size


@pytest.fixture(scope="module")
def drawn():
    return [aggregation.sample(aggregation.reading(name), 200, seed=4) for name in ("deviation", "variance")]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def arrows(ax: Any) -> list[Any]:
    return [part for part in ax.collections if isinstance(part, Quiver)]


def test_the_first_repetition_shows_its_vectors_and_their_sums(drawn):
    figure: Any = aggregation_figures.first_repetition(drawn)
    for ax, draws in zip(figure.axes, drawn, strict=True):
        assert ax.get_title() == draws.reading.title
        low, high = ax.collections[:2]
        assert np.allclose(low.get_offsets(), draws.first_low)
        assert np.allclose(high.get_offsets(), draws.first_high)
        tips = [(float(arrow.U[0]), float(arrow.V[0])) for arrow in arrows(ax)]
        sums = [draws.first_high.sum(0), draws.first_low.sum(0)]
        for tip, vector in zip(tips, [*sums, sums[0] + sums[1]], strict=True):
            assert tip == pytest.approx(tuple(vector.tolist()))
    texts = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert texts == ["sum of H", "sum of L", "total"]


def test_only_the_arrow_of_the_small_vectors_is_hollow(drawn):
    figure: Any = aggregation_figures.first_repetition(drawn)
    ax = figure.axes[0]
    assert [len(arrow.get_facecolor()) == 0 for arrow in arrows(ax)] == [False, True, False]


def test_the_columns_behind_the_first_repetition(drawn):
    columns = aggregation_figures.first_sums(drawn)
    assert columns["reading"] == ["deviation"] * 3 + ["variance"] * 3
    assert columns["vector"] == ["H", "L", "total"] * 2
    assert columns["dim1"][4] == float(drawn[1].low[0, 0])
    assert columns["dim2"][2] == float(drawn[0].total[0, 1])
    assert set(aggregation_figures.LOOKS) == set(columns["vector"])


def test_the_next_repetitions_leave_the_first_out(drawn):
    figure: Any = aggregation_figures.next_repetitions(drawn, count=3)
    assert len(figure.axes) == 6
    for place, ax in enumerate(figure.axes):
        draws, repetition = drawn[place // 3], 1 + place % 3
        tips = [[float(arrow.U[0]), float(arrow.V[0])] for arrow in arrows(ax)]
        expected = torch.stack([draws.high, draws.low, draws.total])[:, repetition]
        assert np.allclose(tips, expected)
        reach = ax.get_xlim()[1]
        assert np.abs(tips).max() < reach


def test_angles_are_histograms_with_their_densities_and_medians(drawn):
    figure: Any = aggregation_figures.angles(drawn)
    for ax, draws in zip(figure.axes, drawn, strict=True):
        lines = ax.get_lines()
        assert [line.get_label() for line in lines[::2]] == ["sum of H", "total"]
        for (density, median), scale in zip(
            (lines[:2], lines[2:]), (draws.reading.high.sum_scale, draws.reading.total_scale), strict=True
        ):
            x, y = density.get_data()
            assert np.allclose(y, aggregation.angle_density(torch.as_tensor(x), scale))
            assert set(median.get_xdata()) == {aggregation.median_angle(scale)}
        # The band, then ninety bars of one degree for each of the two sums, whose heights add up to one.
        bars = [patch.get_height() for patch in ax.patches[1:]]
        assert len(bars) == 180
        assert (sum(bars[:90]), sum(bars[90:])) == pytest.approx((1, 1))
        band = ax.patches[0]
        assert (band.get_x(), band.get_x() + band.get_width()) == (30, 60)


def test_the_columns_behind_the_angles_are_on_the_lines(drawn):
    columns = aggregation_figures.densities(drawn)
    assert columns["reading"] == ["deviation"] * 50 + ["variance"] * 50
    angles = torch.tensor(columns["angle"][50:], dtype=torch.float64)
    for name, scale in (
        ("density of H", drawn[1].reading.high.sum_scale),
        ("density of total", drawn[1].reading.total_scale),
    ):
        assert columns[name][50:] == aggregation.angle_density(angles, scale).tolist()


def test_group_sizes_have_bands_points_and_the_closed_form(drawn):
    found = [group_size.directions(each, np.array([1, 10, 100]), seed=0) for each in drawn]
    figure: Any = aggregation_figures.group_sizes(found)
    for ax, one in zip(figure.axes, found, strict=True):
        exact, points, own, even = ax.get_lines()
        assert exact.get_ydata().tolist() == one.exact.tolist()
        assert points.get_ydata().tolist() == one.quantiles[:, 2].tolist()
        assert set(own.get_xdata()) == {one.reading.low.count}
        assert set(even.get_ydata()) == {45}
        wide, narrow = (band.get_paths()[0].vertices[:, 1] for band in ax.collections)
        assert (wide.min(), wide.max()) == (one.quantiles[:, 0].min(), one.quantiles[:, 4].max())
        assert (narrow.min(), narrow.max()) == (one.quantiles[:, 1].min(), one.quantiles[:, 3].max())
        assert ax.get_xscale() == "log"
