"""Digests of data sets and weights, which are too large to read on each build: remembered by file state.

A digest comes from the module that the experiments declare for an input, because only they know what it
holds; the press passes on where to look and reads one line of JSON.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from site_builder import states
from site_builder.files import read_record, write_if_changed
from site_builder.model import Run, Site, Tree
from site_builder.plan import imports, inputs

_LENGTH = 16
_NAMED_PLACE = re.compile(r"(?<![\w/:])/[^\s:;,]+")


class Input(NamedTuple):
    """A data set or weights of a run; without a ``digest`` it is not to be had here, for ``reason``."""

    digest: str | None
    reason: str


class Digests:
    """Digests by name; where all that one depends on is in the state it was read in, it is not read again."""

    def __init__(self, tree: Tree, site: Site) -> None:
        self._tree, self._looked = tree, inputs.variable(site)
        self.looked = [self._looked, *map(states.state, inputs.places(site)), *_environment()]
        """Where inputs are looked for, and the states of these places."""
        self._path = tree.cache / "digests.json"
        self._known = {name: one for name, one in read_record(self._path).items() if isinstance(one, dict)}
        self._asked: set[str] = set()

    @cached_property
    def _modules(self) -> Mapping[str, str]:
        return inputs.declared(self._tree, [])

    def met(self) -> Mapping[str, str]:
        """For each digest the state of the place where its input was found, or was not."""
        return {key: self._met(key, entry) for key, entry in sorted(self._known.items())}

    def _met(self, key: str, entry: Mapping[str, Any]) -> str:
        if key not in self._asked:  # such as what was once found in another folder
            return _there(entry)
        # One that gave no answer was in no state: it is asked again.
        return str(entry.get("there", "")) if entry.get("state") else "no answer"

    def there(self) -> Mapping[str, str]:
        """The states of these places now."""
        return {key: _there(entry) for key, entry in sorted(self._known.items())}

    def save(self) -> None:
        """Keep for the next build what was found, and what was not and why."""
        write_if_changed(self._path, json.dumps(self._known, indent=1, sort_keys=True) + "\n")

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
        self._asked.add(key)
        known, state = self._known.get(key, {}), [code, self.looked]
        if known.get("state") != state or known.get("there") != _there(known):
            known = self._known[key] = {"state": state, **self._ask(command)}
            known["there"] = _there(known)
        return Input(known.get("digest"), str(known.get("reason", "")))

    def _ask(self, command: list[str]) -> dict[str, Any]:
        """What the module says: the digest and the place to watch, or the last line of its reason.

        Where it says nothing it is asked again: no state is that in which it was asked.
        """
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
                reason = next(iter(said.stderr.rstrip(". \n").splitlines()[-1:]), "no reason given")
                # The place that is empty now: the input may be put there.
                named = next(iter(_NAMED_PLACE.findall(reason)), "")
                return {"reason": reason} | ({"place": named} if named else {})
            answer = json.loads(said.stdout)
            path = self._tree.root / answer["path"]
            place = path if path.is_dir() else path.parent
            return {"digest": str(answer["digest"])[:_LENGTH], "place": str(place / "*")}
        except (subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as problem:
            return {"reason": f"{' '.join(command)} gave no answer: {type(problem).__name__}", "state": ""}


def _environment() -> list[str]:
    """Where else an input may be found: among what is installed, or where torch keeps what it fetches."""
    places = [os.environ.get(name, "") for name in ("HOME", "TORCH_HOME", "XDG_CACHE_HOME")]
    return [*places, repr(states.settings())]


def _there(entry: Mapping[str, Any]) -> str:
    """The state of the place where an input was found, or was not; "" where none is known."""
    return states.state(Path(entry["place"])) if "place" in entry else ""
