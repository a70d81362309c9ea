"""Where a data set lies, what is in it, and its digest. Standard library only.

The press asks for a digest without importing torch, by running ``python -m gradlab.photographs.archives``.
A digest covers the files that are *used* (names, CRC-32 and annotations of the project's classes),
so the official archive and a subset of it that holds the same photographs agree.
"""

import argparse
import hashlib
import json
import lzma
import os
import sys
import tarfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradlab.photographs.collection

CLASS_FILE = Path(__file__).with_name("tiny_imagenet_30.txt")
DATA_VARIABLE = "GRADLAB_DATA"
DEFAULT_FOLDERS = (Path(__file__).parents[3] / "data", Path.home() / ".cache" / "gradlab")
TINY_IMAGENET = "tiny-imagenet-30"
LONGEST_LIST = 8 << 20
"""Bytes: the official lists have less than a tenth of it."""
DAMAGE = (
    LookupError,
    ValueError,
    ArithmeticError,
    EOFError,
    OSError,
    RuntimeError,
    MemoryError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
)
"""What reading a damaged, encrypted or strangely packed member of a zip or tar raises: sizes in the heads
of a tar may be negative or beyond all memory.
"""


class DataError(Exception):
    """A data set is missing or damaged; the message names what was looked for and the cures."""


@dataclass(frozen=True)
class Source:
    """A published archive: address, MD5 of the file as its users record it, and size in bytes."""

    url: str
    md5: str
    size: int


OFFICIAL = Source(
    url="http://cs231n.stanford.edu/tiny-imagenet-200.zip",
    md5="90528d7ca1a48142e341f4ef8d21d0de",
    size=248_100_043,
)


def _class_lines() -> list[list[str]]:
    lines = CLASS_FILE.read_text(encoding="utf-8").splitlines()
    return [line.split(" ", 2) for line in lines if line and not line.startswith("#")]


def class_names() -> dict[str, str]:
    """WordNet id -> readable name, in the order of the class index."""
    return {wnid: name for wnid, _, name in _class_lines()}


def ilsvrc_places() -> dict[str, int]:
    """WordNet id -> place among ILSVRC2012's 1,000 classes in sorted order, counted from 0."""
    return {wnid: int(place) for wnid, place, _ in _class_lines()}


def search_places() -> tuple[Path, ...]:
    """Files and folders that are looked at, in order: ``$GRADLAB_DATA``, then the defaults."""
    named = os.environ.get(DATA_VARIABLE, "")
    return (*(Path(p).expanduser() for p in named.split(os.pathsep) if p), *DEFAULT_FOLDERS)


