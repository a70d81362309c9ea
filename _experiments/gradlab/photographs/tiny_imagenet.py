"""The project's classes of Tiny ImageNet, 64 x 64 pixels each, read straight from the zip."""

import os
import zipfile
from pathlib import Path

import torch
from jaxtyping import UInt8
from torch import Tensor

from gradlab.photographs import archives, pictures
from gradlab.photographs.archives import DataError, Member
from gradlab.photographs.collection import Collection

SIDE = 64


class Zipped:
    """A source in a zip, whose members are the keys; opened on first use in each process."""

    side = SIDE

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: tuple[int, zipfile.ZipFile] | None = None

    def __reduce__(self) -> tuple[type["Zipped"], tuple[Path]]:
        return Zipped, (self._path,)

    def _archive(self) -> zipfile.ZipFile:
        # A forked process would share the position in the file with its parent.
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), archives.open_zip(self._path)
        return self._opened[1]

    def photograph(self, key: Member) -> UInt8[Tensor, "3 side side"]:
        """Decode one member; a DataError names it if it is damaged."""
        try:
            with self._archive().open(key.name) as file:
                data = file.read(archives.LONGEST_LIST)
        except archives.DAMAGE as error:
            raise DataError(f"{self._path}: {key.name} is damaged ({error})") from error
        return pictures.to_pixels(pictures.decode(data, f"{self._path}: {key.name}"))


def read(split: str, path: Path | None = None) -> Collection:
    """The photographs of ``split``, "train" or "val".

    Raises :class:`~gradlab.photographs.archives.DataError` when the archive is missing or damaged.
    """
    path = path or archives.locate()
    with archives.open_zip(path) as archive:
        members = archives.members(archive, split)
    wnids = tuple(archives.class_names())
    # The archive's corners are inclusive; ours are half open.
    boxes = [(x0, y0, x1 + 1, y1 + 1) for x0, y0, x1, y1 in (m.box for m in members)]
    return Collection(
        Zipped(path),
        tuple(members),
        tuple(m.name.rsplit("/", 1)[1] for m in members),
        torch.tensor([wnids.index(m.wnid) for m in members]),
        torch.tensor(boxes),
        tuple(archives.class_names().values()),
        wnids,
    )
