"""Executed notebooks as lab records: every cell with its outputs, and nothing in them that could run."""

import base64
import html
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from site_builder.model import Figure, Harvest, Listing, Table
from site_builder.notebook import cells, reader
from site_builder.notebook.published import MIME
from site_builder.post.elements import having, inside, parse, replace
from site_builder.post.rules_html import NARROW_PAGE
from site_builder.render import highlight, liquid, markdown
from site_builder.render.mathematics import Typesetter
from site_builder.write import artifact_html

SHOWN_CHARACTERS = 20_000
"""How much of one text output a page shows; the notebook has the rest."""


@dataclass(frozen=True)
class Cell:
    """A cell on the page of its run: ``kind`` is "markdown" or "code", ``label`` what it published.

    Cells are numbered from 1, as in ``Origin``.
    """

    number: int
    kind: str
    label: str
    html: str


def read_cells(path: Path, harvest: Harvest, typesetter: Typesetter, up: str) -> list[Cell]:
    """All cells of the executed notebook at ``path`` as HTML for a page below the root by ``up``."""
    _, found = reader.executed(path)
    figures = {figure.origin.cell: figure for figure in harvest.figures.values()}
    labels = _labels(harvest)
    shown = []
    for cell in found:
        number = cell.index
        if cell.kind == "markdown":
            shown.append(Cell(number, "markdown", "", _prose(cell.source, number, typesetter)))
        elif cell.kind == "code" and cell.source.strip():
            parts = [highlight.block(cells.code(cell.source), "python", f"Code of cell {number}")]
            parts += _outputs(cell.outputs, figures.get(number), typesetter, up, number)
            shown.append(Cell(number, "code", labels.get(number, ""), "\n".join(parts)))
    return shown


def _labels(harvest: Harvest) -> dict[int, str]:
    """The label of each cell that has one, by its number: the harvest knows what parameters made of it."""
    items: list[Figure | Listing | Table] = [*harvest.figures.values(), *harvest.listings.values()]
    items += harvest.tables.values()
    return {item.origin.cell: item.origin.label for item in items if item.origin.label}


def _prose(source: str, number: int, typesetter: Typesetter) -> str:
    """Markdown of a cell, its headings one level lower because the page has a title."""
    root = parse(markdown.to_html(source, typesetter, notebook=True))
    for heading in root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        heading.tag = f"h{min(6, int(heading.tag[1]) + 1)}"
    for image in having(root, "img"):
        replace(image, html.escape(f"[image: {image.get('alt', '')}]", quote=False))
    for place, pre in enumerate(having(root, "pre")):
        pre.set("aria-label", f"Text {place} of cell {number}")
    return inside(root)


def _outputs(
    outputs: Sequence[Mapping[str, Any]], figure: Figure | None, typesetter: Typesetter, up: str, number: int
) -> Iterator[str]:
    for place, output in enumerate(outputs):
        name = f"Output {place + 1} of cell {number}"
        if output.get("output_type") == "stream":
            stream = "stderr" if output.get("name") == "stderr" else "stdout"
            yield _block(reader.text(output.get("text", "")), f"output {stream}", name)
        elif output.get("output_type") == "error":
            yield _block(reader.text("\n".join(output.get("traceback", []))), "output error", name)
        else:
            yield _display(output.get("data", {}), figure, typesetter, up, name)


def _display(
    data: Mapping[str, Any], figure: Figure | None, typesetter: Typesetter, up: str, name: str
) -> str:
    """One displayed object: our record, a picture, or text; HTML is text here."""
    if MIME in data:
        return _block(reader.text(data.get("text/plain", "")), "output record", name)
    if figure is not None and ("image/svg+xml" in data or "image/png" in data):
        return _figure(figure, typesetter, up)
    if "image/png" in data:
        return _picture(base64.b64decode(reader.text(data["image/png"])), name)
    for kind in ("text/plain", "text/html", "application/javascript"):
        if kind in data:
            return _block(reader.text(data[kind]), "output", name)
    return _block(f"({', '.join(sorted(data)) or 'empty'})", "output", name)


def _picture(png: bytes, name: str) -> str:
    """A picture that no label publishes; its size is in the header of every PNG."""
    width, height = struct.unpack(">II", png[16:24]) if len(png) >= 24 else (1, 1)
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    alt = f"{name}, a picture without a description"
    size = f'width="{width}" height="{height}"'
    return f'<figure><img src="{source}" alt="{alt}" {size} loading="lazy"></figure>'


def _block(text: str, kind: str, name: str) -> str:
    text = reader.ESCAPES.sub("", text).rstrip("\n")
    more = len(text) - SHOWN_CHARACTERS
    if more > 0:
        text = f"{text[:SHOWN_CHARACTERS]}\n… and {more:,} characters more in the notebook"
    return f'<pre class="{kind}" tabindex="0" role="group" aria-label="{name}">{html.escape(text)}</pre>'


def _figure(figure: Figure, typesetter: Typesetter, up: str) -> str:
    """A published figure in both schemes and widths, as posts show it, with its caption."""
    pictures = artifact_html.block("pictures", item=figure, alt=figure.alt, narrow_page=NARROW_PAGE)
    zoom = f'<a class="zoom" href="{artifact_html.asset(figure.files["svg"])}">{pictures}</a>'
    caption = typesetter.hold_delimited(artifact_html.caption(figure.caption), escaped=True)
    return (
        f'<figure id="{figure.label}">{liquid.resolve(zoom, figure.files["svg"], up)}'
        f"<figcaption>{caption}</figcaption></figure>"
    )
