"""The drawing of convolutional networks beside three linear models, by their number of channels."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from gradlab.notebook import figures
from gradlab.notebook.figures import AMBER, BLUE, GREEN, MUTED, PURPLE, VERMILION
from gradlab.statistics.seeds import Spread
from gradlab.width import descent_figures
from gradlab.width.convolution_distances import CONNECTED, KERNEL, MOVED, OTHER, OWN, PARAMETERS
from gradlab.width.distances import Scaling

_LEFT = {OWN: BLUE, OTHER: AMBER, CONNECTED: PURPLE}
_RIGHT = {KERNEL: VERMILION, PARAMETERS: GREEN}


def distances(found: Mapping[str, Scaling], exponents: Mapping[str, Spread], smallest: int) -> Figure:
    """Distances from linear models with three kernels, and changes in training; powers from ``smallest``."""
    figure: Figure
    figure, axes = plt.subplots(1, 2, figsize=(figures.TWO_COLUMNS, 3.3), width_ratios=(1.25, 1))
    for ax, shown in zip(axes, (_LEFT, _RIGHT), strict=True):
        for name, colour in shown.items():
            descent_figures.points(ax, found[name], colour, figures.MARKERS[colour])
            label = f"{name}: {exponents[name].mean:.2f}".replace("-", "−")
            descent_figures.power(ax, found[name], exponents[name].mean, smallest, label, colour)
    channels = found[MOVED].widths
    moved = [one.mean for one in found[MOVED].means()]
    axes[0].plot(channels, moved, color=MUTED, linestyle=":", linewidth=1.2, label=MOVED)
    for ax, label in zip(axes, ("distance of test outputs", "relative change"), strict=True):
        ax.set_xscale("log", base=2)
        ax.set(yscale="log", xticks=channels, xticklabels=channels, xlabel="channels", ylabel=label)
        ax.minorticks_off()
    axes[0].set(ylim=(None, 100))
    axes[0].legend(loc="upper left", handlelength=1.8)
    axes[1].set(ylim=(None, 30))
    axes[1].legend(loc="upper right", handlelength=1.8)
    return figure
