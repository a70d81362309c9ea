"""Figures: the three pictures of one output made ready for the web, a paper and a dark page.

The SVG loses what changes without a change of the result (metadata with dates), the dark SVG is the
light one with the theme colours exchanged, PDF and PNG stay as they were drawn.
"""

import base64
import binascii
import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from site_builder.model import Table
from site_builder.notebook import reader

MIMES = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}
PICTURE = "picture"
"""The column of figure data that holds pictures: PNG files in base64, one in each row."""

_PX_PER_UNIT = {"": 1.0, "px": 1.0, "pt": 4 / 3, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "pc": 16.0}
_ROOT = re.compile(r"<svg\b[^>]*>")
_PROLOG = re.compile(r"^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!DOCTYPE[^>]*>\s*)?")
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_ACTIVE = re.compile(
    r"<script\b|<foreignObject\b|\son[a-z]+\s*=|javascript:|<iframe\b|<(?:a|image|use)\b[^>]*href=[\"']https?:",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"(<!--.*?-->)|(<style\b[^>]*>.*?</style>)|(<[^>]*>)", re.DOTALL)
_COLOUR = re.compile(r"(?<=[:\s\"'=;])(?<!href=[\"'])#[0-9a-fA-F]{6}\b")
_PNG_HEAD, _PDF_HEAD = b"\x89PNG\r\n\x1a\n", b"%PDF-"
_PNG_TAIL = b"IEND\xaeB`\x82"


class FigureError(Exception):
    """What is wrong with one picture; never leaves the harvest."""


@dataclass(frozen=True)
class Pictures:
    """The files of one figure by ending ("svg", "dark.svg", "pdf", "png"); sizes in CSS px."""

    files: Mapping[str, bytes]
    width: int
    height: int


def is_drawing(data: Mapping[str, Any]) -> bool:
    """Whether an output's MIME bundle holds a picture in any of the three forms."""
    return any(mime in data for mime in MIMES.values())


def pictures(data: Mapping[str, Any], theme: Mapping[str, str]) -> Pictures:
    """The pictures of one output. Raises ``FigureError`` if one is missing or damaged."""
    if missing := [ending for ending, mime in MIMES.items() if mime not in data]:
        raise FigureError(
            f"has no {' and no '.join(missing)}; the executor's kernel draws svg, pdf and png together"
        )
    light, width, height = web_svg(reader.text(data[MIMES["svg"]]))
    pdf = _binary(data[MIMES["pdf"]], _PDF_HEAD, "pdf")
    png = _binary(data[MIMES["png"]], _PNG_HEAD, "png")
    dark = dark_svg(light, theme)
    files = {"svg": light.encode(), "dark.svg": dark.encode(), "pdf": pdf, "png": png}
    return Pictures(files=files, width=width, height=height)


def _binary(entry: Any, head: bytes, ending: str) -> bytes:
    try:
        content = base64.b64decode("".join(reader.text(entry).split()), validate=True)
    except (binascii.Error, ValueError) as damage:
        raise FigureError(f"has a damaged {ending}: {damage}") from None
    if not content.startswith(head):
        raise FigureError(f"has a damaged {ending}: it does not begin as one")
    return content


def web_svg(svg: str) -> tuple[str, int, int]:
    """The SVG without prolog and metadata, ``role="img"`` on its root, and its size in CSS px.

    Raises ``FigureError`` if it is not well-formed, has no size, or holds something that could run.
    """
    if _ACTIVE.search(svg):
        raise FigureError("has an SVG with a script or a link in it; only drawings are published")
    try:
        ElementTree.fromstring(svg)
    except ElementTree.ParseError as damage:
        raise FigureError(f"has a damaged svg: {damage}") from None
    body = _METADATA.sub("", _PROLOG.sub("", svg, count=1))
    root = _ROOT.search(body)
    if root is None:
        raise FigureError("has a damaged svg: no <svg> element")
    width, height = (_pixels(root[0], side) for side in ("width", "height"))
    if 'role="img"' not in root[0]:
        body = body.replace(root[0], root[0].replace("<svg", '<svg role="img"', 1), 1)
    return body.rstrip() + "\n", width, height


def _pixels(root: str, side: str) -> int:
    match = re.search(rf'\s{side}="([0-9.]+)([a-z]*)"', root)
    if match is None or match[2] not in _PX_PER_UNIT:
        raise FigureError(f"has an svg without a {side} in pt, px, in, cm or mm")
    return round(float(match[1]) * _PX_PER_UNIT[match[2]])


def dark_svg(svg: str, theme: Mapping[str, str]) -> str:
    """The SVG with each theme colour exchanged, in attributes and style sheets but not in comments."""
    exchange = {light.lower(): dark for light, dark in theme.items()}

    def swap(match: re.Match[str]) -> str:
        return exchange.get(match[0].lower(), match[0])

    def markup(match: re.Match[str]) -> str:
        return match[0] if match[1] else _COLOUR.sub(swap, match[0])

    return _MARKUP.sub(markup, svg)


def data_pictures(data: Table) -> tuple[Table, dict[str, bytes]]:
    """The data with file names for its pictures, and those files by name; without pictures as they are.

    Raises ``FigureError``, which begins with the row, counted from 1, for the first that is no whole PNG.
    """
    if PICTURE not in data.columns:
        return data, {}
    place = data.columns.index(PICTURE)
    files: dict[str, bytes] = {}
    rows = []
    for number, row in enumerate(data.rows, start=1):
        # No label has a dot in it, so this is never the file of another figure.
        name = f"{data.name}.{number}.png"
        try:
            files[name] = _picture(row[place])
        except FigureError as damage:
            raise FigureError(f"row {number} {damage}") from None
        rows.append((*row[:place], name, *row[place + 1 :]))
    return replace(data, rows=tuple(rows)), files


def _picture(entry: Any) -> bytes:
    if entry is None or entry == "":
        raise FigureError("has no picture")
    content = _binary(entry, _PNG_HEAD, "png")
    if not content.endswith(_PNG_TAIL):
        raise FigureError("has a damaged png: it ends too early")
    return content


def data_files(data: Table) -> dict[str, bytes]:
    """The numbers behind a figure as "csv" (one header line) and "json" (columns by name)."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(data.columns)
    writer.writerows(["" if entry is None else entry for entry in row] for row in data.rows)
    columns = {name: [row[place] for row in data.rows] for place, name in enumerate(data.columns)}
    text = json.dumps({"figure": data.name, "run": data.origin.run, "columns": columns}, ensure_ascii=False)
    return {"csv": sheet.getvalue().encode(), "json": (text + "\n").encode()}
