"""Which module knows a data set or weights, by the lists that lie beside the notebooks.

So that one can be added without touching a file that other runs import.
"""

import importlib
from pathlib import Path
from types import ModuleType

import yaml

FOLDER = Path(__file__).parents[2]


def module(listing: str, name: str, error: type[Exception]) -> ModuleType:
    """The module that ``FOLDER/listing`` gives for ``name``, or for what stands before one of its slashes.

    Where both are listed, the longest wins. An ``error`` names what is listed.
    """
    path = FOLDER / listing
    known = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    parts = name.split("/")
    for length in range(len(parts), 0, -1):
        if found := known.get("/".join(parts[:length])):
            return importlib.import_module(found)
    raise error(f"{name!r} is not declared in {path.name}; declared: {', '.join(sorted(known)) or 'nothing'}")
