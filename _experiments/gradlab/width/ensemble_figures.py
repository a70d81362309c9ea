"""The drawing of ensembles of trained networks beside the infinitely wide one."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gradlab.notebook import figures
from gradlab.notebook.figures import BLUE, INK, MUTED
from gradlab.width.ensembles import Ensemble


def posterior(ensembles: Mapping[str, Ensemble], width: int) -> Figure:
    """One panel for what is trained: the prediction and the ensemble's mean, test digits in its order."""
    figure: Figure
    figure, axes = plt.subplots(1, len(ensembles), figsize=(figures.TWO_COLUMNS, 3.0), sharey=True)
    for ax, (name, ensemble) in zip(axes, ensembles.items(), strict=True):
        order = ensemble.predicted.mean.argsort()
        centre, sd = ensemble.predicted.mean[order], ensemble.predicted.sd[order]
        rank = np.arange(1, len(order) + 1)
        ax.fill_between(rank, centre - 2 * sd, centre + 2 * sd, color=BLUE, alpha=0.15, linewidth=0)
        ax.plot(rank, centre, color=BLUE, label="infinite width")
        ax.errorbar(
            rank,
            ensemble.mean[order],
            yerr=2 * ensemble.standard_error[order],
            fmt="o",
            color=INK,
            markersize=2.8,
            linewidth=0.9,
            label=f"{len(ensemble.outputs)} networks of width {width}",
        )
        ax.axhline(0, color=MUTED, linewidth=0.9)
        ax.set(xlabel="test digit, ordered by prediction", title=name)
    axes[0].set(ylabel="output (−1: three, +1: eight)")
    axes[0].legend(loc="upper left")
    return figure
