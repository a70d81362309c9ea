"""Names of curves beside their right-hand ends, pushed apart where they would overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class EndLabel:
    """The name of a curve, the height of its end in data units, and its colour."""

    text: str
    height: float
    colour: str


def apart(heights: Sequence[float], gap: float) -> list[float]:
    """Heights moved as little as needed to be ``gap`` apart in sorted order (least squares).

    Subtracting ``gap`` times the rank turns "at least a gap apart" into "not decreasing", which isotonic
    regression solves by pooling neighbours.
    """
    order = np.argsort(heights, kind="stable")
    reduced = np.asarray(heights, dtype=float)[order] - gap * np.arange(len(heights))
    blocks: list[tuple[float, int]] = []
    for height in reduced:
        mean, size = float(height), 1
        while blocks and blocks[-1][0] > mean:
            below, many = blocks.pop()
            mean, size = (below * many + mean * size) / (many + size), many + size
        blocks.append((mean, size))
    placed = np.repeat([mean for mean, _ in blocks], [size for _, size in blocks])
    found = np.empty(len(heights))
    found[order] = placed + gap * np.arange(len(heights))
    return [float(height) for height in found]


def label_ends(ax: Any, labels: Sequence[EndLabel], gap: float = 0.085, size: float = 8.5) -> None:
    """Write each name to the right of a matplotlib axis; set the limits and the scale of y first.

    ``gap`` is the least distance between two names as a share of the axis' height.
    """
    to_share = ax.transScale + ax.transLimits
    ends = [float(to_share.transform((ax.get_xlim()[1], label.height))[1]) for label in labels]
    for label, end, height in zip(labels, ends, apart(ends, gap), strict=True):
        ax.annotate(
            label.text,
            xy=(1, end), xytext=(1.045, height), xycoords="axes fraction", textcoords="axes fraction",
            color=label.colour, fontsize=size, va="center", ha="left", annotation_clip=False,
            arrowprops={
                "arrowstyle": "-", "color": label.colour, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 0,
                "relpos": (0, 0.5),
            },
        )  # fmt: skip
