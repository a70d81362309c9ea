"""Whether there is anything to do: the state of all inputs and outputs as the last good build left them.

Only names, sizes and times of change are looked at, so that a build with nothing to do ends at once. A stamp
is kept only for a build in which every run was fresh: anything less is looked at again each time.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from site_builder.files import PRESS, write_if_changed
from site_builder.model import Tree
from site_builder.plan.digests import VARIABLE

INPUTS = ("site.yaml", "_experiments", "templates", "data")
OUTPUTS = ("_experiments/executed", "_posts", "assets", "_site")
_SKIPPED = frozenset({"__pycache__", "node_modules"})


def matches(tree: Tree) -> bool:
    """Whether nothing has changed since :func:`leave`."""
    try:
        kept = json.loads(_path(tree).read_text(encoding="utf-8"))
        return bool(kept["state"] == state(tree))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def leave(tree: Tree, begun: str) -> None:
    """Note the state after a good build that began with the inputs ``begun``, as :func:`watched` saw them.

    Nothing is noted if they changed meanwhile: the build may have read them before.
    """
    if watched(tree) == begun:
        write_if_changed(_path(tree), json.dumps({"state": state(tree)}) + "\n")


def remove(tree: Tree) -> None:
    """Forget the last good build: one begins that may not become good."""
    _path(tree).unlink(missing_ok=True)


def state(tree: Tree) -> str:
    """A digest over the state of everything that a build reads or writes."""
    settings = [sys.version, sys.prefix, os.environ.get(VARIABLE, ""), watched(tree)]
    return _digest([*settings, *(line for name in OUTPUTS for line in _entries(tree.root / name))])


def watched(tree: Tree) -> str:
    """A digest over what people change, the press itself included: not over what a build writes."""
    executed = str(tree.executed)
    lines = [line for name in INPUTS for line in _entries(tree.root / name) if not line.startswith(executed)]
    return _digest([*lines, *_entries(PRESS)])


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _path(tree: Tree) -> Path:
    return tree.cache / "build.json"


def _entries(place: Path) -> Iterator[str]:
    """``path size time`` of each file below ``place``, or of the file it is; hidden folders are left out."""
    if place.is_file():
        stat = place.stat()
        yield f"{place} {stat.st_size} {stat.st_mtime_ns}"
    if not place.is_dir():
        return
    waiting = [str(place)]
    while waiting:
        with os.scandir(waiting.pop()) as found:
            for entry in sorted(found, key=lambda entry: entry.name):
                if entry.name.startswith(".") or entry.name in _SKIPPED:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                    continue
                stat = entry.stat()
                yield f"{entry.path} {stat.st_size} {stat.st_mtime_ns}"
