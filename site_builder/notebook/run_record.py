"""The run record: what an executed notebook says of its execution, in its metadata under ``gradlab``."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from site_builder.model import Fingerprint, Resource, RunRecord

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
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as damage:
        raise DamagedRecord(f"it is not a whole notebook ({damage})") from damage
    if not isinstance(notebook, dict) or not isinstance(notebook.get("metadata"), dict):
        raise DamagedRecord("it is not a notebook")
    return from_metadata(notebook["metadata"].get(KEY))


def _texts(entries: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in entries.items()}
