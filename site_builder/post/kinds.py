"""Kinds of interactive figures: what each takes of an author's options and of the numbers behind a figure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

from site_builder.errors import choices
from site_builder.harvest.pictures import PICTURE
from site_builder.model import Scalar, is_number

DIGITS = 6
"""Significant digits of a number in a page."""
_REACH = {"counts": ((1, 1000), (0, 1000)), "deviations": ((0.01, 1), (0.1, 2))}
"""What an author may start ``vector-sum`` with, and what its sliders reach."""
LOGARITHMIC = ("x", "y", "xy")
_Columns = Mapping[str, Sequence[Scalar]]


@dataclass(frozen=True)
class Data:
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
class Kind:
    """What the script draws from and the options it is made of, which hold all that a reader is told."""

    given: Callable[[Mapping[str, str], Data], dict[str, Any]]
    needed: tuple[str, ...]
    others: tuple[str, ...] = ()


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


def _numbers(
    columns: _Columns, key: str, name: str, gaps: bool = True, digits: int = DIGITS
) -> Sequence[Any]:
    """A column of numbers with so many significant digits; with ``gaps`` some may be missing."""
    for row, entry in enumerate(_column(columns, key, name), start=1):
        if not (is_number(entry) or (gaps and entry is None)):
            raise InteractiveError(f"{key} is the column {name!r}, and {entry!r} in row {row} is no number")
    return [float(f"{one:.{digits}g}") if isinstance(one, float) else one for one in columns[name]]


def _curves(options: Mapping[str, str], data: Data) -> dict[str, Any]:
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


def _vector_sum(options: Mapping[str, str], data: Data) -> dict[str, Any]:
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


def _compare(options: Mapping[str, str], data: Data) -> dict[str, Any]:
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
        **{key: options[key] for key in ("title", "value", "left", "right")},
        **{key: data.label(options[key]) for key in ("subject", "vary")},
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


def _tiles(options: Mapping[str, str], data: Data) -> dict[str, Any]:
    """The rows of the data by what can be chosen, and those without a choice beyond the first, which are
    shown above them.

    Raises ``InteractiveError`` if a choice is there twice, or has no row above it.
    """
    columns = data.columns
    choose = _entries(options, "choose", 3)
    estimates, looks = _entries(options, "estimates", 2), _entries(options, "looks", 2)
    layers, above = _entries(options, "layers", 2), _entries(options, "above", 2)
    end = f": {layers[0]}"
    subjects = [name.removesuffix(end) for name in columns if name.endswith(end)]
    # One digit more than is shown: there are many numbers, and a page waits for their bytes.
    read = partial(_numbers, columns, digits=4)
    values = [[read("layers", f"{one}: {layer}") for one in subjects] for layer in layers]
    parts = ("mean", "low", "high")
    bounds = [[read("estimates", f"{one}_{part}") for part in parts] for one in estimates]
    same, pictures = _column(columns, "same", options["same"]), _column(columns, "'tiles'", PICTURE)
    rows: list[dict[str, Any]] = []
    above_of: dict[Scalar, dict[str, Any]] = {}
    for row, case in enumerate(zip(*(_column(columns, "choose", one) for one in choose), strict=True)):
        shown: dict[str, Any] = {
            "case": case,
            "values": [[of[row] for of in layer] for layer in values],
            "estimates": [[of[row] for of in bound] for bound in bounds],
            "same": bool(same[row]),
            "picture": pictures[row],
        }
        if case[1:] == (None, None):
            above_of[case[0]] = shown
        else:
            rows.append(shown)
    if twice := [case for case, count in Counter(one["case"] for one in rows).items() if count > 1]:
        raise InteractiveError(f"{twice[0]} stands in several rows of its data")
    if bare := [one["case"] for one in rows if one["case"][0] not in above_of]:
        raise InteractiveError(f"{bare[0]} has no row above it: {choose[0]} {bare[0][0]!r} and no more")
    return {
        "choose": list(map(data.label, choose)),
        "estimate": data.label(f"{estimates[0]}_mean"),
        "names": looks,
        "looks": {one: data.look(one) for one in looks},
        **{"band": data.interval, "layers": layers, "above": above, "subjects": subjects},
        "note": options.get("note", ""),
        "first": above_of,
        "rows": rows,
    }


KINDS: Mapping[str, Kind] = {
    # Lines y over x, one for each entry of the column `group`, of the entries chosen in `choose`.
    "curves": Kind(_curves, ("x", "y", "group"), ("low", "high", "dotted", "choose", "log")),
    # Sums of normal vectors of two groups in two dimensions; an option says it of the first and the second.
    # Entries have the first deviation, but those of the first group in the second dimension the second.
    "vector-sum": Kind(_vector_sum, ("groups", "symbols", "dimensions", "counts", "entries", "deviations")),
    # Two pictures of one subject, a divider between them; a row is one picture. A layer without entries in
    # `vary` is the same at all of its values. The box is its edges x0, y0, x1, y1 and the picture's side.
    "compare": Kind(
        _compare,
        ("subject", "title", "layer", "vary", "value", "left", "right"),
        ("box", "value_note", "note"),
    ),
    # Two estimates of all that can be chosen, and of the choice a picture: a tile for each subject in a row
    # for each of two layers, or in one row where `same` says that they are. An estimate is three columns, as
    # "own" is own_mean, own_low and own_high, and has a look; "SUBJECT: LAYER" is the number of a tile.
    "tiles": Kind(_tiles, ("choose", "estimates", "looks", "layers", "above", "same"), ("note",)),
}
