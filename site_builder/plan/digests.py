"""Digests of what is too large to read on each build: data sets and checkpoints, remembered by file state.

A data set's digest comes from the module that the experiments declare for it, because only they know what a
data set holds; the press passes on where to look and reads one line of JSON.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from site_builder.files import read_record, write_if_changed
from site_builder.model import Site, Tree
from site_builder.plan import data_sets, imports, unchanged

_LENGTH = 16


class Digests:
    """Digests by name; where all that one depends on is in the state it was read in, it is not read again."""

    def __init__(self, tree: Tree, site: Site) -> None:
        self._tree, self._site = tree, site
        self._modules = data_sets.declared(tree, [])
        self._path = tree.cache / "digests.json"
        self._known = {name: one for name, one in read_record(self._path).items() if isinstance(one, dict)}

    def save(self) -> None:
        """Keep what was computed for the next build; what was not found is looked for again."""
        found = {name: entry for name, entry in self._known.items() if entry.get("digest")}
        write_if_changed(self._path, json.dumps(found, indent=1, sort_keys=True) + "\n")

    def checkpoint(self, name: str) -> str | None:
        """Digest of a checkpoint's file, None if there is none."""
        path = self._tree.checkpoints / f"{name}.safetensors"
        return self._remember(str(path), [unchanged.state(path)], lambda: _sha256(path))

    def data_set(self, name: str) -> str | None:
        """Digest of a data set, None if it is not found or damaged; which, the experiments say themselves."""
        module, looked = self._modules[name], data_sets.variable(self._site)
        code = imports.reach([("data_sets.yaml", f"import {module}")], self._tree.experiments).files
        places = [unchanged.state(place) for place in data_sets.places(self._site)]
        key = f"{name} at {looked or 'the default places'}"
        return self._remember(key, [code, places], lambda: self._ask(module, looked))

    def _remember(self, key: str, state: list[Any], compute: Callable[[], str | None]) -> str | None:
        """The digest of what is in ``state``, which is taken before the digest is computed."""
        if self._known.get(key, {}).get("state") != state:
            self._known[key] = {"state": state, "digest": compute()}
        digest = self._known[key]["digest"]
        return None if digest is None else str(digest)

    def _ask(self, module: str, place: str) -> str | None:
        environment = os.environ | {"PYTHONPATH": str(self._tree.experiments), data_sets.VARIABLE: place}
        try:
            said = subprocess.run(
                [sys.executable, "-m", module, "digest"],
                cwd=self._tree.root,
                env=environment,
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
            return str(json.loads(said.stdout)["digest"])[:_LENGTH] if said.returncode == 0 else None
        except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
            return None


def _sha256(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_LENGTH]
