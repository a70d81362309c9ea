"""Drawing of what conservation changes in several networks, and the numbers behind it."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gradlab.comparison.effect_figures import bars
from gradlab.comparison.measured import title_of
from gradlab.comparison.overview import FILTERINGS, Network
from gradlab.notebook import figures
from gradlab.notebook.figures import GREEN, MUTED, PURPLE

Heights = Mapping[tuple[str, float], float]
"""Where the row of each list of modules and quantile lies."""


def gains(networks: Sequence[Network], quantiles: Sequence[float], width: float) -> Figure:
    """A panel a network, side by side at every width because they share their rows."""
    wide = width > figures.ONE_COLUMN
    figure: Figure
    figure, panels = plt.subplots(
        1, len(networks), figsize=(width, 4.4 if wide else 5.0), sharey=True, sharex=True, squeeze=False
    )
    heights = _heights(quantiles)
    for ax, network in zip(panels[0], networks, strict=True):
        _draw_network(ax, network, heights)
        ax.set_title(network.title if wide else network.title.replace("Net", "-\nNet", 1))
        ax.tick_params(axis="x", labelrotation=0 if wide else 90)
    _name_rows(panels[0], heights)
    figure.supxlabel("density inside the box, conserved − not conserved", fontsize=9, color=figures.INK)
    handles, names = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=2)
    return figure


def _heights(quantiles: Sequence[float]) -> Heights:
    """Rows downwards, with room for a heading above each list of modules."""
    rows = [(f, q) for f in FILTERINGS for q in quantiles]
    return {row: -(place + 0.8 * (place // len(quantiles))) for place, row in enumerate(rows)}


def _draw_network(ax: Any, network: Network, heights: Heights) -> None:
    ax.axvline(0, color=MUTED, linewidth=0.8)
    for f in FILTERINGS:
        if network.separated(f):
            ends = [height for (which, _), height in heights.items() if which == f]
            ax.axhspan(min(ends) - 0.5, max(ends) + 0.5, color=figures.GRID, alpha=0.6, linewidth=0)
    for shift, quantity, colour, marker, label in (
        (0.16, "delta", GREEN, "o", "own box"),
        (-0.16, "delta-others", PURPLE, "D", "other boxes"),
    ):
        at = {height: network.gain(*row, quantity) for row, height in heights.items()}
        usable = {height + shift: gain for height, gain in at.items() if gain is not None}
        ax.errorbar(
            [gain.mean for gain in usable.values()], list(usable), xerr=bars(list(usable.values())),
            fmt=marker, markersize=3.6, elinewidth=1.2, color=colour, label=label,
        )  # fmt: skip
    ax.grid(axis="y", visible=False)


def _name_rows(panels: np.ndarray, heights: Heights) -> None:
    """Headings and quantiles at the left, without ticks."""
    headings = {title_of(f): max(h for (of, _), h in heights.items() if of == f) + 0.8 for f in FILTERINGS}
    panels[0].set_yticks(
        [*headings.values(), *heights.values()], [*headings, *(f"q = {q:g}" for _, q in heights)]
    )
    for ax in panels:
        ax.tick_params(axis="y", length=0)
    for label in panels[0].get_yticklabels()[: len(headings)]:
        label.set_fontweight("bold")
    panels[0].set_ylim(min(heights.values()) - 0.7, 1.3)


def gain_columns(networks: Sequence[Network], quantiles: Sequence[float]) -> dict[str, list[Any]]:
    """The numbers behind :func:`gains`, a row for each network, list of modules and quantile."""
    cases = [(network, f, q) for network in networks for f in FILTERINGS for q in quantiles]
    gains = {
        name: [network.gain(f, q, quantity) for network, f, q in cases]
        for name, quantity in (("own", "delta"), ("others", "delta-others"))
    }
    return {
        "network": [network.title for network, _, _ in cases],
        "filtering": [f for _, f, _ in cases],
        "quantile": [q for _, _, q in cases],
        "on_every_path": [network.separated(f) for network, f, _ in cases],
        **{
            f"{name}_{part}": [None if gain is None else getattr(gain, part) for gain in of]
            for name, of in gains.items()
            for part in ("mean", "low", "high")
        },
    }
