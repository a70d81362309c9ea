"""The record of a build: everything that it reads or writes, each in the state in which the build met it.

Whether there is anything to do is judged by it alone, by ``site`` as by ``serve``: a file that is replaced
while a build runs differs from the record, whenever that was. Only names, sizes and times of change are
looked at, so that a build with nothing to do ends at once.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from site_builder.files import PRESS, PROJECT, as_json, read_record, write_if_changed
from site_builder.model import Tree
from site_builder.plan.inputs import VARIABLE
from site_builder.states import settings, state


class Record:
    """What one build met so far; kept on the disk from its beginning, as not good until it is."""

    def __init__(self, tree: Tree) -> None:
        self._path, self._whole = _path(tree), is_whole(tree)
        self._met: dict[str, Any] = _now(map(str, _places(tree)))
        self._keep(False)

    def begin(self) -> None:
        """Say that posts and assets are about to be written: until all are, they may be of two builds."""
        self._whole = False
        self._keep(False)

    def note(self, *places: Path, good: bool = False, whole: bool = False) -> None:
        """Take the states of ``places``: before they are read, or when they were written.

        ``whole`` is said at the end of a build, and ``good`` if every run was fresh: anything less is looked
        at again.
        """
        self._whole = self._whole or whole
        states = self._met["states"]
        states |= {str(place): state(place, states) for place in places}
        self._keep(good)

    def _keep(self, good: bool) -> None:
        write_if_changed(self._path, as_json({"good": good, "whole": self._whole, "met": self._met}))


def matches(tree: Tree) -> bool:
    """Whether the last build was good and everything is as it met it, what people write first."""
    kept = read_record(_path(tree))
    met = kept.get("met")
    if kept.get("good") is not True or not isinstance(met, dict) or met.get("settings") != _settings():
        return False
    states = met.get("states") or {}
    places = dict.fromkeys([*map(str, _places(tree)), *states])
    return all(state(Path(place), places) == states.get(place) for place in places)


def is_whole(tree: Tree) -> bool:
    """Whether the last build that wrote anything came to its end."""
    return read_record(_path(tree)).get("whole") is not False


def met(tree: Tree) -> Any:
    """What the last build met, good or not; to be compared with :func:`now`."""
    return read_record(_path(tree)).get("met")


def now(tree: Tree) -> dict[str, Any]:
    """The same places as they are now; those of a tree that was moved are others."""
    kept = met(tree)
    known = kept["states"] if isinstance(kept, dict) and isinstance(kept.get("states"), dict) else {}
    return _now([*known, *map(str, _places(tree))])


def _now(places: Iterable[str]) -> dict[str, Any]:
    apart = frozenset(places)
    return {
        "settings": _settings(),
        "states": {place: state(Path(place), apart) for place in apart},
    }


def _settings() -> list[Any]:
    return [*settings(), os.environ.get(VARIABLE, "")]


def _path(tree: Tree) -> Path:
    return tree.cache / "build.json"


def _places(tree: Tree) -> list[Path]:
    """What people write, the press itself included, and what builds write; data sets are noted later."""
    page_assets = [PROJECT / "assets" / name for name in ("css", "js", "icons")]
    written = [tree.executed, tree.posts, tree.assets, tree.site]
    people = [tree.root / "site.yaml", tree.experiments, tree.root / "templates", PROJECT / "templates"]
    return [*people, *page_assets, PRESS, *written]
