"""How an architecture looks in every figure: its colour, its dashes, its curve over the layers."""

from collections.abc import Sequence
from typing import Any

from gradlab.depth.multilayer import ARCHITECTURES
from gradlab.notebook.direct_labels import EndLabel
from gradlab.notebook.figures import AMBER, BLUE, CYAN, GREEN, INK, PURPLE, VERMILION
from gradlab.statistics.paired import Interval

COLOURS = {
    "batch-relu": VERMILION,
    "batch-tanh": PURPLE,
    "layer-tanh": GREEN,
    "selu": AMBER,
    "batch-relu-skip": VERMILION,
    "tanh": CYAN,
    "relu": BLUE,
    "layer-tanh-skip": GREEN,
    "layer-relu": INK,
}
"""By the name of the architecture; a residual network has the colour of the plain one."""


def look(name: str) -> dict[str, str]:
    """Colour and line style of an architecture's curve; residual networks are dashed."""
    return {"color": COLOURS[name], "linestyle": "--" if ARCHITECTURES[name].skip else "-"}


def draw_curve(
    ax: Any, layers: Sequence[int], curve: Sequence[Interval], look: dict[str, str], **line: float
) -> None:
    """Means as a line, above a band of the same colour from the low to the high ends."""
    ax.plot(layers, [interval.mean for interval in curve], **look, **line)
    low, high = [interval.low for interval in curve], [interval.high for interval in curve]
    ax.fill_between(layers, low, high, color=look["color"], alpha=0.13, linewidth=0)


def end_label(name: str, height: float) -> EndLabel:
    """The title of an architecture at the end of its curve."""
    return EndLabel(ARCHITECTURES[name].title, height, COLOURS[name])
