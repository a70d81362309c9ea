"""The sizes of the text in a drawing of matplotlib, and the fonts that a PDF of it embeds."""

import re
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Iterator

_SCALE = re.compile(r"scale\(([0-9.]+)")
_STREAM = re.compile(rb"\bstream\r?\n")
_GLYPH = re.compile(r"#[A-Z]\w*(?:-\w+)*-[0-9a-f]+$")


def of_svg(svg: str) -> list[float]:
    """The sizes in points of all glyphs, as an SVG holds them, 100 units an em; not of exponents."""
    return sorted(set(_svg_sizes(ElementTree.fromstring(svg), 1.0)))


def _svg_sizes(element: ElementTree.Element, scale: float) -> Iterator[float]:
    for child in element:
        found = _SCALE.search(child.get("transform", ""))
        is_glyph = _GLYPH.match(child.get("{http://www.w3.org/1999/xlink}href", ""))
        if is_glyph and not found:  # only what is raised or lowered in a formula has a scale of its own
            yield round(100 * scale, 2)
        yield from _svg_sizes(child, scale * float(found[1]) if found else scale)


def of_pdf(pdf: bytes) -> list[float]:
    """The sizes in points at which a PDF sets text, from its content streams."""
    sizes = set()
    for start in _STREAM.finditer(pdf):
        try:
            # What follows the compressed data is left alone: where it ends, it says itself.
            content = zlib.decompressobj().decompress(pdf[start.end() :])
        except zlib.error:
            continue  # compressed in another way, or no stream but a part of one
        sizes |= {round(float(size), 2) for size in re.findall(rb"/F\S+ ([0-9.]+) Tf", content)}
    return sorted(sizes)


def fonts(pdf: bytes) -> set[str]:
    """The kinds of fonts in a PDF: "Type3" cannot be embedded as publishers ask."""
    kinds = re.findall(rb"/Subtype\s*/(Type3|Type1|TrueType|Type0|CIDFontType2)\b", pdf)
    return {kind.decode() for kind in kinds}
