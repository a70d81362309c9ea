"""The engine with workers in other processes, through Dask."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dask
import numpy as np
import pytest
import torch
from distributed import LocalCluster
from tests.gradlab.comparison import one_machine_slurm, works
from tests.gradlab.comparison.works import digest, times

from gradlab.comparison import cluster
from gradlab.comparison.engine import Computed, Work, compute
from gradlab.comparison.workers import PrepareError, ShardError

# Dask leaves what it closes to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setenv("GRADLAB_CORES", "2")
    monkeypatch.delenv("GRADLAB_CLUSTER_OPTIONS", raising=False)


@pytest.fixture
def run(tmp_path) -> Callable[..., Computed]:
    """Compute twelve rows in shards of two."""

    def compute_twelve(work: Work, **options) -> Computed:
        return compute(work, 12, size=2, **{"key": {}, "folder": tmp_path / "shards"} | options)

    return compute_twelve


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a scheduler that runs already, with one worker of two threads."""
    with LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as running:
        yield running.scheduler_address


def test_a_worker_that_is_killed_costs_its_shard_only(run, log, monkeypatch):
    monkeypatch.setenv("GRADLAB_CLUSTER", "local")
    computed = run(works.Dying(log))
    assert computed.arrays["square"].tolist() == [row**2 for row in range(12)]
    assert len(times(log, 4)) == 2
    assert computed.record.computed == 6


def test_the_workers_of_a_running_scheduler_give_the_same_bytes(run, tmp_path, scheduler, monkeypatch):
    here = run(works.Gradients(), folder=tmp_path / "here")
    monkeypatch.setenv("GRADLAB_CLUSTER", scheduler)
    there = run(works.Gradients(), folder=tmp_path / "there")
    assert digest(there.arrays) == digest(here.arrays)
    assert set(there.arrays["threads"].tolist()) == {1}
    assert there.record.origins == here.record.origins
    assert there.record.workers == 1


def test_a_shard_that_fails_three_times_elsewhere_is_explained(run, log, tmp_path, scheduler, monkeypatch):
    monkeypatch.setenv("GRADLAB_CLUSTER", scheduler)
    with pytest.raises(ShardError, match=r"failed 3 times: rows 4-5; all other shards are stored") as caught:
        run(works.Stumbling(log))
    assert "ZeroDivisionError: row 4 is not to be divided" in str(caught.value)
    assert len(times(log, 4)) == 3
    assert len(list((tmp_path / "shards").glob("*/*.npz"))) == 5
    computed = run(works.Squares(log))
    assert (computed.record.computed, computed.record.found) == (1, 5)


def test_work_that_cannot_be_loaded_elsewhere_stops_the_run(run, log, scheduler, monkeypatch):
    monkeypatch.setenv("GRADLAB_CLUSTER", scheduler)
    with pytest.raises(PrepareError, match="no photographs here"):
        run(works.Unprepared(log))


def test_a_class_of_the_notebook_travels_to_the_workers(run, scheduler, monkeypatch):
    monkeypatch.setenv("GRADLAB_CLUSTER", scheduler)
    source = "class Own(Squares):\n    def compute(self, rows): return {'start': np.array([rows.start])}"
    namespace: dict[str, Any] = {"Squares": works.Squares, "np": np, "__name__": "__main__"}
    exec(source, namespace)
    assert run(namespace["Own"](Path())).arrays["start"].tolist() == [0, 2, 4, 6, 8, 10]


def test_an_address_where_nobody_answers_is_said(run, log, monkeypatch):
    monkeypatch.setenv("GRADLAB_CLUSTER", "tcp://127.0.0.1:1")
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "0.5s"}),
        pytest.raises(ConnectionError, match=r"GRADLAB_CLUSTER=tcp://127.0.0.1:1: no scheduler answers"),
    ):
        run(works.Squares(log))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (None, "it is not set"),
        ("missing.yaml", r"there is no .*missing\.yaml"),
        ("memory: 1GB", "must say how many jobs to start"),
        ("jobs: 0", "must say how many jobs to start"),
    ],
)
def test_options_that_slurm_lacks_are_said(run, log, tmp_path, monkeypatch, options, error):
    monkeypatch.setenv("GRADLAB_CLUSTER", "slurm")
    if options is not None:
        path = tmp_path / (options if options.endswith("yaml") else "options.yaml")
        if not options.endswith("yaml"):
            path.write_text(options)
        monkeypatch.setenv(cluster.OPTIONS, str(path))
    with pytest.raises(ValueError, match=error):
        run(works.Squares(log))


@pytest.mark.parametrize(("visible", "seen"), [("2,0", ["2", "0"]), (None, ["0", "1"])])
def test_each_local_worker_sees_its_own_gpu(monkeypatch, visible, seen):
    gpus = [torch.device("cuda", i) for i in range(2)]
    monkeypatch.setattr(cluster, "available_devices", lambda devices: gpus)
    monkeypatch.setattr(cluster, "number_of_workers", lambda devices: 2)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    for most in (5, 1):
        found = cluster.local_workers("cuda", most).values()
        assert [worker["options"]["env"]["CUDA_VISIBLE_DEVICES"] for worker in found] == seen[:most]


def test_local_workers_without_a_gpu_see_none():
    found = cluster.local_workers("cpu", most=5).values()
    assert [worker["options"]["env"] for worker in found] == [{"CUDA_VISIBLE_DEVICES": ""}] * 2


@pytest.fixture
def slurm(tmp_path, monkeypatch) -> Iterator[Path]:
    """A Slurm of this machine; the file of options for two jobs."""
    folder = tmp_path / "slurm"
    folder.mkdir()
    options = tmp_path / "options.yaml"
    options.write_text(
        f"jobs: 2\nmemory: 400MB\nlog_directory: {folder}\nscheduler_options: {{host: 127.0.0.1}}\n"
    )
    with one_machine_slurm.running(folder) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("GRADLAB_CLUSTER", "slurm")
        monkeypatch.setenv(cluster.OPTIONS, str(options))
        yield options


lacking = one_machine_slurm.lacking()


@pytest.mark.slurm
@pytest.mark.skipif(bool(lacking), reason=lacking)
def test_jobs_of_slurm_compute_and_are_replaced_when_they_end_too_early(run, log, tmp_path, slurm):
    def end_jobs_when_four_shards_are_stored() -> None:
        limit = time.monotonic() + 100
        while len(list((tmp_path / "shards").glob("*/*.npz"))) < 4 and time.monotonic() < limit:
            time.sleep(0.05)
        time.sleep(0.5)  # in which the scheduler hears that they are stored
        subprocess.run(["scancel", "--user=root"], check=True)
        (log / "go").touch()

    ending = threading.Thread(target=end_jobs_when_four_shards_are_stored, daemon=True)
    ending.start()
    computed = run(works.Waiting(log))
    ending.join()
    assert computed.arrays["square"].tolist() == [row**2 for row in range(12)]
    assert computed.record.computed == 6
    assert [len(times(log, row)) for row in (0, 2, 4, 6)] == [1, 1, 1, 1]


@pytest.mark.slurm
@pytest.mark.skipif(bool(lacking), reason=lacking)
def test_a_job_that_slurm_does_not_take_is_said_at_once(run, log, slurm):
    slurm.write_text(slurm.read_text() + "queue: nosuch\n")
    with pytest.raises(RuntimeError, match=r"does not take the job: (?s:.*)invalid partition(?s:.*)#SBATCH"):
        run(works.Squares(log))
