"""Drawing of the kept and the other channels along the depth of networks, and the numbers behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gradlab.comparison.arms import Selection
from gradlab.inside import summary
from gradlab.inside.summary import SHOWN, Demonstration, Network
from gradlab.notebook import figures
from gradlab.notebook.figures import BLUE, MUTED, VERMILION

LIMITS = {"entry-ratio": (0.5, 12), "others-share": (0, 1), "cosine": (-1, 1)}
STYLES = {"deviation": "--", "variance": ":"}
"""The lines of the two readings of the demonstration."""


def along_depth(
    networks: Sequence[Network], quantile: float, toy: Mapping[str, Demonstration], width: float
) -> Figure:
    """A row for each measure and a column for each network; where it is narrow, two columns."""
    wide = width > figures.ONE_COLUMN
    across = len(networks) if wide else 2
    down = len(SHOWN) * -(-len(networks) // across)
    figure: Figure
    figure, axes = plt.subplots(
        down, across, figsize=(width, 5.4 if wide else 9.0), sharey="row", squeeze=False
    )
    panels = [(measure, network) for measure in SHOWN for network in networks]
    for ax, (measure, network) in zip(axes.flat, panels, strict=True):
        _draw(ax, network, measure, quantile, toy)
        if wide and measure != next(iter(SHOWN)):
            ax.set_title("")
    for place, row in enumerate(axes):
        row[0].set_ylabel(list(SHOWN.values())[place * across // len(networks)])
    for ax in axes[-1]:
        ax.set_xlabel("convolution")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=3 if wide else 1)
    return figure


def _draw(ax: Any, network: Network, measure: str, quantile: float, toy: Mapping[str, Demonstration]) -> None:
    if measure == "entry-ratio":
        ax.set_yscale("log")
        ax.set_yticks([1, 2, 5, 10], ["1", "2", "5", "10"])
        ax.minorticks_off()
    ax.set(ylim=LIMITS[measure], title=network.title)
    for reading, one in toy.items():
        ax.axhline(one.values[measure], color=MUTED, linestyle=STYLES[reading], linewidth=1, label=one.title)
    maps = network.observed.positions > 1
    for selection, colour, name in (
        (Selection.RANDOM, VERMILION, "random channels"),
        (Selection.CLASS, BLUE, "channels of the class"),
    ):
        low, median, high = summary.quantiles(network.observed.found[selection, quantile][measure])
        place = np.flatnonzero(np.isfinite(median) & maps)
        if selection is Selection.CLASS:
            ax.fill_between(place + 1, low[place], high[place], color=colour, alpha=0.2, linewidth=0)
        ax.plot(place + 1, median[place], label=name, linewidth=1.2, **figures.look(colour))
    upper = np.flatnonzero(network.observed.lists["upper"] & np.isfinite(median) & maps)
    ax.plot(upper + 1, median[upper], "o", color=BLUE, markersize=3.2, label="upper modules")


def columns(networks: Sequence[Network], quantile: float) -> dict[str, list[Any]]:
    """The numbers behind :func:`along_depth`: medians and quartiles over photographs, a row a module."""
    found: dict[str, list[Any]] = {"network": [], "convolution": [], "upper": []}
    for network in networks:
        observed = network.observed
        found["network"] += [network.title] * len(observed.modules)
        found["convolution"] += list(range(1, len(observed.modules) + 1))
        found["upper"] += observed.lists["upper"].tolist()
        for measure in SHOWN:
            quartiles = summary.quantiles(observed.found[Selection.CLASS, quantile][measure])
            random = summary.quantiles(observed.found[Selection.RANDOM, quantile][measure], [0.5])
            parts = {"25 %": quartiles[0], "median": quartiles[1], "75 %": quartiles[2], "random": random[0]}
            for part, values in parts.items():
                found.setdefault(f"{measure}, {part}", []).extend(values.tolist())
    return found
