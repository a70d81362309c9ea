"""Figures as a kernel draws them: each at two widths, in the forms that pages and papers need.

This package is copied for the kernel and loaded there as an IPython extension, so it imports nothing of
the press. Whatever shows a figure (the end of its cell, ``display``, a cell that ends in it) takes this way.

The wide drawing is the author's own, at most as wide as the text of a page. The narrow one has the width of
one column of a paper or of a phone. An author may give it: ``figure.narrow`` is another figure. Else it is
the same figure laid out anew: text keeps its size, and panels that stand side by side are stacked.
"""

import base64
import contextlib
import io
import warnings
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

from .faults import beyond, crowded, same_in_grey
from .layout import NARROW, SPARE, fitted, laid_out, stacked

MIME = "application/vnd.gradlab.figure+json"
STYLE = """\
figure.figsize: 7.0, 3.6
figure.constrained_layout.use: True
figure.titlesize: medium
figure.labelsize: medium
font.size: 9
axes.titlesize: medium
svg.hashsalt: figure
"""
"""The kernel's matplotlibrc: a layout that fits, and text of one size. Authors may change all of it."""
_SAVED = {
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.image_inline": True,
    "savefig.bbox": None,
    "savefig.dpi": 200,
    # A figure without a layout engine would be given one when its first file is written.
    "figure.constrained_layout.use": False,
    "figure.autolayout": False,
}
"""How files are written in any style: fonts that a paper may embed, and the size that the figure has."""

_EXPONENT = 0.83
"""The size of an exponent, in sizes of its base: at matplotlib's 0.7 it is unreadable in small print."""
_shown: "weakref.WeakKeyDictionary[Any, tuple[Any, dict[str, Any]]]" = weakref.WeakKeyDictionary()


def load_ipython_extension(shell: Any) -> None:
    """Let every figure that this shell shows be drawn by :func:`bundle`."""
    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type_by_name("matplotlib.figure", "Figure", bundle)


def bundle(figure: Any, include: Any = None, exclude: Any = None) -> dict[str, Any]:
    """The MIME bundle of a figure: SVG, PDF and PNG, and under :data:`MIME` its narrow drawing, if it is
    another, and what is wrong with the two. A figure that did not change since it was shown is not drawn
    again, so that two showings of it are one and the same.
    """
    import matplotlib
    from matplotlib import _mathtext

    given = getattr(figure, "narrow", None)
    before, shown = _shown.get(figure, (None, {}))
    if shown and before is given and not figure.stale and not getattr(given, "stale", False):
        return shown
    _mathtext.SHRINK_FACTOR = _EXPONENT
    salt = matplotlib.rcParams["svg.hashsalt"] or "figure"
    problems: list[str] = []
    with matplotlib.rc_context(_SAVED | {"svg.hashsalt": salt}), _heard(problems), laid_out(figure):
        with fitted(figure):
            wide = _drawn(figure, ("svg", "pdf", "png"), problems)
        narrow = _narrow(figure, given, problems)
    figure.stale = False
    more = {"narrow": narrow, "problems": list(dict.fromkeys(problems))}
    found = {
        "image/svg+xml": wide["svg"],
        "application/pdf": wide["pdf"],
        "image/png": wide["png"],
        MIME: more,
    }
    _shown[figure] = given, found
    return found


@contextlib.contextmanager
def _heard(problems: list[str]) -> Iterator[None]:
    """Add the warnings of missing glyphs to ``problems``, and say every other one once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for one in {str(one.message): one for one in caught}.values():
        if "missing from font" in str(one.message):
            problems.append(str(one.message).rstrip("."))
        else:
            with contextlib.suppress(Warning):  # an author's filter may make errors of warnings
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def _narrow(figure: Any, given: Any, problems: list[str]) -> dict[str, str]:
    """The narrow drawing, empty if the figure is narrow itself or cannot be drawn so."""
    if given is not None:
        narrow = _drawn(given, ("svg", "pdf"), problems)
        given.stale = False
        return narrow
    if figure.get_figwidth() <= NARROW + SPARE:
        return {}
    try:
        with stacked(figure) as left:
            problems += left
            return _drawn(figure, ("svg", "pdf"), problems)
    except Exception as error:  # the wide drawing is good all the same
        problems.append(f"no drawing for one column, because of {type(error).__name__}: {error}")
        return {}


def _drawn(figure: Any, formats: Iterable[str], problems: list[str]) -> dict[str, str]:
    """The figure in each format, binary ones in base64; what is wrong with it is added to ``problems``."""
    files = {}
    for ending in formats:
        file = io.BytesIO()
        figure.savefig(file, format=ending)
        content = file.getvalue()
        files[ending] = content.decode() if ending == "svg" else base64.b64encode(content).decode("ascii")
    for check in (beyond, crowded, same_in_grey):
        try:
            problems += check(figure)
        except Exception as error:  # a figure is never lost to what looks for its faults
            problems.append(f"not looked through for what is {check.__name__}: {error}")
    return files
