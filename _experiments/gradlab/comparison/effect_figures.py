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
    """A column a list of modules: densities of all arms by quantile, and below the paired differences."""
    figure: Figure
    figure, panels = plt.subplots(
        2, len(filterings), figsize=(figures.TWO_COLUMNS, 4.3), sharex=True, sharey="row", squeeze=False
    )
    quantiles = effects.quantiles
    for (top, bottom), f in zip(panels.T, filterings, strict=True):
        plain = effects["plain", "", 0]
        top.axhline(plain.mean, color=MUTED, linestyle="--", linewidth=1.2, label="plain gradient")
        _curve(top, [effects["not", f, q] for q in quantiles], -_SHIFT, VERMILION, "s", "not conserved")
        _curve(top, [effects["conserved", f, q] for q in quantiles], _SHIFT, BLUE, "o", "conserved")
        bottom.axhline(0, color=MUTED, linewidth=0.8)
        _curve(bottom, [effects["density", f, q] for q in quantiles], -_SHIFT, GREEN, "^", "own box")
        _curve(bottom, [effects["others", f, q] for q in quantiles], _SHIFT, PURPLE, "D", "other boxes")
        top.set_title(title_of(f), fontsize=8.5)
        bottom.set_xticks(range(len(quantiles)), [f"{q:g}" for q in quantiles])
        bottom.set_xlim(-0.4, len(quantiles) - 0.6)
    if _widest(effects) < _LEAST:
        panels[1, 0].set_ylim(-_LEAST, _LEAST)
    panels[0, 0].set_ylabel("density inside")
    panels[1, 0].set_ylabel("conserved − not")
    figure.supxlabel("quantile of kept channels", fontsize=9, color=figures.INK)
    handles, names = panels[0, 0].get_legend_handles_labels()
    more, more_names = panels[1, 0].get_legend_handles_labels()
    figure.legend(
        handles + more, names + more_names,
        loc="outside upper center", ncols=5, columnspacing=1.0, handlelength=1.6,
    )  # fmt: skip
    return figure


def _curve(ax: Any, at: Sequence[Estimate], shift: float, colour: str, marker: str, label: str) -> None:
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
    return {
        "filtering": [f for f, _ in pairs],
        "quantile": [q for _, q in pairs],
        **{
            f"{kind}_{part}": [getattr(effects[kind, f, q], part) for f, q in pairs]
            for kind in ("not", "conserved", "density", "others")
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
        ax.set(title=title_of(f), xlabel="sum of log scales", ylabel="log ratio of norms, conserved / not")
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
