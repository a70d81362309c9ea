"""axe-core, the accessibility checker, from the npm registry."""

import shutil
import subprocess
import tarfile
from pathlib import Path

VERSION = "4.10.3"


def script(cache: Path) -> str | None:
    """The source of axe-core, kept in ``cache``; None if npm is missing or cannot reach its registry."""
    kept = cache / f"axe-core-{VERSION}.js"
    if kept.is_file():
        return kept.read_text(encoding="utf-8")
    if shutil.which("npm") is None:
        return None
    cache.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", f"axe-core@{VERSION}", "--pack-destination", str(cache)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=cache)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    packed = cache / f"axe-core-{VERSION}.tgz"
    with tarfile.open(packed) as archive:
        source = archive.extractfile("package/axe.min.js")
        assert source is not None
        kept.write_bytes(source.read())
    packed.unlink()
    return kept.read_text(encoding="utf-8")
