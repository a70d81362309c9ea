"""Traces: the links from what a post shows to the cell that made it, on the page of its run."""

from collections.abc import Collection
from html import escape

from site_builder.model import Site
from site_builder.post.elements import Element, around, having, put_last, replace

_OF_A_CELL = ("data-run", "data-cell")


def address(run: str, cell: str | int | None = None, up: str = "") -> str:
    """The page of a run, or a cell on it."""
    return f"{up}runs/{run}.html" + ("" if cell is None else f"#cell-{cell}")


def link(root: Element, runs: Collection[str], site: Site, up: str) -> None:
    """Link values, figures, tables, listings, claims and run records to the pages of their ``runs``."""
    for shown in having(root, "span", *_OF_A_CELL, "data-name"):
        if shown.get("data-run") in runs and around(shown, "a") is None:
            shown.tag = "a"
            shown.set("href", address(shown.get("data-run"), shown.get("data-cell"), up))
            shown.set("tabindex", "-1")  # the record of the run lists them for the keyboard
    for place in having(root, "a", *_OF_A_CELL):
        if place.get("data-run") in runs:
            place.set("href", address(place.get("data-run"), place.get("data-cell"), up))
    for figure in having(root, "figure"):
        if "data-module" not in figure.attrib and not all(one in figure.attrib for one in _OF_A_CELL):
            continue
        if figure.get("data-run") in runs and _code(figure, up):
            continue
        place = _source(figure, site) if figure.get("data-module") else _cell(figure, runs, up)
        _append(next(figure.iter("figcaption"), None), place)
    for record in having(root, "details", *_OF_A_CELL, of_class="claim-record"):
        _append(next(record.iter("dl"), None), _row("Cell", _cell(record, runs, up)))
    for record in having(root, "details", "data-run", of_class="run-record"):
        if (run := record.get("data-run")) in runs:
            row = _row("Lab record", f'<a href="{address(run, up=up)}">{escape(run)}</a>')
            _append(next(record.iter("dl"), None), row)


def _code(figure: Element, up: str) -> bool:
    """The folded code of a figure's cell becomes a link to it: the page of the run has it once for all
    posts, coloured and with its output, and without it a post weighs a good deal less. Whether it has one.
    """
    inside = having(figure, "details", of_class="provenance")
    codes = [code for details in inside for code in having(details, "pre", of_class="cell-code")]
    for code in codes:
        place = address(figure.get("data-run"), figure.get("data-cell"), up)
        replace(code, f' <p><a href="{place}">The code of this cell and its output</a></p>')
    return bool(codes)


def _cell(thing: Element, runs: Collection[str], up: str) -> str:
    run, cell = thing.get("data-run"), thing.get("data-cell")
    if run not in runs:
        return ""
    return f'<a class="cell-link" href="{address(run, cell, up)}">{escape(run)}, cell {escape(cell)}</a>'


def _source(figure: Element, site: Site) -> str:
    """A link into the repository, for code that is shown from a module (its caption names the place)."""
    module, line = figure.get("data-module"), figure.get("data-line")
    if not site.repository:
        return ""
    place = f"{site.repository.rstrip('/')}/blob/main/_experiments/{module}#L{line}"
    return f'<a class="cell-link" href="{escape(place, quote=True)}">source</a>'


def _row(name: str, content: str) -> str:
    return f"<dt>{name}</dt><dd>{content}</dd>" if content else ""


def _append(element: Element | None, fragment: str) -> None:
    if element is not None and fragment:
        put_last(element, f" {fragment}")
