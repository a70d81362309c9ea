"""Drawings of gradient confusion before training."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from gradlab.confusion.fully_connected import Design
from gradlab.confusion.initial_confusion import INITIALISATION_NAMES, NONLINEARITY_NAMES
from gradlab.notebook import figures
from gradlab.notebook.figures import AMBER, BLUE, CYAN, MUTED, PURPLE, VERMILION
from gradlab.statistics.seeds import Spread

DEPTH_COLOURS = {4: BLUE, 16: VERMILION, 32: PURPLE}
INITIALISATION_COLOURS = {"gaussian": BLUE, "orthogonal": VERMILION}
_SHADES = (VERMILION, AMBER, CYAN, BLUE)  # from much confusion to little


def looks(colours: Mapping[Any, str]) -> dict[Any, dict[str, Any]]:
    """How the curve of each entry is drawn."""
    return {entry: figures.look(colour, marker=True) for entry, colour in colours.items()}


def against_width(lowest: Mapping[Design, Spread], widths: Sequence[int]) -> Figure:
    """The smallest cosine against width: one panel per nonlinearity, one curve per depth."""
    figure: Figure
    figure, axes = plt.subplots(1, 3, figsize=(figures.TWO_COLUMNS, 2.8), sharey=True)
    for ax, (phi, title) in zip(axes, NONLINEARITY_NAMES.items(), strict=True):
        for depth, colour in DEPTH_COLOURS.items():
            found = [lowest[Design(depth, width, phi)] for width in widths]
            _curve(ax, widths, found, f"depth {depth}", colour)
        _finish(ax, widths, "width (units)", title)
    axes[0].set(ylabel="smallest cosine of a pair")
    axes[2].legend(loc="upper left", ncols=1)
    return figure


def against_depth(lowest: Mapping[Design, Spread], depths: Sequence[int], width: int) -> Figure:
    """The smallest cosine against depth: one panel per nonlinearity, one curve per initialisation."""
    figure: Figure
    figure, axes = plt.subplots(1, 3, figsize=(figures.TWO_COLUMNS, 2.8), sharey=True)
    for ax, (phi, title) in zip(axes, NONLINEARITY_NAMES.items(), strict=True):
        for kind, colour in INITIALISATION_COLOURS.items():
            found = [lowest[Design(depth, width, phi, kind)] for depth in depths]
            _curve(ax, depths, found, INITIALISATION_NAMES[kind], colour)
        _finish(ax, depths, "depth (weight matrices)", title)
    axes[0].set(ylabel="smallest cosine of a pair")
    axes[0].legend(loc="lower left")
    return figure


def _curve(ax: Any, x: Sequence[int], found: Sequence[Spread], label: str, colour: str) -> None:
    """A line of means with the band of their intervals."""
    means = [one.mean for one in found]
    ax.plot(x, means, markersize=3.2, label=label, **figures.look(colour, marker=True))
    low, high = [one.low for one in found], [one.high for one in found]
    ax.fill_between(x, low, high, color=colour, alpha=0.16, linewidth=0)


def _finish(ax: Any, ticks: Sequence[int], label: str, title: str) -> None:
    ax.set_xscale("log", base=2)
    ax.set(xticks=ticks, xticklabels=ticks, xlabel=label, title=title, ylim=(-1, 0))
    ax.minorticks_off()


def distributions(
    points: Float[np.ndarray, " m"], panels: Mapping[str, Mapping[str, Float[np.ndarray, " m"]]]
) -> Figure:
    """Densities of the cosine, four named curves in each of two titled panels.

    The curves go from much confusion to little in the first panel, and the other way in the second.
    """
    figure: Figure
    figure, axes = plt.subplots(1, 2, figsize=(figures.TWO_COLUMNS, 2.8))
    for ax, (title, curves), shades in zip(axes, panels.items(), (_SHADES, _SHADES[::-1]), strict=True):
        for colour, (name, curve) in zip(shades, curves.items(), strict=True):
            ax.plot(points, curve, label=name, **figures.look(colour))
        ax.axvline(0, color=MUTED, linewidth=0.9)
        ax.set(
            xlim=(-1, 1),
            ylim=(0, None),
            xticks=[-1, -0.5, 0, 0.5, 1],
            xlabel="cosine of a pair",
            ylabel="density",
            title=title,
        )
        ax.legend(loc="upper left")
    return figure
