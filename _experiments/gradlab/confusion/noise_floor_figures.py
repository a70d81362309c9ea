"""The drawing of descents at constant rates, and of their floors."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gradlab.confusion.noise_floor import Runs
from gradlab.notebook import figures
from gradlab.notebook.figures import AMBER, BLUE, GREEN, INK, MUTED, PURPLE, VERMILION
from gradlab.statistics.seeds import geometric_interval

_RATES = (VERMILION, GREEN, BLUE, AMBER)


def floors(few: Runs, many: Runs, circling: dict[str, Runs], bound: tuple[np.ndarray, np.ndarray]) -> Figure:
    """Paths from zero with fewer and with more dimensions than samples; floors against rate times confusion.

    ``circling`` has linear fits and networks; ``bound`` is x and y of the floor that theorem 3.1 guarantees.
    """
    figure: Figure
    figure, axes = plt.subplots(1, 3, figsize=(figures.TWO_COLUMNS, 3.0), width_ratios=(1, 1, 1.25))
    lowest = 1e-7
    for ax, runs, title in ((axes[0], few, "80 dimensions"), (axes[1], many, "120 dimensions")):
        _paths(ax, runs)
        ax.set(ylim=(lowest, 1), title=title)
    axes[0].set(ylabel="mean loss above its minimum")
    axes[0].legend(loc="lower left", title="rate")
    for colour, (name, runs) in zip((VERMILION, PURPLE), circling.items(), strict=True):
        _floors(axes[2], runs, name, colour)
    x, y = bound
    axes[2].plot(x, y, color=INK, marker="_", linestyle="", markersize=9, label="theorem's floor, linear")
    corner = np.array([1e-3, 1.0])
    axes[2].plot(corner, 0.5 * corner, color=MUTED, linewidth=0.9)
    axes[2].annotate("slope 1", (0.15, 0.12), color=MUTED, fontsize=8.5, ha="right")
    axes[2].set(
        xscale="log", yscale="log", xlabel="rate × confusion bound, αη", ylabel="floor", title="floors"
    )
    axes[2].legend(loc="upper left", bbox_to_anchor=(0, 0.85))
    return figure


def _paths(ax: Any, runs: Runs) -> None:
    """The geometric mean over seeds of each rate's path, with the interval of the mean logarithm."""
    steps = np.array(runs.course.steps[1:]) / 1000
    for colour, rate, path in zip(_RATES, runs.rates, runs.excess()[1:].swapaxes(0, 1), strict=False):
        found = [geometric_interval(seeds.tolist()) for seeds in path]
        ax.plot(steps, [one.mean for one in found], label=f"{rate:g}", **figures.look(colour))
        ax.fill_between(
            steps,
            [one.low for one in found],
            [one.high for one in found],
            color=colour,
            alpha=0.16,
            linewidth=0,
        )
    ax.set(yscale="log", xlabel="thousand steps")


def _floors(ax: Any, runs: Runs, name: str, colour: str) -> None:
    found = [geometric_interval(row.tolist()) for row in runs.floors()]
    across = [geometric_interval(row.tolist()).mean for row in runs.products()]
    ax.errorbar(
        across,
        [one.mean for one in found],
        yerr=[[one.mean - one.low for one in found], [one.high - one.mean for one in found]],
        fmt=figures.MARKERS[colour],
        color=colour,
        markersize=4,
        capsize=2,
        linewidth=1,
        label=name,
    )
