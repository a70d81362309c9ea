"""The run record: what an executed notebook says of its execution, in its metadata under ``gradlab``."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from site_builder.errors import BuildError
from site_builder.model import Fingerprint, Resource, RunRecord
from site_builder.notebook import reader

KEY = "gradlab"


class DamagedRecord(Exception):
    """An executed notebook that cannot be read; never leaves the plan, where it is a reason to execute."""


def to_metadata(record: RunRecord) -> dict[str, Any]:
    """The record as JSON."""
    return {
        "run": record.run,
        "fingerprint": {
            "digest": record.fingerprint.digest,
            "parts": dict(sorted(record.fingerprint.parts.items())),
        },
        "parameters": dict(record.parameters),
        "device": record.device,
        "resource": record.resource.value,
        "versions": dict(record.versions),
        "started": record.started.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "seconds": round(record.seconds, 1),
    }


def from_metadata(entry: Any) -> RunRecord:
    """The record that :func:`to_metadata` wrote; raise :class:`DamagedRecord` if it is not whole."""
    try:
        return RunRecord(
            run=str(entry["run"]),
            fingerprint=Fingerprint(
                str(entry["fingerprint"]["digest"]), _texts(entry["fingerprint"]["parts"])
            ),
            parameters=dict(entry["parameters"]),
            device=str(entry["device"]),
            versions=_texts(entry["versions"]),
            started=dt.datetime.fromisoformat(entry["started"]),
            seconds=float(entry["seconds"]),
            resource=Resource(entry.get("resource", Resource.CPU)),  # older records have none: all were CPUs
        )
    except (KeyError, TypeError, ValueError, AttributeError) as damage:
        raise DamagedRecord(f"its run record is not whole ({damage!r})") from damage


def read(path: Path) -> RunRecord | None:
    """The record of the executed notebook at ``path``, None if there is no such file."""
    if not path.exists():
        return None
    try:
        metadata, _ = reader.executed(path)
    except BuildError as damage:
        raise DamagedRecord(str(damage)) from damage
    return from_metadata(metadata.get(KEY))


def _texts(entries: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in entries.items()}
