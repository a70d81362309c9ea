"""One SVG drawing: read as XML, held to what a drawing needs, written anew, and made ready for a dark page.

Matplotlib's comments and metadata are lost on the way, and with them what changes without a change of the
result.
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from site_builder.errors import choices
from site_builder.model import Size

MARK = "theme-"
"""What the id of a group drawn in theme colours begins with: see ``gradlab.notebook.figures.mark``."""

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_HREF = f"{{{_XLINK}}}href"
_ELEMENTS = frozenset(
    (
        *("svg", "g", "defs", "symbol", "use", "title", "desc", "style", "image"),
        *("text", "tspan", "textPath"),
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "marker", "pattern", "mask"),
        *("clipPath", "linearGradient", "radialGradient", "stop"),
        *("filter", "feComposite"),  # of matplotlib's shaded triangles
    )
)
_ATTRIBUTES = re.compile(
    r"""
    id | class | style | role | type | version | overflow | color | opacity | visibility | display | href
    | width | height | transform | viewBox | preserveAspectRatio | [cfd]?[xy][12]? | r[xy]? | d | points
    | rotate
    | textLength | lengthAdjust | startOffset | offset | orient | ref[XY]
    | marker(?:Width | Height | Units | -start | -mid | -end)
    | (?:gradient | pattern | patternContent | clipPath | mask | maskContent)Units | spreadMethod
    | (?:gradient | pattern)Transform
    | fill(?:-opacity | -rule)? | stop-(?:color | opacity) | clip-(?:path | rule) | mask
    | stroke(?:-width | -opacity | -linecap | -linejoin | -miterlimit | -dasharray | -dashoffset)?
    | (?:shape | text | image)-rendering | vector-effect | paint-order
    | filter(?:Units)? | in2? | operator | k[1-4] | color-interpolation-filters
    | font-(?:family | size | style | weight | variant | stretch) | text-(?:anchor | decoration)
    | (?:dominant | alignment)-baseline | baseline-shift | (?:letter | word)-spacing | writing-mode
    """,
    re.VERBOSE,
)
_FUNCTION = re.compile(r"(?<![\w-])([\w-]++)\s*+\(\s*+[\"']?(.?)")
_FUNCTIONS = frozenset(
    (
        *("rgb", "rgba", "hsl", "hsla", "matrix", "translate", "translateX", "translateY", "rotate", "scale"),
        *("scaleX", "scaleY", "skewX", "skewY"),
    )
)
"""What may be called in an attribute or a style sheet; also ``url``, of a thing in the same file."""
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_PX_PER_UNIT = {"": 1.0, "px": 1.0, "pt": 4 / 3, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "pc": 16.0}
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")
_NUMBER = re.compile(r"\d*\.?\d+")
_LEGIBLE = 2.5
"""The least contrast, after WCAG 2, of text on a dark page; the house's own colours have at least 3."""
_SEEN = 1.5
"""The least contrast of lines and surfaces."""


class DrawingError(Exception):
    """What is wrong with a drawing; the message is the end of a sentence."""


def read(svg: str) -> ElementTree.Element:
    """The root of an SVG that holds a drawing and nothing else. Raises ``DrawingError`` if it does not."""
    try:
        root: ElementTree.Element = defusedxml.ElementTree.fromstring(svg)
        if root.tag != f"{{{_SVG}}}svg":
            raise DrawingError("has a damaged svg: its root is no <svg> of SVG's namespace")
        _hold(root)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as damage:
        raise DrawingError(f"has a damaged svg: {damage}") from None
    except RecursionError:
        raise DrawingError("has an svg whose parts are nested too deeply") from None
    return root


def _hold(element: ElementTree.Element) -> None:
    """Drop metadata, and refuse whatever could run, load or show something else than a drawing."""
    for child in list(element):
        namespace, _, name = str(child.tag).rpartition("}")
        if name == "metadata":
            element.remove(child)
            continue
        if namespace != f"{{{_SVG}" or name not in _ELEMENTS:
            raise DrawingError(
                f"has an svg with a <{name}> in it; only drawings are published: {choices(_ELEMENTS, name)}"
            )
        _hold(child)
    for attribute, entry in list(element.attrib.items()):
        name = attribute.rpartition("}")[2]
        if attribute == "{http://www.w3.org/XML/1998/namespace}space":
            continue
        if attribute != _HREF and not _ATTRIBUTES.fullmatch(attribute):
            raise DrawingError(f"has an svg with the attribute {name!r} in it, which a drawing does not need")
        if name == "href" and not (entry.startswith("#") or _PICTURE.fullmatch(entry)):
            raise DrawingError(
                f"has an svg with a link in it, to {entry[:60]!r}; all of a drawing is in its file"
            )
        if name not in ("href", "id", "class"):
            _hold_css(entry)
    if element.tag == f"{{{_SVG}}}style":
        if len(element):
            raise DrawingError("has an svg whose style sheet holds other elements")
        _hold_css(element.text or "")


