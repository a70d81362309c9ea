"""The files of a post: itself, its bibliography, and the records of what it shows and showed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from site_builder import files
from site_builder.model import Tree
from site_builder.post import addresses, sidecar
from site_builder.post.post_file import PostSource
from site_builder.post.sidecar import Sidecar
from site_builder.write import editions


def beside(tree: Tree, slug: str) -> tuple[Path, Path, Path]:
    """Where the bibliography, the changelog and the sidecar of a post are."""
    changes = editions.changes_path(tree.assets, slug)
    return tree.bibliography / f"{slug}.bib", changes, sidecar.path(tree.assets, slug)


def write(tree: Tree, file: str, text: str, shown: Sidecar, changes: Sequence[Any], cited: str) -> None:
    """Write a post and what belongs to it; ``cited`` is its .bib, "" if it cites nothing."""
    references, changelog, record = beside(tree, shown.slug)
    files.write_if_changed(tree.posts / file, text)
    if cited:
        files.write_if_changed(references, cited)
    else:
        references.unlink(missing_ok=True)
    # The sidecar comes last: a build that finds the old one sees the changes again.
    if changes:
        files.write_if_changed(changelog, files.as_json(changes))
    else:
        changelog.unlink(missing_ok=True)
    files.write_if_changed(record, shown.text())


def tidy(tree: Tree, kept: Mapping[str, str]) -> None:
    """Remove posts that we wrote and that no template makes any more, with what belongs to them.

    ``kept`` maps the file of each post that a template makes to its slug.
    """
    for path in sorted(tree.posts.glob("*.md")):
        if path.name in kept or "gradlab" not in PostSource(path, files.read_text(path)).front:
            continue
        slug = addresses.slug(path)
        if slug not in kept.values():
            for one in beside(tree, slug):
                one.unlink(missing_ok=True)
        path.unlink()  # last, because only through it is the rest found
