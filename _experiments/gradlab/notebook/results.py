"""What other runs published: their values, tables, figure data and claims, for a notebook that compares them.

The register lists the runs that a run reads under ``needs``; so a change of their results makes it stale,
and they are executed before it. They are read from their executed notebooks, which are committed, so that
a comparison needs none of their data or weights. Captions and pictures are not results.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from gradlab.notebook.publish import MIME
from gradlab.notebook.rows import decoded

EXECUTED = Path(__file__).resolve().parents[2] / "executed"
"""Where the executed notebooks are, one for each run."""
NEEDS = "GRADLAB_NEEDS"
"""The variable in which an execution is told the runs it may read. In a notebook opened by hand it is not
set, and every run may be read."""
Scalar = str | int | float | bool | None
_NOT_FINITE = ("nan", "inf", "-inf")
_Item = TypeVar("_Item")


class ResultsError(LookupError):
    """A run, a result or a column that is not there, or may not be read; the message has the choices."""


class Named(dict[str, _Item]):
    """Results of one kind by name; a name that is not among them is a :class:`ResultsError`."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def __missing__(self, name: str) -> _Item:
        raise ResultsError(f"{self._what} {name!r}; {_near(name, self)}")


@dataclass(frozen=True)
class Value:
    """A number (or text) in ``unit``: [low, high] is its interval, of the kind that ``note`` says; n is its
    sample size. What was published as not finite is so again.
    """

    value: Scalar
    low: Scalar
    high: Scalar
    n: int | None
    unit: str
    note: str


@dataclass(frozen=True)
class Table:
    """Rows of entries, one for each of ``columns``."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]

    def column(self, name: str) -> tuple[Scalar, ...]:
        """The entries below one heading; raise :class:`ResultsError` if there is none, or more than one."""
        if (count := self.columns.count(name)) != 1:
            found = "no column" if not count else f"{count} columns"
            raise ResultsError(f"{self.name} has {found} {name!r}; {_near(name, self.columns)}")
        place = self.columns.index(name)
        return tuple(row[place] for row in self.rows)


@dataclass(frozen=True)
class Claim:
    """A statement and its verdict by ``criterion`` (see :mod:`gradlab.notebook.claims`)."""

    statement: str
    verdict: str
    criterion: str


@dataclass(frozen=True)
class Results:
    """All that ``run`` published, in the order of its notebook. ``data`` is by the label of its figure."""

    run: str
    values: Named[Value]
    tables: Named[Table]
    data: Named[Table]
    claims: Named[Claim]
    rows: Named[dict[str, np.ndarray]]
    """Tables with a row a photograph, by column (see :mod:`gradlab.notebook.rows`)."""


def of(run: str) -> Results:
    """The results of another run, as it was last executed.

    Raises :class:`ResultsError` if the run has not been executed, or if the run that asks does not need it.
    """
    allowed = os.environ.get(NEEDS)
    if allowed is not None and run not in allowed.split():
        raise ResultsError(
            f"run {run!r} is not among those that this run needs: list it in experiments.yaml under needs; "
            f"{_near(run, allowed.split())}"
        )
    results = Results(
        run,
        Named(f"run {run} has no value"),
        Named(f"run {run} has no table"),
        Named(f"run {run} has no data of a figure"),
        Named(f"run {run} has no claim"),
        Named(f"run {run} has no table of photographs"),
    )
    for record in _records(run):
        _enter(results, record)
    return results


def _records(run: str) -> list[dict[str, Any]]:
    """The records in the outputs of the executed notebook, in their order."""
    known = sorted(path.stem for path in EXECUTED.glob("*.ipynb"))
    if run not in known:
        raise ResultsError(f"run {run!r} has no executed notebook; {_near(run, known)}")
    try:
        cells = json.loads((EXECUTED / f"{run}.ipynb").read_text(encoding="utf-8"))["cells"]
        bundles = [output.get("data", {}) for cell in cells for output in cell.get("outputs", ())]
        return [bundle[MIME] for bundle in bundles if MIME in bundle]
    except (ValueError, KeyError, TypeError, AttributeError) as damage:
        raise ResultsError(
            f"{run}.ipynb is not a whole executed notebook; execute it again: make experiments RUN={run}"
        ) from damage


def _enter(results: Results, record: Mapping[str, Any]) -> None:
    kind, name = record["kind"], record["name"]
    if kind == "value":
        results.values[name] = Value(
            value=_number(record["value"]),
            low=_number(record["low"]),
            high=_number(record["high"]),
            n=record["n"],
            unit=record["unit"],
            note=record["note"],
        )
    elif kind == "claim":
        results.claims[name] = Claim(record["statement"], record["verdict"], record["criterion"])
    elif kind == "rows":
        results.rows[name] = decoded(record)
    else:
        rows = tuple(tuple(map(_number, row)) for row in record["rows"])
        shelf = results.tables if kind == "table" else results.data
        shelf[name] = Table(name, tuple(record["columns"]), rows)


def _number(entry: Scalar) -> Scalar:
    """An entry as it was published: JSON knows no infinities, so they were written as text."""
    return float(entry) if isinstance(entry, str) and entry in _NOT_FINITE else entry


def _near(name: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    """The end of an error: the names like ``name``, or all if none is."""
    like = get_close_matches(name, known, n=5)
    if like:
        return f"close to it: {', '.join(like)}"
    return f"known: {', '.join(known)}" if known else "there is none"
