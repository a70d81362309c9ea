"""Seal executed notebooks that a press without seals wrote, where the history shows that nothing changed.

python -m tests.tools.seal_executed   (from the root)

The commit that brought an execution is the oldest with the record that the notebook has now. Only what has
the same code and outputs as there is sealed; the rest is named, and has to be executed again.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from site_builder.files import write_if_changed
from site_builder.model import Tree
from site_builder.notebook import run_record
from site_builder.plan import seal


def main(root: Path) -> int:
    """Seal what can be sealed in the tree at ``root``, and say from which commit on it is unchanged."""
    refused = 0
    for path in sorted(Tree(root).executed.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if "seal" in _record(notebook):
            print(f"{path.stem}: is sealed")
            continue
        since, first = _executed(path, notebook)
        if _sealed(first) != (made := _sealed(notebook)):
            print(f"{path.stem}: is not as {since} brought it: execute it again", file=sys.stderr)
            refused += 1
            continue
        _record(notebook)["seal"] = made
        write_if_changed(path, nbformat.writes(nbformat.from_dict(notebook)) + "\n")
        print(f"{path.stem}: sealed, unchanged since {since}")
    return 1 if refused else 0


def _record(notebook: Any) -> Any:
    return notebook["metadata"][run_record.KEY]


def _sealed(notebook: Any) -> Any:
    """The seal that the notebook would get; it is left as it is."""
    copy = json.loads(json.dumps(notebook))
    seal.put(copy)
    return _record(copy)["seal"]


def _executed(path: Path, now: Any) -> tuple[str, Any]:
    """The oldest of the latest commits in which the notebook has this record, and the notebook there."""
    found = ("no commit", {"metadata": {run_record.KEY: {}}, "cells": []})
    for commit, notebook in _versions(path):
        if _record(notebook) != _record(now):
            break
        found = commit, notebook
    return found


def _versions(path: Path) -> Iterator[tuple[str, Any]]:
    """Each commit that changed the file, the latest first, with what it left."""
    for commit in _git(path, "log", "--format=%h", "--", path.name).split():
        try:
            yield commit, json.loads(_git(path, "show", f"{commit}:./{path.name}"))
        except (subprocess.CalledProcessError, ValueError):
            return  # not there before, or no notebook


def _git(path: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=path.parent, capture_output=True, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    raise SystemExit(main(Path.cwd()))
