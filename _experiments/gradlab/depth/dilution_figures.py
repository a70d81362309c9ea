"""Figures of what dilution divides and of what skip connections do."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from gradlab.depth import diluted_growth, dilution
from gradlab.depth.curves import COLOURS, draw_curve, end_label, look
from gradlab.depth.diluted_growth import Divisors, Grown
from gradlab.depth.gsc_growth import Growth
from gradlab.depth.multilayer import ARCHITECTURES
from gradlab.depth.skip_connections import BlockDilution
from gradlab.notebook import figures
from gradlab.notebook.direct_labels import label_ends

CROSSES = {"batch-relu": "x", "layer-tanh": "+"}


def draw_dilution(grown: Mapping[str, Sequence[Grown]], divisors: Mapping[str, Sequence[Divisors]]) -> Figure:
    """The excess against k, and by what the excess and the GSC of a layer are divided, for each network."""
    figure: Figure
    figure, axes = plt.subplots(1, 2, figsize=(figures.TWO_COLUMNS, 3.2))
    _draw_excess(axes[0], grown)
    _draw_divisors(axes[1], divisors)
    return figure


def _draw_excess(ax: Any, grown: Mapping[str, Sequence[Grown]]) -> None:
    ax.set(yscale="log", xlim=(-0.15, 4.2), ylim=(0.006, 0.8), title="the excess follows the curve")
    ax.set(xlabel="dilution k", ylabel="excess per layer, squared GSC − 1")
    fine = np.linspace(0, 4.2, 100)
    for name, found in grown.items():
        colour, undiluted = COLOURS[name], diluted_growth.wide_excess(ARCHITECTURES[name])
        theory = [dilution.diluted_excess(undiluted, k) for k in fine]
        ax.plot(fine, theory, linewidth=1.1, **figures.look(colour))
        for one in found:
            interval = one.mean_excess
            ax.plot([one.k] * 2, [interval.low, interval.high], color=colour, linewidth=1.6)
            ax.plot(one.k, interval.mean, figures.MARKERS[colour], color=colour, markersize=4.5)
    ax.set_yticks([0.01, 0.03, 0.1, 0.3], ["0.01", "0.03", "0.1", "0.3"])
    ax.minorticks_off()
    for name in grown:
        shown = figures.look(COLOURS[name], marker=True)
        ax.plot([], [], markersize=4.5, linewidth=1.1, label=ARCHITECTURES[name].title, **shown)
    ax.legend(loc="upper right")


def _draw_divisors(ax: Any, divisors: Mapping[str, Sequence[Divisors]]) -> None:
    ax.set(xscale="log", yscale="log", xlim=(1.05, 22), ylim=(0.85, 24))
    ax.set(xlabel="k² + 1", ylabel="divided by", title="the excess is divided, the gradient is not")
    for name, found in divisors.items():
        colour = COLOURS[name]
        marks = [(one.due, one.excess, figures.MARKERS[colour]) for one in found]
        marks += [(one.due, one.gradient, CROSSES[name]) for one in found]
        for due, divisor, mark in marks:
            ax.plot([due] * 2, [divisor.low, divisor.high], color=colour, linewidth=1.4)
            ax.plot(due, divisor.mean, mark, color=colour, markersize=5, markeredgewidth=1.5)
    ax.plot([1, 24], [1, 24], color=figures.MUTED, linewidth=0.9, zorder=0)
    ax.text(3.1, 6.6, "excess", color=figures.INK, fontsize=8.5, ha="right")
    ax.text(8, 1.42, "GSC of a layer", color=figures.INK, fontsize=8.5, ha="center")
    ax.set_xticks([1.25, 2, 5, 17], ["1.25", "2", "5", "17"])
    ax.set_yticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
    ax.minorticks_off()


def draw_skip(found: Mapping[str, Growth], blocks: BlockDilution) -> Figure:
    """GSC against depth with and without skip connections, and the squared dilution block by block."""
    figure: Figure
    figure, axes = plt.subplots(1, 2, figsize=(figures.TWO_COLUMNS, 3.2), width_ratios=[1.15, 1])
    _draw_shortcuts(axes[0], found)
    _draw_blocks(axes[1], blocks)
    return figure


def _draw_shortcuts(ax: Any, found: Mapping[str, Growth]) -> None:
    depth = max(growth.depths[-1] for growth in found.values())
    ax.set(yscale="log", ylim=(0.7, 3e4), xlim=(0, depth))
    ax.set(xlabel="layer (0 is the input)", ylabel="GSC from the input (no unit)")
    ax.set(title="the same layers, with and without shortcuts")
    for name, growth in found.items():
        draw_curve(ax, growth.depths, growth.curve, look(name))
        ax.plot(growth.depths, growth.wide, ":", color=COLOURS[name], linewidth=1.1)
    label_ends(ax, [end_label(name, growth.total.mean) for name, growth in found.items()])


def _draw_blocks(ax: Any, blocks: BlockDilution) -> None:
    numbers, squares, colour = blocks.numbers, blocks.by_block, figures.VERMILION
    beyond = len(numbers) + 1
    ax.plot([0, beyond], [0, beyond], color=figures.MUTED, linewidth=0.9, zorder=0)
    low, high = [square.low for square in squares], [square.high for square in squares]
    ax.vlines(numbers, low, high, color=colour, linewidth=1.6)
    ax.plot(numbers, [square.mean for square in squares], "o", color=colour, markersize=3.5)
    ax.set(xlim=(0, beyond), ylim=(0, beyond + 2), xlabel="residual block", ylabel="k² of the block")
    ax.set(title="each block is more diluted")
