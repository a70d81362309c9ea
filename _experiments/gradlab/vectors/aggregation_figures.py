"""Drawings of the H/L demonstration: arrows of single repetitions, and directions over all of them."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure

from gradlab.notebook import figures
from gradlab.notebook.figures import BLUE, GRID, INK, MUTED, VERMILION
from gradlab.vectors import aggregation
from gradlab.vectors.aggregation import Draws
from gradlab.vectors.group_size import Directions
from gradlab.vectors.quantities import NEAR

LOOKS = {"H": figures.look(BLUE), "L": figures.look(VERMILION), "total": figures.look(INK)}
"""How the sums are told apart in an interactive figure."""


def _arrow(ax: Any, vector: torch.Tensor, colour: str, width: float, label: str | None = None) -> None:
    """An arrow from the origin. That of L is hollow, so that it is told from that of H without its colour."""
    hollow = colour == VERMILION
    ax.quiver(
        0, 0, *vector,
        angles="xy", scale_units="xy", scale=1, width=width, label=label, zorder=3,
        facecolor="none" if hollow else colour, edgecolor=colour, linewidth=1.0 if hollow else 0,
    )  # fmt: skip


def first_repetition(drawn: Sequence[Draws]) -> Figure:
    """The vectors of the first repetition and their sums, a panel for each reading."""
    figure: Figure
    figure, axes = plt.subplots(1, len(drawn), figsize=(figures.TWO_COLUMNS, 3.7))
    for ax, draws in zip(axes, drawn, strict=True):
        sums = (
            ("sum of H", draws.high[0], BLUE),
            ("sum of L", draws.low[0], VERMILION),
            ("total", draws.total[0], INK),
        )
        ax.scatter(*draws.first_low.T, s=6, color=VERMILION, alpha=0.45, linewidths=0)
        ax.scatter(*draws.first_high.T, s=12, marker="s", color=BLUE, alpha=0.75, linewidths=0)
        for name, vector, colour in sums:
            _arrow(ax, vector, colour, 0.011, name)
        shown = torch.cat([draws.first_high, draws.first_low, *(vector[None] for _, vector, _ in sums)])
        reach = 1.12 * max(float(shown.abs().max()), 1)
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=draws.reading.title)
        ax.set(xlabel="Dim 1", ylabel="Dim 2")
    axes[0].legend(loc="lower left", handlelength=1.2)
    return figure


def first_sums(drawn: Sequence[Draws]) -> dict[str, list[str | float]]:
    """The numbers behind :func:`first_repetition`, as columns."""
    rows: list[tuple[str, str, float, float]] = []
    for draws in drawn:
        for name, sums in (("H", draws.high), ("L", draws.low), ("total", draws.total)):
            rows.append((draws.reading.name, name, float(sums[0, 0]), float(sums[0, 1])))
    return {
        name: [row[place] for row in rows] for place, name in enumerate(("reading", "vector", "dim1", "dim2"))
    }


def next_repetitions(drawn: Sequence[Draws], count: int = 4) -> Figure:
    """The sums of the ``count`` repetitions after the first, a row for each reading."""
    figure: Figure
    figure, axes = plt.subplots(
        len(drawn), count, figsize=(figures.TWO_COLUMNS, 4.2), sharex="row", sharey="row"
    )
    for row, draws in zip(axes, drawn, strict=True):
        parts = ((draws.high, BLUE), (draws.low, VERMILION), (draws.total, INK))
        reach = 1.06 * max(float(sums[1 : count + 1].abs().max()) for sums, _ in parts)
        for repetition, ax in enumerate(row, start=1):
            for sums, colour in parts:
                _arrow(ax, sums[repetition], colour, 0.016)
            ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        row[0].set(ylabel="Dim 2")
        row[0].set_title(draws.reading.title, fontsize=8.5)
    for ax in axes.flat:
        ax.set(xlabel="Dim 1")
    return figure


def angles(drawn: Sequence[Draws]) -> Figure:
    """Histograms and densities of the directions of H's sum and of the total, a panel for each reading."""
    figure: Figure
    figure, axes = plt.subplots(1, len(drawn), figsize=(figures.TWO_COLUMNS, 2.9), sharey=True)
    degrees = _degrees()
    for ax, draws in zip(axes, drawn, strict=True):
        ax.axvspan(45 - NEAR, 45 + NEAR, color=GRID, alpha=0.55, linewidth=0)
        for sums, scale, colour, name in (
            (draws.high, draws.reading.high.sum_scale, BLUE, "sum of H"),
            (draws.total, draws.reading.total_scale, INK, "total"),
        ):
            found = aggregation.angle_from_dim2(sums).numpy()
            ax.hist(found, bins=90, range=(0, 90), density=True, color=colour, alpha=0.25, linewidth=0)
            density = aggregation.angle_density(degrees, scale)
            ax.plot(degrees, density, label=name, **figures.look(colour))
            ax.axvline(aggregation.median_angle(scale), color=colour, linestyle=":", linewidth=1.2)
        ax.set(xlim=(0, 90), xticks=range(0, 91, 15), title=draws.reading.title)
        ax.set(xlabel="angle from the Dim 2 axis (degrees)")
    axes[0].set(ylabel="density (per degree)", ylim=(0, 0.115))
    axes[1].legend(loc="upper right")
    return figure


def _degrees() -> torch.Tensor:
    return torch.linspace(0, 89.9, 400, dtype=torch.float64)


def densities(drawn: Sequence[Draws]) -> dict[str, list[str | float]]:
    """The closed-form densities behind :func:`angles`, as columns: every eighth point of the lines."""
    degrees = _degrees()[::8]
    columns: dict[str, list[str | float]] = {
        "reading": [], "angle": [], "density of H": [], "density of total": [],
    }  # fmt: skip
    for reading in (draws.reading for draws in drawn):
        columns["reading"] += [reading.name] * len(degrees)
        columns["angle"] += degrees.tolist()
        columns["density of H"] += aggregation.angle_density(degrees, reading.high.sum_scale).tolist()
        columns["density of total"] += aggregation.angle_density(degrees, reading.total_scale).tolist()
    return columns


def group_sizes(found: Sequence[Directions]) -> Figure:
    """The direction of the total against the number of small vectors, a panel for each reading."""
    figure: Figure
    figure, axes = plt.subplots(1, len(found), figsize=(figures.TWO_COLUMNS, 2.9), sharey=True)
    for ax, one in zip(axes, found, strict=True):
        lowest, lower, _, upper, highest = one.quantiles.T
        ax.fill_between(one.counts, lowest, highest, color=VERMILION, alpha=0.14, linewidth=0)
        ax.fill_between(one.counts, lower, upper, color=VERMILION, alpha=0.28, linewidth=0)
        ax.plot(one.counts, one.exact, color=INK, label="closed form")
        ax.plot(one.counts, one.median, "o", color=INK, markersize=2.8, label="draws")
        ax.axvline(one.reading.low.count, color=MUTED, linewidth=0.9)
        ax.axhline(45, color=MUTED, linestyle="--", linewidth=0.9)
        ax.set(xscale="log", ylim=(0, 90), yticks=range(0, 91, 15), title=one.reading.title)
        ax.set(xlabel="number of small vectors")
    axes[0].set(ylabel="angle from Dim 2 (degrees)")
    axes[0].legend(loc="upper left")
    return figure
