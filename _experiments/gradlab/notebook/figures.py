"""The house style of figures: sizes for a paper, colours and dashes for every reader.

Colours follow Wong (2011, Nature Methods 8:441), darkened where the original has less than 3:1
contrast, so that each is told apart by colour-blind readers on a light and on a dark page; in grey, and
to whoever sees no colour at all, ``DASHES`` and ``MARKERS`` tell the same ones apart. ``INK``, ``MUTED``,
``GRID`` and ``PAPER`` are the four theme colours: use them, and only them, for text, axes, reference lines
and backgrounds. On a dark page the press exchanges them where this style marked what is drawn in them.
"""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib import pyplot as plt
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

INK = "#1b1f24"
MUTED = "#59636e"
GRID = "#d8dee4"
PAPER = "#ffffff"
THEME = (INK, MUTED, GRID, PAPER)

BLUE = "#0b77b8"
VERMILION = "#d5581d"
GREEN = "#118a63"
PURPLE = "#b0609a"
AMBER = "#b57f0e"
CYAN = "#2f94c4"
CYCLE = (BLUE, VERMILION, GREEN, PURPLE, AMBER, CYAN)

Dash = tuple[float, ...]
DASHES: dict[str, Dash] = {
    BLUE: (),
    VERMILION: (5, 1.5),
    GREEN: (1.2, 1.2),
    PURPLE: (6, 1.5, 1.2, 1.5),
    AMBER: (9, 2),
    CYAN: (3, 1, 1, 1, 1, 1),
    INK: (2.5, 1.5),
}
"""The dashes of each colour, in widths of the line; an empty tuple is a solid line. They are no part of
matplotlib's cycle, which would also dash lines whose colour was chosen by hand.
"""
MARKERS = {BLUE: "o", VERMILION: "s", GREEN: "^", PURPLE: "D", AMBER: "v", CYAN: "P", INK: "X"}

# Width in inches of one and of two columns of a paper; two columns fill the text of a page here.
ONE_COLUMN = 3.4
TWO_COLUMNS = 7.0

MARK = "theme-"
"""What the id of each artist begins with that is drawn in theme colours and may be exchanged."""


def linestyle(colour: str) -> Any:
    """Matplotlib's line style for the dashes of one of the house's colours."""
    return (0, DASHES[colour]) if DASHES[colour] else "-"


def look(colour: str, *, marker: bool = False) -> dict[str, Any]:
    """Colour, dashes and, if wanted, marker of a line, as matplotlib's keyword arguments."""
    chosen = {"color": colour, "linestyle": linestyle(colour)}
    return chosen | ({"marker": MARKERS[colour]} if marker else {})


def at_both_widths(draw: Callable[[float], Figure]) -> Figure:
    """Show one figure, drawn for two columns, with a drawing of its own for one column.

    ``draw`` takes a width in inches and returns a pyplot figure. Use it where stacking the panels, which
    the kernel does by itself, is not enough.
    """
    wide: Any = draw(TWO_COLUMNS)
    narrow = draw(ONE_COLUMN)
    plt.close(narrow)
    wide.narrow = narrow
    return wide  # type: ignore[no-any-return]


def use_house_style() -> None:
    """Set matplotlib's defaults for every figure that follows."""
    mpl.rcParams.update(
        {
            "figure.figsize": (TWO_COLUMNS, 3.0),
            "figure.constrained_layout.use": True,
            "figure.facecolor": "none",
            "figure.hooks": [f"{__name__}:marked"],
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
            "figure.dpi": 100,
            "savefig.dpi": 200,
            "font.family": "DejaVu Sans",
            "font.size": 9,
            "figure.titlesize": 9.5,
            "figure.labelsize": 9,
            "axes.titlesize": 9.5,
            "axes.titlelocation": "left",
            "axes.labelsize": 9,
            "legend.fontsize": 8.5,
            "legend.frameon": False,
            "legend.handlelength": 2.4,
            "xtick.labelsize": 8.5,
            "ytick.labelsize": 8.5,
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": MUTED,
            "axes.titlecolor": INK,
            "xtick.color": MUTED,
            "ytick.color": MUTED,
            "xtick.labelcolor": INK,
            "ytick.labelcolor": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": GRID,
            "grid.linewidth": 0.6,
            "lines.linewidth": 1.6,
            "axes.prop_cycle": cycler(color=CYCLE),
            "svg.hashsalt": "gradlab",
            "svg.fonttype": "path",
            "pdf.fonttype": 42,
        }
    )


def marked(figure: Any) -> None:
    """Let whatever draws this figure mark first what of it may be exchanged; a hook of ``pyplot.figure``."""
    draw = figure.draw

    def marks_and_draws(renderer: Any) -> None:
        figure.draw = draw
        try:
            figure.draw_without_rendering()  # lays the figure out, which makes its ticks
            mark(figure)
            draw(renderer)
        finally:
            figure.draw = marks_and_draws

    figure.draw = marks_and_draws


def mark(figure: Any) -> None:
    """Give every artist that is drawn in theme colours an id beginning with :data:`MARK`.

    Colours that stand for numbers are left alone, and so is what is written or drawn over a picture or a
    mesh: it was chosen to be seen there.
    """
    numbers = count(1)
    for artist in _artists(figure):
        if set(map(_hex, _colours(artist))) & set(THEME):
            artist.set_gid(f"{MARK}{next(numbers)}")


def _artists(figure: Any) -> list[Artist]:
    covered = {
        id(part)
        for axes in figure.findobj(lambda one: isinstance(one, mpl.axes.Axes))
        if any(isinstance(part, AxesImage | mpl.collections.QuadMesh) for part in axes.get_children())
        for part in (*axes.texts, *axes.lines, *axes.patches, *axes.collections)
    }
    found = []
    for artist in figure.findobj(lambda one: id(one) not in covered):
        arrow = getattr(artist, "arrow_patch", None)  # of an annotation, which does not name it as its child
        found += [artist] if arrow is None else [artist, arrow]
    return found


def _colours(artist: Artist) -> Sequence[Any]:
    """The colours in which an artist is drawn; none if they stand for numbers."""
    if isinstance(artist, mpl.lines.Line2D):
        return (artist.get_color(), artist.get_markerfacecolor(), artist.get_markeredgecolor())
    if isinstance(artist, mpl.text.Text):
        return (artist.get_color(),)
    if isinstance(artist, mpl.patches.Patch):
        return (artist.get_facecolor(), artist.get_edgecolor())
    if isinstance(artist, Collection) and artist.get_array() is None:
        return (*artist.get_facecolor(), *artist.get_edgecolor())
    return ()


def _hex(colour: Any) -> str:
    """A colour without its transparency."""
    return "" if isinstance(colour, str) and colour in ("none", "auto") else to_hex(colour)
