"""Drawing of what conservation does to the norm of the gradient, beside what the scales explain."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from gradlab.comparison.paths import ALL, UPPER, Effect
from gradlab.notebook import figures
from gradlab.notebook.figures import BLUE, GREEN, MUTED, VERMILION
from gradlab.photographs import networks

LOOKS = {"resnet18": (VERMILION, "s"), "vgg16": (BLUE, "o"), "efficientnet_b0": (GREEN, "d")}
"""The colour and the marker of each network."""


def norms(effects: Mapping[tuple[str, str], Effect]) -> Figure:
    """The log ratio of norms against the sum of log scales, a panel for each filtering."""
    figure: Figure
    figure, axes = plt.subplots(1, 2, figsize=(figures.TWO_COLUMNS, 3.1))
    for ax, filtering in zip(axes, (UPPER, ALL), strict=True):
        shown = {name: found for (name, which), found in effects.items() if which == filtering}
        for name, found in shown.items():
            colour, marker = LOOKS[name]
            ax.plot(
                found.scales, found.ratios, marker, color=colour, markersize=4, alpha=0.8,
                label=networks.architecture(name).title,
            )  # fmt: skip
        ends = [
            min(float(found.scales.min()) for found in shown.values()),
            max(float(found.scales.max()) for found in shown.values()),
        ]
        ax.plot(ends, ends, color=MUTED, linewidth=0.9, zorder=0)
        ax.set(title=filtering, xlabel="sum of log scales", ylabel="log ratio of norms")
    axes[0].legend(loc="upper left")
    return figure


def columns(effects: Mapping[tuple[str, str], Effect]) -> dict[str, list[str | float]]:
    """The numbers behind :func:`norms`, a row for each network, filtering and input."""
    found: dict[str, list[str | float]] = {
        "network": [], "filtered": [], "sum of log scales": [], "log ratio of norms": [],
    }  # fmt: skip
    for (name, filtering), one in effects.items():
        found["network"] += [networks.architecture(name).title] * len(one.scales)
        found["filtered"] += [filtering] * len(one.scales)
        found["sum of log scales"] += one.scales.tolist()
        found["log ratio of norms"] += one.ratios.tolist()
    return found
