"""What conserving does to a filtered gradient, shown on one random gradient by the code that filters."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Rectangle
from torch import Tensor

from gradlab.filtering import conservation
from gradlab.filtering.conservation import Conservation
from gradlab.notebook import figures


@dataclass(frozen=True)
class Example:
    """The gradient at a module's output, of shape (channels, side, side); the first ``kept`` are kept."""

    gradient: Tensor
    kept: int

    @classmethod
    def drawn(cls, channels: int, kept: int, side: int, ratio: float, seed: int) -> "Example":
        """Independent normal entries, those of kept channels ``ratio`` times as large, smoothed a little."""
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(channels, 1, side + 2, side + 2, generator=generator, dtype=torch.float64)
        maps = torch.nn.functional.avg_pool2d(noise, 3, stride=1)[:, 0]
        scale = torch.where(torch.arange(channels) < kept, ratio, 1.0)
        return cls(maps * scale[:, None, None], kept)

    @cached_property
    def sums(self) -> tuple[Tensor, Tensor]:
        """The summed maps of the kept channels and of the rest."""
        return self.gradient[: self.kept].sum(0), self.gradient[self.kept :].sum(0)

    @cached_property
    def variances(self) -> tuple[float, float]:
        """M and N: their variances over positions."""
        kept, rest = (float(one.var()) for one in self.sums)
        return kept, rest

    @cached_property
    def beta(self) -> float:
        """The factor of the kept channels, by the code that filters networks."""
        keep = (torch.arange(len(self.gradient)) < self.kept)[None]
        _, log_beta = conservation.channel_factors(self.gradient[None], keep, Conservation.VARIANCE)
        return float(log_beta.exp())


_COLUMNS = 4
"""Of the table of channels."""
_WIDE = (("channels", "kept", "none", "conserved", "bars"), ("channels", "dropped", "none", "none", "bars"))
"""The narrow column in the middle is room for the arrow."""
_NARROW = (("channels", "dropped"), ("channels", "kept"), ("bars", "conserved"))


def conserving(example: Example, width: float) -> Figure:
    """The channels, the summed maps of both groups, the scaled one, and the variances as bars."""
    wide = width > figures.ONE_COLUMN
    figure: Any
    figure, panels = plt.subplot_mosaic(
        _WIDE if wide else _NARROW,
        figsize=(width, 3.1 if wide else 5.2),
        width_ratios=(1.45, 1, 0.2, 1, 1.45) if wide else (1.25, 1),
        empty_sentinel="none",
    )
    kept, rest = example.sums
    conserved = example.beta * kept
    limit = float(max(one.abs().max() for one in (kept, rest, conserved)))
    _channels(panels["channels"], example)
    count = len(example.gradient)
    for name, maps, colour, title in (
        ("kept", kept, figures.BLUE, f"the {example.kept} kept: $S_H$"),
        ("dropped", rest, figures.VERMILION, f"the other {count - example.kept}: $S_L$"),
        ("conserved", conserved, figures.BLUE, r"conserved: $\beta\,S_H$"),
    ):
        ax = panels[name]
        ax.imshow(maps, cmap="RdBu_r", vmin=-limit, vmax=limit)
        ax.set_title(title, color=colour, loc="center")
        _framed(ax, colour)
    ax = panels["dropped"]
    for ends in ((0.02, 0.98), (0.98, 0.02)):
        ax.plot((0.02, 0.98), ends, color=figures.VERMILION, linewidth=2, transform=ax.transAxes)
    _bars(panels["bars"], *example.variances)
    figure.add_artist(
        _arrow(panels, (1.03, 0.5) if wide else (0.5, -0.04), (-0.03, 0.5) if wide else (0.5, 1.24))
    )
    # Of the figure, not of the panel: what lies over a picture keeps its colour on a dark page.
    x, y, aligned = (1.17, 0.56, "center") if wide else (0.56, -0.16, "left")
    figure.text(x, y, r"$\times\beta$", fontsize=9, ha=aligned, transform=panels["kept"].transAxes)
    return figure  # type: ignore[no-any-return]


def _channels(ax: Any, example: Example) -> None:
    """Every channel's map, in a table, framed in the colour of its group."""
    count, side, _ = example.gradient.shape
    step = side + 3
    rows = -(-count // _COLUMNS)
    limit = float(example.gradient.abs().max())
    sheet = torch.full((rows * step - 3, _COLUMNS * step - 3), torch.nan, dtype=example.gradient.dtype)
    for place, channel in enumerate(example.gradient):
        top, left = place // _COLUMNS * step, place % _COLUMNS * step
        sheet[top : top + side, left : left + side] = channel
        colour = figures.BLUE if place < example.kept else figures.VERMILION
        ax.add_patch(
            Rectangle(
                (left - 0.5, top - 0.5),
                side,
                side,
                fill=False,
                edgecolor=colour,
                linewidth=1.3,
                clip_on=False,
            )
        )
    ax.imshow(sheet, cmap="RdBu_r", vmin=-limit, vmax=limit)
    ax.set_title(f"{count} channels", loc="center")
    ax.set(xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)


def _framed(ax: Any, colour: str) -> None:
    ax.set(xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set(visible=True, color=colour, linewidth=1.3)


def _arrow(panels: dict[str, Any], start: tuple[float, float], end: tuple[float, float]) -> ConnectionPatch:
    return ConnectionPatch(
        xyA=start, coordsA=panels["kept"].transAxes, xyB=end, coordsB=panels["conserved"].transAxes,
        arrowstyle="-|>", mutation_scale=12, linewidth=1.6, color=figures.INK,
    )  # fmt: skip


def _bars(bars: Any, m: float, n: float) -> None:
    """What a filter takes of the variance, and what conserving makes of the rest."""
    bars.barh([2, 1, 0], [m, m, m + n], color=figures.BLUE, height=0.6)
    bars.barh([2], [n], left=[m], color=figures.VERMILION, height=0.6, hatch="//", edgecolor=figures.PAPER)
    for x, y, text in ((m / 2, 2, "M"), (m + n / 2, 2, "N"), (m / 2, 1, "M"), ((m + n) / 2, 0, "M + N")):
        bars.text(x, y, text, ha="center", va="center", color=figures.PAPER, fontsize=8.5, fontweight="bold")
    bars.set_yticks([2, 1, 0], ["before", "filtered", "conserved"])
    bars.tick_params(axis="y", length=0)
    bars.grid(axis="y", visible=False)
    bars.set_title("variance", loc="center")
