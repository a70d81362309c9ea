"""What this machine is and has: cores, GPUs, its processor, and the packages of this interpreter."""

import contextlib
import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from site_builder.errors import BuildError
from site_builder.files import PROJECT
from site_builder.memo import Memo


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def gpus() -> Mapping[str, str]:
    """The GPUs that may be used here: id -> name. ``CUDA_VISIBLE_DEVICES`` is respected."""
    pairs = [line.partition(",") for line in _ask_gpus("index,name")]
    found = {index.strip(): name.strip() for index, _, name in pairs}
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is None:
        return found
    ids = [entry.strip() for entry in allowed.split(",") if entry.strip()]
    return {entry: found.get(entry, "GPU") for entry in ids if entry != "-1"}


def driver() -> str:
    """The version of the driver of the GPUs, "" without one."""
    return next(iter(_ask_gpus("driver_version")), "")


def _ask_gpus(query: str) -> list[str]:
    """A line for each GPU, in the columns of ``query``."""
    if shutil.which("nvidia-smi") is None:
        return []
    command = ["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line for line in asked.stdout.splitlines() if line] if asked.returncode == 0 else []


def processor() -> str:
    """The name of this machine's CPU, and how many of its cores may be used."""
    lines: list[str] = []
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{named[0]}, {cores()} cores" if named else platform.processor() or platform.machine()


@cache
def has(package: str) -> bool:
    """Whether this interpreter, which is also a kernel's, could import ``package``."""
    return importlib.util.find_spec(package) is not None


def versions(distributions: Iterable[str]) -> Mapping[str, str]:
    """Python's version, and those of distributions by name, of which one that is not installed has none."""
    from importlib import metadata  # takes as long to load as a build with nothing to do

    found = {"python": platform.python_version()}
    for name in sorted(distributions):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def carried(package: str, folder: str, cure: str) -> tuple[str, Path]:
    """The version of an installed package, and the place of a ``folder`` in it, of which only files are used.

    Raises ``BuildError`` with the ``cure`` if it is not installed.
    """

    def find() -> tuple[str, Path]:
        from importlib import metadata

        try:
            found = metadata.distribution(package)
        except metadata.PackageNotFoundError:
            raise BuildError(f"{package} is not installed: {cure}") from None
        return found.version, Path(str(found.locate_file(folder)))

    return Memo(PROJECT / ".cache").get(f"carried/{package}", folder, find)
