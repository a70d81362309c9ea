"""The drawing of least squares: loss and confusion as the dimension grows."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gradlab.confusion import regressions
from gradlab.confusion.regressions import Regressions
from gradlab.notebook import figures
from gradlab.notebook.figures import BLUE, GREEN, INK, MUTED, PURPLE, VERMILION
from gradlab.statistics.paired import Interval
from gradlab.statistics.seeds import spread


def descents(found: Mapping[int, Regressions], samples: int, few: int, many: int) -> Figure:
    """Losses by epoch for ``few`` and ``many`` dimensions; final loss and confusion for all."""
    figure: Figure
    figure, axes = plt.subplots(1, 2, figsize=(figures.TWO_COLUMNS, 2.9))
    for dimensions, colour in ((few, VERMILION), (many, BLUE)):
        _losses(axes[0], found[dimensions], f"{dimensions} dimensions", colour)
    axes[0].axhline(spread(found[few].floors).mean, color=INK, linestyle=":", linewidth=1)
    epochs = len(found[few].courses[0].losses) - 1
    axes[0].set(yscale="log", xlabel="epoch", ylabel="mean loss", xlim=(0, epochs))
    axes[0].legend(loc="lower left")
    means = regressions.geometric(found)
    _points(axes[1], list(found), means["eta"], "confusion bound η", PURPLE)
    _points(axes[1], list(found), means["final loss"], "final loss", GREEN)
    axes[1].axvline(samples, color=MUTED, linewidth=0.9)
    axes[1].set(
        yscale="log",
        xticks=list(found),
        xlabel="dimensions (line: number of samples)",
        ylabel="confusion bound, mean loss",
    )
    axes[1].legend(loc="upper right")
    return figure


def _losses(ax: Any, found: Regressions, name: str, colour: str) -> None:
    """A thin line for each problem, a thick one for their geometric mean."""
    losses = np.array([course.losses for course in found.courses])
    ax.plot(losses.T, color=colour, linewidth=0.5, alpha=0.45)
    ax.plot(np.exp(np.log(losses).mean(0)), linewidth=2, label=name, **figures.look(colour))


def _points(ax: Any, dimensions: Sequence[int], found: Sequence[Interval], name: str, colour: str) -> None:
    ax.errorbar(
        dimensions,
        [one.mean for one in found],
        yerr=[[one.mean - one.low for one in found], [one.high - one.mean for one in found]],
        markersize=3.5,
        capsize=2,
        label=name,
        **figures.look(colour, marker=True),
    )
