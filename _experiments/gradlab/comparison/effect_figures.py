"""Drawings of what conservation changes in one network, and the numbers behind them."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from gradlab.comparison.effects import Effects
from gradlab.comparison.measured import title_of
from gradlab.comparison.norms import Scaled
from gradlab.notebook import figures
from gradlab.notebook.figures import BLUE, GREEN, MUTED, PURPLE, VERMILION
from gradlab.notebook.publish import Estimate

_SHIFT = 0.06
"""How far two marks of the same quantile stand from its place."""
_LEAST = 0.01
"""Differences that all lie closer to zero than this are drawn on an axis up to it: they are rounding."""


def bars(at: Sequence[Estimate]) -> Float[np.ndarray, "2 n"]:
    """How far each interval reaches below and above its mean, as matplotlib's error bars take it."""
    below, above = [one.mean - one.low for one in at], [one.high - one.mean for one in at]
    return np.maximum([below, above], 0.0)


def effect(effects: Effects, filterings: Sequence[str]) -> Figure:
    """A column a list of modules. Rows, by quantile: density and pointing game of all arms, and the paired
    differences of the density.
    """
    figure: Figure
    figure, panels = plt.subplots(
        3, len(filterings), figsize=(figures.TWO_COLUMNS, 5.8), sharex=True, sharey="row", squeeze=False
    )
    for column, f in zip(panels.T, filterings, strict=True):
        for ax, metric in zip(column, ("density", "pointing"), strict=False):
            _arms(ax, effects, metric, f)
        column[2].axhline(0, color=MUTED, linewidth=0.8)
        _curve(column[2], effects, "density", f, -_SHIFT, GREEN, "^", "own box")
        _curve(column[2], effects, "others", f, _SHIFT, PURPLE, "D", "other boxes")
        # In two lines: three columns on a phone have no room for one.
        column[0].set_title(title_of(f).replace("upper ", "upper\n"), fontsize=8.5)
        column[2].set_xticks(range(len(effects.quantiles)), [f"{q:g}" for q in effects.quantiles])
        column[2].set_xlim(-0.4, len(effects.quantiles) - 0.6)
    if _widest(effects) < _LEAST:
        panels[2, 0].set_ylim(-_LEAST, _LEAST)
    for ax, label in zip(panels[:, 0], ("density inside", "pointing game", "conserved − not"), strict=True):
        ax.set_ylabel(label)
    figure.supxlabel("share of channels kept, q", fontsize=9, color=figures.INK)
    handles, names = panels[0, 0].get_legend_handles_labels()
    more, more_names = panels[2, 0].get_legend_handles_labels()
    figure.legend(
        handles + more, names + more_names,
        loc="outside upper center", ncols=5, columnspacing=1.0, handlelength=1.6,
    )  # fmt: skip
    return figure


def _arms(ax: Any, effects: Effects, metric: str, filtering: str) -> None:
    plain = effects[f"{metric} plain", "", 0].mean
    ax.axhline(plain, color=MUTED, linestyle="--", linewidth=1.2, label="plain gradient")
    _curve(ax, effects, f"{metric} not", filtering, -_SHIFT, VERMILION, "s", "not conserved")
    _curve(ax, effects, f"{metric} conserved", filtering, _SHIFT, BLUE, "o", "conserved")


def _curve(
    ax: Any, effects: Effects, kind: str, filtering: str, shift: float, colour: str, marker: str, label: str
) -> None:
    at = [effects[kind, filtering, q] for q in effects.quantiles]
    ax.errorbar(
        np.arange(len(at)) + shift, [one.mean for one in at], bars(at),
        color=colour, marker=marker, markersize=4, linewidth=1.2, elinewidth=1.2, label=label,
    )  # fmt: skip


def _widest(effects: Effects) -> float:
    """The bound of a difference that lies farthest from zero."""
    shown = [one for (kind, _, _), one in effects.intervals.items() if kind in ("density", "others")]
    return max(abs(bound) for one in shown for bound in (one.low, one.high))


def effect_columns(effects: Effects, pairs: Sequence[tuple[str, float]]) -> dict[str, list[str | float]]:
    """The numbers behind :func:`effect`, a row for each list of modules and quantile."""
    kinds = [f"{metric} {arm}" for metric in ("density", "pointing") for arm in ("not", "conserved")]
    return {
        "filtering": [f for f, _ in pairs],
        "quantile": [q for _, q in pairs],
        **{
            f"{kind.replace(' ', '_')}_{part}": [getattr(effects[kind, f, q], part) for f, q in pairs]
            for kind in (*kinds, "density", "others")
            for part in ("mean", "low", "high")
        },
    }


def betas(found: Sequence[Scaled]) -> Figure:
    """The log ratio of norms against the sum of log scales, a panel a list of modules."""
    figure: Figure
    filterings = list(dict.fromkeys(one.filtering for one in found))
    figure, panels = plt.subplots(1, len(filterings), figsize=(figures.TWO_COLUMNS, 3.0), squeeze=False)
    for ax, f in zip(panels[0], filterings, strict=True):
        shown = [one for one in found if one.filtering == f]
        for one, colour, marker in zip(shown, figures.CYCLE, "os^D", strict=False):
            ax.plot(
                one.scales, one.ratios, marker,
                markersize=2.8, markeredgewidth=0, color=colour, alpha=0.7, label=f"q = {one.quantile:g}",
            )  # fmt: skip
        scales = np.concatenate([one.scales for one in shown])
        ends = [scales.min(), scales.max()]
        ax.plot(ends, ends, color=figures.INK, linewidth=0.9, label="equal")
        ax.set(title=title_of(f), xlabel="sum of log scales", ylabel="log ratio of norms")
    panels[0, -1].legend(loc="upper left", markerscale=1.6)
    return figure


def beta_columns(found: Sequence[Scaled]) -> dict[str, list[str | float]]:
    """The numbers behind :func:`betas`, a row for each photograph, list of modules and quantile."""
    return {
        "filtering": [one.filtering for one in found for _ in one.scales],
        "quantile": [one.quantile for one in found for _ in one.scales],
        "sum_log_beta": [value for one in found for value in one.scales.tolist()],
        "log_ratio": [value for one in found for value in one.ratios.tolist()],
    }
