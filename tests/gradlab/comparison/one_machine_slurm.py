"""A Slurm whose controller and only node are this machine, for as long as a ``with`` block lasts.

Needs root and Debian's slurm-wlm, slurm-wlm-basic-plugins and munge. Everything it writes is below one
folder, it listens on free ports of the loopback interface, and it ends the daemons that it started.
"""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "sinfo")
READY_LIMIT = 30.0  # seconds


def lacking() -> str:
    """Why there can be no Slurm here, or nothing."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        return f"Slurm is not installed: no {', '.join(missing)}"
    return "" if os.geteuid() == 0 else "Slurm's daemons need root"


@contextlib.contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """Slurm with one partition ``all``; yields the environment that its commands need."""
    folder.chmod(0o755)  # munge wants others to be able to reach its socket
    socket_path = folder / "munge.socket"
    key = folder / "munge.key"
    key.touch(mode=0o400)
    key.write_bytes(secrets.token_bytes(128))
    configuration = folder / "slurm.conf"
    configuration.write_text(_configuration(folder, socket_path), encoding="utf-8")
    environment = {"SLURM_CONF": str(configuration)}
    munged = ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={socket_path}"]
    munged += [f"--{name}-file={folder}/munged.{name}" for name in ("pid", "log", "seed")]
    with contextlib.ExitStack() as daemons:
        daemons.enter_context(_daemon(munged, folder, environment))
        _until(socket_path.exists, "munged", folder)
        daemons.enter_context(_daemon(["slurmctld", "-D", "-c"], folder, environment))
        daemons.enter_context(_daemon(["slurmd", "-D"], folder, environment))
        _until(lambda: _state(environment) == "idle", "slurm", folder)
        yield environment


def _configuration(folder: Path, munge: Path) -> str:
    host = socket.gethostname().split(".")[0]
    (folder / "state").mkdir()
    (folder / "spool").mkdir()
    controller, node = _free_ports(2)
    settings = {
        "ClusterName": "one",
        "SlurmctldHost": f"{host}(127.0.0.1)",
        "SlurmctldPort": controller,
        "SlurmdPort": node,
        "AuthInfo": f"socket={munge}",
        "SlurmUser": "root",
        "SlurmdUser": "root",
        "StateSaveLocation": folder / "state",
        "SlurmdSpoolDir": folder / "spool",
        "SlurmctldPidFile": folder / "slurmctld.pid",
        "SlurmdPidFile": folder / "slurmd.pid",
        "ProctrackType": "proctrack/linuxproc",  # without cgroups, which containers rarely hand on
        "TaskPlugin": "task/none",
        "SelectType": "select/cons_tres",
        "SelectTypeParameters": "CR_Core",
        "ReturnToService": 2,
        "KillWait": 2,
    }
    lines = [f"{name}={value}" for name, value in settings.items()]
    lines.append(f"NodeName={host} NodeAddr=127.0.0.1 CPUs={os.cpu_count()} RealMemory=1000 State=UNKNOWN")
    lines.append(f"PartitionName=all Nodes={host} Default=YES State=UP")
    return "\n".join(lines) + "\n"


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as open_sockets:
        found = [open_sockets.enter_context(socket.socket()) for _ in range(number)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in found]


@contextlib.contextmanager
def _daemon(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[None]:
    with (folder / f"{command[0]}.out").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | environment)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _state(environment: dict[str, str]) -> str:
    command = ["sinfo", "--noheader", "--format=%T"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | environment)
    return asked.stdout.strip()


def _until(ready, what: str, folder: Path) -> None:
    limit = time.monotonic() + READY_LIMIT
    while not ready():
        if time.monotonic() > limit:
            logs = "\n".join(path.read_text(errors="replace")[-500:] for path in folder.glob("*.out"))
            raise TimeoutError(f"{what} did not start in {READY_LIMIT:.0f} s:\n{logs}")
        time.sleep(0.1)
