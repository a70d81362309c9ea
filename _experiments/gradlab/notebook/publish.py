"""What a notebook says to the world: values, tables, figure data and, by ``claims``, claims.

Each call displays one output under the MIME type :data:`MIME`, beside a readable line of text and, of a
table or a claim, what the author sees in Jupyter. The press reads these outputs from the executed notebook
and from nowhere else.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from IPython.display import display
from matplotlib.colors import to_hex

from gradlab.notebook import shown

MIME = "application/vnd.gradlab.record+json"
Scalar = str | int | float | bool | None


def _plain(value: Any) -> Scalar:
    """A JSON scalar: NumPy and torch scalars become Python's, non-finite numbers become text."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"an entry is a number, text, truth value or None, not {type(value).__name__}")


def _show(record: dict[str, Any], text: str) -> None:
    for_author = shown.html(record)
    forms = {"text/html": for_author} if for_author else {}
    display({MIME: record, **forms, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]


def value(
    name: str,
    value: Any,
    *,
    unit: str = "",
    low: Any = None,
    high: Any = None,
    n: int | None = None,
    note: str = "",
    tolerance: float | None = None,
) -> None:
    """Publish one number. ``low`` and ``high`` bound its interval, ``note`` says of which kind;
    ``tolerance`` is the absolute difference that another machine may show.
    """
    record = {
        "kind": "value", "name": name, "value": _plain(value), "unit": unit,
        "low": _plain(low), "high": _plain(high), "n": n, "note": note, "tolerance": tolerance,
    }  # fmt: skip
    _check(f"value {name!r}", record["value"], record["low"], record["high"], n)
    if tolerance is not None and not tolerance >= 0:
        raise ValueError(f"value {name!r}: its tolerance is {tolerance}, less than nothing")
    interval = f" [{record['low']}, {record['high']}]" if low is not None else ""
    _show(record, f"{name} = {record['value']}{interval} {unit}".rstrip())


def _check(what: str, value: Scalar, low: Scalar, high: Scalar, n: int | None) -> None:
    """Refuse what no sample gives: an interval that does not hold its value, a sample without an entry."""
    if n is not None and n < 1:
        raise ValueError(f"{what}: n is {n}; a sample has one entry or more")
    if (low is None) is not (high is None):
        raise ValueError(f"{what} has one bound of an interval and not the other")
    if low is None or high is None:
        return
    numbers = [entry for entry in (low, value, high) if isinstance(entry, int | float)]
    if len(numbers) == 3 and numbers != sorted(numbers):
        raise ValueError(f"{what} is {value}, outside of its interval from {low} to {high}")


@runtime_checkable
class Estimate(Protocol):
    """A mean over seeds, photographs or points, with the bounds of its interval."""

    @property
    def mean(self) -> float:
        """The estimate."""

    @property
    def low(self) -> float:
        """The lower bound."""

    @property
    def high(self) -> float:
        """The upper bound."""

    @property
    def n(self) -> int:
        """The sample size."""


def interval(
    name: str, found: Estimate, *, note: str, tolerance: float | None = None, unit: str = ""
) -> None:
    """Publish a mean with its interval; ``note`` says of which kind the interval is."""
    value(
        name, found.mean, low=found.low, high=found.high, n=found.n, note=note, tolerance=tolerance, unit=unit
    )


def _rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[list[Scalar]]:
    plain = [[_plain(entry) for entry in row] for row in rows]
    if wrong := [row for row in plain if len(row) != len(columns)]:
        raise ValueError(f"{len(columns)} columns {tuple(columns)}, but a row is {wrong[0]}")
    return plain


def table(name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, caption: str) -> None:
    """Publish a table that a post may show; ``name`` begins with "tbl-"."""
    record = {
        "kind": "table", "name": name, "columns": list(columns), "rows": _rows(columns, rows),
        "caption": caption,
    }  # fmt: skip
    _show(record, f"{name}: {len(rows)} rows of {', '.join(columns)}")


def data(
    figure: str,
    columns: Mapping[str, Sequence[Any] | np.ndarray],
    *,
    names: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    looks: Mapping[Any, Mapping[str, Any]] | None = None,
    interval: str = "",
) -> None:
    """Publish the numbers behind the figure labelled ``figure``: equally long named columns.

    What an interactive figure tells and shows comes with them: ``names`` and ``units`` of columns, the look
    of each line by the entry it stands for, as matplotlib's ``color`` and ``linestyle`` (see
    :func:`gradlab.notebook.figures.look`), and what ``interval`` the bounds are of.
    """
    heads = list(columns)
    rows = list(zip(*columns.values(), strict=True))
    if strange := [name for name in (*(names or {}), *(units or {})) if name not in columns]:
        raise ValueError(f"data of {figure!r} has no column {strange[0]!r}; it has {', '.join(heads)}")
    record = {
        "kind": "data", "name": figure, "columns": heads, "rows": _rows(heads, rows), "caption": "",
        "names": dict(names or {}), "units": dict(units or {}), "interval": interval,
        "looks": {str(entry): _look(look) for entry, look in (looks or {}).items()},
    }  # fmt: skip
    _show(record, f"data of {figure}: {len(rows)} rows of {', '.join(heads)}")


def _look(look: Mapping[str, Any]) -> dict[str, Any]:
    """A line's colour as "#rrggbb" and its dashes in widths of the line; without dashes it is solid."""
    style = look.get("linestyle", "-")
    dashes = (
        {"-": (), "--": (3.7, 1.6), ":": (1, 1.65), "-.": (6.4, 1.6, 1, 1.6)}.get(style)
        if isinstance(style, str)
        else (style[1] or ())
    )
    if dashes is None:
        raise ValueError(f"a line's style is '-', '--', ':', '-.' or (0, dashes), not {style!r}")
    return {"colour": to_hex(look["color"]), "dashes": list(dashes)}
