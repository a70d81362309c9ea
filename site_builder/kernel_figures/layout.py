"""The two widths of a figure: text keeps its size, and panels that stand side by side are stacked.

Both are laid out in place and taken back, because a figure cannot be copied.
"""

import contextlib
import itertools
import math
from collections.abc import Iterator
from typing import Any

from .ticks import boxes_of

WIDE, NARROW = 7.0, 3.4
"""Inches: two columns and one column of a paper."""
SPARE = 0.02
"""Inches by which a drawing may leave its canvas before that is reported: half the width of a line."""
_PANEL = 2.2
"""Inches: the greatest height of a panel in a stack."""
_LOW = 1.5
"""Inches: the height below which a panel is not pressed."""
_TALLEST = 8.5
"""Inches: the height of a paper's column, which a stack should not exceed."""
_RATIO = 2
"""How many times wider or taller than another a panel of a regular grid may be."""


@contextlib.contextmanager
def laid_out(figure: Any) -> Iterator[None]:
    """The figure with a layout that fits, if it has none: no engine, and the margins of its style."""
    from matplotlib import rcParams

    margins = ("left", "right", "bottom", "top", "wspace", "hspace")
    own = any(getattr(figure.subplotpars, name) != rcParams[f"figure.subplot.{name}"] for name in margins)
    wanted = figure.get_layout_engine() is None and not own
    if wanted:
        with contextlib.suppress(RuntimeError):  # a colour bar was placed without an engine
            figure.set_layout_engine("constrained")
    try:
        yield
    finally:
        if wanted:
            with contextlib.suppress(RuntimeError):
                figure.set_layout_engine("none")


@contextlib.contextmanager
def fitted(figure: Any) -> Iterator[None]:
    """The figure no wider than the text of a page: its text keeps its size instead of being scaled."""
    width, height = figure.get_size_inches()
    if width > WIDE + SPARE:
        rows = max((axes.get_subplotspec().get_gridspec().nrows for axes in _placed(figure)), default=1)
        figure.set_size_inches(WIDE, max(height * WIDE / width, min(height, _LOW * rows)))
    try:
        yield
    finally:
        figure.set_size_inches(width, height)


@contextlib.contextmanager
def stacked(figure: Any) -> Iterator[list[str]]:
    """The figure at the width of one column, and what that left to wish; afterwards it is as it was."""
    with contextlib.ExitStack() as undo:
        width, height = figure.get_size_inches()
        undo.callback(figure.set_size_inches, width, height)
        left = []
        panels = _panels(figure)
        if panels is None:
            figure.set_size_inches(NARROW, min(height, _TALLEST))
            if _side_by_side(figure):
                left.append(
                    "its panels are no plain grid, so for one column they are not stacked: "
                    "draw that yourself, as figure.narrow"
                )
        else:
            _stack(figure, *panels, height * min(1, WIDE / width), undo)
        _wrap(figure, undo)
        _turn_crowded(figure, undo)
        for legend in figure.legends:
            _refill(figure, legend, undo)
        yield left


def _placed(figure: Any) -> list[Any]:
    """The axes that stand in a grid: not insets, and not colour bars that took their place from others."""
    return [axes for axes in figure.axes if axes.get_subplotspec() is not None]


def _panels(figure: Any) -> tuple[int, int, dict[Any, tuple[int, int]]] | None:
    """Rows and columns of the figure's one grid, and the place of each of its axes; None if it is not so."""
    places = {}
    grids = set()
    for axes in _placed(figure):
        spot = axes.get_subplotspec()
        grids.add(spot.get_gridspec())
        single = len(spot.rowspan) == len(spot.colspan) == 1
        # A place that was given by hand, and a colour bar in a place of its own, would be lost.
        if not single or axes.figure is not figure or not axes.get_in_layout() or hasattr(axes, "_colorbar"):
            return None
        places[axes] = (spot.rowspan.start, spot.colspan.start)
    if len(grids) != 1 or figure.subfigs:
        return None
    (grid,) = grids
    rows, columns = grid.get_geometry()
    uneven = any(
        max(ratios) > _RATIO * min(ratios) for ratios in (grid.get_width_ratios(), grid.get_height_ratios())
    )
    return None if columns == 1 or uneven else (rows, columns, places)


def _side_by_side(figure: Any) -> bool:
    """Whether two panels stand beside each other, so that each has little of a narrow figure's width."""
    figure.draw_without_rendering()
    boxes = [axes.get_window_extent() for axes in figure.axes if not hasattr(axes, "_colorbar")]
    return any(
        (one.x1 < other.x0 or other.x1 < one.x0) and one.y0 < other.y1 and other.y0 < one.y1
        for one, other in itertools.combinations(boxes, 2)
    )


