"""Articles: a post of ``_posts`` as the parts of its page, all plain HTML.

Liquid first, then markdown, as Jekyll does it; then al-folio's elements are expanded, so that the page
needs no script. Formulas stay in slots until the page is written.
"""

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.formatter import EntitySubstitution, HTMLFormatter

from site_builder import authors, files
from site_builder.errors import PageError
from site_builder.model import Author, Site, Tree
from site_builder.post import addresses, bibliography, interactive
from site_builder.post.headings import Heading
from site_builder.post.post_file import PostSource
from site_builder.post.sidecar import MadeClaim, Sidecar
from site_builder.render import citations_and_footnotes, highlight, liquid, markdown, run_links
from site_builder.render.citations_and_footnotes import Listed
from site_builder.render.elements import classes, having
from site_builder.render.mathematics import Typesetter

APPENDIX = ("claims", "provenance", "cite", "versions", "appendix", "acknowledgements", "acknowledgments")
"""Ids of the headings from the first of which on a post is set as its appendix."""
WORDS_PER_MINUTE = 220
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})-(.+)\.md")
_HTML = HTMLFormatter(
    entity_substitution=EntitySubstitution.substitute_xml,
    void_element_close_prefix="",
    empty_attributes_are_booleans=True,
)
_FORMULA = re.compile(r"\\\(|\\\[|\$\$")
_FIRST = frozenset({"figure-light", "figure-card"})
"""The classes of a figure's picture for a light page."""
_VERBATIM = ("pre", "code", "d-code", "script", "style")


