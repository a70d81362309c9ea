"""Digests of what is too large to read on each build: data sets and checkpoints, remembered by file state.

The data set's digest comes from ``python -m gradlab.archives digest``, because only the experiments know
what a data set holds; the press passes on where to look and reads one line of JSON.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from site_builder.files import write_if_changed
from site_builder.model import Site, Tree

DATA_SETS = ("tiny-imagenet-30",)
VARIABLE = "GRADLAB_DATA"
_LENGTH = 16


def variable(site: Site) -> str:
    """What ``GRADLAB_DATA`` shall be for the experiments: the environment's, else the folders that exist."""
    named = [Path(place).expanduser() for place in os.environ.get(VARIABLE, "").split(os.pathsep) if place]
    places = named or [folder for folder in site.data_folders if folder.exists()]
    # Kernels work in another folder, so a path is made absolute here.
    return os.pathsep.join(str(place.absolute()) for place in places)


class Digests:
    """Digests by file; a file whose path, size and time of change are known is not read again."""

    def __init__(self, tree: Tree, site: Site) -> None:
        self._tree, self._site = tree, site
        self._path = tree.cache / "digests.json"
        self._known = _load(self._path)

    def save(self) -> None:
        """Keep what was computed for the next build."""
        write_if_changed(self._path, json.dumps(self._known, indent=1, sort_keys=True) + "\n")

    def checkpoint(self, name: str) -> str | None:
        """Digest of a checkpoint's file, None if there is none."""
        path = self._tree.checkpoints / f"{name}.safetensors"
        state = _state(path)
        if state is None:
            return None
        return self._remember(str(path), state, lambda: _sha256(path))

    def data_set(self, name: str) -> str | None:
        """Digest of a data set, None if it is not found or damaged; which, the experiments say themselves."""
        place = variable(self._site)
        key = f"{name} at {place or 'the default places'}"
        entry = self._known.get(key, {})
        if entry and entry["state"] == _state(Path(entry["path"])):
            return str(entry["digest"])
        answer = self._ask(place)
        if answer is None:
            self._known.pop(key, None)
            return None
        path = Path(answer["path"])
        self._known[key] = {"path": str(path), "state": _state(path), "digest": answer["digest"][:_LENGTH]}
        return str(self._known[key]["digest"])

    def _remember(self, key: str, state: list[int], compute: Any) -> str:
        entry = self._known.get(key, {})
        if entry.get("state") != state:
            self._known[key] = entry = {"state": state, "digest": compute()}
        return str(entry["digest"])

    def _ask(self, place: str) -> Mapping[str, str] | None:
        environment = os.environ | {"PYTHONPATH": str(self._tree.experiments), VARIABLE: place}
        try:
            said = subprocess.run(
                [sys.executable, "-m", "gradlab.archives", "digest"],
                cwd=self._tree.root,
                env=environment,
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
            answer = json.loads(said.stdout) if said.returncode == 0 else None
        except (subprocess.TimeoutExpired, ValueError):
            return None
        return answer if isinstance(answer, dict) and {"path", "digest"} <= answer.keys() else None


def _load(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _state(path: Path) -> list[int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_LENGTH]
