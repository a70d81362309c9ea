"""Records: what ``gradlab.notebook.publish`` put into an output, turned into values, tables and claims.

Each reader takes the JSON of one record and returns a dataclass; what is wrong with it is raised as
``RecordError``, which the harvest turns into a problem that names notebook and cell.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from site_builder.errors import BuildError, choices
from site_builder.model import Claim, Origin, Scalar, Table, Value, is_number
from site_builder.notebook import reader
from site_builder.verdict import Effect, Verdict

MIME = "application/vnd.gradlab.record+json"

_KEYS = {
    "value": ("name", "value", "unit", "low", "high", "n", "note"),
    "table": ("name", "columns", "rows", "caption"),
    "data": ("name", "columns", "rows"),
    "claim": ("name", "statement", "verdict", "effects", "criterion", "evidence"),
    "rows": ("name", "columns"),
}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


class RecordError(Exception):
    """What is wrong with one record; never leaves the harvest."""


def published(executed: Path) -> list[Any] | None:
    """The records in the executed notebook at that path, in order; None if there is no whole one.

    Captions are left out: they are for readers of a table, and no run that needs these results sees them.
    """
    try:
        _, cells = reader.executed(executed)
    except BuildError:
        return None
    found = [bundle[MIME] for cell in cells for bundle in cell.bundles if MIME in bundle]
    return [
        {key: entry for key, entry in record.items() if key != "caption"}
        if isinstance(record, dict)
        else record
        for record in found
    ]


def read(record: Any, origin: Origin) -> tuple[str, Value | Table | Claim | None]:
    """The kind of a record ("value", "table", "data", "claim") and the record itself.

    A record of "rows" holds a number for each photograph, packed, for runs that need this one: no page shows
    it, so it stays packed and there is None.
    """
    if not isinstance(record, Mapping):
        raise RecordError(f"a record is a mapping, not {type(record).__name__}")
    kind = record.get("kind")
    if kind not in _KEYS:
        raise RecordError(f"unknown kind of record {kind!r}; {choices(_KEYS, kind)}")
    if missing := [key for key in _KEYS[kind] if key not in record]:
        raise RecordError(f"{kind} {record.get('name', '?')!r} lacks {', '.join(missing)}")
    name = record["name"]
    if not isinstance(name, str) or not _NAME.fullmatch(name) or ".." in name:
        raise RecordError(f"{kind} has an unsafe name {name!r}: letters, digits, '-', '_' and '.' only")
    if kind == "value":
        return kind, _value(record, origin)
    if kind == "claim":
        return kind, _claim(record, origin)
    return kind, None if kind == "rows" else _table(record, origin)


def _scalar(entry: Any, where: str) -> Scalar:
    if is_number(entry):
        return _finite(entry, where)
    if entry is None or isinstance(entry, str | bool):
        return entry
    raise RecordError(f"{where} is a {type(entry).__name__}; a number, text, truth value or null is wanted")


def _finite(entry: int | float, where: str) -> int | float:
    if abs(entry) > sys.float_info.max or entry != entry:
        raise RecordError(f"{where} is {entry!r:.20}; a number that is not finite is published as text")
    return entry


def _number(entry: Any, where: str, optional: bool = True) -> float | None:
    if (entry is None and optional) or is_number(entry):
        return None if entry is None else _finite(entry, where)
    raise RecordError(f"{where} is {entry!r:.60}, not a number")


def _measured(record: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Value, low, high and n of a value or an effect, which have to agree with each other."""
    value, n = _scalar(record["value"], where), record["n"]
    low, high = (_number(record[key], f"{where}: {key}") for key in ("low", "high"))
    if n is not None and not (isinstance(n, int) and not isinstance(n, bool) and n > 0):
        raise RecordError(f"{where}: n is {n!r:.60}; a sample has one entry or more")
    if (low is None) is not (high is None):
        raise RecordError(f"{where} has one bound of an interval and not the other")
    if low is not None and high is not None and not (is_number(value) and low <= value <= high):
        raise RecordError(f"{where} is {value!r:.60}, outside of its interval from {low} to {high}")
    return {"value": value, "low": low, "high": high, "n": n}