@dataclass(frozen=True)
class Post:
    """A written ``_posts`` file, parsed back."""

    source: PostSource
    slug: str
    date: dt.date
    title: str
    description: str
    authors: tuple[Author, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Article:
    """``minutes`` is the reading time; ``image`` the file of the first figure and ``dark_image`` that for
    a dark page, "" without one; ``version`` that of its published values, "" for a post that publishes none.
    """

    post: Post
    body: str
    appendix: str
    contents: tuple[Heading, ...]
    footnotes: tuple[Listed, ...]
    references: tuple[Listed, ...]
    claims: tuple[MadeClaim, ...]
    minutes: int
    image: str
    dark_image: str
    version: str
    is_interactive: bool
    """Whether a figure of it has something for the script of interactive figures."""

    @property
    def face(self) -> tuple[object, ...]:
        """What other pages may show of it."""
        post = self.post
        written = (post.date, post.title, post.description, post.authors, post.tags, post.source.front)
        return (self.page, *written, self.claims, self.minutes, self.image, self.dark_image, self.version)

    @property
    def page(self) -> str:
        """The file of its page."""
        return addresses.page(self.post.date, self.post.slug)

    @property
    def updated(self) -> dt.date:
        """The day of the newest run, or that of the post."""
        newest = self.post.source.front.get("last_updated")
        newest = newest.date() if isinstance(newest, dt.datetime) else newest
        return max(newest, self.post.date) if isinstance(newest, dt.date) else self.post.date


def read_post(path: Path, site: Site) -> Post:
    """A file of ``_posts``; authors are the site's where the post names none."""
    source = PostSource(path, files.read_text(path, error=PageError))
    match = _NAME.fullmatch(path.name)
    if source.front_error or match is None:
        raise PageError(f"{path.name}: {source.front_error or 'a post is named <date>-<slug>.md'}")
    front = source.front
    if missing := [key for key in ("title", "description") if not front.get(key)]:
        raise PageError(f"{path.name}: the front matter has no {', '.join(missing)}")
    date, tags = front.get("date") or dt.date.fromisoformat(match[1]), front.get("tags") or ()
    return Post(
        source=source,
        slug=match[2],
        date=date.date() if isinstance(date, dt.datetime) else date,
        title=str(front["title"]),
        description=str(front["description"]),
        authors=_authors(path, front) or site.authors,
        tags=tuple(map(str, tags if isinstance(tags, list) else str(tags).split())) if tags else (),
    )


def _authors(path: Path, front: Mapping[str, Any]) -> tuple[Author, ...]:
    try:
        return tuple(authors.read(entry) for entry in front.get("authors") or ())
    except ValueError as problem:
        raise PageError(f"{path.name}: {problem}") from None


def compose(
    post: Post,
    tree: Tree,
    site: Site,
    runs: Collection[str],
    typesetter: Typesetter,
    shown: Sidecar | None = None,
) -> Article:
    """The parts of a post's page; ``runs`` have a page too, ``shown`` is what its writing handed on."""
    up = addresses.up(addresses.page(post.date, post.slug))
    source = post.source
    text = liquid.resolve(source.body, source.path, up, source.line(0))
    soup = BeautifulSoup(markdown.to_html(text, typesetter), "html.parser")
    _hold_formulas(soup, typesetter)
    cited = citations_and_footnotes.cite(soup, _references(post, tree), source.path.name)
    footnotes = citations_and_footnotes.footnotes(soup)
    _listings(soup)
    _anchors(soup)
    _tables(soup)
    _notices(soup)
    image, dark_image = _images(soup)
    interactive.furnish(soup, tree.assets, site.figure_theme, source.path.name)
    run_links.link(soup, runs, site, up)
    body, appendix = _split(soup)
    citations_and_footnotes.beside(body, footnotes)
    return Article(
        post=post,
        body=body.decode(formatter=_HTML),
        appendix=appendix.decode(formatter=_HTML),
        contents=_contents(body, typesetter),
        footnotes=tuple(footnotes),
        references=tuple(cited),
        claims=shown.claims if shown else (),
        minutes=max(1, round(_words(body) / WORDS_PER_MINUTE)),
        image=image.removeprefix(up),
        dark_image=dark_image.removeprefix(up),
        version=shown.version if shown else "",
        is_interactive=bool(having(body, "script", of_class="figure-data")),
    )


def _references(post: Post, tree: Tree) -> Mapping[str, bibliography.Reference]:
    name = post.source.front.get("bibliography")
    return bibliography.load(tree.bibliography / Path(str(name)).name) if name else {}


def _hold_formulas(soup: BeautifulSoup, typesetter: Typesetter) -> None:
    texts = [part for part in soup.descendants if isinstance(part, NavigableString) and _FORMULA.search(part)]
    for text in texts:
        if not any(parent.name in _VERBATIM for parent in text.parents):
            text.replace_with(NavigableString(typesetter.hold_delimited(str(text))))


def _listings(soup: BeautifulSoup) -> None:
    """``d-code`` and other code as highlighted blocks."""
    for code in soup.find_all("d-code"):
        figure = code.find_parent("figure")
        name = figure.b.get_text().rstrip(".") if figure and figure.b else "Code"
        block = highlight.block(code.get_text(), str(code.get("language", "text")), name)
        outer = code.parent if code.parent and code.parent.name == "pre" else code
        outer.replace_with(BeautifulSoup(block, "html.parser"))
    without_focus = [pre for pre in soup.find_all("pre") if not pre.has_attr("tabindex")]
    for place, pre in enumerate(without_focus, start=1):
        pre["tabindex"], pre["role"], pre["aria-label"] = "0", "group", f"Text to copy {place}"


def _anchors(soup: BeautifulSoup) -> None:
    """The element that a reference to an equation leads to becomes the equation itself."""
    for anchor in having(soup, "a", "id", of_class="anchor"):
        paragraph = anchor.parent if anchor.parent and anchor.parent.name == "p" else None
        following = paragraph.find_next_sibling() if paragraph else None
        if paragraph and isinstance(following, Tag) and "equation" in following.get_attribute_list("class"):
            following["id"] = anchor["id"]
            paragraph.decompose()


def _notices(soup: BeautifulSoup) -> None:
    """A notice inside the text is a note to it, not a landmark of the page."""
    for notice in [aside for aside in soup.find_all("aside") if not aside.has_attr("role")]:
        notice["role"] = "note"


def _tables(soup: BeautifulSoup) -> None:
    """Tables of markdown scroll on a narrow page as published ones do, also in a post written by hand."""
    for box in having(soup, True, "markdown"):
        del box["markdown"]  # a word to kramdown
    for place, table in enumerate(soup.find_all("table"), start=1):
        if table.find_parent(class_="table-scroll") is None:
            name = {
                "class": "table-scroll",
                "tabindex": "0",
                "role": "region",
                "aria-label": f"Table without a number, {place}",
            }
            table.wrap(soup.new_tag("div", attrs=name))


def _images(soup: BeautifulSoup) -> tuple[str, str]:
    """Load the first figure at once, link each to its drawing, and give the addresses of the first's two."""
    shown = [
        picture
        for picture in soup.find_all("picture")
        if picture.parent and picture.parent.name == "figure" and _FIRST.intersection(classes(picture))
    ]
    for place, light in enumerate(shown):
        image = light.img
        assert image is not None
        image["loading"] = "lazy" if place else "eager"
        dark = light.find_next_sibling("picture", class_="figure-dark")
        zoom = light.wrap(soup.new_tag("a", attrs={"class": "zoom", "href": str(image["src"])}))
        if isinstance(dark, Tag):
            zoom.append(dark.extract())
    if not shown:
        return "", ""
    dark = shown[0].find_next_sibling("picture", class_="figure-dark")
    pictures = (shown[0].img, dark.img if isinstance(dark, Tag) else None)
    light_image, dark_image = (str(image["src"]) if image else "" for image in pictures)
    return light_image, dark_image


def _split(soup: BeautifulSoup) -> tuple[BeautifulSoup, BeautifulSoup]:
    """The body, and everything from the first heading of the appendix on."""
    appendix = BeautifulSoup("", "html.parser")
    start = next(
        (heading for heading in soup.find_all("h2", recursive=False) if heading.get("id") in APPENDIX), None
    )
    if start is not None:
        for part in [start, *start.next_siblings]:
            appendix.append(part.extract())
    return soup, appendix


def _contents(body: BeautifulSoup, typesetter: Typesetter) -> tuple[Heading, ...]:
    headings = body.find_all(["h2", "h3"], id=True, recursive=False)
    return tuple(
        Heading(str(heading["id"]), typesetter.plain(heading.get_text().strip()), int(heading.name[1]))
        for heading in headings
    )


_UNREAD = frozenset({"pre", "table", "details", "script", "button", "small"})


def _words(body: Tag) -> int:
    """How many words a reader reads: not those of code, tables, notes and folded details."""
    count = 0
    for part in body.children:
        if isinstance(part, Tag):
            count += 0 if part.name in _UNREAD else _words(part)
        else:
            count += len(part.get_text().split())
    return count
