"""Interactive figures: what an author asks for, how a post carries it, and what our pages add.

A post says it in ``data-`` attributes, which al-folio ignores: there the static figure is all. Our pages
lay the published numbers inside the figure, because a page opened as a file may not fetch another one.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from site_builder.errors import PageError, choices
from site_builder.harvest.pictures import PICTURE
from site_builder.model import Scalar, Table, is_number
from site_builder.post.elements import Element, having, put_before

DIGITS = 6
"""Significant digits of a number in a page."""
_REACH = {"counts": ((1, 1000), (0, 1000)), "deviations": ((0.01, 1), (0.1, 2))}
"""What an author may start ``vector-sum`` with, and what its sliders reach."""
LOGARITHMIC = ("x", "y", "xy")
_BAR = (
    '<div class="explore-bar"><button type="button" class="explore" hidden aria-expanded="false">'
    "Explore</button></div>"
)
_Columns = Mapping[str, Sequence[Scalar]]


@dataclass(frozen=True)
class _Data:
    """What a figure published: numbers by column, and what it says of them; see ``model.Table``."""

    columns: _Columns
    names: Mapping[str, str]
    units: Mapping[str, str]
    interval: str
    looks: Mapping[str, Mapping[str, Any]]

    def label(self, column: str) -> str:
        """What a reader is told instead of a column's own name, with its unit."""
        unit = self.units.get(column, "")
        return self.names.get(column, column) + (f" ({unit})" if unit else "")

    def look(self, entry: Scalar) -> dict[str, Any]:
        """How the static figure draws what stands for ``entry``."""
        if str(entry) not in self.looks:
            raise InteractiveError(f"its data has no look of {entry!r}; {choices(self.looks, str(entry))}")
        return dict(self.looks[str(entry)])


class InteractiveError(ValueError):
    """An author asked for something that the figure cannot be; the message is the end of a sentence."""


@dataclass(frozen=True)
class _Kind:
    """What the script draws from and the options it is made of, which hold all that a reader is told."""

    given: Callable[[Mapping[str, str], _Data], dict[str, Any]]
    needed: tuple[str, ...]
    others: tuple[str, ...] = ()


def attributes(asked: str | Mapping[str, Any], published: Table | None) -> dict[str, str]:
    """The ``data-`` attributes of a figure, without the prefix, for a kind or for its options.

    Raises ``InteractiveError`` for unknown kinds, options and columns, and for missing data.
    """
    options = {
        key: ", ".join(map(str, entry)) if isinstance(entry, list | tuple) else str(entry)
        for key, entry in ({"kind": asked} if isinstance(asked, str) else asked).items()
    }
    name = options.pop("kind", "")
    if name not in KINDS:
        raise InteractiveError(f"no interactive kind {name!r}; {choices(KINDS, name)}")
    kind = KINDS[name]
    known = (*kind.needed, *kind.others)
    if unknown := [key for key in options if key not in known]:
        raise InteractiveError(f"{name!r} has no option {unknown[0]!r}; {choices(known, unknown[0])}")
    if missing := [key for key in kind.needed if not options.get(key)]:
        raise InteractiveError(f"{name!r} needs {', '.join(missing)}")
    if published is None:
        raise InteractiveError(f"{name!r} needs the numbers behind it, and none were published")
    columns = {column: [row[i] for row in published.rows] for i, column in enumerate(published.columns)}
    kind.given(options, _Data(columns, published.names, published.units, published.interval, published.looks))
    return {"interactive": name, **{key.replace("_", "-"): entry for key, entry in options.items() if entry}}


def furnish(root: Element, assets: Path, theme: Mapping[str, str], post: str) -> tuple[str, ...]:
    """Give each interactive figure of a page its button and, as JSON, all that the script of its kind draws
    from. The kinds that there are.

    ``theme`` maps colours of a light page to those of a dark one, as it does for static figures.
    """
    kinds: set[str] = set()
    for figure in having(root, "figure", "data-interactive"):
        options = {
            key.removeprefix("data-").replace("-", "_"): entry
            for key, entry in figure.attrib.items()
            if key.startswith("data-")
        }
        if (kind := options["interactive"]) not in KINDS:
            raise PageError(f"{post}: no interactive kind {kind!r}; {choices(KINDS, kind)}")
        given = _given(figure, options, assets, post)
        for look in given.get("looks", {}).values():
            look["dark"] = theme.get(look["colour"], look["colour"])
        _insert(figure, {"kind": kind} | given)
        kinds.add(kind)
    return tuple(sorted(kinds))


