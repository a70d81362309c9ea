"""What a written post shows, as the step that wrote it knows it.

Later steps of a build get it in memory; later commands read it from ``assets/values/<slug>.json``, which is
committed beside the post. Nothing of it is looked for in the post's own text.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from site_builder import authors
from site_builder.errors import BuildError
from site_builder.model import Author


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
    runs: Mapping[str, Any]
    results: Mapping[str, Any]

    @property
    def file(self) -> str:
        """The name of the post's file."""
        return f"{self.date}-{self.slug}.md"

    def text(self) -> str:
        """The sidecar as its file holds it."""
        content = {
            "post": self.slug,
            "date": self.date.isoformat(),
            "title": self.title,
            "authors": authors.written(self.authors),
            "version": self.version,
            "figures": [asdict(figure) for figure in self.figures],
            "claims": [asdict(claim) for claim in self.claims],
            "runs": self.runs,
            "results": dict(sorted(self.results.items())),
        }
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def path(assets: Path, slug: str) -> Path:
    """Where a post's sidecar is kept."""
    return assets / "values" / f"{slug}.json"


def load(assets: Path, slug: str) -> Sidecar | None:
    """The sidecar of a post, None for one written by hand. Raises ``BuildError`` if it is damaged."""
    file = path(assets, slug)
    if not file.is_file():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return Sidecar(
            slug=content["post"],
            date=dt.date.fromisoformat(content["date"]),
            title=content["title"],
            authors=tuple(authors.read(entry) for entry in content["authors"]),
            version=content["version"],
            figures=tuple(ShownFigure(**entry) for entry in content["figures"]),
            claims=tuple(
                MadeClaim(**entry | {"sentences": tuple(entry["sentences"])}) for entry in content["claims"]
            ),
            runs=content["runs"],
            results=content["results"],
        )
    except (ValueError, KeyError, TypeError) as damage:
        raise BuildError(
            f"assets/values/{file.name} is damaged ({damage!r}): restore it, or delete it and make site"
        ) from None


def load_all(assets: Path, posts: Path) -> list[Sidecar]:
    """The sidecars of the posts in a folder, oldest first."""
    found = (load(assets, file.stem[len("2000-01-01-") :]) for file in sorted(posts.glob("*.md")))
    return [one for one in found if one is not None]
