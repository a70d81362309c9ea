"""The outputs of a cell, as nbconvert takes them: of each, by MIME type, what a page can show."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode, from_dict

from site_builder.model import Claim, Figure, Harvest, Table, Value
from site_builder.notebook import cells, reader
from site_builder.notebook.published import MIME
from site_builder.post import numbers
from site_builder.post.rules_html import NARROW_PAGE
from site_builder.render import liquid
from site_builder.render.mathematics import Typesetter
from site_builder.render.safe_html import Strangers, picture
from site_builder.write import artifact_html

_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
PRIORITY = [MIME, "text/html", "text/markdown", _PICTURES[0], "text/latex", *_PICTURES[1:], "text/plain"]
"""What is shown of an object that can be shown in several ways."""
_NEEDS_MORE = re.compile(
    r"<(?:script|style(?! scoped)|iframe|object|embed|svg|canvas|input|button|video|audio)\b", re.I
)
_NAMELESS = re.compile(r"\s*<[^<>]*(?: object| at 0x[0-9a-f]+)>")
"""The text of an object that has a better form."""
_LARGEST_HTML = 400_000
"""Characters: a table of some thousand rows."""


class Outputs:
    """Those of all cells of a page, which lies below the root by ``up``."""

    def __init__(self, harvest: Harvest, strangers: Strangers, typesetter: Typesetter, up: str) -> None:
        self._harvest, self._strangers, self._typesetter, self._up = harvest, strangers, typesetter, up
        self._figures = {figure.origin.cell: figure for figure in harvest.figures.values()}

    def of(self, cell: reader.Cell) -> list[dict[str, Any]]:
        """Those of ``cell``, each with a ``title`` for screen readers; values are rows of one table."""
        found: list[dict[str, Any]] = []
        values: dict[str, Any] | None = None
        for place, output in enumerate(_joined(cell), start=1):
            titled = output | {"title": f"Output {place} of cell {cell.index}"}
            if (value := self._value(output)) is None:
                values = None
                if MIME in output.get("data", {}):
                    titled["record"] = self._record(output["data"])
                elif "data" in output:
                    titled["data"] = self._shown(output["data"], cell, titled["title"])
            elif values is None:
                values = {"kind": "values", "rows": []}
                titled["record"] = values
            if value is not None and values is not None:
                values["rows"].append(artifact_html.value_row(value, [numbers.in_table(value.value, "")]))
                if len(values["rows"]) > 1:
                    continue
            found.append(titled)
        return found

    def _value(self, output: Mapping[str, Any]) -> Value | None:
        record = output.get("data", {}).get(MIME, {})
        return self._harvest.values.get(str(record.get("name"))) if record.get("kind") == "value" else None

    def _shown(self, data: Mapping[str, Any], cell: reader.Cell, title: str) -> dict[str, Any]:
        """What nbconvert may choose from."""
        drawn = any(kind in data for kind in _PICTURES)
        if drawn and (figure := self._figures.pop(cell.index, None)):
            return {_PICTURES[0]: self._figure(figure)}
        shown: dict[str, Any] = {kind: reader.text(data[kind]) for kind in PRIORITY if kind in data}
        if "text/html" in shown:
            another = any(not _NAMELESS.match(shown[kind]) for kind in shown if kind != "text/html")
            shown["text/html"] = self._safe(shown["text/html"], another, title)
        alt = cells.options(cell.source).get("fig-alt") or f"{title}, a picture without a description"
        for kind in _PICTURES:
            if kind in shown:
                shown[kind] = Markup(_picture(shown[kind], kind, alt))
        shown = {kind: content for kind, content in shown.items() if content}
        if reader.WIDGET_VIEW in data and "text/plain" in shown:
            shown["text/plain"] += "\n(a widget, as it was when it was shown first)"
        if not shown or (
            len(data) > 1 and [*shown] == ["text/plain"] and _NAMELESS.match(shown["text/plain"])
        ):
            told = ", ".join(sorted(set(data) - {"text/plain"})) or "empty"
            shown = {"text/plain": f"({told}: not shown here)"}
            if "application/json" in data:
                shown = {"text/plain": json.dumps(data["application/json"], indent=1, ensure_ascii=False)}
        return shown

    def _safe(self, fragment: str, another: bool, title: str) -> Markup:
        """What is harmless in HTML; nothing if little would be left, and there is ``another`` form."""
        safe = self._strangers.safe(fragment, title) if len(fragment) <= _LARGEST_HTML else ""
        return Markup("" if another and _NEEDS_MORE.search(fragment) and "<table" not in safe else safe)

    def _figure(self, figure: Figure) -> Markup:
        """A published figure in both schemes and widths, as posts show it, with its caption."""
        pictures = artifact_html.block("pictures", item=figure, alt=figure.alt, narrow_page=NARROW_PAGE)
        zoom = f'<a class="zoom" href="{artifact_html.asset(figure.files["svg"])}">{pictures}</a>'
        caption = self._typesetter.hold_delimited(artifact_html.caption(figure.caption), escaped=True)
        return Markup(
            f'<figure id="{figure.label}">{liquid.resolve(zoom, self._up)}'
            f"<figcaption>{caption}</figcaption></figure>"
        )

    def _record(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """A record in the form that the template shows; of packed or plotted numbers its line of text."""
        kind, name = (str(data[MIME].get(key)) for key in ("kind", "name"))
        shelves: dict[str, Mapping[str, Table | Claim]] = {
            "table": self._harvest.tables, "claim": self._harvest.claims, "data": self._harvest.data,
        }  # fmt: skip
        found = shelves.get(kind, {}).get(name)
        if isinstance(found, Claim):
            return {"kind": "claim", "claim": found, "effects": artifact_html.effects(found)}
        if isinstance(found, Table) and kind == "table":
            caption = artifact_html.caption(found.caption)
            return {"kind": "table", "caption": caption, **artifact_html.table(found, {}, "")}
        address = f"{self._up}assets/figures/{found.origin.run}/{name}.csv" if found else ""
        return {"kind": "line", "text": reader.text(data.get("text/plain", "")), "address": address}


def _joined(cell: reader.Cell) -> list[dict[str, Any]]:
    """The outputs of a cell, each text in one piece, and a stream that was interrupted."""
    nodes = []
    for output in cell.outputs:
        node = {"output_type": output["output_type"], "metadata": {}}
        if node["output_type"] == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            node |= {"name": name, "text": reader.text(output.get("text", ""))}
        elif node["output_type"] == "error":
            said = f"{output.get('ename', 'Error')}: {output.get('evalue', '')}"
            node["traceback"] = [reader.text(part) for part in output.get("traceback") or [said]]
        else:
            node |= {"output_type": "display_data", "data": output.get("data", {})}
        nodes.append(from_dict(node))
    joined, _ = CoalesceStreamsPreprocessor().preprocess_cell(NotebookNode(outputs=nodes), {}, 0)
    return list(joined.outputs)


def _picture(content: str, kind: str, alt: str) -> str:
    """A picture that no label publishes; a drawing of another hand stands on a light card."""
    if kind == _PICTURES[0]:
        shown = picture(content.encode(), kind, alt)
    else:
        try:
            shown = picture(base64.b64decode(content), kind, alt)
        except binascii.Error:
            shown = ""
    return shown and f'<figure class="figure-card">{shown}</figure>'
