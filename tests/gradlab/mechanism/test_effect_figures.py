"""What the drawings of the miniatures show, read back from their axes."""

from typing import Any

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle

from gradlab.mechanism import effect_figures, effects, miniatures
from gradlab.mechanism.effects import Condition, Summary
from gradlab.mechanism.examples import ARMS, Example


def summary(network: str, quantile: float, per_seed: tuple[float, float], permuted: float) -> Summary:
    condition = Condition(network, "upper half", quantile)
    return Summary(condition, {}, per_seed, effects.over_seeds(per_seed), permuted, 0.0)


@pytest.fixture
def summaries():
    return [
        summary(network, quantile, (10 * block + quantile, 10 * block + 1), quantile / 2)
        for block, network in enumerate(miniatures.TITLES)
        for quantile in (0.05, 0.1, 0.3)
    ]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_changes_have_a_bar_and_its_seeds_for_each_condition(summaries):
    figure: Any = effect_figures.changes(summaries)
    (ax,) = figure.axes
    places = [0, 1, 2, 4, 5, 6, 8, 9, 10]
    assert [bar.get_x() + bar.get_width() / 2 for bar in ax.patches] == pytest.approx(places)
    assert [bar.get_height() for bar in ax.patches] == [one.effect.mean for one in summaries]
    for one, seeds, cross in zip(summaries, ax.lines[0:-1:2], ax.lines[1:-1:2], strict=True):
        assert tuple(seeds.get_ydata()) == one.per_seed
        assert (list(cross.get_ydata()), cross.get_marker()) == ([one.permuted], "x")
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.05", "0.1", "0.3"] * 3
    assert [text.get_text() for text in ax.texts] == list(miniatures.TITLES.values())
    assert set(effect_figures.COLOURS) == set(miniatures.MINIATURES)


def test_the_columns_behind_the_changes(summaries):
    columns = effect_figures.change_columns(summaries[2:4], [7, 9])
    assert columns == {
        "network": ["chain", "residual"],
        "quantile": [0.3, 0.05],
        "seed 7": [0.3, 10.05],
        "seed 9": [1, 11],
        "mean": [0.65, 10.525],
        "permuted boxes": [0.15, 0.025],
    }


def test_maps_are_drawn_beside_their_picture_with_its_box():
    generator = torch.Generator().manual_seed(0)
    examples = [
        Example(
            f"example {n}",
            torch.rand(8, 8, generator=generator),
            torch.tensor([1 + n, 2, 5, 7]),
            {arm: torch.rand(8, 8, generator=generator) for arm in ARMS},
        )
        for n in range(2)
    ]
    figure: Any = effect_figures.maps(examples)
    assert len(figure.axes) == 8
    for n, example in enumerate(examples):
        row = figure.axes[4 * n : 4 * n + 4]
        assert [ax.get_title() for ax in row] == [f"example {n}", *ARMS]
        for ax, shown in zip(row, (example.pixels, *example.maps.values()), strict=True):
            assert np.array_equal(ax.images[0].get_array(), shown)
            (box,) = (patch for patch in ax.patches if isinstance(patch, Rectangle))
            # Pixel k reaches from k - 1/2 to k + 1/2.
            assert (box.get_xy(), box.get_width(), box.get_height()) == ((n + 0.5, 1.5), 4 - n, 5)
