"""Which figures below ``assets/`` the harvest wrote, so that it removes these and no others."""

import re
from collections.abc import Mapping
from pathlib import Path

from site_builder import files
from site_builder.model import Tree

INDEX = "harvested.json"
"""The files below ``assets/figures`` that the harvest wrote, by run: what it may also remove."""
_OURS = re.compile(r"(?=.{1,200}$)[\w-]+(\.[\w-]+)*", re.ASCII)


def tidy(tree: Tree, made: Mapping[str, list[str]], registered: set[str]) -> None:
    """Keep the index of the figures that we wrote, and remove those that are no longer made.

    ``made`` has the names of the files of each run that was read, ``registered`` the ids of all runs.

    A registered run that has no executed notebook at the moment keeps its figures.
    """
    path = tree.figures / INDEX
    old = _index(path)
    new = {run: names for run, names in old.items() if run in registered}
    new |= made
    for run, names in old.items():
        folder = tree.figures / run
        for name in set(names) - set(new.get(run, ())):
            (folder / name).unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    kept = {run: names for run, names in sorted(new.items()) if names}
    files.write_if_changed(path, files.as_json(kept))


def _index(path: Path) -> dict[str, list[str]]:
    """What we wrote before; without a readable index nothing is known to be ours, and nothing removed."""
    index = files.read_record(path)
    safe = {run: names for run, names in index.items() if _OURS.fullmatch(run) and isinstance(names, list)}
    return {run: [name for name in map(str, names) if _OURS.fullmatch(name)] for run, names in safe.items()}