def _value(record: Mapping[str, Any], origin: Origin) -> Value:
    name = record["name"]
    tolerance = _number(record.get("tolerance"), f"value {name!r}: tolerance")
    if tolerance is not None and tolerance < 0:
        raise RecordError(f"value {name!r}: its tolerance is {tolerance}, less than nothing")
    unit, note = (str(record[key] or "") for key in ("unit", "note"))
    return Value(
        name=name, unit=unit, note=note, tolerance=tolerance, origin=origin,
        **_measured(record, f"value {name!r}"),
    )  # fmt: skip


def _table(record: Mapping[str, Any], origin: Origin) -> Table:
    name, columns, rows = record["name"], record["columns"], record["rows"]
    if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
        raise RecordError(f"{record['kind']} {name!r}: columns are a list of texts")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise RecordError(f"{record['kind']} {name!r}: rows are a list of lists")
    for position, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise RecordError(
                f"{record['kind']} {name!r}: row {position} has {len(row)} entries, not {len(columns)}"
            )
    return Table(
        name=name,
        columns=tuple(columns),
        rows=tuple(tuple(_scalar(entry, f"{name!r}, an entry") for entry in row) for row in rows),
        caption=str(record.get("caption") or ""),
        origin=origin,
        names=_words(record, "names", columns),
        units=_words(record, "units", columns),
        interval=str(record.get("interval") or ""),
        looks=_looks(record),
    )


def _words(record: Mapping[str, Any], key: str, columns: list[str]) -> Mapping[str, str]:
    """What is told of columns; only data says it."""
    told = record.get(key) or {}
    where = f"{record['kind']} {record['name']!r}: {key}"
    if not isinstance(told, Mapping) or not all(isinstance(text, str) for text in told.values()):
        raise RecordError(f"{where} is a mapping from column to text")
    if strange := [column for column in told if column not in columns]:
        raise RecordError(f"{where} finds no column {strange[0]!r}; {choices(columns, strange[0])}")
    return dict(told)


def _looks(record: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    looks = record.get("looks") or {}
    where = f"{record['kind']} {record['name']!r}: the look of"
    if not isinstance(looks, Mapping):
        raise RecordError(f"{where} lines is a mapping from entry to colour and dashes")
    for entry, look in looks.items():
        plain = isinstance(look, Mapping) and isinstance(look.get("dashes"), list)
        if (
            not plain
            or not _COLOUR.fullmatch(str(look.get("colour")))
            or not all(map(is_number, look["dashes"]))
        ):
            raise RecordError(f"{where} {entry!r} is a colour as #rrggbb and a list of dashes, not {look!r}")
    return {str(entry): {key: look[key] for key in ("colour", "dashes")} for entry, look in looks.items()}


def _claim(record: Mapping[str, Any], origin: Origin) -> Claim:
    name, effects = record["name"], record["effects"]
    if not str(record["statement"] or "").strip():
        raise RecordError(f"claim {name!r} has no statement: the sentence that holds or not")
    if not str(record["criterion"] or "").strip():
        raise RecordError(f"claim {name!r} has no criterion: the rule by which it holds or not")
    verdict = next((verdict for verdict in Verdict if verdict == record["verdict"]), None)
    if verdict is None:
        raise RecordError(f"claim {name!r}: no verdict {record['verdict']!r}; {choices(Verdict, '')}")
    if not isinstance(effects, list) or bool(effects) is (verdict is Verdict.UNTESTED):
        raise RecordError(
            f"claim {name!r}: a verdict is about one effect or more, {Verdict.UNTESTED} about none"
        )
    return Claim(
        name=name,
        statement=str(record["statement"]),
        verdict=verdict,
        effects=tuple(_effect(effect, f"claim {name!r}") for effect in effects),
        criterion=str(record["criterion"]),
        registered=record["evidence"] == "confirmatory",
        origin=origin,
    )


def _effect(effect: Any, claim: str) -> Effect:
    keys = [field.name for field in fields(Effect)]
    if not isinstance(effect, Mapping) or set(effect) != set(keys):
        raise RecordError(f"{claim}: an effect is a mapping with {', '.join(keys)}, not {effect!r:.200}")
    where = f"{claim}: {str(effect['what'])!r:.60}"
    for key in ("value", "n"):
        _number(effect[key], f"{where}: {key}", optional=False)
    p = _number(effect["p"], f"{where}: p")
    if p is not None and not 0 <= p <= 1:
        raise RecordError(f"{where}: p is {p}, no probability")
    return Effect(what=str(effect["what"]), p=p, **_measured(effect, where))
