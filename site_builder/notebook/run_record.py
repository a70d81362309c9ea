"""The run record: what an executed notebook says of its execution, in its metadata under ``gradlab``."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from site_builder.errors import BuildError
from site_builder.model import RunRecord
from site_builder.notebook import reader

KEY = "gradlab"


class DamagedRecord(Exception):
    """An executed notebook that cannot be read; never leaves the plan, where it is a reason to execute."""


def to_metadata(record: RunRecord) -> dict[str, Any]:
    """The record as JSON."""
    rounded = replace(record, started=record.started.replace(microsecond=0), seconds=round(record.seconds, 1))
    metadata: dict[str, Any] = msgspec.to_builtins(rounded)
    metadata["fingerprint"]["parts"] = dict(sorted(record.fingerprint.parts.items()))
    return metadata


def from_metadata(entry: Any) -> RunRecord:
    """The record that :func:`to_metadata` wrote; raise :class:`DamagedRecord` if it is not whole."""
    try:
        return msgspec.convert(entry, RunRecord)
    except msgspec.ValidationError as damage:
        raise DamagedRecord(f"its run record is not whole ({damage})") from damage


def read(path: Path) -> RunRecord | None:
    """The record of the executed notebook at ``path``, None if there is no such file."""
    if not path.exists():
        return None
    try:
        metadata, _ = reader.executed(path)
    except BuildError as damage:
        raise DamagedRecord(str(damage)) from damage
    return from_metadata(metadata.get(KEY))
