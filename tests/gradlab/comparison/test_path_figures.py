"""What the drawing of norms shows, read back from its axes."""

from typing import Any

import pytest
import torch
from matplotlib import pyplot as plt

from gradlab.comparison import path_figures
from gradlab.comparison.paths import ALL, UPPER, Effect
from gradlab.photographs import networks


@pytest.fixture
def effects():
    generator = torch.Generator().manual_seed(0)
    return {
        (name, filtering): Effect(3, 2, *torch.rand(3, 4, generator=generator))
        for name in networks.ARCHITECTURES
        for filtering in (UPPER, ALL)
    }


def test_norms_have_a_mark_for_each_input_and_the_line_of_equality(effects):
    figure: Any = path_figures.norms(effects)
    for ax, filtering in zip(figure.axes, (UPPER, ALL), strict=True):
        assert ax.get_title() == filtering
        *marks, line = ax.get_lines()
        shown = [found for (_, which), found in effects.items() if which == filtering]
        for mark, found in zip(marks, shown, strict=True):
            assert list(mark.get_xdata()) == found.scales.tolist()
            assert list(mark.get_ydata()) == found.ratios.tolist()
        scales = torch.cat([found.scales for found in shown])
        assert list(line.get_xdata()) == list(line.get_ydata()) == [float(scales.min()), float(scales.max())]
    texts = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert texts == [known.title for known in networks.ARCHITECTURES.values()]
    assert len({mark.get_marker() for mark in marks}) == len(marks)
    plt.close(figure)


def test_the_columns_behind_the_norms(effects):
    columns = path_figures.columns(effects)
    names = [networks.ARCHITECTURES[name].title for name, _ in effects for _ in range(4)]
    assert columns["network"] == names
    assert columns["filtered"] == ([UPPER] * 4 + [ALL] * 4) * 3
    last = effects["efficientnet_b0", ALL]
    assert columns["sum of log scales"][-4:] == last.scales.tolist()
    assert columns["log ratio of norms"][-4:] == last.ratios.tolist()
