"""Drawing of the gain by conservation in several trainings, and the numbers behind it."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gradlab.comparison.effect_figures import bars
from gradlab.comparison.measured import title_of
from gradlab.comparison.trainings import Trainings
from gradlab.notebook import figures


def gains(found: Trainings) -> Figure:
    """A panel a list of modules: at each quantile a mark with its interval for every training."""
    figure: Figure
    filterings, quantiles, count = found.filterings, found.quantiles, len(found.trainings)
    figure, panels = plt.subplots(
        1, len(filterings), figsize=(figures.TWO_COLUMNS, 2.6), sharey=True, squeeze=False
    )
    shifts = np.linspace(-0.18, 0.18, count)
    for ax, f in zip(panels[0], filterings, strict=True):
        ax.axhline(0, color=figures.MUTED, linewidth=0.8)
        for number, (one, shift) in enumerate(zip(found.trainings, shifts, strict=True)):
            at = [one.intervals["density", f, q] for q in quantiles]
            ax.errorbar(
                np.arange(len(quantiles)) + shift, [interval.mean for interval in at], bars(at),
                fmt="os^Dv"[number % 5], color=figures.CYCLE[number % len(figures.CYCLE)],
                markersize=4, elinewidth=1.2, label=f"training {number + 1}",
            )  # fmt: skip
        ax.set_title(title_of(f), fontsize=8.5)
        ax.set_xticks(range(len(quantiles)), [f"{q:g}" for q in quantiles])
        ax.set_xlim(-0.5, len(quantiles) - 0.5)
    panels[0, 0].set_ylabel("conserved − not")
    figure.supxlabel("quantile of kept channels", fontsize=9, color=figures.INK)
    handles, names = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=count)
    return figure


def gain_columns(found: Trainings) -> dict[str, list[str | float]]:
    """The numbers behind :func:`gains`, a row for each training, list of modules and quantile."""
    rows = [
        (number, f, q, one.intervals["density", f, q])
        for number, one in enumerate(found.trainings, start=1)
        for f, q in found.pairs
    ]
    return {
        "training": [number for number, *_ in rows],
        "filtering": [f for _, f, _, _ in rows],
        "quantile": [q for _, _, q, _ in rows],
        **{part: [getattr(row[-1], part) for row in rows] for part in ("mean", "low", "high")},
    }
