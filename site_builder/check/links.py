"""The built pages as a browser meets them: what a link, an anchor and an image need in order to work."""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree, html

from site_builder.errors import choices
from site_builder.files import digest
from site_builder.memo import Memo
from site_builder.post.post_file import Finding
from site_builder.together import on_all_cores

_EXTERNAL = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)")
_SOURCES = {"img": "src", "script": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}

_Fault = tuple[int, str, str, str]
"""Line, problem, cure, and the text by which the cause can be found in the post."""


@dataclass(frozen=True)
class Link:
    """An address in a page, and the line and element it stands in."""

    to: str
    line: int
    tag: str


@dataclass(frozen=True)
class Page:
    """Ids, links and images of one HTML file; an image comes with whether it stands in a figure."""

    path: Path
    ids: Counter[str] = field(default_factory=Counter)
    id_lines: dict[str, int] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    images: list[tuple[int, Mapping[str, str | None], bool]] = field(default_factory=list)


def _read(path: Path) -> Page:
    page = Page(path)
    # A run's page may hold pictures of megabytes.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        root = html.document_fromstring(path.read_bytes(), parser=parser)
    except etree.ParserError:
        return page  # it is empty
    for element in root.iter("*"):
        line, tag, found = element.sourceline or 1, str(element.tag), dict(element.attrib)
        if name := found.get("id"):
            page.ids[name] += 1
            page.id_lines[name] = line
        if tag == "img":
            in_figure = next(element.iterancestors("figure"), None) is not None
            page.images.append((line, found, in_figure))
        attribute = "href" if tag in ("a", "area") else _SOURCES.get(tag, "")
        if to := found.get(attribute):
            page.links.append(Link(to.strip(), line, tag))
        for entry in found.get("srcset", "").split(","):
            if entry.strip():
                page.links.append(Link(entry.split()[0], line, tag))
    return page


def read_pages(destination: Path, memo: Memo) -> dict[Path, Page]:
    """Every HTML file below ``destination``, by its path; ``memo`` has those that were read before."""
    paths = sorted(destination.rglob("*.html"))
    things = {path: (f"links/{path.relative_to(destination)}", digest(path.read_bytes())) for path in paths}

    def read(path: Path) -> Page:
        return replace(memo.get(*things[path], partial(_read, path)), path=path)

    on_all_cores(read, [path for path in paths if not memo.has(*things[path])])
    return {path: read(path) for path in paths}


def check_pages(destination: Path, url: str, memo: Memo) -> Iterator[tuple[Finding, str]]:
    """Broken references, links and images, repeated ids, images without text or size.

    Each comes with the text by which its cause can be found in the post. ``url`` is the address the site is
    published at; links that begin with it are looked up as well.
    """
    read = read_pages(destination, memo)
    pages = {path.as_posix(): page for path, page in read.items()}
    for known in (_is_file, _is_folder):
        known.cache_clear()
    for page in pages.values():
        for line, problem, cure, needle in (
            *_repeated(page),
            *_images(page),
            *_broken(page, pages, destination, url),
        ):
            yield Finding(page.path, line, problem, cure), needle


@cache
def _is_file(place: str) -> bool:
    return Path(place).is_file()


@cache
def _is_folder(place: str) -> bool:
    return Path(place).is_dir()


def _repeated(page: Page) -> Iterator[_Fault]:
    for name, times in page.ids.items():
        if times > 1:
            problem = f"duplicate-id: the id {name!r} stands {times} times"
            yield page.id_lines[name], problem, "give each element an id of its own", name


def _images(page: Page) -> Iterator[_Fault]:
    for line, image, in_figure in page.images:
        source = image.get("src") or "?"
        shown = source if len(source) < 100 else source[:40] + "..."
        # An empty text says that a picture only decorates, which a figure never does.
        if not (image.get("alt") or "").strip() and (in_figure or image.get("alt") is None):
            problem = f"alt: the image {shown} has no alternative text"
            yield line, problem, "#| fig-alt: what it shows", Path(source).name
        if missing := [side for side in ("width", "height") if not image.get(side)]:
            problem = f"size: the image {shown} has no {' and no '.join(missing)}, so the page jumps"
            yield line, problem, 'width="..." height="..." in pixels', Path(source).name


def _broken(page: Page, pages: Mapping[str, Page], destination: Path, url: str) -> Iterator[_Fault]:
    for link in page.links:
        target = _target(link, page.path.as_posix(), destination.as_posix(), url)
        if target is None:
            continue
        place, fragment = target
        if place not in pages and not _is_file(place):
            kind = "image" if link.tag in ("img", "source") else "link"
            yield (
                link.line,
                f"{kind}: {link.to} leads nowhere",
                "correct the address, or write the file",
                link.to,
            )
        elif fragment and place in pages and fragment != "top" and fragment not in pages[place].ids:
            cure = f'id="{fragment}" on its target, or another id: {choices(pages[place].ids, fragment)}'
            problem = f"reference: {link.to} points to an id that {Path(place).name} does not have"
            yield link.line, problem, cure, f"#{fragment}"


def _target(link: Link, page: str, destination: str, url: str) -> tuple[str, str] | None:
    """The file and the fragment an internal link leads to, None for a link out of the site.

    Files are texts here: a site has ten thousands of links, and a path takes as long as ten texts.
    """
    to = link.to
    if url and (to == url.rstrip("/") or to.startswith(url.rstrip("/") + "/")):
        to = "/" + to[len(url.rstrip("/")) :].lstrip("/")
    elif _EXTERNAL.match(to):
        return None
    elif to.startswith("/") and url:
        to = to.removeprefix(urlsplit(url).path.rstrip("/"))
    split = urlsplit(to)
    if not split.path:
        return page, unquote(split.fragment)
    base = destination if split.path.startswith("/") else posixpath.dirname(page)
    place = posixpath.normpath(posixpath.join(base, unquote(split.path).lstrip("/")))
    if split.path.endswith("/") or _is_folder(place):
        place = posixpath.join(place, "index.html")
    return place, unquote(split.fragment)
