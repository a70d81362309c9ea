"""Traces: the links from what a post shows to the cell that made it, on the page of its run."""

from collections.abc import Collection
from html import escape

from bs4 import BeautifulSoup, Tag

from site_builder.model import Site
from site_builder.render.elements import having

_OF_A_CELL = ("data-run", "data-cell")


def address(run: str, cell: str | int | None = None, up: str = "") -> str:
    """The page of a run, or a cell on it."""
    return f"{up}runs/{run}.html" + ("" if cell is None else f"#cell-{cell}")


def link(soup: BeautifulSoup, runs: Collection[str], site: Site, up: str) -> None:
    """Link values, figures, tables, listings, claims and run records to the pages of their ``runs``."""
    for shown in having(soup, "span", *_OF_A_CELL, "data-name"):
        if shown["data-run"] in runs and shown.find_parent("a") is None:
            shown.name = "a"
            shown["href"] = address(str(shown["data-run"]), str(shown["data-cell"]), up)
    for figure in soup.find_all("figure"):
        if not (figure.has_attr("data-module") or all(map(figure.has_attr, _OF_A_CELL))):
            continue
        if figure.get("data-run") in runs:
            _code(figure, up)
        if caption := figure.find("figcaption"):
            assert isinstance(caption, Tag)
            place = _source(figure, site) if figure.get("data-module") else _cell(figure, runs, up)
            caption.append(_fragment(place))
    for record in having(soup, "details", *_OF_A_CELL, of_class="claim-record"):
        if facts := record.find("dl"):
            assert isinstance(facts, Tag)
            facts.append(_fragment(_row("Cell", _cell(record, runs, up))))
    for record in having(soup, "details", "data-run", of_class="run-record"):
        facts, run = record.find("dl"), str(record["data-run"])
        if isinstance(facts, Tag) and run in runs:
            facts.append(_fragment(_row("Lab record", f'<a href="{address(run, up=up)}">{escape(run)}</a>')))


def _code(figure: Tag, up: str) -> None:
    """The folded code of a figure's cell becomes a link to it: the page of the run has it once for all
    posts, coloured and with its output, and without it a post weighs a good deal less.
    """
    inside = having(figure, "details", of_class="provenance")
    for code in [code for details in inside for code in having(details, "pre", of_class="cell-code")]:
        place = address(str(figure["data-run"]), str(figure["data-cell"]), up)
        code.replace_with(_fragment(f'<p><a href="{place}">The code of this cell and its output</a></p>'))


def _cell(thing: Tag, runs: Collection[str], up: str) -> str:
    run, cell = str(thing["data-run"]), str(thing["data-cell"])
    if run not in runs:
        return ""
    return f'<a class="cell-link" href="{address(run, cell, up)}">{escape(run)}, cell {escape(cell)}</a>'


def _source(figure: Tag, site: Site) -> str:
    """A link into the repository, for code that is shown from a module (its caption names the place)."""
    module, line = figure["data-module"], figure["data-line"]
    if not site.repository:
        return ""
    place = f"{site.repository.rstrip('/')}/blob/main/_experiments/{module}#L{line}"
    return f'<a class="cell-link" href="{escape(place, quote=True)}">source</a>'


def _row(name: str, content: str) -> str:
    return f"<dt>{name}</dt><dd>{content}</dd>" if content else ""


def _fragment(text: str) -> BeautifulSoup:
    return BeautifulSoup(f" {text}" if text else "", "html.parser")
