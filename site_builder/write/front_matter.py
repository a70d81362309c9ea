"""Front matter: read from a template as its author wrote it, written in the form that the theme needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from site_builder import authors, yaml_text
from site_builder.errors import choices
from site_builder.model import Author, Figure, Harvest, Site
from site_builder.post import addresses
from site_builder.post.post_file import PostSource
from site_builder.post.sidecar import ShownFigure

_REQUIRED = ("title", "description", "date")
_KNOWN = (
    *_REQUIRED,
    *("layout", "authors", "tags", "categories", "keywords", "series", "featured", "img", "thumbnail"),
    *("og_image", "giscus_comments", "disqus_comments", "related_posts", "cover"),
)
COVER = ("img", "thumbnail", "og_image")
"""What the press writes of a cover: old listings show the first, new ones the second, cards the third."""


class FrontMatterError(Exception):
    """What is wrong and in which line of the template (1 where the file begins)."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.line = line


@dataclass(frozen=True)
class FrontMatter:
    """``data`` is what the author wrote, checked; ``body`` is what comes after it; ``cover`` names run and
    figure of a cover, in the line ``cover_line``.
    """

    data: Mapping[str, Any]
    authors: tuple[Author, ...]
    body: str
    cover: tuple[str, str] | None = None
    cover_line: int = 1

    @property
    def title(self) -> str:
        """The post's title."""
        return str(self.data["title"])


def read(text: str, site_authors: Sequence[Author]) -> FrontMatter:
    """The parts of a rendered template.

    Raises ``FrontMatterError`` for what the rules of posts could not say, because it would not reach a post.
    """
    source = PostSource(Path("template"), text)
    data = source.front
    if source.front_error:
        raise FrontMatterError(source.front_error, 1)
    if missing := [key for key in _REQUIRED if not data.get(key)]:
        raise FrontMatterError(f"the front matter has no {', '.join(missing)}", 1)
    if unknown := [key for key in data if key not in _KNOWN]:
        problem = f"unknown key {unknown[0]!r}; {choices(_KNOWN, unknown[0])}"
        raise FrontMatterError(problem, source.front_line(unknown[0]))
    if data.get("layout", "distill") != "distill":
        raise FrontMatterError("layout is always 'distill'", source.front_line("layout"))
    try:
        own = tuple(authors.read(entry) for entry in data.get("authors") or ())
    except ValueError as problem:
        raise FrontMatterError(str(problem), source.front_line("authors")) from None
    return FrontMatter(
        {key: entry for key, entry in data.items() if key != "cover"},
        own or tuple(site_authors),
        source.body,
        _cover(source),
        source.front_line("cover"),
    )


def _cover(source: PostSource) -> tuple[str, str] | None:
    """The run and the figure of a cover. Raises ``FrontMatterError``."""
    found, line = source.front.get("cover"), source.front_line("cover")
    if "cover" not in source.front:
        return None
    if not isinstance(found, list) or [type(one) for one in found] != [str, str]:
        raise FrontMatterError("cover is no [run, figure]", line)
    if twice := [key for key in COVER if key in source.front]:
        raise FrontMatterError(f"cover writes {twice[0]}: leave that out", line)
    return found[0], found[1]


def of_cover(cover: Figure, site: Site) -> dict[str, str]:
    """What is written of a cover: its drawing, and for social cards, which show no SVG, its picture."""
    drawn, picture = (f"assets/{cover.files[ending].as_posix()}" for ending in ("svg", "png"))
    # The theme prints the address for cards as it stands, and a card is shown elsewhere.
    card = addresses.absolute(site, picture) or f"/{picture}"
    return dict(zip(COVER, (f"/{drawn}", f"/{drawn}", card), strict=True))


def for_feed(
    cover: Figure | None, shown: Iterable[ShownFigure], harvests: Mapping[str, Harvest]
) -> dict[str, Any]:
    """What makes an entry of jekyll-feed the description with one picture, of the cover or else of the first
    figure: otherwise it is the whole post, in which every figure stands once for each scheme and width.
    """
    first = (harvests[one.run].figures[one.label] for one in shown if one.run in harvests)
    picture = cover or next(first, None)
    image = {"image": f"/assets/{picture.files['png'].as_posix()}"} if picture else {}
    return {"feed": {"excerpt_only": True}, **image}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, so that a style sheet stays readable."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent)
yaml_text.know_core(_Dumper)  # beside YAML 1.1: what either reader takes for a number is quoted as a text


def write(data: Mapping[str, Any]) -> str:
    """The front matter with its two lines ``---``."""
    text = yaml.dump(dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return f"---\n{text}---\n"
