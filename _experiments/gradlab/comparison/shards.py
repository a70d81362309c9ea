"""Row ranges of a long measurement, and their results on disk.

A shard is one fixed range of rows. Its file is complete or not there: it is written beside its place and
renamed. So two processes may compute the same shards at the same time without a lock. The later file
replaces the earlier one, which holds the same numbers.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
import time
import uuid
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from gradlab.comparison.provenance import Origin

KEPT_DAYS = 30
_DESCRIPTION = "key.json"


@dataclass(frozen=True)
class Shard:
    """The result of one range of rows: its arrays, who computed it, and how many seconds that took."""

    rows: range
    arrays: Mapping[str, np.ndarray]
    origin: Origin
    worker: str
    seconds: float


def ranges(rows: int, size: int) -> list[range]:
    """``rows`` rows in ranges of ``size``, the last one shorter where they do not divide."""
    if rows < 1 or size < 1:
        raise ValueError(f"rows and size must be positive, not {rows} and {size}")
    return [range(start, min(start + size, rows)) for start in range(0, rows, size)]


def joined(shards: Sequence[Shard]) -> dict[str, np.ndarray]:
    """The arrays of all shards, joined along axis 0 in the given order."""
    names = list(shards[0].arrays)
    for shard in shards:
        if set(shard.arrays) != set(names):
            raise ValueError(
                f"rows {said(shard.rows)} have the arrays {sorted(shard.arrays)}, "
                f"rows {said(shards[0].rows)} have {sorted(names)}"
            )
    return {name: np.concatenate([shard.arrays[name] for shard in shards]) for name in names}


def said(rows: range) -> str:
    """A range as people write it: first and last row."""
    return f"{rows.start}-{rows.stop - 1}"


@dataclass(frozen=True)
class Store:
    """The files of one measurement."""

    folder: Path

    @classmethod
    def opened(cls, root: Path, key: Mapping[str, Any]) -> "Store":
        """The folder for ``key`` below ``root``; ``key.json`` in it says what it is for."""
        text = json.dumps(key, sort_keys=True, indent=1)
        store = cls(root / hashlib.sha256(text.encode()).hexdigest()[:32])
        store.folder.mkdir(parents=True, exist_ok=True)
        store._replace(store.folder / _DESCRIPTION, lambda file: file.write(text.encode()))
        return store

    def path(self, rows: range) -> Path:
        """The file of a range of rows."""
        return self.folder / f"{rows.start:08d}-{rows.stop:08d}.npz"

    def write(self, shard: Shard) -> None:
        """Store a shard; after an ``OSError`` (a full disk, say) nothing of it is left."""
        origin = {"origin": asdict(shard.origin), "worker": shard.worker, "seconds": shard.seconds}

        # Not compressed: that would cost a hundred times the time and save less than a tenth.
        def content(file: IO[bytes]) -> None:
            with zipfile.ZipFile(file, "w") as archive:
                for name, array in shard.arrays.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                        np.lib.format.write_array(member, array, allow_pickle=False)
                archive.comment = json.dumps(origin).encode()

        try:
            self._replace(self.path(shard.rows), content)
        except OSError as error:
            raise OSError(
                error.errno,
                f"cannot store rows {said(shard.rows)}: {error.strerror or error}. Shards stored before "
                "stay; once the cause is gone, the same run continues from them",
                str(self.folder),
            ) from error

    def read(self, rows: range) -> Shard | None:
        """A stored shard, or None; ``ValueError`` where the file is damaged."""
        try:
            with zipfile.ZipFile(self.path(rows)) as archive:
                arrays = {
                    # Read to its end, because only then the checksum is compared.
                    name.removesuffix(".npy"): np.lib.format.read_array(io.BytesIO(archive.read(name)))
                    for name in archive.namelist()
                }
                made = json.loads(archive.comment)
            return Shard(rows, arrays, Origin(**made["origin"]), made["worker"], made["seconds"])
        except FileNotFoundError:
            return None
        except Exception as error:  # a damaged archive may raise nearly anything
            raise ValueError(f"{self.path(rows)} is damaged: {error}") from error

    def found(self, wanted: Iterable[range]) -> tuple[dict[range, Shard], list[range]]:
        """The stored shards among those wanted, and the ranges whose files are damaged."""
        whole: dict[range, Shard] = {}
        damaged = []
        for rows in wanted:
            try:
                shard = self.read(rows)
            except ValueError:
                damaged.append(rows)
                continue
            if shard is not None:
                whole[rows] = shard
        return whole, damaged

    def remove_old(self) -> None:
        """Remove the folders beside this one that no run has touched for :data:`KEPT_DAYS` days.

        By age, because only the notebook's author knows when a result is safe: a notebook that fails in
        a later cell takes its shards from here when it is executed again.
        """
        oldest = time.time() - KEPT_DAYS * 24 * 3600
        for folder in self.folder.parent.iterdir():
            with contextlib.suppress(OSError):  # another process may be removing it as well
                description = folder / _DESCRIPTION
                touched = max(folder.stat().st_mtime, description.stat().st_mtime)
                if folder != self.folder and touched < oldest:
                    shutil.rmtree(folder)

    def _replace(self, path: Path, content: Callable[[IO[bytes]], object]) -> None:
        part = self.folder / f".{path.name}.{uuid.uuid4().hex}.part"
        try:
            with part.open("xb") as file:
                content(file)
                file.flush()
                os.fsync(file.fileno())  # network file systems report a full disk no earlier
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
