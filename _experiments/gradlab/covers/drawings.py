"""What each cover shows. Every number and picture comes from a run; words are few."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from gradlab.comparison.arms import Arm
from gradlab.comparison.table import heading
from gradlab.covers.sheet import HEADING, TICKS, WORDS, bare, sized, words
from gradlab.notebook import figures
from gradlab.notebook.results import Table, Value


def percent(share: Value) -> str:
    """A share in whole per cent."""
    return f"{100 * number(share):.0f} %"


def number(value: Value) -> float:
    """A published number. Raises ``TypeError`` for text."""
    if not isinstance(value.value, int | float):
        raise TypeError(f"a cover shows a number, not {value.value!r}")
    return float(value.value)


# -- two maps of one photograph -----------------------------------------------------------------------


def maps_of(
    rows: Mapping[str, np.ndarray], fate: str, arm: Arm
) -> tuple[Sequence[np.ndarray], Sequence[float]]:
    """The maps without and with conserving, in 32 steps, of the photograph whose peak fares so, and its box
    (x0, y0, x1, y1).
    """
    (row,) = np.flatnonzero(rows["fate"] == fate)
    maps = [rows[heading(one, "map")][row] for one in (arm.unconserved(), arm.conserved())]
    return maps, [float(rows[edge][row]) for edge in ("x0", "y0", "x1", "y1")]


def lost_and_found(
    figure: Figure, scale: float, maps: Sequence[np.ndarray], box: Sequence[float], lost: Value, found: Value
) -> None:
    """A map whose peak a filter moved off the object, and the conserved one, each with its number."""
    height = 0.62
    width = height * 9 / 16
    places = (0.085, 1 - 0.085 - width)
    texts = (
        ("filtered", f"{percent(lost)} lose the object"),
        ("conserved", f"{percent(found)} find it again"),
    )
    for x, steps, (title, finding), colour in zip(
        places, maps, texts, (figures.VERMILION, figures.BLUE), strict=True
    ):
        ax = figure.add_axes((x, 0.2, width, height))
        ax.imshow(steps, vmin=0, vmax=31, cmap="cividis", interpolation="none")
        x0, y0, x1, y1 = box
        for thickness, edge in ((5, "black"), (2.4, "white")):
            ax.add_patch(
                Rectangle(
                    (x0 - 0.5, y0 - 0.5), x1 - x0, y1 - y0,
                    fill=False, edgecolor=edge, linewidth=thickness * scale,
                )
            )  # fmt: skip
        bare(ax)
        middle = x + width / 2
        words(figure, scale, middle, 0.905, title, HEADING, ha="center", color=colour, fontweight="bold")
        words(figure, scale, middle, 0.1, finding, 17, ha="center", color=figures.INK)
    arrow = FancyArrowPatch(
        (places[0] + width + 0.025, 0.51), (places[1] - 0.025, 0.51), transform=figure.transFigure,
        arrowstyle="simple,tail_width=0.35,head_width=1.1,head_length=0.9", mutation_scale=22 * scale,
        facecolor=figures.MUTED, edgecolor="none",
    )  # fmt: skip
    figure.add_artist(arrow)


# -- curves ---------------------------------------------------------------------------------------------


def columns(table: Table, **equal: Any) -> dict[str, np.ndarray]:
    """The columns of the rows with these entries; a blank in a name of a column is written as "_"."""
    wanted = {name.replace("_", " "): entry for name, entry in equal.items()}
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    chosen = [row for row in rows if all(row[name] == entry for name, entry in wanted.items())]
    return {name: np.array([row[name] for row in chosen]) for name in table.columns}


def growth(figure: Figure, scale: float, table: Table, named: Sequence[tuple[str, str, str]]) -> None:
    """Growth over the layers on a logarithmic scale; each line has the name that a reader is told."""
    ax = figure.add_axes((0.165, 0.2, 0.455, 0.74))
    ax.set(yscale="log", ylim=(0.5, 4e4))
    last = 0.0
    for architecture, name, colour in named:
        found = columns(table, architecture=architecture)
        last = float(found["layer"].max())
        ax.plot(found["layer"], found["gsc"], linewidth=4 * scale, **figures.look(colour))
        end = float(found["gsc"][-1])
        times = f"×{end:,.0f}" if end >= 10 else f"×{end:.1f}"
        high = ax.transAxes.inverted().transform(ax.transData.transform((last, end)))[1] * 0.74 + 0.2
        words(figure, scale, 0.64, high, times, HEADING + 3, color=colour, fontweight="bold")
        words(figure, scale, 0.64, high - 0.075, name, 17, va="top", color=figures.INK, linespacing=1.1)
    ax.set(xlim=(0, last), xticks=[0, last / 2, last])
    ax.get_xticklabels()[-1].set_horizontalalignment("right")
    ax.set_yticks([1, 100, 10_000], ["1", "100", "10,000"])
    ax.set_xlabel("layer", fontsize=TICKS * scale, labelpad=2 * scale)
    sized(ax, scale)


def cosines(
    figure: Figure, scale: float, width: tuple[Table, dict[str, Any]], depth: tuple[Table, dict[str, Any]]
) -> None:
    """The smallest cosine against width and against depth, with the bands of its intervals."""
    sides = (
        (0.12, "width", "wider:\nagree more", width, figures.BLUE),
        (0.56, "depth", "deeper:\nagree less", depth, figures.VERMILION),
    )
    for x, across, title, (table, chosen), colour in sides:
        ax = figure.add_axes((x, 0.19, 0.41, 0.5))
        found = columns(table, **chosen)
        at = found[across].astype(float)
        ax.fill_between(
            at, found["low"].astype(float), found["high"].astype(float), color=colour, alpha=0.22, linewidth=0
        )
        ax.plot(at, found["mean smallest cosine"].astype(float), linewidth=4 * scale, **figures.look(colour))
        ax.set(xscale="log", ylim=(-0.95, -0.1), xlim=(at[0], at[-1]))
        ends = [int(at[0]), int(at[-1])]
        ax.set_xticks(ends, [str(one) for one in ends])
        ax.set_xticks([], minor=True)
        ax.set_yticks([-0.8, -0.2], ["−0.8", "−0.2"] if x < 0.5 else ["", ""])
        first, last = ax.get_xticklabels()
        first.set_horizontalalignment("left")
        last.set_horizontalalignment("right")
        ax.set_xlabel(across, fontsize=TICKS * scale, labelpad=-TICKS * scale)
        sized(ax, scale)
        # Line by line: the distance of the lines of one text depends on whether a letter reaches below them.
        for place, line in enumerate(title.split("\n")):
            y = 0.89 - 0.105 * place
            words(figure, scale, x, y, line, HEADING - 2, va="baseline", color=colour, fontweight="bold")


# -- differences with their intervals ---------------------------------------------------------------


def gains(figure: Figure, scale: float, named: Sequence[tuple[str, Value, str]]) -> None:
    """Gains of a share with their intervals, one row each, around a line at zero."""
    ax = figure.add_axes((0.42, 0.2, 0.54, 0.58))
    ax.axvline(0, color=figures.MUTED, linewidth=2 * scale)
    for row, (name, gain, colour) in enumerate(named):
        low, high = (100 * float(end) for end in (gain.low, gain.high) if end is not None)
        ax.plot([low, high], [-row, -row], color=colour, linewidth=5 * scale, solid_capstyle="butt")
        ax.plot(100 * number(gain), -row, figures.MARKERS[colour], color=colour, markersize=14 * scale)
        y = 0.2 + 0.58 * (len(named) - 0.5 - row) / len(named)
        words(
            figure,
            scale,
            0.385,
            y,
            name,
            WORDS,
            ha="right",
            color=colour,
            linespacing=1.05,
            fontweight="bold",
        )
    ax.set(ylim=(0.5 - len(named), 0.5), xlim=(-6, 18), yticks=[])
    ax.set_xticks([-5, 0, 5, 10, 15], ["−5", "0", "+5", "+10", "+15 %"])
    ax.spines["left"].set_visible(False)
    sized(ax, scale)
    ax.grid(axis="y", visible=False)
    words(
        figure,
        scale,
        0.04,
        0.89,
        "Peak in the box: conserved minus",
        HEADING - 4,
        color=figures.INK,
        fontweight="bold",
    )
