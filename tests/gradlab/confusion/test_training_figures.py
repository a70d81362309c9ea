"""What the drawings of confusion beside training show."""

from typing import Any

import numpy as np
import pytest
import torch

from gradlab.confusion import training_figures
from gradlab.confusion.fully_connected import Design
from gradlab.confusion.seed_cosines import SeedCosines
from gradlab.confusion.speed import Architecture
from gradlab.confusion.tuning import Tuned
from gradlab.confusion.variants import Trained
from gradlab.notebook import figures
from gradlab.statistics.seeds import spread

pytestmark = pytest.mark.usefixtures("house")


def trained(seed):
    generator = torch.Generator().manual_seed(seed)
    weights = (torch.zeros(2, 1, 1),)
    before, after = (
        SeedCosines(tuple(torch.rand(2, 40, generator=generator, dtype=torch.float64))) for _ in range(2)
    )
    losses = torch.tensor([[1.0, 2, 3, 4, 5, 6], [3.0, 4, 5, 6, 7, 8]])
    return Trained(Tuned(0.1, losses, weights, weights), before, after)


def test_training_shows_running_means_and_both_distributions():
    variants = {name: trained(seed) for seed, name in enumerate(("plain", "skip", "norm", "both"))}
    points = np.linspace(0, 1, 11)
    figure: Any = training_figures.training(variants, points)
    losses, before, after = figure.axes
    first = losses.get_lines()[0]
    assert (first.get_label(), first.get_color()) == ("plain", figures.AMBER)
    # Means of five steps, 3 and 4 for the first seed, 5 and 6 for the second, at the last of the five.
    assert first.get_xydata() == pytest.approx(np.array([[5, 4], [6, 5]]))
    band = losses.collections[0].get_paths()[0].vertices
    assert {(round(x), round(y)) for x, y in band} == {(5, 3), (6, 4), (5, 5), (6, 6)}
    assert losses.get_lines()[4].get_ydata() == pytest.approx([np.log(10)] * 2)
    for ax, cosines in ((before, variants["skip"].before), (after, variants["skip"].after)):
        density = cosines.density(points)
        assert ax.get_lines()[1].get_ydata() == pytest.approx(density / density.max())
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "training",
        "before training",
        "after training",
    ]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(variants)


def test_speed_cuts_a_bar_that_would_reach_zero():
    wild = Architecture(Design(4, 64), spread([-0.5, -0.25]), spread([0.1, 1.9]))
    calm = Architecture(Design(8, 128), spread([-0.25, -0.25]), spread([2.0, 2.0]))
    figure: Any = training_figures.speed([wild, calm])
    ax = figure.axes[0]
    first, second = ax.containers
    assert first.lines[0].get_xydata().tolist() == [[-0.375, 1.0]]
    across, up = (bar.get_segments()[0] for bar in first.lines[2])
    assert across[:, 0] == pytest.approx([wild.cosine.low, wild.cosine.high])
    assert up[:, 1] == pytest.approx([0.2, wild.loss.high])
    assert second.lines[0].get_markersize() > first.lines[0].get_markersize()
    assert second.lines[0].get_marker() == figures.MARKERS[figures.GREEN]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["depth 4"]
    assert ax.get_yscale() == "log"
