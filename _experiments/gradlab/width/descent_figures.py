"""Drawings of wide networks' training beside their linear models."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gradlab.notebook import figures
from gradlab.notebook.figures import BLUE, GREEN, INK, MUTED, PURPLE, VERMILION
from gradlab.statistics.seeds import Spread
from gradlab.width.distances import Scaling
from gradlab.width.paths import Paths

_DIGITS = (BLUE, VERMILION, GREEN, PURPLE)
_QUANTITIES = ((BLUE, "o"), (VERMILION, "s"), (GREEN, "^"))


def training(paths: Mapping[int, Paths], marks: Sequence[int]) -> Figure:
    """Outputs by step for four digits, one panel per width: the network solid, its linear model dashed."""
    figure: Figure
    figure, axes = plt.subplots(1, len(paths), figsize=(figures.TWO_COLUMNS, 2.8), sharey=True)
    for ax, (width, found) in zip(axes, paths.items(), strict=True):
        for colour, network, linear in zip(_DIGITS, found.network.T, found.linear.T, strict=True):
            ax.plot(marks, network, color=colour, linewidth=1.4)
            ax.plot(marks, linear, color=INK, linewidth=1.1, linestyle="--", dashes=(3, 2))
        ax.set_xscale("symlog", linthresh=1)
        ax.set(
            xlim=(0, marks[-1]),
            xticks=[0, 1, 10, 100],
            xticklabels=[0, 1, 10, 100],
            xlabel="step",
            title=f"width {width}",
        )
        ax.minorticks_off()
    axes[0].set(ylabel="output")
    return figure


def distances(found: Mapping[str, Scaling], exponents: Mapping[str, Spread], smallest: int) -> Figure:
    """Six quantities against width in two panels, with the powers fitted from width ``smallest`` on."""
    figure: Figure
    figure, axes = plt.subplots(1, 2, figsize=(figures.TWO_COLUMNS, 3.2))
    names = list(exponents)
    for ax, shown in zip(axes, (names[:3], names[3:]), strict=True):
        for name, (colour, marker) in zip(shown, _QUANTITIES, strict=True):
            points(ax, found[name], colour, marker)
            label = f"{name}: {exponents[name].mean:.2f}".replace("-", "−")
            power(ax, found[name], exponents[name].mean, smallest, label, colour)
    _finish(axes[0], (2e-3, 0.5), "distance", "upper right", found[names[0]].widths)
    _finish(axes[1], (2e-4, 1.0), "relative change", "lower left", found[names[3]].widths)
    _slopes(axes[0], 32, 0.014)
    _slopes(axes[1], 256, 0.7)
    return figure


def points(ax: Any, scaling: Scaling, colour: str, marker: str) -> None:
    """The mean over seeds at each width, with its interval."""
    means = scaling.means()
    ax.errorbar(
        scaling.widths,
        [one.mean for one in means],
        yerr=[one.high - one.mean for one in means],
        fmt=marker,
        color=colour,
        markersize=4,
        capsize=2,
        linewidth=1,
    )


def power(ax: Any, scaling: Scaling, exponent: float, smallest: int, label: str, colour: str) -> None:
    """A power law through the centre of the points it was fitted to."""
    widths = np.array([width for width in scaling.widths if width >= smallest])
    means = [scaling.at(int(width)).mean for width in widths]
    level = np.exp(np.mean(np.log(means)) - exponent * np.mean(np.log(widths)))
    ax.plot(widths, level * widths**exponent, **figures.look(colour), label=label)


def _slopes(ax: Any, left: int, height: float) -> None:
    """Two grey lines to compare with, of slopes minus one half and minus one."""
    corner = np.array([left, 4 * left])
    for power, name in ((-0.5, "−½"), (-1.0, "−1")):
        ax.plot(corner, height * (corner / left) ** power, color=MUTED, linewidth=0.9)
        ax.annotate(
            name,
            (4 * left, height * 4**power),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            color=MUTED,
            fontsize=8.5,
        )


def _finish(ax: Any, limits: tuple[float, float], label: str, legend: str, widths: Sequence[int]) -> None:
    ax.set_xscale("log", base=2)
    ax.set(
        yscale="log",
        ylim=limits,
        xticks=widths,
        xticklabels=widths,
        xlabel="width (units)",
        xlim=(24, 1500),
        ylabel=label,
    )
    ax.minorticks_off()
    ax.legend(loc=legend)
