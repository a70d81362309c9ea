"""A table with one row a photograph, in an executed notebook: compressed, and read again by other runs.

Such a table has thousands of rows and hundreds of columns. Floating-point columns are rounded to
:data:`BITS` bits after the leading one, a relative error below 1e-5; their bytes are put in order of
significance, column by column, and compressed. So a table of 1,500 photographs takes about a megabyte.
"""

import base64
import lzma
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from IPython.display import display

from gradlab.notebook.publish import MIME

BITS = 16
"""Bits of a column's fraction that are kept."""


def publish_rows(name: str, columns: Mapping[str, np.ndarray], *, note: str = "") -> None:
    """Publish equally long columns: numbers, truth values, text, or pictures as bytes (n, h, w, ...).

    Raises ``ValueError`` if their lengths differ, ``TypeError`` for a column of another kind.
    """
    if len(lengths := {len(column) for column in columns.values()}) != 1:
        raise ValueError(f"the columns of {name!r} have {sorted(lengths)} rows")
    (count,) = lengths
    kinds, parts = [], []
    for heading, column in columns.items():
        kind, data = _encoded(heading, np.asarray(column))
        kinds.append([heading, kind])  # a list, since notebooks are stored with the keys of objects sorted
        parts.append(data)
    packed = base64.b64encode(lzma.compress(b"".join(parts), preset=6)).decode("ascii")
    record = {
        "kind": "rows", "name": name, "note": note, "count": count, "columns": kinds,
        "sizes": [len(part) for part in parts], "data": packed,
    }  # fmt: skip
    text = f"{name}: {count} rows of {len(columns)} columns"
    display({MIME: record, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]


def decoded(record: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The columns of a published table, in their order."""
    whole = lzma.decompress(base64.b64decode(record["data"]))
    columns, start = {}, 0
    for (heading, kind), size in zip(record["columns"], record["sizes"], strict=True):
        columns[heading] = _decoded(kind, whole[start : start + size])
        start += size
    return columns


def _encoded(heading: str, column: np.ndarray) -> tuple[str, bytes]:
    if column.dtype == np.uint8:
        return f"bytes {column.shape[1:]}", np.ascontiguousarray(column).tobytes()
    if column.ndim != 1:
        raise TypeError(f"column {heading!r} has {column.ndim} axes; only bytes may have more than one")
    if column.dtype.kind == "U":
        return "text", "\n".join(column.tolist()).encode()
    if column.dtype.kind == "b":
        return "bool", np.packbits(column).tobytes() + len(column).to_bytes(8, "little")
    if column.dtype.kind in "iu":
        return "int", _shuffled(column.astype("<i8"))
    if column.dtype.kind == "f":
        return "float", _shuffled(_rounded(column.astype("<f4")))
    raise TypeError(f"column {heading!r} holds {column.dtype}, which is no number, truth value or text")


def _decoded(kind: str, data: bytes) -> np.ndarray:
    if kind == "text":
        return np.array(data.decode().split("\n"))
    if kind.startswith("bytes"):
        shape = [int(side) for side in re.findall(r"\d+", kind)]
        return np.frombuffer(data, np.uint8).reshape(-1, *shape)
    if kind == "bool":
        count = int.from_bytes(data[-8:], "little")
        return np.unpackbits(np.frombuffer(data[:-8], np.uint8), count=count).astype(bool)
    width = np.dtype("<i8" if kind == "int" else "<f4")
    planes = np.frombuffer(data, np.uint8).reshape(width.itemsize, -1)
    return np.ascontiguousarray(planes.T).view(width)[:, 0]


def _shuffled(column: np.ndarray) -> bytes:
    """All first bytes, then all second bytes, and so on: neighbours that are alike compress well."""
    return np.ascontiguousarray(column.view(np.uint8).reshape(len(column), -1).T).tobytes()


def _rounded(column: np.ndarray) -> np.ndarray:
    """Single precision with its last bits zero, to nearest; infinities and NaN stay."""
    dropped = 23 - BITS
    bits = column.view("<u4")
    half = np.uint32(1 << (dropped - 1))
    rounded = ((bits + half) >> np.uint32(dropped) << np.uint32(dropped)).view("<f4")
    return np.where(np.isfinite(column) & np.isfinite(rounded), rounded, column).astype("<f4")
