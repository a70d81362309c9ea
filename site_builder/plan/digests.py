"""Digests of data sets and weights, which are too large to read on each build: remembered by file state.

A digest comes from the module that the experiments declare for an input, because only they know what it
holds; the press passes on where to look and reads one line of JSON.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from site_builder.files import read_record, write_if_changed
from site_builder.model import Run, Site, Tree
from site_builder.plan import imports, inputs, unchanged

_LENGTH = 16


class Input(NamedTuple):
    """A data set or weights of a run; without a ``digest`` it is not to be had here, for ``reason``."""

    digest: str | None
    reason: str


class Digests:
    """Digests by name; where all that one depends on is in the state it was read in, it is not read again."""

    def __init__(self, tree: Tree, site: Site) -> None:
        self._tree, self._looked = tree, inputs.variable(site)
        self._places = [unchanged.state(place) for place in inputs.places(site)]
        self._modules = inputs.declared(tree, [])
        self._path = tree.cache / "digests.json"
        self._known = {name: one for name, one in read_record(self._path).items() if isinstance(one, dict)}

    def save(self) -> None:
        """Keep what was computed for the next build; what was not found is looked for again."""
        found = {name: entry for name, entry in self._known.items() if entry.get("digest")}
        write_if_changed(self._path, json.dumps(found, indent=1, sort_keys=True) + "\n")

    def modules(self, run: Run) -> list[str]:
        """The modules that know the inputs of ``run``: its code reaches them by these names only."""
        return [inputs.module(part, self._modules) or "" for part in inputs.of(run)]

    def of(self, run: Run) -> Mapping[str, Input]:
        """What became of each input of ``run``, by ``kind/name``."""
        asked = zip(inputs.of(run), self.modules(run), strict=True)
        return {part: self._of(part, module, run.parameters.get("network")) for part, module in asked}

    def _of(self, part: str, module: str, network: Any) -> Input:
        kind, _, name = part.partition("/")
        command = [module, "digest", name]
        if kind == "weights" and isinstance(network, str):
            command += ["--network", network]
        code = imports.reach([(inputs.FILES[kind], f"import {module}")], self._tree.experiments).files
        key = f"{' '.join(command)} at {self._looked or 'the default places'}"
        known, state = self._known.get(key, {}), [code, self._places]
        if known.get("state") != state or known.get("there") != _there(known):
            known = self._known[key] = {"state": state, **self._ask(command)}
            known["there"] = _there(known)
        return Input(known.get("digest"), str(known.get("reason", "")))

    def _ask(self, command: list[str]) -> dict[str, str]:
        """What the module says: the digest and the place to watch, or the last line of its reason."""
        environment = {"PYTHONPATH": str(self._tree.experiments), inputs.VARIABLE: self._looked}
        try:
            said = subprocess.run(
                [sys.executable, "-m", *command],
                cwd=self._tree.root,
                env=os.environ | environment,
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
            if said.returncode:
                return {"reason": next(iter(said.stderr.rstrip(". \n").splitlines()[-1:]), "no reason given")}
            answer = json.loads(said.stdout)
            path = self._tree.root / answer["path"]
            place = path if path.is_dir() else path.parent
            return {"digest": str(answer["digest"])[:_LENGTH], "place": str(place / "*")}
        except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as problem:
            return {"reason": f"{' '.join(command)} gave no answer: {type(problem).__name__}"}


def _there(entry: Mapping[str, Any]) -> str:
    """The state of the place where an input was found, "" for one that was not."""
    return unchanged.state(Path(entry["place"])) if "place" in entry else ""
