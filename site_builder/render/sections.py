"""What the sections of a post give a reader with a keyboard: each number and each link once, and none lost.

Numbers stand close together, and a stop at each would make the text a long way. So a list at the end of a
section has them, with interval, n and cell. The card of a number shows its row.
"""

import copy
from collections.abc import Collection, Iterator, Sequence
from html import escape

from site_builder.post.elements import (
    Element,
    around,
    classes,
    having,
    inside,
    parse,
    put_first,
    put_last,
    take,
    wrap,
)
from site_builder.render import run_links

_MANY = 4
"""From how many on records are folded into one."""


def furnish(body: Element, appendix: Element, runs: Collection[str], up: str) -> None:
    """Give each section of ``body`` the list of its numbers, out of the records of runs in ``appendix``."""
    rows = {row.get("id"): row for row in having(appendix, "tr", "id") if row.get("id").startswith("value-")}
    listed: set[str] = set()
    for section in list(_sections(body)):
        links = [link for part in section for link in part.iter("a")]
        _once(links)
        run_of = {
            f"value-{link.get('data-run')}-{link.get('data-name')}": link.get("data-run") for link in links
        }
        if names := [name for name in run_of if name in rows]:
            own = [copy.deepcopy(rows[name]) for name in names]
            for name, row in zip(names, own, strict=True):
                if run_of[name] in runs:
                    _link(row[-1], run_of[name], up)
                if name in listed:
                    del row.attrib["id"]
            listed.update(names)
            section[-1].addnext(_numbers(next(rows[names[0]].iterancestors("table")), own))
    for name in listed:
        _remove(rows[name])
    for kind in ("claim", "run"):
        _fold(having(appendix, "details", of_class=f"{kind}-record"), kind)
    for box in list(appendix.iterchildren("div")):
        if (
            "table-scroll" in classes(box)
            and len(box.findall(".//tr")) > _MANY
            and box.find(".//a") is not None
        ):
            _fold_one(box, f"The table, {len(box.findall('.//tbody/tr'))} rows")
    for log in having(appendix, "dl", of_class="changelog"):
        times = len(log.findall("dt"))
        _fold_one(log, f"What changed, {times} time{'s' if times > 1 else ''}")
    for part in (body, appendix):
        _scrolling(part)


def _sections(body: Element) -> Iterator[list[Element]]:
    """The elements of each section, with its heading."""
    section: list[Element] = []
    for part in body:
        if part.tag == "h2" and section:
            yield section
            section = []
        section.append(part)
    if section:
        yield section


def _once(links: Sequence[Element]) -> None:
    """Of several citations of one work, or references to one figure, only the first takes the focus."""
    seen = set()
    for link in links:
        if {"cite", "ref"}.intersection(classes(link)):
            if link.get("href") in seen:
                link.set("tabindex", "-1")
            seen.add(link.get("href"))


def _link(entry: Element, run: str, up: str) -> None:
    """Lead from the entry of a table that has the number of a cell to that cell."""
    cell = entry.text_content()
    entry.text = None
    put_last(entry, f'<a href="{run_links.address(run, cell, up)}">{escape(run)}, cell {escape(cell)}</a>')


def _numbers(table: Element, rows: Sequence[Element]) -> Element:
    """The list of ``rows`` under the head of the ``table`` that they come from."""
    head = inside(next(table.iter("thead")))
    count = f"{len(rows)} number{'s' if len(rows) > 1 else ''} of this section"
    made = parse(
        f'<details class="numbers"><summary>{count}</summary>'
        f'<div class="table-scroll" tabindex="0" role="group" aria-label="{count}">'
        f"<table><thead>{head}</thead><tbody></tbody></table></div></details>"
    )[0]
    next(made.iter("tbody")).extend(rows)
    return made


def _remove(row: Element) -> None:
    """Take a row out of the record of its run, and an empty table with it."""
    body = row.getparent()
    take(row)
    if not len(body):
        take(next(body.iterancestors("div")))


def _scrolling(root: Element) -> None:
    """Make a wide table one stop: the line that says where it comes from stands below it in the box that
    scrolls, and a box that holds something to focus needs no focus of its own.
    """
    for box in having(root, "div", of_class="table-scroll"):
        figure = around(box, "figure")
        caption = None if figure is None else next(figure.iter("figcaption"), None)
        # A link that the author of the caption put into it stays there.
        ours = {"provenance", "cell-link"}
        for place in [] if caption is None else [one for one in caption if ours.intersection(classes(one))]:
            place.tail = None
            box.append(place)
        if box.find(".//a") is not None or box.find(".//summary") is not None:
            box.attrib.pop("tabindex", None)


def _fold_one(box: Element, words: str) -> None:
    """Put what is long into what is opened first."""
    put_first(wrap(box, "details", {"class": "records"}), f"<summary>{words}</summary>")


def _fold(records: Sequence[Element], kind: str) -> None:
    """Put many records into one that is opened first."""
    if len(records) < _MANY:
        return
    summary = f"<summary>The records of {len(records)} {kind}s</summary>"
    whole = parse(f'<details class="records">{summary}</details>')[0]
    records[0].addprevious(whole)
    for record in records:
        record.tail = None
        whole.append(record)
