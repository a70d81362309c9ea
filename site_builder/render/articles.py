"""Articles: a post of ``_posts`` as the parts of its page, all plain HTML.

Liquid first, then markdown, as Jekyll does it; then al-folio's elements are expanded, so that the page
needs no script. Formulas stay in slots until the page is written.
"""

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import starmap
from pathlib import Path

from site_builder import authors, files
from site_builder.errors import PageError
from site_builder.model import Author, Site, Tree
from site_builder.post import addresses, bibliography, elements, interactive
from site_builder.post.elements import Element, around, classes, having, inside, parse, replace, take, wrap
from site_builder.post.headings import Heading
from site_builder.post.post_file import PostSource
from site_builder.post.sidecar import MadeClaim, Sidecar
from site_builder.render import citations_and_footnotes, highlight, liquid, markdown, run_links, sections
from site_builder.render.citations_and_footnotes import Listed
from site_builder.render.mathematics import Typesetter
from site_builder.render.version import Version, cite
from site_builder.states import state

APPENDIX = ("claims", "provenance", "cite", "versions", "appendix", "acknowledgements", "acknowledgments")
"""Ids of the headings from the first of which on a post is set as its appendix."""
WORDS_PER_MINUTE = 220
_FORMULA = re.compile(r"\\\(|\\\[|\$\$")
_GAP = re.compile(
    r"(?<=\d) (?=[%±*])|(?<=±) (?=\d)|(?<=\d %) (?=t\b)|(?<=\bn) (?=[=<≤])|(?<=\bn [=<≤]) (?=\d)"
)
"""The spaces of "95 % t interval", "n = 12" and "0.1 ± 0.2 *", at which no line ends."""
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
    """``minutes`` is the reading time; ``image`` the file of the cover, or else of the first figure,
    and ``dark_image`` that for a dark page, "" without one; ``version`` that of its published values, "" for
    a post that publishes none.
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
    has_cover: bool
    version: str
    kinds: tuple[str, ...]
    """The kinds of its interactive figures: each has a script of its own."""

    @cached_property
    def face(self) -> str:
        """A digest of what other pages may show of it."""
        post = self.post
        written = (post.date, post.title, post.description, post.authors, post.tags, post.source.front)
        seen = (self.page, self.claims, self.minutes, self.version)
        pictures = (self.image, self.dark_image, self.has_cover)
        return files.digest(repr((*written, *seen, *pictures)))

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
    """A file of ``_posts`` that keeps al-folio's rules; authors are the site's where it names none."""
    source = PostSource(path, files.read_text(path, error=PageError))
    front = source.front
    if lacking := [key for key in ("title", "description") if key not in front]:
        raise PageError(f"{path.name}: the front matter has no {lacking[0]}")
    date, tags = front.get("date") or dt.date.fromisoformat(path.name[:10]), front.get("tags") or ()
    return Post(
        source=source,
        slug=addresses.slug(path),
        date=date.date() if isinstance(date, dt.datetime) else date,
        title=str(front["title"]).replace("'", "’"),
        description=str(front["description"]).replace("'", "’"),
        authors=tuple(map(authors.read, front.get("authors") or ())) or site.authors,
        tags=tuple(map(str, tags if isinstance(tags, list) else str(tags).split())) if tags else (),
    )


def compose(
    post: Post,
    tree: Tree,
    site: Site,
    runs: Collection[str],
    typesetter: Typesetter,
    shown: Sidecar | None = None,
    stays: Version | None = None,
) -> Article:
    """The parts of a post's page; ``runs`` have a page too, ``shown`` is what its writing handed on, and
    ``stays`` the version that has this post.
    """
    up = addresses.up(addresses.page(post.date, post.slug))
    source = post.source
    text = liquid.resolve(source.body, up)
    body = parse(markdown.to_html(text, typesetter))
    if elements.depth(body) > elements.DEEPEST:
        raise PageError(f"{source.path.name}: more than {elements.DEEPEST} elements of HTML in each other")
    if shown and stays:
        cite(body, shown, stays)
    _hold_formulas(body, typesetter)
    cited = citations_and_footnotes.cite(body, _references(post, tree, typesetter), source.path.name)
    footnotes = citations_and_footnotes.footnotes(body)
    _listings(body, typesetter, source.path.name)
    _anchors(body)
    _tables(body)
    _asides(body)
    of_figure = tuple(address.removeprefix(up) for address in _images(body))
    cover = _cover(post, tree)
    image, dark_image = cover or of_figure
    kinds = interactive.furnish(body, tree.assets, site.figure_theme, source.path.name)
    run_links.link(body, runs, site, up)
    appendix = _appendix(body)
    sections.furnish(body, appendix, runs, up)
    citations_and_footnotes.beside(body, footnotes)
    return Article(
        post=post,
        body=inside(body),
        appendix=inside(appendix),
        contents=_contents(body, typesetter),
        footnotes=tuple(footnotes),
        references=tuple(cited),
        claims=shown.claims if shown else (),
        minutes=max(1, round(_words(body) / WORDS_PER_MINUTE)),
        image=image,
        dark_image=dark_image,
        has_cover=cover is not None,
        version=shown.version if shown else "",
        kinds=kinds,
    )


def _references(post: Post, tree: Tree, typesetter: Typesetter) -> Mapping[str, bibliography.Reference]:
    if not (name := post.source.front.get("bibliography")):
        return {}
    path = tree.bibliography / Path(str(name)).name
    return typesetter.remembered(f"references/{path.name}", state(path), partial(bibliography.load, path))


def _hold_formulas(root: Element, typesetter: Typesetter) -> None:
    for text in root.xpath("//text()"):
        around_it = text.getparent() if text.is_text else text.getparent().getparent()
        if not (_FORMULA.search(text) or _GAP.search(text)) or around_it.tag in _VERBATIM:
            continue
        if around(around_it, *_VERBATIM) is None:
            held = _GAP.sub("\u00a0", typesetter.hold_delimited(text))
            setattr(text.getparent(), "text" if text.is_text else "tail", held)


def _listings(root: Element, typesetter: Typesetter, file: str) -> None:
    """``d-code`` and other code as highlighted blocks."""
    codes, written = having(root, "d-code"), []
    for code in codes:
        figure = around(code, "figure")
        number = None if figure is None else next(figure.iter("b"), None)
        name = "Code" if number is None else number.text_content().rstrip(".")
        written.append((code.text_content(), code.get("language", "text"), name))
    blocks = typesetter.remembered(f"code/{file}", written, lambda: list(starmap(highlight.block, written)))
    for code, block in zip(codes, blocks, strict=True):
        replace(code.getparent() if code.getparent().tag == "pre" else code, block)
    without_focus = [pre for pre in having(root, "pre") if "tabindex" not in pre.attrib]
    for place, pre in enumerate(without_focus, start=1):
        pre.attrib.update({"tabindex": "0", "role": "group", "aria-label": f"Text to copy {place}"})


def _anchors(root: Element) -> None:
    """The element that a reference to an equation leads to becomes the equation itself."""
    for anchor in having(root, "a", "id", of_class="anchor"):
        paragraph = anchor.getparent()
        following = next(paragraph.itersiblings("*"), None)
        if paragraph.tag == "p" and following is not None and "equation" in classes(following):
            following.set("id", anchor.get("id"))
            take(paragraph)


def _asides(root: Element) -> None:
    """An aside inside the text is a note to it, not a landmark of the page."""
    for aside in having(root, "aside"):
        aside.set("role", aside.get("role", "note"))


def _tables(root: Element) -> None:
    """Tables of markdown scroll on a narrow page as published ones do, also in a post written by hand."""
    for box in having(root, "*", "markdown"):
        del box.attrib["markdown"]  # a word to kramdown
    for place, table in enumerate(having(root, "table"), start=1):
        if not any("table-scroll" in classes(box) for box in table.iterancestors()):
            name = f"Table without a number, {place}"
            region = {"class": "table-scroll", "tabindex": "0", "role": "region", "aria-label": name}
            wrap(table, "div", region)


def _cover(post: Post, tree: Tree) -> tuple[str, str] | None:
    """The cover that the front matter names, for a light and a dark page, if it is a file of ours."""
    name = str(post.source.front.get("img") or "").removeprefix("/assets/")
    if not name or not (tree.assets / name).is_file():
        return None
    dark = Path(name).with_suffix(f".dark{Path(name).suffix}")
    has_dark = (tree.assets / dark).is_file()
    return f"assets/{name}", f"assets/{dark.as_posix()}" if has_dark else ""


def _images(root: Element) -> tuple[str, str]:
    """Load the first figure at once, link each to its drawing, and give the addresses of the first's two."""
    shown = [
        picture
        for picture in having(root, "picture")
        if picture.getparent().tag == "figure" and _FIRST.intersection(classes(picture))
    ]
    addresses = []
    for place, light in enumerate(shown):
        image = next(light.iter("img"))
        image.set("loading", "lazy" if place else "eager")
        beside = (other for other in light.itersiblings("picture") if "figure-dark" in classes(other))
        dark = next(beside, None)
        # The keyboard finds the same drawing among the files that the caption offers.
        zoom = wrap(light, "a", {"class": "zoom", "href": image.get("src"), "tabindex": "-1"})
        if dark is not None:
            zoom.append(take(dark))
        addresses.append((image.get("src"), "" if dark is None else next(dark.iter("img")).get("src")))
    return addresses[0] if addresses else ("", "")


def _appendix(body: Element) -> Element:
    """Everything from the first heading of the appendix on, taken out of the body."""
    appendix = parse("")
    if starts := [heading for heading in body.iterchildren("h2") if heading.get("id") in APPENDIX]:
        appendix.extend([starts[0], *starts[0].itersiblings()])
    return appendix


def _contents(body: Element, typesetter: Typesetter) -> tuple[Heading, ...]:
    return tuple(
        Heading(heading.get("id"), typesetter.plain(heading.text_content().strip()), int(heading.tag[1]))
        for heading in body.iterchildren("h2", "h3")
        if "id" in heading.attrib
    )


_UNREAD = frozenset({"pre", "table", "details", "script", "button", "small"})


def _words(body: Element) -> int:
    """How many words a reader reads: not those of code, tables, notes and folded details."""
    count = len((body.text or "").split())
    for part in body:
        count += len((part.tail or "").split())
        if isinstance(part.tag, str) and part.tag not in _UNREAD:
            count += _words(part)
    return count
