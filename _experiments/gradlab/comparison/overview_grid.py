"""A grid of photographs and their maps across the networks in which conserving makes a difference."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gradlab.comparison.arms import Arm
from gradlab.comparison.example_figures import outline
from gradlab.comparison.measured import title_of
from gradlab.comparison.overview_maps import LAYERS, STEPS, NetworkMaps
from gradlab.notebook import figures

Cases = Mapping[str, tuple[str, float]]
"""The list of modules and the quantile of each network, by its title."""


def grid(networks: Sequence[NetworkMaps], cases: Cases, width: float) -> Figure:
    """A column a photograph; below them, for each network, the maps without and with conserving."""
    wide = width > figures.ONE_COLUMN
    parts = [1, *(2 for _ in networks)]
    tile = (width - (1.1 if wide else 0.3)) / len(networks[0].photographs)
    rows = sum(parts)
    figure: Figure = plt.figure(figsize=(width, rows * tile + 0.3 * len(parts) + 0.2))
    heights = [part * tile + 0.3 for part in parts]
    first, *others = figure.subfigures(len(parts), 1, squeeze=False, height_ratios=heights).flat
    panels = first.subplots(1, len(networks[0].photographs), squeeze=False)
    fates, names = networks[0].rows["fate"], networks[0].rows["class-name"]
    for ax, pixels, fate, name, box in zip(
        panels[0], networks[0].photographs, fates, names, networks[0].boxes, strict=True
    ):
        _draw(ax, pixels, box)
        ax.set_title(f"{fate}: {name}" if wide else str(fate), fontsize=8.5)
    panels[0, 0].set_ylabel("photograph" if wide else "photo", fontsize=8.5)
    for part, one in zip(others, networks, strict=True):
        _draw_network(part, one, *cases[one.network.title], wide)
    return figure


def _draw_network(part: Any, one: NetworkMaps, filtering: str, quantile: float, wide: bool) -> None:
    count = len(one.photographs)
    panels = part.subplots(2, count, squeeze=False)
    arm = Arm(filtering, quantile)
    for row, which, layer in zip(panels, (arm, arm.conserved()), LAYERS, strict=True):
        for ax, steps, box in zip(row, one.maps(which), one.boxes, strict=True):
            _draw(ax, steps, box)
        row[0].set_ylabel(layer if wide else layer.replace("not ", "not\n"), fontsize=8.5)
    title = f"{one.network.title}, {title_of(filtering)}, q = {quantile:g}"
    part.suptitle(title, x=0.01, ha="left", fontsize=9.5)


def _draw(ax: Any, picture: np.ndarray, box: Sequence[float]) -> None:
    ax.imshow(picture, vmin=0, vmax=STEPS - 1, cmap="cividis", interpolation="none")
    outline(ax, box)
    ax.set(xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
