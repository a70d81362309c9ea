"""HTML that a stranger may have written, as a part of a page: nothing in it runs or is fetched."""

import base64
import binascii
import html
import io
import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote

import imagesize
import nh3
from lxml import etree

from site_builder.errors import PageError
from site_builder.post.elements import (
    DEEPEST,
    Element,
    around,
    depth,
    having,
    inside,
    parse,
    put_before,
    replace,
    take,
    wrap,
)  # fmt: skip
from site_builder.render import highlight

_TAGS = nh3.ALLOWED_TAGS - {"area", "map", "article", "aside", "footer", "header", "hgroup", "nav"} | {
    "tfoot"
}
_WITH_CONTENT = {
    "script", "style", "noscript", "template", "title", "iframe", "object", "embed", "applet", "svg", "math",
    "canvas", "form", "button", "select", "option", "textarea", "audio", "video", "noframes", "noembed",
    "plaintext", "xmp",
}  # fmt: skip
"""What is left out with all that is in it; of other elements the text stays."""
_ATTRIBUTES = {
    "*": {"id", "hidden", "style", "lang", "dir", "title"},
    "a": {"href", "name"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "details": {"open"},
    "code": {"class"},
    "div": {"class"},
}
_STYLES = {"display", "text-align", "font-weight", "font-style", "color", "background-color"}
_COLOUR = re.compile(
    r"(?<![\w-])(background-)?color:(#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b|rgb\([\d,]+\))?[^;]*"
)
"""A colour, of which the style sheet takes what can be read in both schemes: see ``terminal``."""
_ELSEWHERE = re.compile(r"(?:https?:|mailto:)", re.IGNORECASE)
_PICTURE = re.compile(r"data:(image/(?:png|jpeg|gif|webp|svg\+xml));base64,([A-Za-z0-9+/=\s]+)")
_CLASS = re.compile(r"equation|language-[\w+-]+")
_VIEW = re.compile(rb"""<svg[^>]*\sviewBox=["'][-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)""")
_FORMULA = re.compile(r"(?<![\\$\d])\$(?=[^\s$])([^$]*[^\s$])\$(?![$\d])")
"""One in the heads of a table, as frames have them; amounts of money are none."""
_LARGEST = 100_000
"""CSS px of a side of a picture."""
_PREFIX = "in-"
"""What stands before a stranger's ids, so that they never meet those of the page."""
_FOLDED_FROM = {"lines": 101, "rows": 51}
"""Texts and tables of that length show their beginning until they are opened; a row is higher than a line."""


class Strangers:
    """All such HTML of one page.

    ``notebooks`` maps notebooks of the folder to the pages of their runs; ``formula`` gives a slot for TeX.
    """

    def __init__(self, notebooks: Mapping[str, str], formula: Callable[[str], str]) -> None:
        self._notebooks, self._formula = notebooks, formula
        self._ids: set[str] = set()

    def safe(self, fragment: str, name: str) -> str:
        """What is harmless in ``fragment``, in the style of the page; "" if a reader would see nothing.

        ``name`` is what a screen reader says of it. Raises ``PageError`` for what is nested without end.
        """
        # Nested without end, or with ends that are not there, HTML takes the square of its length or more
        # to clean. This parser closes what is open, and its tree can be measured.
        root = parse(fragment)
        etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
        if depth(root) > DEEPEST:
            raise PageError(f"{name}: HTML of more than {DEEPEST} elements in each other is not shown")
        cleaned = nh3.clean(
            inside(root),
            tags=_TAGS,
            clean_content_tags=_WITH_CONTENT,
            attributes=_ATTRIBUTES,
            url_schemes={"http", "https", "mailto", "data"},
            filter_style_properties=_STYLES,
            attribute_filter=lambda _, name, value: (
                value if name != "class" or _CLASS.fullmatch(value) else None
            ),
            id_prefix=_PREFIX,
        )
        root = parse(cleaned)
        for element in having(root, "*", "hidden") + having(root, "*", "style"):
            style = element.attrib.pop("style", "").replace(" ", "")
            if "hidden" in element.attrib or "display:none" in style:
                take(element)
            elif (style := _COLOUR.sub(_readable, style).strip(";")) and "display" not in style:
                element.set("style", style)
        for paragraph in having(root, "p"):
            if not paragraph.text_content().strip() and not len(paragraph):
                paragraph.drop_tree()  # a formula was all it held
        for image in having(root, "img"):
            replace(image, _embedded(image, name))
        for link in having(root, "a"):
            self._link(link)
        for heading in root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
            # One level lower, because the page has a title; and with the anchor that Jupyter gives it.
            heading.tag = f"h{min(6, int(heading.tag[1]) + 1)}"
            heading.set("id", heading.get("id") or _PREFIX + heading.text_content().strip().replace(" ", "-"))
        for element in having(root, "*", "id"):
            if (identity := element.get("id")) in self._ids:
                del element.attrib["id"]
            self._ids.add(identity)
        for place, pre in enumerate(having(root, "pre")):
            _text(pre, f"Text {place} of {name}")
        for head in root.iter("th", "caption"):
            if head.text:
                head.text = _FORMULA.sub(lambda match: self._formula(match[1]), head.text)
        for place, table in enumerate(having(root, "table")):
            _table(table, f"Table {place} of {name}")
        return inside(root) if root.text_content().strip() or having(root, "img") else ""

    def _link(self, link: Element) -> None:
        """A link stays if it leads somewhere: out of the site, to a place on this page, to another run's."""
        if named := link.attrib.pop("name", ""):
            link.set("id", _PREFIX + named)
        address = link.attrib.pop("href", "")
        file, _, fragment = address.partition("#")
        page = self._notebooks.get(unquote(file.removeprefix("./")))
        if _ELSEWHERE.match(address):
            link.set("href", address)
        elif fragment and (page or not file):
            link.set("href", f"{page or ''}#{_PREFIX}{quote(unquote(fragment))}")
        elif page:
            link.set("href", page)
        elif "id" not in link.attrib:
            link.drop_tag()


def picture(content: bytes, kind: str, alt: str) -> str:
    """An element with the picture in it, ``kind`` being its MIME type; "" if it is none."""
    width, height = imagesize.get(io.BytesIO(content))
    if width <= 0 and (view := _VIEW.search(content[:20_000])):
        width, height = float(view[1]), float(view[2])
    if not (0 < width < _LARGEST and 0 < height < _LARGEST):
        return ""
    source = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    size = f'width="{math.ceil(width)}" height="{math.ceil(height)}"'
    return f'<img src="{source}" alt="{html.escape(alt)}" {size}>'


def fold_long(root: Element) -> None:
    """Fold the long outputs of a page with a switch that works without a script: see ``highlight.block``."""
    long = [
        (pre, pre.text_content().count("\n") + 1, "lines") for pre in having(root, "pre", of_class="output")
    ]
    long += [
        (box, len(box.xpath(".//tr[td]")), "rows") for box in having(root, "div", of_class="table-scroll")
    ]
    for element, length, of in long:
        if length >= _FOLDED_FROM[of]:
            wrap(element, "div", {"class": "folded"})
            put_before(element, f'<details class="fold"><summary>All {length:,} {of}</summary></details>')


def _readable(colour: re.Match[str]) -> str:
    return f"--{'back' if colour[1] else 'hue'}:{colour[2]}" if colour[2] else ""


def _embedded(image: Element, name: str) -> str:
    """A picture that is in the notebook itself; what would be fetched is named instead."""
    found = _PICTURE.fullmatch(image.get("src", ""))
    alt = image.get("alt", "")
    try:
        shown = picture(base64.b64decode(found[2]), found[1], alt or f"{name}, a picture") if found else ""
    except binascii.Error:
        shown = ""
    return shown or html.escape(f"[image: {alt}]" if alt else "[image]", quote=False)


def _text(pre: Element, name: str) -> None:
    """Code in its colours, and any other preformatted text as an output is shown."""
    code = pre[0] if len(pre) == 1 and pre[0].tag == "code" else None
    if code is not None:
        language = code.get("class", "").removeprefix("language-") or "text"
        replace(pre, highlight.block(code.text_content(), language, name))
    else:
        pre.attrib.update({"class": "output", "tabindex": "0", "role": "group", "aria-label": name})


def _table(table: Element, name: str) -> None:
    """A table that scrolls where it is too wide, its numbers to the right."""
    columns: dict[int, list[Element]] = defaultdict(list)
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        if not any("colspan" in cell.attrib for cell in cells):
            # From the right: cells of several rows, which only the first of these has, stand on the left.
            for place, cell in enumerate(reversed(cells)):
                columns[place].append(cell)
    for column in columns.values():
        entries = [cell for cell in column if cell.tag == "td" and cell.text_content().strip()]
        if entries and all(_is_number(cell.text_content()) for cell in entries):
            for cell in column:
                cell.set("class", "number")
    if around(table, "table") is None:
        wrap(table, "div", {"class": "table-scroll", "tabindex": "0", "role": "region", "aria-label": name})


def _is_number(text: str) -> bool:
    try:
        float(text.strip().replace(",", "").replace("−", "-").rstrip("%"))
    except ValueError:
        return False
    return True
