"""The built pages as a browser meets them: what a link, an anchor and an image need in order to work."""

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree, html

from site_builder.errors import choices
from site_builder.memo import Memo
from site_builder.post.elements import around
from site_builder.post.post_file import Finding
from site_builder.states import Look, looks
from site_builder.together import on_all_cores

_EXTERNAL = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)")
_SOURCES = {"img": "src", "script": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}

_Fault = tuple[int, str, str, str]
"""Line, problem, cure, and the text by which the cause can be found in the post."""


@dataclass(frozen=True)
class Page:
    """What the check of a site needs of one HTML file.

    ``faults`` are those that it has by itself; ``targets`` maps what it leads to, a file of the site and an
    id there, to the lines, elements and addresses of these links.
    """

    ids: Collection[str]
    faults: Sequence[_Fault]
    targets: Mapping[tuple[str, str], Sequence[tuple[int, str, str]]]


def _read(path: Path, name: str, url: str) -> Page:
    """The page at ``path``, which is ``name`` in its site."""
    ids: Counter[str] = Counter()
    id_lines: dict[str, int] = {}
    images: list[_Fault] = []
    targets: dict[tuple[str, str], list[tuple[int, str, str]]] = {}
    for element in _elements(path):
        line, tag, found = element.sourceline or 1, str(element.tag), dict(element.attrib)
        if identity := found.get("id"):
            ids[identity] += 1
            id_lines[identity] = line
        if tag == "img":
            images += _image(line, found, around(element, "figure") is not None)
        attribute = "href" if tag in ("a", "area") else _SOURCES.get(tag, "")
        links = [
            found.get(attribute, ""),
            *(one.strip().partition(" ")[0] for one in found.get("srcset", "").split(",")),
        ]
        for to in filter(None, map(str.strip, links)):
            if target := _target(to, name, url):
                targets.setdefault(target, []).append((line, tag, to))
    repeated = [
        (
            id_lines[one],
            f"duplicate-id: the id {one!r} stands {times} times",
            "give each element an id of its own",
            one,
        )
        for one, times in ids.items()
        if times > 1
    ]
    return Page(frozenset(ids), [*repeated, *images], targets)


def _elements(path: Path) -> Iterator[Any]:
    # A run's page may hold pictures of megabytes.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        yield from html.document_fromstring(path.read_bytes(), parser=parser).iter("*")
    except etree.ParserError:
        return  # it is empty


def _read_pages(destination: Path, found: Mapping[str, Look], url: str, memo: Memo) -> dict[str, Page]:
    """The HTML files ``found`` below ``destination``; ``memo`` has those that were read before."""
    kept: dict[str, tuple[Look, Page]] = memo.find("pages-read", url) or {}

    def read(name: str) -> Page:
        return memo.get(f"links/{name}", (url, found[name]), partial(_read, destination / name, name, url))

    names = sorted(name for name in found if name.endswith(".html"))
    due = [name for name in names if name not in kept or kept[name][0] != found[name]]
    on_all_cores(read, due)
    now = {name: kept[name] for name in names if name in kept} | {
        name: (found[name], read(name)) for name in due
    }
    if due or len(now) < len(kept):
        memo.keep("pages-read", url, now)
    return {name: now[name][1] for name in names}


def check_pages(destination: Path, url: str, memo: Memo) -> Iterator[tuple[Finding, str]]:
    """Broken references, links and images, repeated ids, images without text or size.

    Each comes with the text by which its cause can be found in the post. ``url`` is the address the site is
    published at; links that begin with it are looked up as well.
    """
    found = dict(looks(destination))
    pages = _read_pages(destination, found, url, memo)
    for name, page in pages.items():
        for line, problem, cure, needle in (*page.faults, *_broken(page, pages, found)):
            yield Finding(destination / name, line, problem, cure), needle


def _image(line: int, image: Mapping[str, str], in_figure: bool) -> Iterator[_Fault]:
    source = image.get("src") or "?"
    shown = source if len(source) < 100 else source[:40] + "..."
    # An empty text says that a picture only decorates, which a figure never does.
    if not image.get("alt", "").strip() and (in_figure or "alt" not in image):
        problem = f"alt: the image {shown} has no alternative text"
        yield line, problem, "#| fig-alt: what it shows", Path(source).name
    if missing := [side for side in ("width", "height") if not image.get(side)]:
        problem = f"size: the image {shown} has no {' and no '.join(missing)}, so the page jumps"
        yield line, problem, 'width="..." height="..." in pixels', Path(source).name


def _broken(page: Page, pages: Mapping[str, Page], files: Collection[str]) -> Iterator[_Fault]:
    for (place, fragment), links in page.targets.items():
        file = place if place in files else posixpath.normpath(posixpath.join(place, "index.html"))
        if file not in files:
            for line, tag, to in links:
                kind = "image" if tag in ("img", "source") else "link"
                yield line, f"{kind}: {to} leads nowhere", "correct the address, or write the file", to
        elif fragment not in ("", "top") and file in pages and fragment not in pages[file].ids:
            cure = f'id="{fragment}" on its target, or another id: {choices(pages[file].ids, fragment)}'
            for line, _, to in links:
                problem = f"reference: {to} points to an id that {posixpath.basename(file)} does not have"
                yield line, problem, cure, f"#{fragment}"


def _target(to: str, page: str, url: str) -> tuple[str, str] | None:
    """The file or folder of the site and the id that a link of ``page`` leads to, None for one out of it.

    Files are texts here: a site has ten thousands of links, and a path takes as long as ten texts.
    """
    if url and (to == url.rstrip("/") or to.startswith(url.rstrip("/") + "/")):
        to = "/" + to[len(url.rstrip("/")) :].lstrip("/")
    elif _EXTERNAL.match(to):
        return None
    elif to.startswith("/") and url:
        to = to.removeprefix(urlsplit(url).path.rstrip("/"))
    split = urlsplit(to)
    if not split.path:
        return page, unquote(split.fragment)
    base = "" if split.path.startswith("/") else posixpath.dirname(page)
    last = "index.html" if split.path.endswith("/") else ""
    place = posixpath.normpath(posixpath.join(base, unquote(split.path).lstrip("/"), last))
    return place, unquote(split.fragment)
