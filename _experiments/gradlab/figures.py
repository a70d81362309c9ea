"""The house style of figures: sizes for a paper, colours for every reader.

Colours follow Wong (2011, Nature Methods 8:441), darkened where the original has less than 3:1
contrast, so that each is told apart by colour-blind readers on a light and on a dark page. ``INK``,
``MUTED``, ``GRID`` and ``PAPER`` are the four theme colours: the press exchanges them for dark ones,
so use them, and only them, for text, axes, reference lines and backgrounds.
"""

import matplotlib as mpl
from cycler import cycler

INK = "#1b1f24"
MUTED = "#59636e"
GRID = "#d8dee4"
PAPER = "#ffffff"

BLUE = "#0b77b8"
VERMILION = "#d5581d"
GREEN = "#118a63"
PURPLE = "#b0609a"
AMBER = "#b57f0e"
CYAN = "#2f94c4"
CYCLE = (BLUE, VERMILION, GREEN, PURPLE, AMBER, CYAN)

# Width in inches of one and of two columns of a paper; two columns fill the text of a page here.
ONE_COLUMN = 3.4
TWO_COLUMNS = 7.0


def use_house_style() -> None:
    """Set matplotlib's defaults for every figure that follows."""
    mpl.rcParams.update(
        {
            "figure.figsize": (TWO_COLUMNS, 3.0),
            "figure.constrained_layout.use": True,
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
            "figure.dpi": 100,
            "savefig.dpi": 200,
            "font.family": "DejaVu Sans",
            "font.size": 9,
            "axes.titlesize": 9.5,
            "axes.titlelocation": "left",
            "axes.labelsize": 9,
            "legend.fontsize": 8,
            "legend.frameon": False,
            "xtick.labelsize": 8,
            "ytick.labelsize": 8,
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
