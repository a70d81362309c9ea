"""Interactive figures: what an author asks for, how a post carries it, and what our pages add.

A post says it in ``data-`` attributes, which al-folio ignores: there the static figure is all. Our pages
lay the published numbers inside the figure, because a page opened as a file may not fetch another one.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag

from site_builder.errors import PageError, choices
from site_builder.model import Scalar, Table, is_number

DIGITS = 6
"""Significant digits of a number in a page."""
_NUMERIC = ("x", "y", "low", "high", "dotted")
_BOX = ("x0", "y0", "x1", "y1", "side")
LAYERS: Mapping[str, tuple[str, ...]] = {
    "photograph": (),
    "plain": ("density",),
    "not conserved": ("quantile", "density"),
    "conserved": ("quantile", "density"),
}
"""What a row of the kind ``maps`` can show, and the numbers that it then has beside its box."""
_BAR = (
    '<div class="explore-bar"><button type="button" class="explore" hidden aria-expanded="false">'
    "Explore</button></div>"
)


@dataclass(frozen=True)
class _Kind:
    """Options that an author has to give, those with a default, and which of them name columns.

    ``fixed`` are columns that the kind needs under these very names.
    """

    needed: tuple[str, ...]
    defaults: Mapping[str, str]
    columns: tuple[str, ...]
    fixed: tuple[str, ...] = ()


KINDS: Mapping[str, _Kind] = {
    # Lines y over x, one for each entry of the column `group`, of the entries chosen in `choose`.
    "curves": _Kind(
        needed=("x", "y", "group"),
        defaults=dict.fromkeys(("low", "high", "dotted", "choose", "log", "x_label", "y_label", "band"), ""),
        columns=(*_NUMERIC, "group", "choose"),
    ),
    # Counts of large and small vectors, and the second arguments of their N(0, .).
    "hl-vectors": _Kind(
        needed=(), defaults={"high": "10", "low": "100", "small": "0.1", "large": "1"}, columns=()
    ),
    # Two pictures of one photograph with a divider between them; a row is one picture.
    "maps": _Kind(
        needed=(),
        defaults={},
        columns=(),
        fixed=("photograph", "class", "layer", "quantile", "density", *_BOX, "picture"),
    ),
}
_RANGES = {"high": (1, 1000), "low": (0, 1000), "small": (0.01, 1), "large": (0.1, 2)}
"""What the sliders of ``hl-vectors`` reach."""
LOGARITHMIC = ("", "x", "y", "xy")


class InteractiveError(ValueError):
    """An author asked for something that the figure cannot be; the message is the end of a sentence."""


def attributes(asked: str | Mapping[str, Any], published: Table | None) -> dict[str, str]:
    """The ``data-`` attributes of a figure, without the prefix, for a kind or for its options.

    Raises ``InteractiveError`` for unknown kinds, options and columns, and for missing data.
    """
    options = {"kind": asked} if isinstance(asked, str) else {key: str(entry) for key, entry in asked.items()}
    name = options.pop("kind", "")
    if name not in KINDS:
        raise InteractiveError(f"no interactive kind {name!r}; {choices(KINDS, name)}")
    kind = KINDS[name]
    known = (*kind.needed, *kind.defaults)
    if unknown := [key for key in options if key not in known]:
        raise InteractiveError(f"{name!r} has no option {unknown[0]!r}; {choices(known, unknown[0])}")
    if missing := [key for key in kind.needed if not options.get(key)]:
        raise InteractiveError(f"{name!r} needs {', '.join(missing)}")
    if kind.columns or kind.fixed:
        if published is None:
            raise InteractiveError(f"{name!r} needs the numbers behind it, and none were published")
        _check_columns({key: options[key] for key in kind.columns if options.get(key)}, published)
        if kind.fixed:
            _maps({column: [row[i] for row in published.rows] for i, column in enumerate(published.columns)})
    if options.get("log", "") not in LOGARITHMIC:
        raise InteractiveError(f"'log' is {options['log']!r}; {choices(LOGARITHMIC[1:], options['log'])}")
    full = {**kind.defaults, **options}
    for key in () if kind.columns else kind.defaults:
        _check_number(key, full[key])
    return {"interactive": name, **{key.replace("_", "-"): entry for key, entry in full.items() if entry}}


def _check_columns(asked: Mapping[str, str], published: Table) -> None:
    for key, column in asked.items():
        if column not in published.columns:
            raise InteractiveError(f"{key} names no column {column!r}; {choices(published.columns, column)}")
        place = published.columns.index(column)
        if key in _NUMERIC and not all(row[place] is None or is_number(row[place]) for row in published.rows):
            raise InteractiveError(f"{key} is the column {column!r}, which holds more than numbers")


def _check_number(key: str, entry: str) -> None:
    least, most = _RANGES[key]
    try:
        inside = least <= float(entry) <= most
    except ValueError:
        inside = False
    if not inside:
        raise InteractiveError(f"{key} is {entry!r}, which is no number from {least} to {most}")


def needs_data(attributes: Mapping[str, str]) -> bool:
    """Whether a figure with these attributes shows published numbers."""
    kind = KINDS[attributes["interactive"]]
    return bool(kind.columns or kind.fixed)


def furnish(soup: BeautifulSoup, assets: Path, post: str) -> None:
    """Give each interactive figure of a page its button and, as JSON, all that the script draws from."""
    for figure in soup.select("figure[data-interactive]"):
        options = {
            key.removeprefix("data-"): str(entry)
            for key, entry in figure.attrs.items()
            if key.startswith("data-")
        }
        if (kind := options["interactive"]) not in KINDS:
            raise PageError(f"{post}: no interactive kind {kind!r}; {choices(KINDS, kind)}")
        given: dict[str, Any] = {"kind": options["interactive"]}
        if needs_data(options):
            given |= _published(figure, options, assets, post)
        else:
            defaults = KINDS[options["interactive"]].defaults
            given |= {key: float(options.get(key, start)) for key, start in defaults.items()}
        _insert(soup, figure, given)


def _published(figure: Tag, options: Mapping[str, str], assets: Path, post: str) -> dict[str, Any]:
    """What the script draws from the data below ``assets``. Raises ``PageError`` if they are not there."""
    place = Path("figures", str(figure["data-run"]), f"{figure['id']}.json")
    start = f"{post}: the figure {figure['id']!r} is interactive, but assets/"
    try:
        columns = json.loads((assets / place).read_text(encoding="utf-8"))["columns"]
        if options["interactive"] == "curves":
            return _curves(options, columns)
        pictures = [place.with_name(str(name)) for name in columns["picture"]]
        # The script is given addresses, which begin as that of the data does on this page.
        folder = options["source"].rpartition("/")[0]
        given = _maps(columns | {"picture": [f"{folder}/{one.name}" for one in pictures]})
    except (OSError, ValueError, KeyError):
        raise PageError(f"{start}{place.as_posix()} does not hold the columns it draws") from None
    if lost := [one.as_posix() for one in pictures if not (assets / one).is_file()]:
        raise PageError(f"{start}{lost[0]} is not there")
    return given


def _insert(soup: BeautifulSoup, figure: Tag, given: Mapping[str, Any]) -> None:
    caption = figure.find("figcaption")
    assert isinstance(caption, Tag)
    script = soup.new_tag("script", attrs={"class": "figure-data", "type": "application/json"})
    text = json.dumps(given, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Nothing in the data can end the element.
    script.string = text.replace("<", "\\u003c")
    caption.insert_before(BeautifulSoup(_BAR, "html.parser"), script)


def _curves(options: Mapping[str, str], columns: Mapping[str, Sequence[Scalar]]) -> dict[str, Any]:
    """One series for each choice and group, in the order of the data, with numbers shortened."""
    group, choose = options["group"], options.get("choose", "")
    numeric = {key: columns[options[key]] for key in _NUMERIC if options.get(key)}
    series: dict[tuple[str, str], dict[str, Any]] = {}
    for row, entry in enumerate(columns[group]):
        # A number alone would not say what it counts.
        name = str(entry) if isinstance(entry, str) else f"{group} {entry}"
        choice = str(columns[choose][row]) if choose else ""
        empty = {"name": name, "choice": choice, **{key: [] for key in numeric}}
        one = series.setdefault((choice, name), empty)
        for key, column in numeric.items():
            one[key].append(_short(column[row]))
    return {
        "xLabel": options.get("x-label") or options["x"],
        "yLabel": options.get("y-label") or options["y"],
        "log": options.get("log", ""),
        "band": options.get("band", ""),
        "dotted": options.get("dotted", ""),
        "choose": choose,
        "series": list(series.values()),
    }


def _maps(columns: Mapping[str, Sequence[Scalar]]) -> dict[str, Any]:
    """The photographs in the order of the data, each with its box in pixels and a picture of each layer.

    Raises ``InteractiveError`` for a missing column, and unless each has one of each layer and quantile.
    """
    if missing := [column for column in KINDS["maps"].fixed if column not in columns]:
        raise InteractiveError(f"'maps' needs the column {missing[0]!r}; {choices(columns, missing[0])}")
    photographs: dict[Scalar, dict[str, Any]] = {}
    for number, entries in enumerate(zip(*columns.values(), strict=True), start=1):
        row = dict(zip(columns, entries, strict=True))
        _check_map(row, f"row {number} of its data")
        frame = {key: row[key] for key in ("class", *_BOX)}
        one = photographs.setdefault(row["photograph"], {"name": row["photograph"], **frame, "maps": []})
        if changed := [key for key in frame if frame[key] != one[key]]:
            raise InteractiveError(f"row {number} of its data has another {changed[0]} for {one['name']!r}")
        shown = {key: row[key] for key in ("layer", "quantile", "density", "picture")}
        one["maps"].append(shown | {"density": _short(row["density"])})
    quantiles = sorted({one for one in columns["quantile"] if isinstance(one, int | float)})
    if not quantiles:
        raise InteractiveError("'maps' needs a photograph with maps at a quantile, and its data have none")
    for one in photographs.values():
        _check_complete(one, quantiles)
    return {"layers": list(LAYERS), "quantiles": quantiles, "photographs": list(photographs.values())}


def _check_complete(photograph: Mapping[str, Any], quantiles: Sequence[float]) -> None:
    """Whatever a reader chooses has to be there, once."""
    wanted = Counter(
        (layer, quantile)
        for layer, needed in LAYERS.items()
        for quantile in (quantiles if "quantile" in needed else [None])
    )
    there = Counter((shown["layer"], shown["quantile"]) for shown in photograph["maps"])
    for layer, quantile in [*(wanted - there), *(there - wanted)]:
        at = "" if quantile is None else f" at the quantile {quantile}"
        raise InteractiveError(
            f"the data have {there[layer, quantile]} pictures of {layer!r}{at} for {photograph['name']!r}; "
            f"'maps' needs {wanted[layer, quantile]}"
        )


def _check_map(row: Mapping[str, Scalar], where: str) -> None:
    layer = row["layer"]
    if layer not in LAYERS:
        raise InteractiveError(f"{where} is of the layer {layer!r}; {choices(LAYERS, layer)}")
    for key in (*_BOX, *LAYERS[str(layer)]):
        if not is_number(row[key]):
            raise InteractiveError(f"{key} in {where} is {row[key]!r}, which is no number")


def _short(number: Scalar) -> Scalar:
    return float(f"{number:.{DIGITS}g}") if isinstance(number, float) else number
