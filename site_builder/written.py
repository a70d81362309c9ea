"""Writing a file only when its content changes, whole or not at all."""

import os
from pathlib import Path


def write_if_changed(path: Path, content: bytes | str) -> bool:
    """Put ``content`` at ``path`` through a file beside it; False if it is there already."""
    raw = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == raw:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(raw)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return True
