"""What conserving does to a filtered gradient, shown on one random gradient by the code that filters."""

from dataclasses import dataclass
from functools import cached_property

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
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


def conserving(example: Example) -> Figure:
    """The summed maps of both groups and of the conserved gradient, and their variances as bars."""
    figure: Figure
    figure, axes = plt.subplots(1, 4, figsize=(figures.TWO_COLUMNS, 2.1), width_ratios=(1, 1, 1, 1.25))
    kept, rest = example.sums
    conserved = example.beta * kept
    limit = float(max(one.abs().max() for one in (kept, rest, conserved)))
    names = ("kept: $S_H$", "dropped: $S_L$", r"conserved: $\beta S_H$")
    for ax, maps, name in zip(axes, (kept, rest, conserved), names, strict=False):
        ax.imshow(maps, cmap="RdBu_r", vmin=-limit, vmax=limit)
        ax.set(title=name, xticks=[], yticks=[])
        ax.grid(visible=False)
    m, n = example.variances
    bars = axes[3]
    bars.bar([0, 1, 2], [m, m, m + n], color=figures.BLUE, width=0.6)
    bars.bar([0], [n], bottom=[m], color=figures.VERMILION, width=0.6, hatch="//", edgecolor=figures.PAPER)
    bars.set_xticks([0, 1, 2], ["before", "not\nconserved", "conserved"], fontsize=8.3)
    bars.set_title("variance")
    bars.text(0, m / 2, "M", ha="center", va="center", color=figures.PAPER, fontsize=8.5)
    bars.text(
        0, m + n / 2, "N", ha="center", va="center", color=figures.PAPER, fontsize=8.5, fontweight="bold"
    )
    return figure