def locate() -> Path:
    """The first Tiny ImageNet zip found; raise :class:`DataError` naming every place looked at."""
    for place in search_places():
        if place.is_file() and place.suffix.lower() == ".zip":
            return place
        if found := sorted(place.glob("tiny-imagenet*.zip")):
            return found[0]
    looked = "\n".join(f"  - {place}" for place in search_places())
    raise DataError(
        f"Tiny ImageNet was not found. Looked for tiny-imagenet*.zip in:\n{looked}\n"
        f"Either set {DATA_VARIABLE} to the zip or its folder, or run "
        f"`python -m gradlab.photographs.archives download` (fetches {OFFICIAL.url})."
    )


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open an archive for reading; a damaged file is a :class:`DataError` that names it."""
    try:
        return zipfile.ZipFile(path)
    except DAMAGE as error:
        raise DataError(
            f"{path} is not a readable zip archive ({error}). Delete it and run "
            f"`python -m gradlab.photographs.archives download`, or point {DATA_VARIABLE} at a whole copy."
        ) from error


@dataclass(frozen=True)
class Member:
    """One photograph of the archive. ``box`` is (x0, y0, x1, y1) in pixels, corners inclusive."""

    split: str
    wnid: str
    name: str
    crc: int
    box: tuple[int, int, int, int]


def _box_lines(archive: zipfile.ZipFile, member: str) -> Iterator[list[str]]:
    try:
        # What is packed may say that it is small, and a list of boxes is: the rest is not unpacked.
        with archive.open(member) as file:
            read = file.read(LONGEST_LIST + 1)
        if len(read) > LONGEST_LIST:
            raise DataError(
                f"{archive.filename}: {member} is larger than {LONGEST_LIST >> 20} MiB: no list of boxes"
            )
        text = read.decode("utf-8")
    except DAMAGE as error:
        raise DataError(f"{archive.filename}: {member} is missing or damaged ({error})") from error
    for line in text.splitlines():
        if line.strip():
            yield line.split("\t")


def _corners(archive: zipfile.ZipFile, member: str, fields: list[str]) -> tuple[int, int, int, int]:
    try:
        x0, y0, x1, y1 = (int(field) for field in fields[-4:])
    except ValueError as error:
        raise DataError(f"{archive.filename}: {member}: no box in line {fields!r}") from error
    return x0, y0, x1, y1


def members(archive: zipfile.ZipFile, split: str) -> list[Member]:
    """The photographs of ``split`` ("train" or "val") in the project's classes, ordered by name."""
    root = "tiny-imagenet-200"
    wanted = class_names()
    crc = {info.filename: info.CRC for info in archive.infolist()}
    found: list[Member] = []
    if split == "val":
        listing = f"{root}/val/val_annotations.txt"
        for fields in _box_lines(archive, listing):
            if len(fields) > 1 and fields[1] in wanted:
                name = f"{root}/val/images/{fields[0]}"
                box = _corners(archive, listing, fields)
                found.append(Member("val", fields[1], name, crc.get(name, -1), box))
    elif split == "train":
        for wnid in wanted:
            listing = f"{root}/train/{wnid}/{wnid}_boxes.txt"
            for fields in _box_lines(archive, listing):
                name = f"{root}/train/{wnid}/images/{fields[0]}"
                box = _corners(archive, listing, fields)
                found.append(Member("train", wnid, name, crc.get(name, -1), box))
    else:
        raise ValueError(f"split is 'train' or 'val', not {split!r}")
    if absent := [m.name for m in found if m.crc == -1]:
        raise DataError(f"{archive.filename}: {len(absent)} listed files are absent: {absent[0]}")
    return sorted(found, key=lambda m: (m.split, m.wnid, len(m.name), m.name))


def digest(path: Path) -> str:
    """SHA-256 over name, CRC-32 and box of every photograph of both splits in the 30 classes."""
    state = hashlib.sha256()
    with open_zip(path) as archive:
        for split in ("train", "val"):
            for m in members(archive, split):
                state.update(f"{m.name} {m.crc:08x} {m.box}\n".encode())
    return state.hexdigest()


def download(folder: Path, source: Source = OFFICIAL, block: int = 1 << 20) -> Path:
    """Fetch the official archive into ``folder``, resuming a part file, and verify its MD5."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / source.url.rsplit("/", 1)[1]
    part = target.with_suffix(".part")
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(source.url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            resumed = have > 0 and answer.status == 206
            with part.open("ab" if resumed else "wb") as out:
                done = have if resumed else 0
                while data := answer.read(block):
                    out.write(data)
                    done += len(data)
                    share = f"{done / source.size:4.0%}"
                    print(f"\r{target.name} {share} {done >> 20} MiB", end="", file=sys.stderr)
    except (urllib.error.URLError, OSError) as error:
        raise DataError(f"{source.url} could not be fetched ({error}); {part} is kept, run again") from error
    print(file=sys.stderr)
    measured = hashlib.md5(part.read_bytes(), usedforsecurity=False).hexdigest()
    if measured != source.md5:
        part.unlink()
        raise DataError(f"{source.url}: MD5 is {measured}, expected {source.md5}; the file was removed")
    part.replace(target)
    return target


def open(split: str) -> "gradlab.photographs.collection.Collection":  # the name that every data set has
    """The photographs of ``split``, "train" or "val"; this alone imports torch."""
    from gradlab.photographs import tiny_imagenet

    return tiny_imagenet.read(split)


def main(arguments: list[str] | None = None) -> int:
    """``digest`` prints ``{"path", "digest"}`` as JSON; ``download`` fetches the official zip."""
    parser = argparse.ArgumentParser(prog="python -m gradlab.photographs.archives", description=__doc__)
    parser.add_argument("command", choices=("digest", "download"))
    parser.add_argument("name", nargs="?", choices=(TINY_IMAGENET,), default=TINY_IMAGENET)
    command = parser.parse_args(arguments).command
    try:
        path = download(DEFAULT_FOLDERS[0]) if command == "download" else locate()
        print(json.dumps({"path": str(path), "digest": digest(path)}))
    except (DataError, OSError) as error:  # an OSError names the file that may not be read
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