def _given(figure: Element, options: Mapping[str, str], assets: Path, post: str) -> dict[str, Any]:
    """What the script draws from the data below ``assets``. Raises ``PageError`` if they are not there."""
    kind = KINDS[options["interactive"]]
    place = Path("figures", figure.get("data-run"), f"{figure.get('id')}.json")
    start = f"{post}: the figure {figure.get('id')!r} is interactive, but assets/"
    pictures = []
    try:
        record = json.loads((assets / place).read_text(encoding="utf-8"))
        columns = record["columns"]
        if PICTURE in columns:
            pictures = [place.with_name(str(name)) for name in columns[PICTURE]]
            # The script is given addresses, which begin as that of the data does on this page.
            folder = options["source"].rpartition("/")[0]
            columns[PICTURE] = [f"{folder}/{one.name}" for one in pictures]
        names, units, looks = (record.get(key, {}) for key in ("names", "units", "looks"))
        data = _Data(columns, names, units, record.get("interval", ""), looks)
        given = kind.given(options, data)
    except InteractiveError as problem:
        raise PageError(f"{start}{place.as_posix()} does not fit: {problem}") from None
    except (OSError, ValueError, KeyError):
        raise PageError(f"{start}{place.as_posix()} does not hold the columns it draws") from None
    if lost := [one.as_posix() for one in pictures if not (assets / one).is_file()]:
        raise PageError(f"{start}{lost[0]} is not there")
    return given


