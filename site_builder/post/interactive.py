"""Interactive figures: what an author asks for, how a post carries it, and what our pages add.

A post says it in ``data-`` attributes, which al-folio ignores: there the static figure is all. Our pages
lay the published numbers inside the figure, because a page opened as a file may not fetch another one.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from site_builder.errors import PageError, choices
from site_builder.harvest.pictures import PICTURE
from site_builder.model import Table
from site_builder.post.elements import Element, having, put_before
from site_builder.post.kinds import KINDS, Data, InteractiveError

_BAR = (
    '<div class="explore-bar"><button type="button" class="explore" hidden aria-expanded="false">'
    "Explore</button></div>"
)


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
    kind.given(options, Data(columns, published.names, published.units, published.interval, published.looks))
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
        data = Data(columns, names, units, record.get("interval", ""), looks)
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
