"""The photographs of ILSVRC2012's validation set as they lie on disks: in a tar, or in folders.

Standard library only. Both kinds list their photographs without reading them, and can be pickled.
"""

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gradlab.photographs import archives
from gradlab.photographs.archives import DataError

TAR = "ILSVRC2012_img_val.tar"
_ENDINGS = (".jpeg", ".jpg")
_WNID = re.compile(r"n\d{8}")


@dataclass(frozen=True)
class File:
    """One photograph's file: name, size in bytes, where it starts in the tar (0 in a folder), and its
    folder below the photographs' own, which is empty or a WordNet id.
    """

    name: str
    length: int
    start: int = 0
    folder: str = ""


@dataclass(frozen=True)
class Tar:
    """The official archive, read in place."""

    path: Path

    def files(self) -> list[File]:
        """The photographs in it; a DataError tells half a download."""
        try:
            with tarfile.open(self.path, "r:") as archive:
                members = archive.getmembers()
            end = members[-1].offset_data + -(-members[-1].size // 512) * 512 if members else 0
            after = self.read(File("", 512, end))
        except archives.DAMAGE as error:
            raise DataError(f"{self.path} is no readable tar, or half a download ({error!r})") from error
        # A tar ends with blocks of zeros. One that was cut between two files opens without an error.
        if after != bytes(512):
            raise DataError(
                f"{self.path} is half a download: after {len(members)} files, in "
                f"{members[-1].name if members else 'the first'}, it ends. Fetch the rest."
            )
        return [
            File(Path(member.name).name, member.size, member.offset_data)
            for member in members
            if member.isfile() and member.name.lower().endswith(_ENDINGS)
        ]

    def read(self, file: File) -> bytes:
        """The bytes of one photograph."""
        with self.path.open("rb") as archive:
            archive.seek(file.start)
            return archive.read(file.length)


@dataclass(frozen=True)
class Folder:
    """Photographs in ``path`` itself, or in a folder for each class that bears its WordNet id."""

    path: Path

    def files(self) -> list[File]:
        """The photographs in it."""
        return list(self._files())

    def _files(self) -> Iterator[File]:
        classes = sorted(path.name for path in self.path.iterdir() if _WNID.fullmatch(path.name))
        for folder in ("", *classes):
            for path in sorted((self.path / folder).iterdir()):
                if path.suffix.lower() in _ENDINGS:
                    yield File(path.name, path.stat().st_size, folder=folder)

    def read(self, file: File) -> bytes:
        """The bytes of one photograph."""
        return (self.path / file.folder / file.name).read_bytes()


Layout = Tar | Folder


def _is_sorted(folder: Path) -> bool:
    """Whether a folder holds one for each class, as torchvision's ``ImageNet`` and ``ImageFolder`` read."""
    return folder.is_dir() and any(_WNID.fullmatch(path.name) for path in folder.iterdir())


def at(place: Path) -> tuple[Layout, Path] | None:
    """The layout found at ``place``, and the folder in which its annotations lie; None if there is none."""
    if place.is_file():
        return (Tar(place), place.parent) if re.fullmatch(r"ILSVRC2012_img_val.*\.tar", place.name) else None
    for root in (place, place / "imagenet", place / "ILSVRC2012"):
        if (root / TAR).is_file():
            return Tar(root / TAR), root
        for below in (root / "ILSVRC", root):
            if (pictures := below / "Data" / "CLS-LOC" / "val").is_dir():
                return Folder(pictures), below
        if _is_sorted(root / "val"):
            return Folder(root / "val"), root
    return None
