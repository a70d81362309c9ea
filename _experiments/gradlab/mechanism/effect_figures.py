"""Drawings of what conservation does in the miniatures: changes inside the box, and maps of one picture."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from gradlab.mechanism import miniatures
from gradlab.mechanism.effects import Summary
from gradlab.mechanism.examples import ARMS, Example
from gradlab.notebook import figures
from gradlab.notebook.figures import BLUE, GREEN, INK, MUTED, VERMILION

COLOURS = {"plain": BLUE, "residual": VERMILION, "mbconv": GREEN}


def changes(summaries: Sequence[Summary]) -> Figure:
    """The change inside the box, a block of bars for each network and a bar for each quantile."""
    figure: Figure
    figure, ax = plt.subplots(figsize=(figures.TWO_COLUMNS, 2.9))
    positions, labels = [], []
    for block, name in enumerate(miniatures.TITLES):
        colour = COLOURS[name]
        of_network = [one for one in summaries if one.condition.network == name]
        for x, one in enumerate(of_network, start=4 * block):
            ax.bar(x, one.effect.mean, width=0.75, color=colour, alpha=0.45)
            ax.plot([x] * len(one.per_seed), one.per_seed, "o", color=colour, markersize=4)
            ax.plot(x, one.permuted, "x", color=INK, markersize=5)
            positions.append(x)
            labels.append(f"{one.condition.quantile:g}")
        ax.text(
            4 * block + 1, 1.02, miniatures.TITLES[name],
            transform=ax.get_xaxis_transform(), ha="center", color=colour,
        )  # fmt: skip
    ax.axhline(0, color=MUTED, linewidth=0.8)
    ax.set(xticks=positions, xticklabels=labels)
    ax.set(xlabel="share of channels kept, q", ylabel="change inside the box")
    ax.grid(axis="x", visible=False)
    return figure


def change_columns(summaries: Sequence[Summary], seeds: Sequence[int]) -> dict[str, list[str | float]]:
    """The numbers behind :func:`changes`, as columns."""
    return {
        "network": [miniatures.TITLES[one.condition.network] for one in summaries],
        "quantile": [one.condition.quantile for one in summaries],
        **{f"seed {seed}": [one.per_seed[place] for one in summaries] for place, seed in enumerate(seeds)},
        "mean": [one.effect.mean for one in summaries],
        "permuted boxes": [one.permuted for one in summaries],
    }


def maps(examples: Sequence[Example]) -> Figure:
    """A row for each example: the picture, then its maps, each scaled to its maximum; all with the box."""
    figure: Figure
    figure, axes = plt.subplots(len(examples), 1 + len(ARMS), figsize=(figures.TWO_COLUMNS, 5.3))
    for row, example in zip(axes, examples, strict=True):
        row[0].imshow(example.pixels, cmap="gray", interpolation="nearest")
        for ax, (arm, values) in zip(row[1:], example.maps.items(), strict=True):
            ax.imshow(values, cmap="magma", interpolation="nearest")
            ax.set_title(arm)
        for ax in row:
            _frame(ax, example)
        row[0].set_title(example.title)
    return figure


def _frame(ax: Any, example: Example) -> None:
    """Draw the box, and nothing else round the picture."""
    x0, y0, x1, y1 = example.box.tolist()
    corner = (x0 - 0.5, y0 - 0.5)
    ax.add_patch(plt.Rectangle(corner, x1 - x0, y1 - y0, fill=False, edgecolor=VERMILION, linewidth=1.2))
    ax.set(xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[["left", "bottom"]].set_visible(False)
