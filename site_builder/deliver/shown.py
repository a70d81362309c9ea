"""What each written post shows: its figures with their numbers, and the results of its runs."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from site_builder.errors import BuildError, choices
from site_builder.model import Author, Figure, Harvest, Site, Tree, Value
from site_builder.post import citation
from site_builder.post.post_file import PostSource

_FIGURE = re.compile(r"<figure\b(?P<attributes>[^>]*)>(?P<content>.*?)</figure>", re.DOTALL)
_CAPTION = re.compile(
    r"<figcaption>\s*<b>Figure (?P<number>\d+)\.</b>(?P<text>.*?)(?=<details\b|</figcaption>)", re.DOTALL
)


@dataclass(frozen=True)
class ShownFigure:
    r"""A figure as a post shows it; ``caption`` is plain text with ``\(...\)``."""

    figure: Figure
    number: int
    caption: str


@dataclass(frozen=True)
class ShownPost:
    """A post, its figures in order, and every value of its runs by ``run/name``."""

    work: citation.Work
    figures: tuple[ShownFigure, ...]
    values: Mapping[str, Value]


def shown_posts(tree: Tree, site: Site, harvests: Mapping[str, Harvest]) -> list[ShownPost]:
    """Every post of ``_posts``, oldest first. Raises ``BuildError`` if one shows what no run published."""
    posts = []
    for path in sorted(tree.posts.glob("*.md")):
        source = PostSource(path, path.read_text(encoding="utf-8"))
        runs = _runs(source, harvests)
        values = {f"{run.run.id}/{name}": value for run in runs for name, value in run.values.items()}
        posts.append(ShownPost(_work(source, site), _figures(source, harvests), values))
    return posts


def _runs(source: PostSource, harvests: Mapping[str, Harvest]) -> list[Harvest]:
    named = source.front.get("runs") or []
    for run in named:
        if run not in harvests:
            raise BuildError(f"{source.path.name}: no run {run!r} was harvested; {choices(harvests, run)}")
    return [harvests[run] for run in named]


def _figures(source: PostSource, harvests: Mapping[str, Harvest]) -> tuple[ShownFigure, ...]:
    found = []
    for match in _FIGURE.finditer(source.body):
        names = dict(re.findall(r'([\w-]+)="([^"]*)"', match["attributes"]))
        label, run = names.get("id", ""), names.get("data-run", "")
        caption = _CAPTION.search(match["content"])
        if caption is None or not label.startswith("fig-"):
            continue
        figures = harvests[run].figures if run in harvests else {}
        if label not in figures:
            raise BuildError(
                f"{source.path.name}: run {run!r} has no figure {label!r}; {choices(figures, label)}"
            )
        found.append(ShownFigure(figures[label], int(caption["number"]), _plain(caption["text"])))
    return tuple(found)


def _plain(fragment: str) -> str:
    """The words of a caption's HTML; a raised or lowered part becomes mathematics."""
    powers = re.sub(r"<su([pb])>(.*?)</su\1>", _raised, fragment)
    words = html.unescape(re.sub(r"<[^>]*>", "", powers))
    return re.sub(r"[ \t\n]+", " ", words).strip()


def _raised(match: re.Match[str]) -> str:
    sign = "^" if match[1] == "p" else "_"
    return rf"\({sign}{{{match[2].replace(chr(0x2212), '-')}}}\)"


def _work(source: PostSource, site: Site) -> citation.Work:
    front, slug = source.front, source.path.stem[11:]
    authors = tuple(
        Author(str(entry["name"]), str(entry.get("url") or ""), "", "")
        for entry in front.get("authors") or ()
    )
    return citation.Work(
        slug=slug,
        title=str(front.get("title", slug)),
        authors=authors or site.authors,
        year=int(source.path.name[:4]),
        url=f"{site.url.rstrip('/')}/{slug}.html" if site.url else "",
        version=str((front.get("gradlab") or {}).get("version", "")),
        site=site.title,
    )
