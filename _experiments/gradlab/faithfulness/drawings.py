"""Drawings of how methods compare with the plain gradient, and of the cascade; the numbers behind them."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from gradlab.faithfulness.maps import BLIND, FILTERED, RANDOM, TITLES
from gradlab.faithfulness.summary import METRICS
from gradlab.notebook import figures
from gradlab.notebook.figures import BLUE, CYCLE, GREEN, MUTED, PURPLE
from gradlab.notebook.publish import Scalar
from gradlab.statistics.clustered import Mean

_NAMES = list(TITLES)
_GRADIENTS = _NAMES[: _NAMES.index(RANDOM) + 1]
_GROUPS = {
    "filtered gradients": (BLUE, _NAMES[_NAMES.index(FILTERED) : _NAMES.index(RANDOM) + 1]),
    "other methods": (GREEN, [name for name in _NAMES if name not in (*_GRADIENTS, *BLIND)]),
    "blind to photograph and network": (PURPLE, list(BLIND)),
}


def differences(found: Mapping[tuple[str, str], Mean], width: float) -> Figure:
    """A panel a metric, a row a method: the difference to the plain gradient; better is to the right."""
    columns = 4 if width > figures.ONE_COLUMN else 2
    figure: Figure
    figure, panels = plt.subplots(
        -(-len(METRICS) // columns),
        columns,
        figsize=(width, 4.6 if columns == 4 else 8.6),
        sharey=True,
        layout=ConstrainedLayoutEngine(w_pad=0.08),  # room for the first of a panel's tick labels
    )
    heights = {method: -place for place, method in enumerate(dict.fromkeys(m for m, _ in found))}
    for ax, (metric, described) in zip(panels.flat, METRICS.items(), strict=False):
        ax.axvline(0, color=MUTED, linewidth=0.8)
        for group, (colour, methods) in _GROUPS.items():
            at = [found[method, metric] for method in methods]
            ax.errorbar(
                [one.mean for one in at], [heights[method] for method in methods],
                xerr=[one.high - one.mean for one in at], fmt=figures.MARKERS[colour],
                markersize=3.6, elinewidth=1.2, color=colour, label=group,
            )  # fmt: skip
        ax.set_title(described.title)
        ax.set_yticks(list(heights.values()), [TITLES[method] for method in heights], fontsize=8.3)
        if columns == 4:
            ax.locator_params(axis="x", nbins=3)
        else:
            ax.set_xticks([_far_tick([found[method, metric] for method in heights])])
        ax.xaxis.set_major_formatter(lambda x, _: f"{x:g}".replace("-", "−"))
        ax.tick_params(axis="x", labelsize=8.3)
        ax.grid(axis="y", visible=False)
        if described.sign < 0:
            ax.invert_xaxis()
    for ax in panels.flat[len(METRICS) :]:
        ax.axis("off")
    handles, names = panels.flat[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=3 if columns == 4 else 1)
    figure.supxlabel("difference to the plain gradient (right: better)", fontsize=9)
    return figure


def _far_tick(at: Sequence[Mean]) -> float:
    """A round number near the end that is farther from the line at zero: a narrow panel has room for one."""
    farthest = max((end for one in at for end in (one.low, one.high)), key=abs)
    return float(f"{0.8 * farthest:.0e}")


def cascade(found: Mapping[str, Sequence[Mean]], stages: Sequence[str], width: float) -> Figure:
    """Rank correlation with the map of the trained network, the more of it is drawn anew."""
    wide = width > figures.ONE_COLUMN
    figure: Figure
    figure, panels = plt.subplots(
        *((1, 2) if wide else (2, 1)), figsize=(width, 4.2 if wide else 7.2), sharey=True
    )
    for ax, title, methods in zip(panels, ("gradients", "other methods"), _panels(found), strict=True):
        ax.axhline(0, color=MUTED, linewidth=0.8)
        for method in methods:
            look = _look(found, method)
            marker = figures.MARKERS[look["color"]]
            at = found[method]
            ax.errorbar(
                np.arange(len(at)), [one.mean for one in at], [one.high - one.mean for one in at],
                marker=marker, markersize=3.6, linewidth=1.2, elinewidth=1.0, label=TITLES[method], **look,
            )  # fmt: skip
        ax.set(title=title, xticks=range(len(stages)), xticklabels=stages, ylim=(-0.35, 1.05))
        # Below the name of the axis, by a distance in sizes of the font: a share of the panel would be less
        # where the panels are stacked, and the two would lie on each other.
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.2)
        ax.set_xlabel("drawn anew, from the logits down to")
        if ax is panels[0] or not wide:
            ax.set_ylabel("rank correlation")
    return figure


def _panels(found: Mapping[str, Sequence[Mean]]) -> tuple[list[str], list[str]]:
    own = [method for method in found if method in _GRADIENTS]
    return own, [method for method in found if method not in _GRADIENTS]


def _look(found: Mapping[str, Sequence[Mean]], method: str) -> dict[str, Any]:
    own = next(panel for panel in _panels(found) if method in panel)
    return figures.look(CYCLE[own.index(method)])


def cascade_columns(found: Mapping[str, Sequence[Mean]], stages: Sequence[str]) -> dict[str, list[Scalar]]:
    """The numbers behind :func:`cascade`, a row for each method and stage."""
    rows = [
        (method, stage, one) for method, at in found.items() for stage, one in zip(stages, at, strict=True)
    ]
    return {
        "method": [TITLES[method] for method, _, _ in rows],
        "randomised": [stage for _, stage, _ in rows],
        **{part: [getattr(one, part) for _, _, one in rows] for part in ("mean", "low", "high", "n")},
    }
