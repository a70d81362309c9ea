"""What is wrong with a drawing that matplotlib draws all the same."""

import itertools
import math
from typing import Any

from .layout import SPARE
from .ticks import boxes_of

_GREYS = 0.2
"""The least difference of lightness, of 1, that tells two colours apart in grey."""


def beyond(figure: Any) -> list[str]:
    """What of the drawing lies beyond its canvas and so is cut off."""
    from matplotlib.text import Text

    width, height = figure.get_size_inches()
    renderer = figure._get_renderer()
    ticks = {
        id(text)
        for axes in figure.axes
        for axis in axes._axis_map.values()
        for text in axis.get_ticklabels(which="both")
    }
    drawn = figure.get_tightbbox(renderer)
    found = []
    for side, excess in (
        ("left", -drawn.x0),
        ("right", drawn.x1 - width),
        ("lower", -drawn.y0),
        ("upper", drawn.y1 - height),
    ):
        if not math.isfinite(excess) or excess <= SPARE:
            continue
        reaching = []
        for text in figure.findobj(Text):
            if text.get_visible() and text.get_text().strip() and id(text) not in ticks:
                box = text.get_window_extent(renderer).transformed(figure.dpi_scale_trans.inverted())
                ends = {"left": -box.x0, "right": box.x1 - width, "lower": -box.y0, "upper": box.y1 - height}
                if abs(ends[side] - excess) < SPARE:
                    reaching.append(text.get_text())
        what = f"the text {reaching[0]!r}" if reaching else "something"
        found.append(
            f"{what} reaches {excess:.2f} in beyond the {side} edge of the drawing {width:.1f} in wide"
        )
    return found


def crowded(figure: Any) -> list[str]:
    """Tick labels that lie on each other."""
    found = []
    for axes, which in itertools.product(figure.axes, "xy"):
        for (one, before), (other, after) in itertools.pairwise(boxes_of(axes, which)):
            if before.overlaps(after):
                found.append(
                    f"the tick labels {one.get_text()!r} and {other.get_text()!r} lie on each other in the "
                    f"drawing {figure.get_figwidth():.1f} in wide"
                )
                break
    return found


def same_in_grey(figure: Any) -> list[str]:
    """Entries of a legend that only their colour tells apart, and that look the same in grey."""
    from matplotlib.legend import Legend
    from matplotlib.offsetbox import DrawingArea

    found = []
    for legend in figure.findobj(Legend):
        names = [text.get_text() for text in legend.get_texts()]
        looks = [_look(entry) for entry in legend.findobj(DrawingArea)]
        for one, other in itertools.combinations(range(min(len(names), len(looks))), 2):
            (shape, grey), (same, as_grey) = looks[one], looks[other]
            if shape == same and abs(grey - as_grey) < _GREYS:
                found.append(
                    f"{names[one]!r} and {names[other]!r} look the same in grey: "
                    "give each a dash or a marker of its own"
                )
    return found


def _look(entry: Any) -> tuple[Any, float]:
    """The shape of a legend's entry, and how light its first part is on white, from 0 to 1."""
    from matplotlib.collections import Collection
    from matplotlib.colors import to_rgba_array
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shape: list[Any] = []
    colours: list[Any] = []
    for part in entry.get_children():
        if isinstance(part, Line2D):
            marker = (part.get_marker(), part.get_fillstyle(), part.get_markersize())
            dashes = part._unscaled_dash_pattern  # type: ignore[attr-defined]
            shape.append((dashes, part.get_linestyle(), part.get_linewidth(), marker))
            colours.append(to_rgba_array(part.get_color(), part.get_alpha()))
        elif isinstance(part, Patch | Collection):
            face, edge = (to_rgba_array(one) for one in (part.get_facecolor(), part.get_edgecolor()))
            hollow = not len(face) or face[0][3] == 0
            drawn = [str(path.vertices) for path in part.get_paths()] if isinstance(part, Collection) else []
            shape.append((type(part).__name__, part.get_hatch(), str(part.get_linestyle()), hollow, drawn))
            colours.append(edge if hollow else face)
        else:
            shape.append((type(part).__name__, id(part)))  # text, or a picture: a shape of its own
    first = next((rows[0] for rows in colours if len(rows) and rows[0][3] > 0), (0, 0, 0, 1))
    red, green, blue, alpha = first
    # Luma after ITU-R BT.709, the weights of sRGB.
    return shape, 1 - alpha * (1 - (0.2126 * red + 0.7152 * green + 0.0722 * blue))
