"""Workers in other processes, through Dask: on this machine, in Slurm jobs, or of a running scheduler.

Scheduling, transport and retries are Dask's. The parent writes the shards, so that workers need no file
system in common with it, and a parent that is killed loses only what it has not yet received.
"""

import logging
import os
import shlex
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import dask
from dask_jobqueue import SLURMCluster
from distributed import Client, Nanny, Scheduler, SpecCluster, WorkerPlugin, get_worker
from distributed.worker import Worker as DaskWorker

from gradlab.comparison.provenance import Origin
from gradlab.comparison.shards import Shard
from gradlab.comparison.workers import ATTEMPTS, Pool, Work, Worker, available_devices, number_of_workers

OPTIONS = "GRADLAB_CLUSTER_OPTIONS"
_CONFIGURATION = {
    # No shard waits at a worker that computes another, so one that dies costs one shard.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.allowed-failures": ATTEMPTS - 1,
}


class Prepared(WorkerPlugin):  # type: ignore[misc]
    """The work on every worker, those that come later included."""

    def __init__(self, work: Work, devices: str) -> None:
        self._work, self._devices = work, devices
        self.worker: Worker | None = None

    def setup(self, worker: DaskWorker) -> None:
        """Called by Dask on the worker; the work itself is loaded with the first shard."""
        self.worker = Worker(self._work, self._devices)


def _worker(dask_worker: DaskWorker, name: str) -> Worker:
    plugin = dask_worker.plugins[name]
    assert isinstance(plugin, Prepared)
    assert plugin.worker is not None
    return plugin.worker


def _shard(name: str, rows: range) -> Shard:
    return _worker(get_worker(), name).compute(rows)


def _origin(name: str, dask_worker: DaskWorker) -> Origin:
    return _worker(dask_worker, name).origin


class Cluster:
    """The workers of one Dask client."""

    def __init__(self, client: Client, work: Work, devices: str) -> None:
        self._client = client
        self.name = f"gradlab-{uuid.uuid4().hex}"
        client.register_plugin(Prepared(work, devices), name=self.name)
        self.executor = client.get_executor(pure=False, retries=ATTEMPTS - 1)

    def submit(self, rows: range) -> "Future[Shard]":
        """Compute these rows on some worker; on another one if it dies."""
        future: Future[Shard] = self.executor.submit(_shard, self.name, rows)
        return future

    def alive(self) -> int:
        """The workers that the scheduler knows."""
        return len(self._client.scheduler_info()["workers"])

    def origins(self) -> list[Origin]:
        """Of the workers that there are so far."""
        # A worker that fails or leaves here says so with its first shard, if it gets one.
        return list(self._client.run(_origin, self.name, on_error="ignore").values())


@contextmanager
def workers_of(cluster: str, work: Work, devices: str, most: int) -> Iterator[Pool]:
    """The workers that ``GRADLAB_CLUSTER`` names: "local", "slurm" or the address of a scheduler."""
    with (
        dask.config.set(_CONFIGURATION),
        _scheduler(cluster, devices, most) as address,
        _client(address) as client,
    ):
        pool = Cluster(client, work, devices)
        try:
            yield pool
        finally:
            pool.executor.shutdown(wait=False)
            with suppress(OSError, TimeoutError):  # a scheduler that is gone forgets the work as well
                client.unregister_worker_plugin(pool.name)


@contextmanager
def _client(address: str | SpecCluster) -> Iterator[Client]:
    try:
        client = Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConnectionError(f"GRADLAB_CLUSTER={address}: no scheduler answers there ({error})") from error
    with client:
        yield client


@contextmanager
def _scheduler(cluster: str, devices: str, most: int) -> Iterator[str | SpecCluster]:
    if cluster == "local":
        with _local(devices, most) as own:
            yield own
    elif cluster == "slurm":
        with _slurm(most) as own:
            yield own
    else:
        yield cluster


def _local(devices: str, most: int) -> SpecCluster:
    options = {"host": "127.0.0.1", "port": 0, "dashboard": False, "dashboard_address": "127.0.0.1:0"}
    scheduler = {"cls": Scheduler, "options": options}
    return SpecCluster(local_workers(devices, most), scheduler=scheduler, silence_logs=logging.WARNING)


def local_workers(devices: str, most: int) -> dict[int, dict[str, Any]]:
    """One process for each GPU, which sees no other, or for each core, as ``SpecCluster`` takes them."""
    number = min(number_of_workers(devices), most)
    visible = [""] * number
    if available_devices(devices)[0].type == "cuda":
        listed = os.environ.get("CUDA_VISIBLE_DEVICES")
        visible = listed.split(",") if listed else [str(i) for i in range(number)]
    # Without a limit of memory: Dask would share it out in equal parts, and end a worker that takes more.
    # What goes wrong in a worker comes back with its shard; what they log besides is about connections.
    options = {"nthreads": 1, "memory_limit": 0, "silence_logs": logging.CRITICAL}
    return {
        i: {"cls": Nanny, "options": options | {"env": {"CUDA_VISIBLE_DEVICES": visible[i]}}}
        for i in range(number)
    }


def _slurm(most: int) -> SLURMCluster:
    """Slurm jobs as the file of options says; one that ends too early is replaced."""
    options = _slurm_options()
    jobs = min(options.pop("jobs"), most)
    # Jobs import what the notebook can import; the interpreter, which is the same, finds its own folders.
    path = [entry for entry in sys.path if entry and not entry.startswith((sys.prefix, sys.base_prefix))]
    options["job_script_prologue"] = [
        f"export PYTHONPATH={shlex.quote(os.pathsep.join(path))}",
        *options.get("job_script_prologue", []),
    ]
    options["scheduler_options"] = {"dashboard_address": ":0"} | options.get("scheduler_options", {})
    cluster = SLURMCluster(**{"cores": 1, "processes": 1} | options)
    try:
        _try_job(cluster.job_script())
    except BaseException:
        cluster.close()
        raise
    cluster.adapt(minimum_jobs=jobs, maximum_jobs=jobs)
    return cluster


def _try_job(script: str) -> None:
    """Ask Slurm if it would take the job: Dask would wait for ever for one that it does not take."""
    if shutil.which("sbatch") is None:
        raise RuntimeError("GRADLAB_CLUSTER=slurm needs Slurm's commands, and there is no sbatch here")
    asked = subprocess.run(
        ["sbatch", "--test-only"], input=script, capture_output=True, text=True, check=False
    )
    if asked.returncode:
        raise RuntimeError(f"Slurm does not take the job: {asked.stderr.strip()}\n{script}")


def _slurm_options() -> dict[str, Any]:
    path = os.environ.get(OPTIONS)
    if path is None or not Path(path).is_file():
        raise ValueError(
            "GRADLAB_CLUSTER=slurm takes the keywords of dask_jobqueue.SLURMCluster, and jobs, from the "
            f"YAML file that {OPTIONS} names: {'it is not set' if path is None else f'there is no {path}'}"
        )
    [options] = dask.config.collect_yaml([path]) or [{}]
    if not isinstance(options.get("jobs"), int) or options["jobs"] < 1:
        raise ValueError(f"{path} must say how many jobs to start, as in jobs: 8")
    return dict(options)
