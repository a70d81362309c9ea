"""Figures: the pictures of one output made ready for the web, for a paper and for a dark page.

A figure has its wide drawing (SVG, PDF, PNG) and, where the kernel drew it, a narrow one (SVG, PDF). Each
SVG has a dark twin if the house style drew it; else the page shows the light one on a light card.
"""

import base64
import binascii
import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from site_builder import kernel_figures
from site_builder.errors import BuildError
from site_builder.harvest import drawing
from site_builder.harvest.drawing import DrawingError
from site_builder.kernel_figures import layout
from site_builder.model import Scalar, Size, Table
from site_builder.notebook import reader

MIMES = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}
PICTURE = "picture"
"""The column of figure data that holds pictures: PNG files in base64, one in each row."""

_ENDS = {"png": (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"), "pdf": (b"%PDF-", b"%%EOF")}
"""How a file of each kind begins, and what stands at its end."""
_TAIL = 1024
"""Bytes in which the end has to be: what follows it is no part of the picture."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ONE_WIDTH = round(layout.NARROW * 96) + 20
"""CSS px: a drawing that is no wider is legible in a column and on a phone as it is."""


@dataclass(frozen=True)
class Pictures:
    """The files of one figure by ending, their sizes, and what its author should know.

    Endings: "svg", "pdf", "png", of a figure drawn at two widths "narrow.svg" and "narrow.pdf", and of the
    house style "dark.svg" and "narrow.dark.svg".
    """

    files: Mapping[str, bytes]
    size: Size
    narrow: Size | None
    notices: tuple[str, ...]


def is_drawing(data: Mapping[str, Any]) -> bool:
    """Whether an output's MIME bundle holds a picture in any of the three forms."""
    return any(mime in data for mime in MIMES.values())


def distinct(drawings: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The drawings without those that show the same once more, as a cell that ends in its figure does."""
    found: dict[Any, Mapping[str, Any]] = {}
    for place, data in enumerate(drawings):
        found.setdefault(reader.text(data[MIMES["svg"]]) if MIMES["svg"] in data else place, data)
    return list(found.values())


def pictures(data: Mapping[str, Any], theme: Mapping[str, str]) -> Pictures:
    """The pictures of one output. Raises ``DrawingError`` if one is missing or damaged."""
    if missing := [ending for ending, mime in MIMES.items() if mime not in data]:
        raise DrawingError(
            f"has no {' and no '.join(missing)}: let make experiments execute the notebook, whose kernel "
            "draws all three; elsewhere write %config InlineBackend.figure_formats = ['svg', 'pdf', 'png'] "
            "in place of figure_format = 'retina'"
        )
    files = {
        "pdf": _binary(data[MIMES["pdf"]], "pdf"),
        "png": _binary(data[MIMES["png"]], "png"),
    }
    roots = {"": drawing.read(reader.text(data[MIMES["svg"]]))}
    more = data.get(kernel_figures.MIME)
    narrow = more.get("narrow") if isinstance(more, Mapping) else None
    if narrow:
        if not isinstance(narrow, Mapping) or not {"svg", "pdf"} <= narrow.keys():
            raise DrawingError("has a damaged narrow drawing: it is no svg with a pdf")
        files["narrow.pdf"] = _binary(narrow["pdf"], "narrow pdf")
        roots["narrow."] = drawing.read(reader.text(narrow["svg"]))
    sizes = {}
    for width, root in roots.items():
        text, sizes[width] = drawing.published(root)
        files[f"{width}svg"] = text.encode()
    notices = [str(problem) for problem in more.get("problems", ())] if isinstance(more, Mapping) else []
    if "narrow." not in sizes and sizes[""].width > _ONE_WIDTH:
        notices.append("it is drawn at one width, so its text is small on a phone and in a column")
    if all(drawing.darken(root, theme) for root in roots.values()):
        for width, root in roots.items():
            files[f"{width}dark.svg"] = drawing.published(root)[0].encode()
    else:
        notices.append(
            "it is not in the house style's colours alone, so on a dark page it stands on a light card"
        )
    return Pictures(files, sizes[""], sizes.get("narrow."), tuple(notices))


def _binary(entry: Any, kind: str) -> bytes:
    try:
        content = base64.b64decode("".join(reader.text(entry).split()), validate=True)
    except (binascii.Error, ValueError) as damage:
        raise DrawingError(f"has a damaged {kind}: {damage}") from None
    if lacking := _lacks(content, kind.rpartition(" ")[2]):
        raise DrawingError(f"has a damaged {kind}: it {lacking}")
    return content


def _lacks(content: bytes, ending: str) -> str:
    """What a file with this ending lacks to be whole, "" if it is."""
    head, tail = _ENDS.get(ending, (b"", b""))
    if not content.startswith(head):
        return "does not begin as one"
    return "" if tail in content[-_TAIL:] else "ends too early"


def refuse_part(name: str, content: bytes) -> None:
    """Raise ``BuildError`` for a PNG or PDF of that name that is cut off, or none at all."""
    ending = PurePosixPath(name).suffix.lower().removeprefix(".")
    if lacking := _lacks(content, ending):
        raise BuildError(f"{name}: is no whole {ending.upper()}: it {lacking}; make it again")


def data_pictures(data: Table) -> tuple[Table, dict[str, bytes]]:
    """The data with file names for its pictures, and those files by name; without pictures as they are.

    Raises ``DrawingError``, which begins with the row, counted from 1, for the first that is no whole PNG.
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
        except DrawingError as damage:
            raise DrawingError(f"row {number} {damage}") from None
        rows.append((*row[:place], name, *row[place + 1 :]))
    return replace(data, rows=tuple(rows)), files


def _picture(entry: Any) -> bytes:
    if entry is None or entry == "":
        raise DrawingError("has no picture")
    return _binary(entry, "png")


def _cell(entry: Scalar) -> Scalar:
    """An entry for a spreadsheet: it computes a text that begins like a formula unless a quote marks it."""
    if not isinstance(entry, str):
        return entry
    # A bare return would end a row, and begin another cell.
    text = re.sub(r"\r\n?", "\n", entry)
    return f"'{text}" if entry.startswith(_FORMULA) else text


def data_files(data: Table) -> dict[str, bytes]:
    """The numbers behind a figure as "csv" (one header line) and "json" (by column, and what is told)."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerows([_cell(entry) for entry in row] for row in (data.columns, *data.rows))
    columns = {name: [row[place] for row in data.rows] for place, name in enumerate(data.columns)}
    told = {"names": data.names, "units": data.units, "interval": data.interval, "looks": data.looks}
    record = {"figure": data.name, "run": data.origin.run, "columns": columns}
    record |= {key: entry for key, entry in told.items() if entry}
    text = json.dumps(record, ensure_ascii=False)
    return {"csv": sheet.getvalue().encode(), "json": (text + "\n").encode()}
