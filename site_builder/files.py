"""Reading what people wrote, and writing: whole or not at all, only when the content differs, and with clear
words when the disk says no.
"""

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from site_builder import reserved
from site_builder.errors import BuildError

_Kept = TypeVar("_Kept")
_BESIDE = re.compile(r"\..+\.\d+")
PRESS = Path(__file__).resolve().parent
"""The press itself."""
PROJECT = PRESS.parent
"""The project that the press is part of: its templates and page assets serve trees that have none."""
_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux."""
_CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?= |$)", re.MULTILINE)
_REFUSALS = {
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission is denied",
    errno.EPERM: "the operation is not permitted",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "it would be larger than a file may be here",
    errno.EIO: "the disk reports a fault",
    errno.EXDEV: "it is on another file system than what shall be moved there",
    errno.EEXIST: "a file is where a folder belongs",
    errno.ENOTDIR: "a file or a link is where a folder belongs",
}


def read_text(path: Path, shown: str = "", error: type[BuildError] = BuildError) -> str:
    """What a person wrote into ``path``, which messages name ``shown``.

    Raises ``error``, with the line, for what would otherwise be published or mislead: bytes that are no
    UTF-8, git's marks of an unfinished merge, characters reserved for the press.
    """
    shown = shown or path.name
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as damage:
        line = raw.count(b"\n", 0, damage.start) + 1
        raise error(f"{shown}:{line}: not UTF-8 text: {damage.reason}") from None
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        raise error(
            f"{shown}:{line}: {conflict[0]!r} is left from a merge that git could not finish: settle it"
        )
    if strange := reserved.ANY.search(text):
        line = text.count("\n", 0, strange.start()) + 1
        raise error(f"{shown}:{line}: U+{ord(strange[0]):04X} is no character for text: delete it")
    return text.replace("\r\n", "\n")


def read_record(path: Path) -> dict[str, Any]:
    """What the press noted in a JSON file for itself; nothing if it cannot be read: that costs time."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def digest(content: bytes | str, length: int = 16) -> str:
    """The first hexadecimal digits of a SHA-256."""
    raw = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(raw).hexdigest()[:length]


def as_json(content: Any) -> str:
    """JSON as it is committed: a line for each entry, so that a change is seen, and letters as they are."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def read_kept(path: Path, kind: type[_Kept], error: type[BuildError] = BuildError) -> _Kept | None:
    """What the press keeps for later in a JSON file, as ``kind``; None if there is no such file.

    Raises ``error`` if it is damaged: unlike a record it cannot be made anew.
    """
    import msgspec  # a build with nothing to do reads nothing that is kept

    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as damage:
        raise error(f"{path} is damaged ({damage}): restore it or delete it") from None


def holds(path: Path, content: bytes | str) -> bool:
    """Whether ``content`` is at ``path`` already."""
    raw = content.encode() if isinstance(content, str) else content
    return path.is_file() and path.read_bytes() == raw


def write_if_changed(path: Path, content: bytes | str) -> bool:
    """Put ``content`` at ``path`` through a file beside it; False if it is there already.

    The content is on the disk before it takes the name, so that a crash leaves the old file or the new one.
    """
    if holds(path, content):
        return False
    raw = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with naming(path), beside.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)  # noqa: PTH105  (one call that tests can make fail)
    finally:
        beside.unlink(missing_ok=True)
    return True


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let a refusal while ``path`` is written name it: a full disk names nothing, or the file beside."""
    try:
        yield
    except OSError as refusal:
        refusal.filename = str(path)
        raise


def sweep(place: Path, name: str = "") -> None:
    """Remove what writes that were killed left beside their files, anywhere below the folder ``place``, or
    directly in it beside the file of that name. Only under the lock that goes with these files.
    """
    for path in place.glob(f".{name}.*") if name else place.rglob(".*"):
        if _BESIDE.fullmatch(path.name) and path.is_file():
            path.unlink()


def swap(new: Path, place: Path) -> None:
    """Let the folder ``new`` take the place of ``place``, which becomes ``new`` for the next build.

    Where the system can exchange two names in one step, one of both is there at any time. Elsewhere the
    machine may stop between two renames, and :func:`recover` puts the old folder back.
    """
    if place.is_dir() and not place.is_symlink() and _exchanged(new, place):
        return
    old = _set_aside(place, new.parent)
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    new.rename(place)
    if old.is_dir() and not old.is_symlink():
        old.rename(new)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange the names of two folders; False, with nothing done, where the system cannot."""
    import ctypes

    try:
        rename = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError, TypeError):  # another system than Linux, or an old one
        return False
    return bool(rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


def recover(place: Path, aside: Path) -> None:
    """Undo a :func:`swap` that was cut off: what was set aside in ``aside`` returns to ``place``."""
    old = _set_aside(place, aside)
    if old.is_dir() and not place.exists():
        old.rename(place)


def _set_aside(place: Path, aside: Path) -> Path:
    return aside / f"{place.name}.old"


@contextmanager
def clear_words(root: Path) -> Iterator[None]:
    """Turn the refusals of a disk or its permissions into a ``BuildError``; other errors are bugs."""
    try:
        yield
    except OSError as refusal:
        if refusal.errno not in _REFUSALS:
            raise
        named = refusal.filename2 or refusal.filename
        path = Path(os.fsdecode(named)) if isinstance(named, str | bytes) else root
        shown = path.relative_to(root) if path.is_relative_to(root) and path != root else path
        raise BuildError(
            f"{shown}: cannot be written: {_REFUSALS[refusal.errno]}. What was good before is as it was; "
            "call this again when that is mended."
        ) from refusal
