"""Front matter: read from a template as its author wrote it, written in the form that the theme needs."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from site_builder import authors
from site_builder.errors import choices
from site_builder.model import Author

_REQUIRED = ("title", "description", "date")
_KNOWN = (
    *_REQUIRED,
    *("layout", "authors", "tags", "categories", "keywords", "series", "featured", "img", "thumbnail"),
    *("og_image", "giscus_comments", "disqus_comments", "related_posts"),
)
_PARTS = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*\n?", re.DOTALL)


class FrontMatterError(Exception):
    """What is wrong and in which line of the template (1 where the file begins)."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.line = line


@dataclass(frozen=True)
class FrontMatter:
    """``data`` is what the author wrote, checked; ``body`` is what comes after it."""

    data: Mapping[str, Any]
    authors: tuple[Author, ...]
    body: str

    @property
    def title(self) -> str:
        """The post's title."""
        return str(self.data["title"])


def read(text: str, date: dt.date, site_authors: Sequence[Author]) -> FrontMatter:
    """The parts of a rendered template; ``date`` is the file name's.

    Raises ``FrontMatterError`` for the first thing that would break the theme.
    """
    match = _PARTS.match(text)
    if match is None:
        raise FrontMatterError("the template has no front matter between two lines '---'", 1)
    try:
        data = yaml.safe_load(match[1])
    except yaml.YAMLError as damage:
        place = getattr(damage, "problem_mark", None)
        raise FrontMatterError(f"front matter: {damage}", place.line + 2 if place else 1) from None
    if not isinstance(data, dict):
        raise FrontMatterError("the front matter is a list of 'key: value'", 1)
    _check(data, date, match[1])
    own = tuple(_author(entry, match[1]) for entry in data.get("authors") or ())
    return FrontMatter(data, own or tuple(site_authors), text[match.end() :])


def _line(source: str, key: str) -> int:
    lines = source.split("\n")
    return next((place for place, line in enumerate(lines, 2) if line.startswith(f"{key}:")), 1)


def _check(data: Mapping[str, Any], date: dt.date, source: str) -> None:
    if missing := [key for key in _REQUIRED if not data.get(key)]:
        raise FrontMatterError(f"the front matter has no {', '.join(missing)}", 1)
    if unknown := [key for key in data if key not in _KNOWN]:
        raise FrontMatterError(
            f"unknown key {unknown[0]!r}; {choices(_KNOWN, unknown[0])}", _line(source, unknown[0])
        )
    if data.get("layout", "distill") != "distill":
        raise FrontMatterError("layout is always 'distill'", _line(source, "layout"))
    if data["date"] != date:
        raise FrontMatterError(
            f"date {data['date']} is not that of the file name, {date}", _line(source, "date")
        )


def _author(entry: Any, source: str) -> Author:
    try:
        return authors.read(entry)
    except ValueError as problem:
        raise FrontMatterError(str(problem), _line(source, "authors")) from None


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks, so that a style sheet stays readable."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent)


def write(data: Mapping[str, Any]) -> str:
    """The front matter with its two lines ``---``."""
    text = yaml.dump(dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return f"---\n{text}---\n"
