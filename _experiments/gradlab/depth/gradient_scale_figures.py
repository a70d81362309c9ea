"""Figures of the growth of the gradient scale coefficient and of what it is meant to ignore."""

from collections.abc import Mapping
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from gradlab.depth.curves import COLOURS, draw_curve, end_label, look
from gradlab.depth.gsc_growth import Growth
from gradlab.depth.weight_scale import Rescaled
from gradlab.notebook import figures
from gradlab.notebook.direct_labels import label_ends

FAST = ("batch-relu", "batch-tanh", "layer-tanh")
SLOW = ("selu", "batch-relu-skip", "tanh", "relu", "layer-tanh-skip", "layer-relu")


def draw_growth(found: Mapping[str, Growth]) -> Figure:
    """GSC against depth: the architectures that grow most, and the others on a scale of their own."""
    figure: Figure
    figure, axes = plt.subplots(1, 2, figsize=(figures.TWO_COLUMNS, 3.5))
    axes[0].set(ylim=(0.7, 3e4), title="grow exponentially")
    axes[1].set(ylim=(0.5, 9), title="grow slowly or hardly at all")
    for ax, shown in zip(axes, (FAST, SLOW), strict=True):
        depth = found[shown[0]].depths[-1]
        ax.set(yscale="log", xlim=(0, depth))
        ax.set(xlabel="layer (0 is the input)", ylabel="GSC from the input (no unit)")
        for name in shown:
            growth = found[name]
            draw_curve(ax, growth.depths, growth.curve, look(name))
            ax.plot(growth.depths, growth.wide, ":", color=COLOURS[name], linewidth=1.1)
        label_ends(ax, [end_label(name, found[name].total.mean) for name in shown])
    axes[1].set_yticks([0.5, 1, 2, 5], ["0.5", "1", "2", "5"], minor=False)
    axes[1].yaxis.set_minor_formatter("")
    return figure


def draw_factors(found: Mapping[str, Growth]) -> Figure:
    """Factor per layer, one row for each architecture, with a mark at that of infinite width."""
    figure: Figure
    figure, ax = plt.subplots(figsize=(figures.TWO_COLUMNS, 2.9))
    order = sorted(found, key=lambda name: found[name].factor.mean)
    for row, name in enumerate(order):
        interval, colour = found[name].factor, COLOURS[name]
        ends = [interval.low, interval.high]
        ax.plot(ends, [row, row], color=colour, linewidth=2.2, solid_capstyle="butt")
        ax.plot(interval.mean, row, "o", color=colour, markersize=5.5)
        ax.plot(found[name].wide_factor, row, "|", color=figures.INK, markersize=11, markeredgewidth=1.6)
    ax.axvline(1, color=figures.MUTED, linewidth=0.9)
    ax.set_yticks(range(len(order)), [found[name].architecture.title for name in order])
    ax.grid(axis="y", visible=False)
    ax.set(xlabel="factor per layer", ylim=(-0.7, len(order) - 0.3))
    return figure


def draw_rescaled(found: Mapping[str, Rescaled]) -> Figure:
    """Raw gradient and GSC against the factor on the weights."""
    figure: Figure
    figure, axes = plt.subplots(1, 2, figsize=(figures.TWO_COLUMNS, 3.0))
    axes[0].set(yscale="log", ylim=(1e-17, 1e18), title="raw gradient")
    axes[1].set(yscale="log", ylim=(0.3, 1e6), title="gradient scale coefficient")
    _draw_by_factor(axes[0], {name: (one.factors, one.raw) for name, one in found.items()})
    _draw_by_factor(axes[1], {name: (one.factors, one.gsc) for name, one in found.items()})
    return figure


def _draw_by_factor(ax: Any, curves: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]]) -> None:
    """A line for each architecture through its factors and heights."""
    (factors, _), *_ = curves.values()
    ax.set(xscale="log", xlim=(factors[0] * 0.95, factors[-1] * 1.05))
    ax.set_xticks(factors, [f"{factor:g}" for factor in factors])
    ax.xaxis.set_minor_formatter("")
    ax.set_xticks([], minor=True)
    for name, (factors, heights) in curves.items():
        ax.plot(factors, heights, "o-", color=COLOURS[name], markersize=3.5)
    label_ends(ax, [end_label(name, heights[-1]) for name, (_, heights) in curves.items()])
    ax.set(xlabel="factor on every weight", ylabel="input to output (no unit)")
