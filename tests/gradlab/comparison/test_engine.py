"""The engine in this process, and across processes that are killed."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.gradlab.comparison import works
from tests.gradlab.comparison.works import digest, times

from gradlab.comparison import engine, provenance, workers
from gradlab.comparison.engine import Computed, Work, compute
from gradlab.comparison.provenance import MixtureError, Origin
from gradlab.comparison.shards import Store
from gradlab.comparison.workers import PrepareError, ShardError

ROOT = Path(__file__).parents[3]
KEY = {"work": "squares"}
STARTS = [0, 2, 4, 6, 8, 10]


@pytest.fixture(autouse=True)
def two_workers_of_this_process(monkeypatch):
    monkeypatch.setenv("GRADLAB_CORES", "2")
    monkeypatch.delenv("GRADLAB_CLUSTER", raising=False)


@pytest.fixture
def run(tmp_path) -> Callable[..., Computed]:
    """Compute twelve rows in shards of two."""

    def compute_twelve(work: Work, **options) -> Computed:
        return compute(
            work, 12, **{"size": 2, "key": KEY, "folder": tmp_path / "shards", "devices": "cpu"} | options
        )

    return compute_twelve


def counts(log: Path) -> Counter[int]:
    """How often each shard was computed, by its first row."""
    return Counter(int(path.name.split(".")[0]) for path in log.glob("*.*"))


def stored(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.npz"))


def running(process: int) -> bool:
    """Whether it is there; one that ended, and was not waited for, has no command line."""
    try:
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(ready: Callable[[], object], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.02)


def test_results_are_joined_in_order_and_the_record_says_how_they_came_about(run, log):
    lines: list[str] = []
    computed = run(works.Squares(log), report=lines.append)
    assert computed.arrays["square"].tolist() == [row**2 for row in range(12)]
    assert computed.arrays["sum"].tolist() == [[2 * start + 1, 2] for start in STARTS]
    record = computed.record
    assert (record.computed, record.found) == (6, 0)
    assert 1 <= record.workers <= 2
    assert record.worker_seconds > 0
    assert record.seconds > 0
    assert record.devices == ("cpu",)
    [origin] = record.origins
    assert (origin.torch.partition("+")[0], origin.numpy) == (
        torch.__version__.partition("+")[0],
        np.__version__,
    )
    assert lines[0] == "0 of 6 shards found from before"
    assert lines[-1].startswith("6 of 6 shards in 0:00:")


def test_a_second_run_finds_all_and_needs_no_worker(run, log, monkeypatch):
    first = run(works.Squares(log))
    monkeypatch.setenv("GRADLAB_CLUSTER", "tcp://127.0.0.1:1")  # nobody is there
    lines: list[str] = []
    again = run(works.Unprepared(log), report=lines.append)
    assert digest(again.arrays) == digest(first.arrays)
    assert (again.record.computed, again.record.found, again.record.workers) == (0, 6, 0)
    assert again.record.worker_seconds == first.record.worker_seconds
    assert lines[0] == "6 of 6 shards found from before"
    assert counts(log) == Counter(STARTS)


@pytest.mark.parametrize("change", [{"key": {"work": "cubes"}}, {"size": 3}])
def test_another_key_or_size_is_computed_anew(run, log, change):
    run(works.Squares(log))
    assert run(works.Squares(log), **change).record.found == 0


def test_a_damaged_shard_is_computed_again_and_said(run, log, tmp_path):
    first = run(works.Squares(log))
    half = stored(tmp_path / "shards")[2]
    half.write_bytes(half.read_bytes()[:-50])
    lines: list[str] = []
    again = run(works.Squares(log), report=lines.append)
    assert digest(again.arrays) == digest(first.arrays)
    assert lines[0] == "5 of 6 shards found from before; 1 damaged, computed again"
    assert counts(log) == Counter([*STARTS, 4])


def test_the_bytes_do_not_depend_on_the_number_of_workers(run, tmp_path, monkeypatch):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        digests = set()
        for number in (1, 2, 4):
            monkeypatch.setenv("GRADLAB_CORES", str(number))
            computed = run(works.Gradients(), folder=tmp_path / str(number))
            assert set(computed.arrays["threads"].tolist()) == {1}
            assert np.abs(computed.arrays["gradient"]).max() > 0
            digests.add(digest(computed.arrays))
        assert len(digests) == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_each_thread_draws_the_same_weights(run, monkeypatch):
    monkeypatch.setenv("GRADLAB_CORES", "4")
    arrays = run(works.Seeded()).arrays
    assert len(set(arrays["worker"])) == 4
    assert len(np.unique(arrays["drawn"], axis=0)) == 1


def test_a_shard_that_fails_three_times_stops_the_run_and_the_others_stay(run, log, tmp_path):
    with pytest.raises(ShardError, match=r"failed 3 times: rows 4-5; all other shards are stored") as caught:
        run(works.Stumbling(log))
    assert "ZeroDivisionError: row 4 is not to be divided" in str(caught.value)
    assert "works.py" in str(caught.value)  # the place in the original traceback
    assert counts(log) == Counter([*STARTS, 4, 4])
    assert len(stored(tmp_path / "shards")) == 5
    assert run(works.Squares(log)).record.found == 5


def test_a_shard_that_fails_twice_is_computed(run, log):
    assert run(works.Recovering(log)).record.computed == 6
    assert counts(log) == Counter([*STARTS, 4, 4])


def test_work_that_cannot_be_loaded_stops_the_run_at_once(run, log):
    with pytest.raises(PrepareError, match="no photographs here"):
        run(works.Unprepared(log))
    assert counts(log) == Counter()


def test_an_array_without_axes_is_refused(run):
    class Scalar:
        def prepare(self, device):
            return lambda rows: {"mean": np.float64(1.5)}

    with pytest.raises(ShardError, match="mean must be an array of numbers with at least one axis"):
        run(Scalar())


def test_shards_of_other_versions_are_refused_unless_a_mixture_is_allowed(run, log, tmp_path, monkeypatch):
    with pytest.raises(ShardError):
        run(works.Stumbling(log))
    here = provenance.origin_of(torch.device("cpu"))
    newer = Origin("cpu", "9.1.0", here.torchvision, here.numpy)
    monkeypatch.setattr(workers, "origin_of", lambda device: newer)
    with pytest.raises(MixtureError) as caught:
        run(works.Squares(log))
    assert f"stored shards: {here}" in str(caught.value)
    assert f"workers now: {newer}" in str(caught.value)
    assert len(stored(tmp_path / "shards")) == 5
    computed = run(works.Squares(log), mixture=True)
    assert set(computed.record.origins) == {here, newer}
    assert (computed.record.computed, computed.record.found) == (1, 5)
    with pytest.raises(MixtureError):  # also where nothing is left to compute
        run(works.Squares(log))


@pytest.fixture
def unlike(monkeypatch) -> list[str]:
    """The two workers have different devices."""
    kinds = ["GPU of one kind", "GPU of another"]

    class Unlike(workers.Worker):
        @property
        def origin(self) -> Origin:
            return Origin(kinds[self._number], "2", "0", "2")

    monkeypatch.setattr(workers, "Worker", Unlike)
    return kinds


def test_workers_that_differ_are_refused_before_they_begin(run, log, unlike):
    with pytest.raises(MixtureError, match="workers now: GPU of another") as caught:
        run(works.Squares(log))
    assert "workers now: GPU of one kind" in str(caught.value)
    assert counts(log) == Counter()
    assert run(works.Squares(log), mixture=True).record.computed == 6


def test_a_worker_that_comes_later_and_differs_leaves_nothing(run, log, tmp_path, unlike, monkeypatch):
    monkeypatch.setattr(workers.Threads, "origins", lambda threads: [])
    barrier = threading.Barrier(2)  # so that both workers have a shard

    class Together(works.Squares):
        def happens(self, rows: range) -> None:
            if rows.start < 4:
                barrier.wait(30)

    with pytest.raises(MixtureError):
        run(Together(log))
    folder = next((tmp_path / "shards").iterdir())
    wanted = [range(start, start + 2) for start in STARTS]
    assert len({shard.origin for shard in Store(folder).found(wanted)[0].values()}) == 1


def test_a_full_disk_stops_the_run_and_the_shards_before_stay(run, log, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADLAB_CORES", "1")
    written, fsync = [], os.fsync

    def full(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) > 4:  # the description and three shards
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match=r"No space left on device.* Shards stored before stay") as caught:
            run(works.Squares(log))
    assert caught.value.errno == errno.ENOSPC
    assert len(stored(tmp_path / "shards")) == 3
    assert list((tmp_path / "shards").glob("*/.*")) == []
    assert run(works.Squares(log)).record.found == 3


@pytest.mark.parametrize("cluster", ["gpu", "TCP://host:1", "local:4"])
def test_an_unknown_cluster_is_refused_with_the_choices(run, log, cluster, monkeypatch):
    monkeypatch.setenv("GRADLAB_CLUSTER", cluster)
    with pytest.raises(ValueError, match=r"unset, local, slurm, or the tcp:// or tls:// .* not '"):
        run(works.Squares(log))


def test_an_unknown_device_is_refused_with_the_choices(run, log):
    with pytest.raises(ValueError, match="one of auto, cuda, cpu, not 'gpu'"):
        run(works.Squares(log), devices="gpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_said(run, log):
    with pytest.raises(RuntimeError, match=r"a GPU is asked for, but torch .* finds none"):
        run(works.Squares(log), devices="cuda")
    assert run(works.Squares(log), devices="auto").record.devices == ("cpu",)


@pytest.mark.parametrize("cores", ["0", "many", "-1"])
def test_a_number_of_cores_must_be_one(run, log, cores, monkeypatch):
    monkeypatch.setenv("GRADLAB_CORES", cores)
    with pytest.raises(ValueError, match="GRADLAB_CORES must be a positive number"):
        run(works.Squares(log))


@pytest.fixture
def other_process(log, tmp_path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start the same run in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(work: str, cluster: str = "") -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", works.__name__, work, str(log), str(tmp_path / "shards")]
        path = os.pathsep.join((str(ROOT), str(ROOT / "_experiments")))
        environment = os.environ | {"PYTHONPATH": path, "GRADLAB_CLUSTER": cluster}
        started.append(
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("cluster", ["", "local"])
def test_a_run_that_is_killed_and_started_again_computes_nothing_twice(
    run, log, tmp_path, other_process, cluster
):
    process = other_process("Waiting", cluster)  # before the last two of six shards
    until(lambda: len(stored(tmp_path / "shards")) == 4 and times(log, 8) and times(log, 10))
    process.send_signal(signal.SIGKILL)
    process.wait()
    if cluster:  # its workers end with it
        folder = next((tmp_path / "shards").iterdir())
        shards = Store(folder).found([range(row, row + 2) for row in STARTS])[0].values()
        workers = {int(shard.worker.split(":")[1]) for shard in shards}
        until(lambda: not any(map(running, workers)))
    computed = run(works.Squares(log))
    assert computed.arrays["square"].tolist() == [row**2 for row in range(12)]
    assert computed.record.found == 4
    assert counts(log) == Counter([*STARTS, 8, 10])  # those two were in flight


def test_two_runs_with_one_key_at_the_same_time_give_the_same(run, log, tmp_path, other_process):
    both = [other_process("Waiting") for _ in range(2)]
    until(lambda: len(times(log, 8)) == 2 and len(times(log, 10)) == 2)
    (log / "go").touch()
    digests = {process.communicate(timeout=60)[0].splitlines()[-1] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert digests == {digest(run(works.Squares(log)).arrays)}
    assert list((tmp_path / "shards").glob("*/.*")) == []


def test_a_run_in_this_process_needs_no_dask():
    code = "import sys, gradlab.comparison.engine; print('dask' in sys.modules, 'distributed' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(ROOT / "_experiments")}
    printed = subprocess.check_output([sys.executable, "-c", code], text=True, env=environment)
    assert printed.split() == ["False", "False"]


def test_shards_are_kept_below_the_project():
    assert ROOT / ".cache" / "shards" == engine.FOLDER
