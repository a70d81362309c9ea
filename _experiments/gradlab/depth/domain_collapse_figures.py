"""Figures of the collapsing domain and of its trade-off with the growth of gradients."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from gradlab.depth.collapse_curves import Collapse
from gradlab.depth.curves import COLOURS, draw_curve, end_label
from gradlab.depth.tradeoff import Place
from gradlab.notebook import figures
from gradlab.notebook.direct_labels import label_ends

PANELS = {
    "spread": ("selu", "layer-tanh", "layer-relu", "tanh", "relu"),
    "sign_diversity": ("batch-relu", "selu", "tanh", "layer-tanh", "layer-relu", "relu"),
    "unexplained": ("batch-relu", "layer-tanh", "selu", "layer-relu", "relu", "tanh"),
}
"""The architectures that each measure is shown for."""
OFFSETS = {
    "tanh": (6, 8),
    "relu": (-5, 6),
    "layer-relu": (10, -12),
    "layer-tanh-skip": (-9, -29),
    "batch-relu-skip": (-30, 42),
    "selu": (9, -5),
    "layer-tanh": (24, -62),
    "batch-tanh": (-9, 3),
    "batch-relu": (-9, 4),
}
"""In points, from the mark of an architecture to its name: beside the mark, clear of its neighbours."""
FAMILY_OFFSET = (-9, -3)
FAR = 20
"""Points above or below a mark from which its name needs a line to it."""


def draw_collapse(found: Mapping[str, Collapse]) -> Figure:
    """Spread, sign diversity and what a line does not explain, against depth."""
    figure: Figure
    figure, axes = plt.subplots(1, 3, figsize=(figures.TWO_COLUMNS, 3.1))
    axes[0].set(yscale="log", ylim=(0.03, 1.6), title="spread")
    axes[1].set(yscale="linear", ylim=(0, 0.52), title="sign diversity")
    axes[2].set(yscale="log", ylim=(2e-5, 0.6), title="not explained by a line")
    for ax, (measure, shown) in zip(axes, PANELS.items(), strict=True):
        ax.set(xlim=(1, found[shown[0]].layers[-1]), xlabel="layer")
        for name in shown:
            curve = found[name].curve(measure)
            draw_curve(ax, found[name].layers, curve, {"color": COLOURS[name]}, linewidth=1.4)
        label_ends(ax, [end_label(name, found[name].curve(measure)[-1].mean) for name in shown])
    return figure


def draw_tradeoff(places: Mapping[str, Place], family: Sequence[str]) -> Figure:
    """Factor per layer against share not explained; ``family`` names the members of the joined family."""
    figure: Figure
    figure, ax = plt.subplots(figsize=(figures.TWO_COLUMNS, 4.0))
    ax.set(xscale="log", xlim=(1e-5, 1), ylim=(0.97, 1.235), ylabel="factor of GSC per layer")
    ax.set(xlabel="share of variance not explained by an affine map, two layers")
    shares = np.logspace(-5, 0, 200)
    ax.plot(shares, (1 + shares) ** 0.25, color=figures.MUTED, linewidth=0.9, zorder=0)
    joined = [places[name] for name in ("tanh", *family)]
    line = [one.share.mean for one in joined], [one.factor.mean for one in joined]
    ax.plot(*line, color=COLOURS["tanh"], linewidth=0.9, zorder=1)
    for name, place in places.items():
        if name in family:
            _draw_place(ax, place, COLOURS["tanh"], "D", markersize=4)
        else:
            hollow = {"markerfacecolor": figures.PAPER} if place.architecture.skip else {}
            _draw_place(ax, place, COLOURS[name], "o", markersize=6, **hollow)
            _write_name(ax, place, COLOURS[name], OFFSETS[name])
    _write_name(ax, joined[-1], COLOURS["tanh"], FAMILY_OFFSET)
    return figure


def _draw_place(ax: Any, place: Place, colour: str, mark: str, **look: Any) -> None:
    """A mark on a cross of its two intervals."""
    share, factor = place.share, place.factor
    ax.plot([share.low, share.high], [factor.mean] * 2, color=colour, linewidth=1.2)
    ax.plot([share.mean] * 2, [factor.low, factor.high], color=colour, linewidth=1.2)
    ax.plot(share.mean, factor.mean, mark, color=colour, **look)


def _write_name(ax: Any, place: Place, colour: str, offset: tuple[int, int]) -> None:
    across, above = offset
    ax.annotate(
        place.architecture.title,
        (place.share.mean, place.factor.mean),
        xytext=offset,
        textcoords="offset points",
        color=colour,
        fontsize=8.5,
        ha="left" if across > 0 else "right",
        arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6} if abs(above) > FAR else None,
    )
