"""The state of files and folders: names, sizes and times of change, which are read in no time."""

import contextlib
import os
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from site_builder.files import digest

Look = tuple[int, int]
"""How a file looks without being read: its size, and its time of change in nanoseconds."""
_SKIPPED = frozenset({"__pycache__", "node_modules"})


def state(place: Path, apart: Collection[str] = ()) -> str:
    """A digest over path, size and time of change of each file below ``place``, or of the file it is.

    Of ``folder/*`` it is what lies directly in the folder. Left out are hidden names and what is ``apart``.
    """
    return digest("\n".join(_lines(place, apart)))


def folders(place: Path) -> str:
    """The state of the folders in ``place``, but not of the files beside them."""
    return digest("\n".join(state(folder) for folder in sorted(place.glob("*/"))))


def look_of(path: Path) -> Look:
    """The look of one file."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def looks(folder: Path, below: str = "") -> Iterator[tuple[str, Look]]:
    """Every file in ``folder`` by its name from there, with its look; links are files."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from looks(Path(entry.path), f"{below}{entry.name}/")
            else:
                stat = entry.stat(follow_symlinks=False)
                yield f"{below}{entry.name}", (stat.st_size, stat.st_mtime_ns)


def links(place: Path) -> Iterator[Path]:
    """Every link in a folder and below it, or the folder itself; none is followed."""
    if place.is_symlink():
        yield place
        return
    with contextlib.suppress(FileNotFoundError), os.scandir(place) as entries:
        for entry in entries:
            if entry.is_symlink():
                yield Path(entry.path)
            elif entry.is_dir():
                yield from links(Path(entry.path))


def settings() -> list[Any]:
    """What is no file of ours: Python, and what is installed."""
    # An installation or removal renames folders there.
    installed = [_line(path) for path in sys.path if path.endswith("-packages")]
    return [sys.version, sys.prefix, installed]


def _lines(place: Path, apart: Collection[str]) -> Iterator[str]:
    deep = place.name != "*"
    top = place if deep else place.parent
    if not top.is_dir():
        yield _line(str(top))
        return
    waiting, seen = [str(top)], {str(top)}
    while waiting:
        folder = waiting.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            entries = []  # gone since it was listed
        for entry in entries:
            if entry.name.startswith(".") or entry.name in _SKIPPED or entry.path in apart:
                continue
            # Folders on another disk may be linked, also in a circle.
            real = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
            if deep and entry.is_dir() and real not in seen:
                seen.add(real)
                waiting.append(entry.path)
            else:
                yield _line(entry.path, entry.stat)


def _line(path: str, look: Callable[[], os.stat_result] | None = None) -> str:
    try:
        stat = look() if look else os.stat(path)  # noqa: PTH116  (a path of text, thousands of times)
    except (OSError, ValueError):
        return f"{path} is not there"
    return f"{path} {stat.st_size} {stat.st_mtime_ns}"
