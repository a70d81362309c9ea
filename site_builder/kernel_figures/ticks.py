"""The tick labels that are seen. Ticks beyond the limits of an axis have labels too, which are not drawn."""

from typing import Any


def boxes_of(axes: Any, which: str) -> list[tuple[Any, Any]]:
    """The tick labels of the x or y axis of a rectangular plot, each with its box in pixels, in order."""
    if axes.name != "rectilinear":
        return []
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = sorted(axes.get_xlim() if which == "x" else axes.get_ylim())
    shown = [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    found = [
        (label, label.get_window_extent())
        for label in shown
        if label.get_visible() and label.get_text().strip()
    ]
    return sorted(found, key=lambda one: one[1].x0 if which == "x" else one[1].y0)
