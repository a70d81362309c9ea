"""Drawing of differences over several trainings, and the numbers behind it."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gradlab.comparison.effect_figures import bars
from gradlab.comparison.repetition_effects import CLASS_RANDOM, GAIN, RANDOM_GAIN, TO_PLAIN, Repetitions, name
from gradlab.notebook import figures

ROWS = {"density": "density", "pointing": "pointing game"}
SHOWN = {
    GAIN: "conserved − not,\nchannels of the class",
    RANDOM_GAIN: "conserved − not,\nrandom channels",
    CLASS_RANDOM: "class − random,\nconserved",
    TO_PLAIN: "conserved − plain,\nchannels of the class",
}


def differences(found: Repetitions) -> Figure:
    """A row a metric, a panel a comparison: a dot a training, and the mean of all with its interval."""
    figure: Figure
    figure, panels = plt.subplots(
        len(ROWS), len(SHOWN), figsize=(figures.TWO_COLUMNS, 3.8), sharex=True, sharey="row"
    )
    places, count = np.arange(len(found.quantiles)), len(found.trainings)
    shifts = np.linspace(-0.3, 0.0, count)
    for row, metric in zip(panels, ROWS, strict=True):
        for ax, comparison in zip(row, SHOWN, strict=True):
            keys = [name(metric, q, comparison) for q in found.quantiles]
            ax.axhline(0, color=figures.MUTED, linewidth=0.8)
            for place, key in zip(places, keys, strict=True):
                each = [one.mean for one in found.of_each[key]]
                ax.plot(place + shifts, each, "o", color=figures.BLUE, markersize=2.4, alpha=0.8)
            means = [found.means[key] for key in keys]
            ax.errorbar(
                places + 0.2, [one.mean for one in means], bars(means),
                fmt="s", color=figures.VERMILION, markersize=4.5, elinewidth=1.4,
            )  # fmt: skip
            ax.set_xticks(places, [f"{q:g}" for q in found.quantiles])
            ax.set_xlim(-0.5, len(places) - 0.5)
        row[0].set_ylabel(ROWS[metric])
    for ax, title in zip(panels[0], SHOWN.values(), strict=True):
        ax.set_title(title, fontsize=8.5)
    figure.supxlabel("share of channels kept, q", fontsize=9, color=figures.INK)
    return figure


def columns(found: Repetitions) -> dict[str, list[str | float]]:
    """The numbers behind :func:`differences`, a row for each metric, comparison and quantile."""
    cases = [(m, c, q) for m in ROWS for c in SHOWN for q in found.quantiles]
    means = [found.means[name(m, q, c)] for m, c, q in cases]
    each: dict[str, list[str | float]] = {
        f"training {training}": [found.of_each[name(m, q, c)][place].mean for m, c, q in cases]
        for place, training in enumerate(found.trainings)
    }
    return {
        "metric": [m for m, _, _ in cases],
        "comparison": [c for _, c, _ in cases],
        "quantile": [q for _, _, q in cases],
        **{part: [getattr(one, part) for one in means] for part in ("mean", "low", "high")},
        **each,
    }