def _hold_css(css: str) -> None:
    """Refuse rules that load something: rules with @, escapes, and functions that take an address."""
    foreign = "@" in css or "\\" in css or "/*" in css
    for name, first in _FUNCTION.findall(css):
        foreign |= first != "#" if name.lower() == "url" else name not in _FUNCTIONS
    if foreign:
        raise DrawingError(f"has an svg with a rule in it that could load something, {css.strip()[:60]!r}")


def published(root: ElementTree.Element) -> tuple[str, Size]:
    """The drawing as the text of a file, and its size. Raises ``DrawingError`` if it has no size."""
    root.set("role", "img")
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    text = ElementTree.tostring(root, encoding="unicode")
    return text.rstrip() + "\n", Size(_pixels(root, "width"), _pixels(root, "height"))


def _pixels(root: ElementTree.Element, side: str) -> int:
    match = re.fullmatch(r"(\d+\.?\d*|\.\d+)([a-z]*)", root.get(side, ""))
    if match is None or match[2] not in _PX_PER_UNIT:
        raise DrawingError(f"has an svg without a {side} in pt, px, in, cm or mm")
    return round(float(match[1]) * _PX_PER_UNIT[match[2]])


def darken(root: ElementTree.Element, theme: Mapping[str, str]) -> bool:
    """Exchange the theme colours in all that the house style marked; False, and nothing done, if the drawing
    would not be legible on a dark page: it has no marks, or something else is nearly as dark as that page,
    or as light as what is written on it.
    """
    exchange = {light.lower(): dark for light, dark in theme.items()}
    marked = [group for group in root.iter() if group.get("id", "").startswith(MARK)]
    paper, ink = exchange.get("#ffffff", "#000000"), max(exchange.values(), key=_luminance, default="#ffffff")
    if not marked:
        return False
    for part in _parts(root, _Part("#000000", "none", 1, False)):
        if part.is_text and _contrast(part.fill, paper) < _LEGIBLE:
            return False
        seen = [colour for colour in (part.fill, part.stroke) if _COLOUR.fullmatch(colour)]
        if any(_contrast(colour, paper) < _SEEN for colour in seen):
            return False
        if _COLOUR.fullmatch(part.fill) and part.opacity > 0.5 and _contrast(part.fill, ink) < _SEEN:
            return False
    for group in marked:
        for element in group.iter():
            for name in ("style", "fill", "stroke", "stop-color", "color"):
                if entry := element.get(name):
                    swapped = _COLOUR.sub(lambda match: exchange.get(match[0].lower(), match[0]), entry)
                    element.set(name, swapped)
    return True


class _Part(NamedTuple):
    """How something is painted: colours as "#rrggbb" or another word, and whether it is text."""

    fill: str
    stroke: str
    opacity: float
    is_text: bool


def _parts(element: ElementTree.Element, inherited: _Part) -> Iterator[_Part]:
    """All that is painted and not marked, but for what lies over pictures: it was chosen to be seen there."""
    name, gid = element.tag.rpartition("}")[2], element.get("id", "")
    over_picture = gid.startswith("axes_") and element.find(f".//{{{_SVG}}}image") is not None
    if name in ("defs", "clipPath") or gid.startswith(MARK) or over_picture:
        return
    said = {key: element.get(key, "") for key in ("fill", "stroke", "opacity", "fill-opacity")}
    for rule in element.get("style", "").split(";"):
        key, _, entry = rule.partition(":")
        said[key.strip()] = entry.strip()
    opacity = inherited.opacity
    for key in ("opacity", "fill-opacity"):
        opacity *= float(said[key]) if _NUMBER.fullmatch(said[key]) else 1
    own = _Part(
        said["fill"] or inherited.fill,
        said["stroke"] or inherited.stroke,
        opacity,
        inherited.is_text or name == "text" or gid.startswith("text_"),
    )
    if name in ("path", "use", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"):
        yield own
    for child in element:
        yield from _parts(child, own)


def _contrast(colour: str, paper: str) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2, "relative luminance")."""
    light, dark = sorted((_luminance(colour), _luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