def _insert(figure: Element, given: Mapping[str, Any]) -> None:
    text = json.dumps(given, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Nothing in the data can end the element.
    safe = text.replace("<", "\\u003c")
    script = f'<script class="figure-data" type="application/json">{safe}</script>'
    put_before(next(figure.iter("figcaption")), _BAR + script)


def _entries(options: Mapping[str, str], key: str, count: int) -> list[str]:
    """The entries of an option that is a list: none where it is not given, else as many as needed."""
    found = [entry.strip() for entry in options[key].split(",")] if options.get(key) else []
    if len(found) not in (0, count):
        raise InteractiveError(f"{key} has {len(found)} entries, {', '.join(found)}, and needs {count}")
    return found


def _column(columns: _Columns, key: str, name: str) -> Sequence[Scalar]:
    if name not in columns:
        raise InteractiveError(f"{key} finds no column {name!r}; {choices(columns, name)}")
    return columns[name]


def _numbers(columns: _Columns, key: str, name: str, gaps: bool = True) -> Sequence[Any]:
    """A column of numbers, shortened; with ``gaps`` some may be missing."""
    for row, entry in enumerate(_column(columns, key, name), start=1):
        if not (is_number(entry) or (gaps and entry is None)):
            raise InteractiveError(f"{key} is the column {name!r}, and {entry!r} in row {row} is no number")
    return [float(f"{one:.{DIGITS}g}") if isinstance(one, float) else one for one in columns[name]]


def _curves(options: Mapping[str, str], data: _Data) -> dict[str, Any]:
    """One series for each choice and group, in the order of the data, with numbers shortened."""
    columns = data.columns
    if (log := options.get("log", "")) not in ("", *LOGARITHMIC):
        raise InteractiveError(f"'log' is {log!r}; {choices(LOGARITHMIC, log)}")
    group, choose = options["group"], options.get("choose", "")
    names = _column(columns, "group", group)
    chosen = _column(columns, "choose", choose) if choose else [""] * len(names)
    roles = [key for key in ("x", "y", "low", "high", "dotted") if options.get(key)]
    numeric = {key: _numbers(columns, key, options[key]) for key in roles}
    series: dict[tuple[str, str], dict[str, Any]] = {}
    looks: dict[str, dict[str, Any]] = {}
    for row, entry in enumerate(names):
        # A number alone would not say what it counts.
        name, choice = entry if isinstance(entry, str) else f"{group} {entry}", str(chosen[row])
        looks[name] = data.look(entry)
        empty = {"name": name, "choice": choice, **{key: [] for key in numeric}}
        one = series.setdefault((choice, name), empty)
        for key, column in numeric.items():
            one[key].append(column[row])
    return {
        "xLabel": data.label(options["x"]),
        "yLabel": data.label(options["y"]),
        "band": data.interval if options.get("low") else "",
        **{key: options.get(key, "") for key in ("log", "dotted", "choose")},
        "series": list(series.values()),
        "looks": looks,
    }


def _vector_sum(options: Mapping[str, str], data: _Data) -> dict[str, Any]:
    """The names and numbers of the two groups, each number one that its slider reaches, and their looks."""
    given: dict[str, Any] = {key: _entries(options, key, 2) for key in KINDS["vector-sum"].needed}
    for key, reach in _REACH.items():
        for entry, (least, most) in zip(given[key], reach, strict=True):
            if not entry.replace(".", "", 1).isdecimal() or not least <= float(entry) <= most:
                raise InteractiveError(f"{key} holds {entry!r}, which is no number from {least} to {most}")
        given[key] = [float(entry) for entry in given[key]]
    for column in given["dimensions"]:
        _column(data.columns, "dimensions", column)
    given["dimensions"] = list(map(data.label, given["dimensions"]))
    looks = zip(("first", "second", "total"), (*given["symbols"], "total"), strict=True)
    return given | {"reach": _REACH["deviations"], "looks": {part: data.look(entry) for part, entry in looks}}


def _compare(options: Mapping[str, str], data: _Data) -> dict[str, Any]:
    """The subjects in the order of the data, each with its box in pixels and a picture of each layer.

    Raises ``InteractiveError`` unless the rows of a subject agree and it has all that can be chosen.
    """
    columns = data.columns
    names, title = _column(columns, "subject", options["subject"]), options["title"]
    box = _entries(options, "box", 5)
    frame = {title: _column(columns, "title", title)}
    frame |= {one: _numbers(columns, "box", one, gaps=False) for one in box}
    layers = [str(layer) for layer in _column(columns, "layer", options["layer"])]
    shown = {key: _layered(columns, key, options[key], layers) for key in ("vary", "value")}
    shown |= {"layer": layers, "picture": _column(columns, "'compare'", PICTURE)}
    for side, layer in (("left", options["left"]), ("right", options["right"])):
        if layer not in layers:
            raise InteractiveError(f"{side} names no {options['layer']} {layer!r}; {choices(layers, layer)}")
    subjects: dict[Scalar, dict[str, Any]] = {}
    for row, name in enumerate(names):
        for key, column in frame.items():
            if column[row] != column[names.index(name)]:
                raise InteractiveError(f"row {row + 1} of its data has another {key} for {name!r}")
        empty = {"title": frame[title][row], "box": [frame[one][row] for one in box], "pictures": []}
        picture = {key: column[row] for key, column in shown.items()}
        subjects.setdefault(name, {"name": name, **empty})["pictures"].append(picture)
    return {
        **{key: options[key] for key in ("subject", "title", "vary", "value", "left", "right")},
        "value_label": data.label(options["value"]),
        **{key: options.get(key, "") for key in ("value_note", "note")},
        "values": _values(options["vary"], names, layers, shown["vary"]),
        "layers": list(dict.fromkeys(layers)),
        "subjects": list(subjects.values()),
    }


def _layered(columns: _Columns, key: str, name: str, layers: Sequence[str]) -> Sequence[Any]:
    """Numbers that a layer has in all of its rows or in none: else one was forgotten."""
    entries = _numbers(columns, key, name)
    filled = {layer for layer, entry in zip(layers, entries, strict=True) if entry is not None}
    for row, layer in enumerate(layers):
        if layer in filled and entries[row] is None:
            raise InteractiveError(f"row {row + 1} of its data has no {name}, but others of {layer!r} have")
    return entries


def _values(vary: str, names: Sequence[Scalar], layers: Sequence[str], varied: Sequence[Any]) -> list[float]:
    """The values of ``vary``, in order. Whatever a reader chooses has to be there, once."""
    values = sorted(set(varied) - {None})
    if not values:
        raise InteractiveError(f"vary is the column {vary!r}, which is empty")
    there = Counter(zip(names, layers, varied, strict=True))
    constant = {layer for _, layer, value in there if value is None}
    for name, layer in product(dict.fromkeys(names), dict.fromkeys(layers)):
        for value in [None] if layer in constant else values:
            if (found := there[name, layer, value]) != 1:
                at = "" if value is None else f" at the {vary} {value}"
                known = choices((other for one, other, _ in there if one == name), layer)
                raise InteractiveError(f"{name!r} has {found} pictures of {layer!r}{at}, not 1; {known}")
    return values


KINDS: Mapping[str, _Kind] = {
    # Lines y over x, one for each entry of the column `group`, of the entries chosen in `choose`.
    "curves": _Kind(_curves, ("x", "y", "group"), ("low", "high", "dotted", "choose", "log")),
    # Sums of normal vectors of two groups in two dimensions; an option says it of the first and the second.
    # Entries have the first deviation, but those of the first group in the second dimension the second.
    "vector-sum": _Kind(_vector_sum, ("groups", "symbols", "dimensions", "counts", "entries", "deviations")),
    # Two pictures of one subject, a divider between them; a row is one picture. A layer without entries in
    # `vary` is the same at all of its values. The box is its edges x0, y0, x1, y1 and the picture's side.
    "compare": _Kind(
        _compare,
        ("subject", "title", "layer", "vary", "value", "left", "right"),
        ("box", "value_note", "note"),
    ),
}