def _stack(
    figure: Any, rows: int, columns: int, places: dict[Any, tuple[int, int]], height: float, undo: Any
) -> None:
    """Lay the panels out in fewer columns, none narrower than it was: turned if there were fewer rows than
    columns, in their reading order else.
    """
    turned = 1 < rows < columns
    square = any(axes.get_aspect() != "auto" for axes in places)
    panel = min(max(height / rows, _LOW), 0.95 * NARROW if square else _PANEL)
    count = rows if turned else max(1, int(columns * NARROW / WIDE + 0.1))
    while not turned and count < columns and math.ceil(rows * columns / count) * panel > _TALLEST:
        count += 1
    lines = columns if turned else math.ceil(rows * columns / count)
    new = {
        axes: (column, row) if turned else divmod(row * columns + column, count)
        for axes, (row, column) in places.items()
    }
    tall = 0.95 * NARROW / count if square else max(_LOW, _TALLEST / lines)
    figure.set_size_inches(NARROW, lines * min(panel, tall))
    grid = figure.add_gridspec(lines, count)
    for axes, spot in new.items():
        undo.callback(axes.set_subplotspec, axes.get_subplotspec())
        axes.set_subplotspec(grid[spot])
    # A twin stands in the place of its first axes, which has the labels.
    by_place: dict[tuple[int, int], Any] = {}
    old: dict[tuple[int, int], Any] = {}
    for axes, spot in new.items():
        by_place.setdefault(spot, axes)
        old.setdefault(places[axes], axes)
    for (row, column), axes in old.items():
        # What shares an axis leaves its label to the panel at the edge, which may stand elsewhere now.
        first, last = old.get((row, 0)), old.get((rows - 1, column))
        if first is not None and axes.get_shared_y_axes().joined(axes, first):
            _label(axes.yaxis, axes.get_ylabel() or first.get_ylabel(), undo)
        if last is not None and axes.get_shared_x_axes().joined(axes, last):
            _label(axes.xaxis, axes.get_xlabel() or last.get_xlabel(), undo)
    for (line, place), axes in by_place.items():
        below, beside = by_place.get((line + 1, place)), by_place.get((line, place - 1))
        _tick_labels(axes, "x", below is None or not axes.get_shared_x_axes().joined(axes, below), undo)
        _tick_labels(axes, "y", beside is None or not axes.get_shared_y_axes().joined(axes, beside), undo)
        if below is not None and below.get_xlabel() == axes.get_xlabel():
            _label(axes.xaxis, "", undo)
        if beside is not None and axes.get_shared_y_axes().joined(axes, beside):
            _label(axes.yaxis, "", undo)


def _label(axis: Any, text: str, undo: Any) -> None:
    undo.callback(axis.set_label_text, axis.get_label_text())
    axis.set_label_text(text)


def _tick_labels(axes: Any, which: str, shown: bool, undo: Any) -> None:
    """Show or hide the tick labels of an axis that is shared; one that is not is the author's matter."""
    shared = axes.get_shared_x_axes() if which == "x" else axes.get_shared_y_axes()
    if len(shared.get_siblings(axes)) < 2:
        return
    side = "labelbottom" if which == "x" else "labelleft"
    was = (axes.xaxis if which == "x" else axes.yaxis).get_tick_params().get(side, True)
    undo.callback(axes.tick_params, axis=which, **{side: was})
    axes.tick_params(axis=which, **{side: shown})


def _wrap(figure: Any, undo: Any) -> None:
    """Let titles and axis labels that are too long for the figure take a second line.

    Not those with a formula, which matplotlib would break in two.
    """
    texts = [figure._suptitle, figure._supxlabel, figure._supylabel]
    for axes in figure.axes:
        texts += [axes.title, axes._left_title, axes._right_title, axes.xaxis.label, axes.yaxis.label]
    for text in texts:
        if text is not None and text.get_text() and "$" not in text.get_text():
            undo.callback(text.set_wrap, text.get_wrap())
            text.set_wrap(True)


def _turn_crowded(figure: Any, undo: Any) -> None:
    """Turn the tick labels of a horizontal axis upright where they would run into each other."""
    figure.draw_without_rendering()
    for axes in figure.axes:
        labels = boxes_of(axes, "x")
        gap = max((0.4 * label.get_fontsize() * figure.dpi / 72 for label, _ in labels), default=0)
        close = any(after.x0 - before.x1 < gap for (_, before), (_, after) in itertools.pairwise(labels))
        if close and not any(label.get_rotation() for label, _ in labels):
            undo.callback(axes.tick_params, axis="x", labelrotation=0)
            axes.tick_params(axis="x", labelrotation=90)


def _refill(figure: Any, legend: Any, undo: Any) -> None:
    """Give a legend that is wider than the figure fewer columns."""
    from matplotlib.offsetbox import VPacker

    box = legend._legend_handle_box
    before = list(box.get_children())
    entries = [entry for column in before for entry in column.get_children()]
    undo.callback(setattr, box, "_children", before)
    for count in range(len(before), 0, -1):
        figure.draw_without_rendering()
        if legend.get_window_extent().width <= figure.bbox.width or count == 1:
            return
        size = math.ceil(len(entries) / (count - 1))
        box._children = [
            VPacker(pad=0, sep=before[0].sep, align="baseline", children=entries[start : start + size])
            for start in range(0, len(entries), size)
        ]
        box.set_figure(figure)
