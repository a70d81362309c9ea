"""What a written post shows, as the step that wrote it knows it.

Later steps of a build get it in memory; later commands read it from ``assets/values/<slug>.json``, which is
committed beside the post. Nothing of it is looked for in the post's own text.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from typing_extensions import TypedDict

from site_builder import files
from site_builder.errors import PostError
from site_builder.model import Author
from site_builder.post import addresses

RULE = "rule"
"""The form in which a post shows the rule of a claim, beside the verdict."""
ENDS = ("low ", "high ")
"""What the forms begin with in which a post shows the ends of a value's interval as digits."""


@dataclass(frozen=True)
class ShownFigure:
    r"""A figure of a run as the post shows it; ``caption`` is plain text with ``\(...\)``."""

    label: str
    run: str
    number: int
    caption: str


@dataclass(frozen=True)
class MadeClaim:
    """A claim of a run: the id of its record in the post, and the ids of the sentences that make it."""

    run: str
    name: str
    record: str
    sentences: tuple[str, ...]


class Ran(TypedDict, total=False):
    """An execution that a post shows results of: when it was, and its fingerprint."""

    executed: str
    fingerprint: str
    parts: dict[str, str]


class Result(TypedDict):
    """How a post shows a result of a run, by format."""

    run: str
    shown: dict[str, str]


@dataclass(frozen=True)
class Sidecar:
    """A post in one version. ``runs`` and ``results`` are what editions are compared by."""

    slug: str
    date: dt.date
    title: str
    authors: tuple[Author, ...]
    version: str
    figures: tuple[ShownFigure, ...]
    claims: tuple[MadeClaim, ...]
    runs: Mapping[str, Ran]
    results: Mapping[str, Result]

    @property
    def file(self) -> str:
        """The name of the post's file."""
        return f"{self.date}-{self.slug}.md"

    def text(self) -> str:
        """The sidecar as its file holds it."""
        return files.as_json(msgspec.to_builtins(self))


def path(assets: Path, slug: str) -> Path:
    """Where a post's sidecar is kept."""
    return assets / "values" / f"{slug}.json"


def load(assets: Path, slug: str) -> Sidecar | None:
    """The sidecar of a post, None for one written by hand. Raises ``PostError`` if it is damaged."""
    return files.read_kept(path(assets, slug), Sidecar, PostError)


def load_all(assets: Path, posts: Path) -> list[Sidecar]:
    """The sidecars of the posts in a folder, oldest first."""
    found = (load(assets, addresses.slug(file)) for file in sorted(posts.glob("*.md")))
    return [one for one in found if one is not None]
