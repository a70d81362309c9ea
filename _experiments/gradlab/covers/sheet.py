"""The sheet that every cover is drawn on: 16:9, opaque, with text that is legible at 300 pixels."""

from collections.abc import Callable
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gradlab.notebook import figures

WIDE = 6.0
"""Inches: at 200 pixels an inch, the 1200 pixels of a social card."""
RATIO = 9 / 16
HEADING, WORDS, TICKS = 25.0, 19.0, 15.0
"""Points on the wide sheet. In 300 px of width the smallest is 10 px high, as small print is."""

Draw = Callable[[Figure, float], Any]
"""Draws on a sheet; every size in points is to be multiplied by the number, which is 1 on the wide one."""


def cover(draw: Draw) -> Figure:
    """The wide sheet and, as its narrow drawing, the same on one column: covers are scaled, not laid out.

    It is shown where a cell ends in it, and only there.
    """
    wide: Any = _sheet(WIDE, draw)
    narrow = _sheet(figures.ONE_COLUMN, draw)
    plt.close(narrow)
    plt.close(wide)
    wide.narrow = narrow
    return wide  # type: ignore[no-any-return]


def _sheet(width: float, draw: Draw) -> Figure:
    figure: Figure = plt.figure(figsize=(width, width * RATIO), layout="none")
    # Listings and cards show covers on grounds of their own; a figure's own patch is not saved.
    figure.add_artist(Rectangle((0, 0), 1, 1, facecolor=figures.PAPER, edgecolor="none", zorder=-1))
    draw(figure, width / WIDE)
    return figure


def words(
    figure: Figure, scale: float, x: float, y: float, text: str, size: float = WORDS, **more: Any
) -> None:
    """Text at a place given in shares of the sheet."""
    figure.text(x, y, text, fontsize=size * scale, **({"va": "center"} | more))


def bare(ax: Any) -> None:
    """An axis without ticks, frame and grid."""
    ax.set(xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)


def sized(ax: Any, scale: float) -> None:
    """Ticks, spines and grid of a plot in the sizes of a sheet."""
    ax.tick_params(labelsize=TICKS * scale, width=1.2 * scale, length=5 * scale, pad=5 * scale, which="major")
    ax.tick_params(length=0, which="minor")
    ax.spines[["left", "bottom"]].set_linewidth(1.2 * scale)
    ax.grid(linewidth=scale)
