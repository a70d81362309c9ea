"""What a step gave, kept on the disk beside a digest of all that it read, so that a build repeats no work.

Only steps that depend on nothing else may be kept. The press itself, its templates and what is installed
belong to every digest. What cannot be read is made again: deleting all of it costs time only.
"""

import contextlib
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from site_builder.files import PRESS, PROJECT, digest
from site_builder.states import settings, state

_Made = TypeVar("_Made")
_LENGTH = 16


class Memo:
    """Results below ``folder``, one for each thing: that of its last making."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "memo"

    def get(self, thing: str, read: object, make: Callable[[], _Made]) -> _Made:
        """What ``make`` gives, from before if ``read`` is as it was; its ``repr`` has to tell all of it."""
        found: _Made | None = self.find(thing, read)
        if found is None:
            found = make()
            self.keep(thing, read, found)
        return found

    def has(self, thing: str, read: object) -> bool:
        """Whether ``thing`` is kept as it was made when ``read`` was as it is."""
        try:
            with self._path(thing).open("rb") as file:
                return file.read(_LENGTH) == _digest(read)
        except OSError:
            return False

    def find(self, thing: str, read: object) -> Any:
        """What was kept of ``thing`` when ``read`` was as it is, or None."""
        try:
            with self._path(thing).open("rb") as file:
                # The digest comes first: what is not up to date is not read.
                return pickle.load(file) if file.read(_LENGTH) == _digest(read) else None
        except Exception:  # an older press, half a file: whatever it is, it is made again
            return None

    def keep(self, thing: str, read: object, made: object) -> None:
        """Keep what was made of ``thing``; a disk that takes no more costs time only."""
        path = self._path(thing)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                beside.write_bytes(_digest(read) + pickle.dumps(made, pickle.HIGHEST_PROTOCOL))
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)

    def place(self, name: str) -> Path:
        """A folder for what another library keeps, as long as the press is as it is."""
        place = self._folder / name / digest(PRESS_LOADED)
        if not place.is_dir():
            shutil.rmtree(place.parent, ignore_errors=True)
            place.mkdir(parents=True)
        return place

    def _path(self, thing: str) -> Path:
        return self._folder / thing


def _digest(read: object) -> bytes:
    return digest(repr((PRESS_LOADED, read)), _LENGTH).encode()


def of_press() -> str:
    """The press as it is now: its code, its templates, and what is installed."""
    own = [PROJECT / "assets" / name for name in ("css", "js", "icons")]
    own += [PROJECT / "templates" / name for name in ("pages", "macros")]
    return repr([settings(), state(PRESS), *map(state, own)])


PRESS_LOADED = of_press()
"""The press as this process loaded it."""
