"""How Jupyter shows a record to the author who publishes it: a table as a table, a claim with its numbers."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any


def html(record: Mapping[str, Any]) -> str | None:
    """The record as HTML; None for one whose line of text says all, or would be long (data of a figure)."""
    if record["kind"] == "table":
        return f"<p>{escape(record['caption'])}</p>{_table(record['columns'], record['rows'])}"
    if record["kind"] == "claim":
        effects = [
            (effect["what"], *(effect[key] for key in ("value", "low", "high", "n", "p")))
            for effect in record["effects"]
        ]
        heads = ("effect", "estimate", "low", "high", "n", "p after Holm")
        said = f"<p><b>{escape(record['verdict'])}</b>: {escape(record['statement'])}</p>"
        return f"{said}<p>{escape(record['criterion'])}</p>{_table(heads, effects) if effects else ''}"
    return None


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(f'<td>{_entry(entry)}</td>' for entry in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _entry(entry: Any) -> str:
    """Four digits of a number, as on a page; a dash for what is not there."""
    if entry is None:
        return "–"
    return escape(f"{entry:.4g}" if isinstance(entry, float) else str(entry))
