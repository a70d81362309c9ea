"""A kernel for one run: this interpreter, an environment that holds no settings of the user, and its end.

A run shall give the same result whoever starts it. So the kernel sees fixed seeds, fresh
Jupyter and IPython settings, and settings of matplotlib that are the press's own; and whatever it started
is gone when it is.
"""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from site_builder import kernel_figures
from site_builder.plan.inputs import VARIABLE

NEEDS = "GRADLAB_NEEDS"
"""The variable that tells a kernel which runs its own may read, by id, between spaces."""
CORES = "GRADLAB_CORES"
"""The variable that tells it how many workers of one thread its run may start; no result depends on it."""
PROGRESS = "GRADLAB_PROGRESS"
"""The variable that names the file to which a long measurement writes how far it is."""
START_LIMIT = 120
"""Seconds that a kernel may take to answer."""
_MARK = "GRADLAB_KERNEL"
_PROGRESS_FILE = "progress.txt"
_FOREIGN = ("PYTHON", "JUPYTER", "IPYTHON", "JPY_", "MPL", "MATPLOTLIB")
_LABORATORYS = "gradlab.photographs.torchvision_ops"
"""The experiments' own extension: with it a notebook may import torchvision before gradlab."""
_INLINE = (
    "get_ipython().register_magic_function("
    "lambda _: get_ipython().enable_matplotlib('inline') and None, 'line', 'matplotlib')"
)
"""Code for the kernel: whichever window ``%matplotlib`` asks for, nobody would see it."""
_SETTINGS = """\
c.InteractiveShellApp.extensions = {extensions!r}
c.HistoryManager.enabled = False
c.InteractiveShellApp.exec_lines = [{inline!r}]
"""


@dataclass(frozen=True)
class Conditions:
    """What a kernel is given: folder of the experiments, ``GRADLAB_DATA``, cores, the ids of its GPUs, and
    the ids of the runs whose results it may read.
    """

    experiments: Path
    data: str
    cores: int
    gpus: tuple[str, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kernel:
    """A running kernel: its manager, its client, the file that has what it wrote past Jupyter, and the one
    for its progress.
    """

    manager: Any
    client: Any
    log: Path
    progress: Path

    def last_words(self) -> str:
        """The end of what the process itself wrote, for a kernel that died."""
        lines = (
            self.log.read_text(encoding="utf-8", errors="replace").splitlines() if self.log.exists() else []
        )
        return "\n".join(lines[-8:])


class _ThisInterpreter(KernelSpecManager):  # type: ignore[misc]
    """The one kernel there is, so that no kernelspec of the user is needed or found."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


@asynccontextmanager
async def running(conditions: Conditions) -> AsyncIterator[Kernel]:
    """A kernel that answers; afterwards it and every process it started have ended."""
    with tempfile.TemporaryDirectory(prefix="run-", ignore_cleanup_errors=True) as name:
        folder, mark = Path(name), uuid.uuid4().hex
        manager = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=_ThisInterpreter(),
            transport="ipc",  # no ports, so runs side by side cannot take each other's
            connection_file=str(folder / "k.json"),
        )
        client: AsyncKernelClient | None = None
        try:
            with (folder / "kernel.log").open("wb") as log:
                await manager.start_kernel(
                    env=environment(conditions, folder) | {_MARK: mark},
                    cwd=str(conditions.experiments),
                    stdout=log,
                    stderr=log,
                )
            client = manager.client()
            client.start_channels()
            await client.wait_for_ready(timeout=START_LIMIT)
            client.allow_stdin = False
            yield Kernel(manager, client, folder / "kernel.log", folder / _PROGRESS_FILE)
        finally:
            if client is not None:
                client.stop_channels()
            _end(getattr(manager.provisioner, "pid", None), mark)
            await _buried(manager)


def environment(conditions: Conditions, folder: Path) -> dict[str, str]:
    """The kernel's environment; settings files are written into ``folder``."""
    profile = folder / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    named = [kernel_figures.__name__.rpartition(".")[2]]
    if conditions.experiments.joinpath(*_LABORATORYS.split(".")).with_suffix(".py").is_file():
        named.append(_LABORATORYS)
    settings = _SETTINGS.format(extensions=named, inline=_INLINE)
    (profile / "ipython_kernel_config.py").write_text(settings, encoding="utf-8")
    (folder / "matplotlibrc").write_text(kernel_figures.STYLE, encoding="utf-8")
    (folder / _PROGRESS_FILE).touch()
    # A copy, so that the kernel can import this one package without the rest of the press.
    extensions, package = folder / "extensions", Path(kernel_figures.__file__).parent
    shutil.copytree(package, extensions / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return kept | {
        "PYTHONPATH": os.pathsep.join((str(conditions.experiments), str(extensions))),
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONBREAKPOINT": "0",
        "SOURCE_DATE_EPOCH": "0",
        # Another number of threads can move the last digits: who wants more cores starts workers.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        CORES: str(conditions.cores),
        # The same workspace for every call of a matrix product on a GPU, which torch wants for determinism.
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        # A run for CPUs gives the same result on a machine that has a GPU.
        "CUDA_VISIBLE_DEVICES": ",".join(conditions.gpus),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MATPLOTLIBRC": str(folder / "matplotlibrc"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_NO_CONFIG": "1",
        VARIABLE: conditions.data,
        NEEDS: " ".join(conditions.needs),
        PROGRESS: str(folder / _PROGRESS_FILE),
    }


def _end(pid: int | None, mark: str) -> None:
    """Kill the kernel's process group, and those of its descendants that left the group.

    A process inherits its environment, so the mark of this kernel finds them where ``/proc`` shows it.
    """
    if pid is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    wanted = f"{_MARK}={mark}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)


async def _buried(manager: Any) -> None:
    """Reap the kernel's process and remove its connection file."""
    with contextlib.suppress(Exception):  # it is dead: what is left to tidy is in a folder that goes too
        await manager.provisioner.wait()
    with contextlib.suppress(Exception):
        await manager.cleanup_resources()
