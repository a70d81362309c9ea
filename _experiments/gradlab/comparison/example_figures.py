"""Drawings of the photographs that a measuring run chose: their maps, and what channels answer to."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gradlab.comparison.arms import PLAIN, Arm
from gradlab.comparison.shown import ClassChannels, Example
from gradlab.notebook import figures


def arms_at(quantile: float) -> dict[str, Arm]:
    """The arms of the upper modules that are shown beside each other, by their names in a figure."""
    arm = Arm("upper", quantile)
    return {"plain": PLAIN, "not conserved": arm, "conserved": arm.conserved()}


def grid(examples: Sequence[Example], quantile: float, width: float) -> Figure:
    """Photographs and their maps: a column a photograph where there is room, else a row."""
    arms = arms_at(quantile)
    turned = width <= figures.ONE_COLUMN
    pictures = 1 + len(arms)
    shape = (len(examples), pictures) if turned else (pictures, len(examples))
    figure: Figure
    figure, panels = plt.subplots(*shape, figsize=(width, 5.4 if turned else 5.9), squeeze=False)
    by_photograph = panels if turned else panels.T
    for row, example in zip(by_photograph, examples, strict=True):
        _draw_example(row, example, arms)
        size = f"{round(example.difference, 2) + 0.0:+.2f}".replace("-", "−")
        if turned:
            label = f"{example.percentile} %: {size}, {example.class_name}"
            row[0].set_xlabel(label, loc="left", fontsize=8.5)
        else:
            row[0].set_title(f"{example.percentile} %: {size}\n{example.class_name}", fontsize=8.5)
    for ax, name in zip(by_photograph[0], ("photograph", *arms), strict=True):
        if turned:
            ax.set_title(name.replace("not ", "not\n"), fontsize=8.5)
        else:
            ax.set_ylabel(name)
    return figure


def _draw_example(row: np.ndarray, example: Example, arms: Mapping[str, Arm]) -> None:
    """The photograph and its maps, each with the box."""
    row[0].imshow(example.pixels, interpolation="none")
    for ax, arm in zip(row[1:], arms.values(), strict=True):
        ax.imshow(example.maps[arm], vmin=0, vmax=255, cmap="cividis", interpolation="none")
    for ax in row:
        outline(ax, example.box)
        _bare(ax)
        ax.spines[:].set_visible(False)


def outline(ax: Any, box: Sequence[float]) -> None:
    """Draw a box, (x0, y0, x1, y1) in pixels (the upper bounds lie past it), seen on light and dark."""
    x0, y0, x1, y1 = box
    for thickness, colour in ((2.6, "black"), (1.2, "white")):
        ax.add_patch(
            Rectangle(
                (x0 - 0.5, y0 - 0.5), x1 - x0, y1 - y0,
                fill=False, edgecolor=colour, linewidth=thickness, clip_on=False,
            )
        )  # fmt: skip


def _bare(ax: Any) -> None:
    ax.set(xticks=[], yticks=[])
    ax.grid(False)


def channels(found: ClassChannels, width: float) -> Figure:
    """The ranks of the channels and the photographs, side by side where there is room."""
    beside = width > figures.ONE_COLUMN
    figure: Figure = plt.figure(figsize=(width, 3.1 if beside else 4.4))
    if beside:
        first, second = figure.subfigures(1, 2, squeeze=False, width_ratios=(1, 2.1)).flat
    else:
        first, second = figure.subfigures(2, 1, squeeze=False, height_ratios=(1, 1.2)).flat
    _draw_ranks(first.subplots(), found)
    panels = second.subplots(len(found.strongest), len(found.strongest[0].pixels), squeeze=False)
    for row, one in zip(panels, found.strongest, strict=True):
        for ax, pixels, mine in zip(row, one.pixels, one.of_class, strict=True):
            ax.imshow(pixels, interpolation="none")
            _bare(ax)
            ax.spines[:].set(visible=bool(mine), color=figures.BLUE, linewidth=2)
        row[0].set_ylabel(f"{one.channel}", fontsize=8.5)
    second.supylabel("channel", fontsize=9, color=figures.INK)
    return figure


def _draw_ranks(ax: Any, found: ClassChannels) -> None:
    """Welch's t of every channel by rank, the kept ones marked."""
    ax.plot(np.arange(len(found.t)), found.t, ".", markersize=3, color=figures.MUTED, label="all")
    kept = np.flatnonzero(found.kept)
    ax.plot(kept, found.t[kept], "s", markersize=3.5, color=figures.BLUE, label="kept")
    ax.set(xlabel="channel, by rank", ylabel="Welch's t")
    ax.set_title(found.class_name, fontsize=9)
    ax.legend()
