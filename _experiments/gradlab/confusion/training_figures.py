"""Drawings of gradient confusion beside training: variants of a deep network, and many architectures."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from gradlab.confusion.fully_connected import CLASSES
from gradlab.confusion.speed import Architecture
from gradlab.confusion.variants import Trained
from gradlab.notebook import figures
from gradlab.notebook.figures import AMBER, BLUE, GREEN, INK, MUTED, PURPLE, VERMILION

_VARIANTS = (AMBER, PURPLE, VERMILION, BLUE)
_DEPTHS = {4: BLUE, 8: GREEN, 16: AMBER, 24: VERMILION}
_WINDOW = 5  # steps of the running mean
_IN_LEGEND = 64  # the width whose points stand for their depth in the legend


def training(trained: Mapping[str, Trained], points: Float[np.ndarray, " m"]) -> Figure:
    """The losses of four variants, and the densities of their cosines before and after training."""
    figure: Figure
    figure, axes = plt.subplots(1, 3, figsize=(figures.TWO_COLUMNS, 3.0), width_ratios=(1.25, 1, 1))
    for colour, (name, variant) in zip(_VARIANTS, trained.items(), strict=True):
        _losses(axes[0], variant.tuned.losses.numpy(), name, colour)
        for ax, cosines in zip(axes[1:], (variant.before, variant.after), strict=True):
            curve = cosines.density(points)
            ax.plot(points, curve / curve.max(), **figures.look(colour))
    axes[0].axhline(np.log(CLASSES), color=INK, linestyle=":", linewidth=1)
    axes[0].set(yscale="log", xlabel="step", ylabel="loss (nats)", title="training")
    figure.legend(loc="outside upper center", ncols=4)
    for ax, title in zip(axes[1:], ("before training", "after training"), strict=True):
        ax.axvline(0, color=MUTED, linewidth=0.9)
        ax.set(
            xlim=(-1, 1),
            ylim=(0, 1.08),
            xticks=[-0.5, 0, 0.5],
            yticks=[],
            xlabel="cosine of two mini-batches",
            ylabel="density (peak = 1)",
            title=title,
        )
    return figure


def _losses(ax: Any, losses: Float[np.ndarray, "seeds steps"], name: str, colour: str) -> None:
    """The mean over seeds of running means, with the band of their range."""
    weights = np.ones(_WINDOW) / _WINDOW
    smooth = np.stack([np.convolve(row, weights, mode="valid") for row in losses])
    last_step = np.arange(smooth.shape[1]) + _WINDOW
    ax.plot(last_step, smooth.mean(0), label=name, **figures.look(colour))
    ax.fill_between(last_step, smooth.min(0), smooth.max(0), color=colour, alpha=0.15, linewidth=0)


def speed(architectures: Sequence[Architecture]) -> Figure:
    """The loss after training against the smallest cosine before: colour is depth, size is width."""
    figure: Figure
    figure, ax = plt.subplots(figsize=(figures.TWO_COLUMNS, 3.4))
    for one in architectures:
        depth, width = one.design.depth, one.design.width
        cosine, loss = one.cosine, one.loss
        # On a logarithmic axis a bar that reaches zero would have no end.
        bottom = max(loss.low, loss.mean / 5)
        ax.errorbar(
            cosine.mean,
            loss.mean,
            xerr=[[cosine.mean - cosine.low], [cosine.high - cosine.mean]],
            yerr=[[loss.mean - bottom], [loss.high - loss.mean]],
            fmt=figures.MARKERS[_DEPTHS[depth]],
            color=_DEPTHS[depth],
            markersize=2 + 1.1 * np.log2(width / 8),
            linewidth=0.7,
            label=f"depth {depth}" if width == _IN_LEGEND else None,
        )
    ax.set(
        yscale="log",
        xlabel="smallest cosine of a pair before training",
        ylabel="loss after training (nats)",
    )
    ax.legend(loc="lower left")
    return figure
