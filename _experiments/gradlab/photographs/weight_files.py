"""Files of weights: their digest, and what a module of ``weights.yaml`` answers. Standard library only."""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

_HEAD = re.compile(r"-([0-9a-f]{8,64})\.pth$")


class WeightsError(Exception):
    """Weights are missing, damaged or of another network; the message names them and the cure."""


def digest(path: Path) -> str:
    """SHA-256 of a file; a WeightsError if it is not the one whose head stands in its name (as in
    ``resnet18-f37072fd.pth``).
    """
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    named = _HEAD.search(path.name)
    if named and not found.startswith(named[1]):
        raise WeightsError(
            f"{path} is damaged or half a download: its SHA-256 starts with {found[: len(named[1])]}, its "
            f"name says {named[1]}. Delete it and fetch it again."
        )
    return found


def answer(module: str, find: Callable[[str, str | None], Path], arguments: list[str] | None) -> int:
    """``digest NAME [--network NETWORK]`` prints ``{"path", "digest"}`` as JSON for what ``find`` finds."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("command", choices=("digest",))
    parser.add_argument("name")
    parser.add_argument("--network")
    chosen = parser.parse_args(arguments)
    try:
        path = find(chosen.name, chosen.network)
        print(json.dumps({"path": str(path), "digest": digest(path)}))
    except (WeightsError, OSError) as error:  # an OSError names the file that may not be read
        print(error, file=sys.stderr)
        return 1
    return 0
