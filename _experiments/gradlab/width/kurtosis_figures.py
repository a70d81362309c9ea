"""The drawing of random networks' outputs: their densities and their excess kurtosis."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from scipy import stats

from gradlab.notebook import figures
from gradlab.notebook.figures import AMBER, BLUE, GREEN, INK, PURPLE, VERMILION
from gradlab.statistics.seeds import Spread
from gradlab.width.output_kurtosis import Kurtosis

_DENSITIES = (VERMILION, AMBER, BLUE)
_LAYERS = (BLUE, GREEN, PURPLE)


def outputs(
    points: Float[np.ndarray, " m"],
    densities: Mapping[int, Float[np.ndarray, " m"]],
    found: Mapping[tuple[int, int], Kurtosis],
) -> Figure:
    """Densities at three widths; the kurtosis by width and hidden layers, for three numbers of them."""
    figure: Figure
    figure, axes = plt.subplots(1, 2, figsize=(figures.TWO_COLUMNS, 3.1))
    _densities(axes[0], points, densities)
    widths = sorted({width for width, _ in found})
    for hidden, colour in zip(sorted({hidden for _, hidden in found}), _LAYERS, strict=True):
        name = f"{hidden} hidden layer{'s' * (hidden > 1)}"
        _kurtosis(axes[1], [found[width, hidden] for width in widths], name, colour)
    axes[1].set_xscale("log", base=2)
    axes[1].set(
        yscale="log",
        xticks=widths,
        xticklabels=widths,
        xlabel="width (units)",
        ylabel="excess kurtosis",
    )
    axes[1].minorticks_off()
    axes[1].legend(loc="upper right")
    return figure


def _densities(
    ax: Any, points: Float[np.ndarray, " m"], densities: Mapping[int, Float[np.ndarray, " m"]]
) -> None:
    for (width, density), colour in zip(densities.items(), _DENSITIES, strict=True):
        ax.plot(points, density, label=f"width {width}", **figures.look(colour))
    ax.plot(points, stats.norm.pdf(points), color=INK, linestyle=":", linewidth=1.2, label="normal")
    ax.set(
        yscale="log",
        ylim=(1e-5, 2),
        xlim=(points[0], points[-1]),
        xlabel="output (standard deviations)",
        ylabel="density",
    )
    ax.legend(loc="lower center")


def _kurtosis(ax: Any, found: Sequence[Kurtosis], name: str, colour: str) -> None:
    """The formula as a line, with filled marks for conditional estimates and crosses for direct ones."""
    widths = [k.width for k in found]
    ax.plot(widths, [k.exact for k in found], label=name, **figures.look(colour))
    conditional = [k.conditional for k in found]
    _bars(ax, widths, conditional, fmt=figures.MARKERS[colour], color=colour, markersize=3.5, linewidth=1)
    direct = {k.width: k.direct for k in found if k.direct is not None}
    _bars(ax, list(direct), list(direct.values()), fmt="x", color=INK, markersize=6, linewidth=0.9, zorder=4)


def _bars(ax: Any, widths: Sequence[int], found: Sequence[Spread], **look: Any) -> None:
    ax.errorbar(widths, [f.mean for f in found], yerr=[f.high - f.mean for f in found], capsize=2, **look)
