"""Execution with real kernels: what is written, what failures say, and what is left of a run afterwards."""

import asyncio
import json
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.site_builder.tiny_site import TinySite
from tests.tools import text_sizes

from site_builder import machine
from site_builder.execute import batch, kernel, session
from site_builder.execute.batch import Outcome
from site_builder.execute.progress import Progress
from site_builder.files import PROJECT
from site_builder.harvest import harvest
from site_builder.model import Resource, State

MIME = "application/vnd.gradlab.record+json"

pytestmark = pytest.mark.kernel


class Heard(Progress):
    """A display that remembers what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        super().__init__(self.lines.append)


def run(tiny: TinySite, *names: str, jobs: int = 2, display: Progress | None = None) -> Mapping[str, Outcome]:
    plans = [one for one in tiny.plans().values() if not names or one.run.id in names]
    site = tiny.configuration().site
    outcomes = batch.execute_runs(plans, tiny.tree, site, display or Heard(), jobs)
    return {outcome.run.id: outcome for outcome in outcomes}


def executed(tiny: TinySite, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((tiny.tree.executed / f"{name}.ipynb").read_text())
    return content


def outputs(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]


def printed(notebook: dict[str, Any]) -> str:
    return "".join(
        "".join(output["text"]) for output in outputs(notebook) if output["output_type"] == "stream"
    )


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not yet reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def batched(tmp_path_factory: pytest.TempPathFactory) -> tuple[TinySite, Mapping[str, Outcome], list[str]]:
    """Several runs in one batched: good ones beside one that fails."""
    from tests.site_builder import tiny_site

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONSTARTUP", "/nowhere")
        patch.setenv("MPLBACKEND", "agg")
        site = tiny_site.lay_out(tmp_path_factory.mktemp("batched") / "site")
        site.register(passing={"parameters": {"count": 4}}, drawing={}, failing={})
        display = Heard()
        return site, run(site, display=display), display.lines


def test_a_batch_returns_outcomes_and_a_failure_does_not_stop_the_others(batched):
    site, outcomes, _ = batched
    assert {name: outcome.error is None for name, outcome in outcomes.items()} == {
        "passing": True, "drawing": True, "failing": False,
    }  # fmt: skip
    assert not (site.tree.executed / "failing.ipynb").exists()
    assert [path.name for path in sorted(site.tree.executed.iterdir())] == ["drawing.ipynb", "passing.ipynb"]


def test_a_failing_cell_is_told_with_its_label_source_and_the_end_of_its_traceback(batched):
    error = batched[1]["failing"].error
    assert error is not None
    assert error.startswith(
        "failing (failing.ipynb), cell 2 (tbl-broken): IndexError: list index out of range"
    )
    assert "  >    3 second = numbers[first + 5]" in error
    assert error.endswith("    IndexError: list index out of range")
    assert "\x1b" not in error


def test_plain_lines_say_when_a_run_begins_and_ends(batched):
    lines = batched[2]
    assert "drawing: executing 3 cells" in lines
    assert any(line.startswith("passing: executed in ") for line in lines)
    assert any(line.startswith("failing: failed in ") for line in lines)


def test_progress_is_passed_on_and_stays_out_of_the_notebook(tiny):
    class Hearing(Progress):
        def says(self, run, line):
            heard.append((run, line))

    heard: list[tuple[str, str]] = []
    code = """
import os, time
with open(os.environ["GRADLAB_PROGRESS"], "a") as progress:
    progress.write("3 of 9 shards\\n")
time.sleep(2.5)
"""
    tiny.edit("passing", lambda nb: nb.update(cells=[*nb["cells"][:2], nb["cells"][2] | {"source": code}]))
    tiny.register(passing={})
    assert run(tiny, display=Hearing(print))["passing"].error is None
    assert heard == [("passing", "3 of 9 shards")]
    assert "3 of 9 shards" not in printed(executed(tiny, "passing"))


def test_parameters_stand_in_a_cell_of_their_own_and_count(batched):
    notebook = executed(batched[0], "passing")
    assert notebook["cells"][1]["metadata"]["tags"] == ["parameters"]
    injected = notebook["cells"][2]
    assert injected["metadata"]["tags"] == ["injected-parameters"]
    assert "".join(injected["source"]) == "count = 4"
    records = [output["data"][MIME] for output in outputs(notebook) if MIME in output.get("data", {})]
    assert {r["name"]: r["value"] for r in records if r["kind"] == "value"}["total"] == 1.5 * (1 + 2 + 3)


def test_one_output_carries_the_figure_in_three_formats_at_its_own_size(batched):
    drawn = [o["data"] for o in outputs(executed(batched[0], "drawing")) if "image/png" in o.get("data", {})]
    assert len(drawn) == 1
    assert {"image/svg+xml", "application/pdf", "image/png"} <= drawn[0].keys()
    assert 'width="216pt" height="144pt"' in "".join(drawn[0]["image/svg+xml"])


def test_a_figure_of_any_style_has_two_widths_and_is_published_once(tiny):
    """Its cell ends in the figure, which is wider than a page, and asks for pictures of a screen."""
    tiny.register(plain={})
    assert run(tiny)["plain"].error is None
    found = harvest.harvest_all(tiny.configuration().runs.values(), tiny.tree, tiny.configuration().site)
    figure = found["plain"].figures["fig-plain"]
    assert (figure.size, figure.narrow) == ((672, 269), (326, 422))
    assert "dark.svg" not in figure.files
    svg, narrow = ((tiny.tree.assets / figure.files[ending]).read_text() for ending in ("svg", "narrow.svg"))
    assert text_sizes.of_svg(svg) == text_sizes.of_svg(narrow) == [9.0]
    where = "plain.ipynb, cell 3 (fig-plain): "
    said = [notice.removeprefix(where) for notice in found["plain"].notices]
    assert said[-1].startswith("it is not in the house style's colours alone")
    assert [notice.partition(" reaches ")[0] for notice in said[:-1]] == ["the text 'a long word'"] * 2


def test_the_run_record_is_whole_and_the_run_is_fresh_afterwards(batched):
    site = batched[0]
    planned = site.plans()["drawing"]
    assert planned.state is State.FRESH
    assert planned.record is not None
    assert planned.record.fingerprint == planned.fingerprint
    assert planned.record.device == machine.processor()
    assert set(planned.record.versions) == {"python", "matplotlib", "numpy"}
    assert planned.record.seconds > 0
    metadata = executed(site, "drawing")["metadata"]
    assert set(metadata) == {"gradlab", "kernelspec", "language_info"}


def test_a_second_execution_gives_the_same_notebook_byte_for_byte(batched):
    site = batched[0]
    before = {name: executed(site, name) for name in ("passing", "drawing")}
    assert all(outcome.error is None for outcome in run(site, "passing", "drawing", jobs=2).values())
    for name, old in before.items():
        new = executed(site, name)
        for notebook in (old, new):
            record = notebook["metadata"]["gradlab"]
            del record["started"], record["seconds"], record["seal"]["record"]
        assert new == old


def test_a_failure_leaves_the_last_good_executed_notebook_and_nothing_else(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    tiny.register(failing={})
    tiny.pretend("failing")
    before = (tiny.tree.executed / "failing.ipynb").read_bytes()
    assert run(tiny)["failing"].error
    assert (tiny.tree.executed / "failing.ipynb").read_bytes() == before
    assert not list(tmp_path.glob("run-*"))


class Expiring(Heard):
    """A display under which a run's time is up when a given cell has begun, however busy the machine is."""

    def __init__(self, at: int, patch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self._at = at
        self._timers: list[asyncio.Timeout] = []
        real = asyncio.timeout

        def begin(_seconds: float | None) -> asyncio.Timeout:
            self._timers.append(real(None))
            return self._timers[-1]

        patch.setattr(asyncio, "timeout", begin)

    def cell(self, run: str, cell: int, of: int) -> None:
        super().cell(run, cell, of)
        if cell == self._at:
            self._timers[-1].reschedule(asyncio.get_running_loop().time() + 0.3)


def test_a_run_that_hangs_is_stopped_in_the_cell_it_hangs_in(tiny, monkeypatch):
    tiny.register(slow={})
    assert run(tiny, display=Expiring(2, monkeypatch))["slow"].error == (
        "slow (slow.ipynb), cell 2 (tbl-sleep): stopped at its time limit of 60 s"
    )


def test_what_a_run_started_ends_with_it_even_in_another_session(tiny, monkeypatch):
    tiny.register(forking={"parameters": {"folder": str(tiny.tree.root)}})
    assert "cell 4: stopped" in (run(tiny, display=Expiring(4, monkeypatch))["forking"].error or "")
    children = [int(pid) for pid in (tiny.tree.root / "children").read_text().split()]
    assert len(children) == 2
    deadline = time.monotonic() + 30
    while any(map(alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(alive, children))


def test_a_flood_of_text_is_cut_with_a_note(tiny):
    tiny.register(flood={})
    assert run(tiny)["flood"].error is None
    text = printed(executed(tiny, "flood"))
    assert f"a cell may print {session.PRINT_LIMIT:,} characters; 49,800,000 more left out" in text
    assert text.rstrip().endswith("still here")
    assert (tiny.tree.executed / "flood.ipynb").stat().st_size < 2 * session.PRINT_LIMIT


def test_a_notebook_that_is_too_large_names_its_largest_cell(tiny):
    tiny.register(heavy={})
    error = run(tiny)["heavy"].error
    assert error is not None
    assert "heavy.ipynb): it would have 9.0 MB, the limit is 8 MB; its largest cell is cell 2" in error
    assert not (tiny.tree.executed / "heavy.ipynb").exists()


def test_a_kernel_that_dies_is_said_to_have_died(tiny):
    tiny.register(dying={})
    assert (run(tiny)["dying"].error or "").startswith("dying (dying.ipynb), cell 2: the kernel died")


def test_progress_bars_and_interleaved_streams_are_tidied(tiny):
    tiny.register(flood={})
    tiny.edit(
        "flood",
        lambda nb: nb["cells"][0].update(
            source="import sys\nfor i in range(3):\n"
            "    print(f'\\r{i}/2', end='')\n    print('warn', file=sys.stderr)\nprint('\\ndone')"
        ),
    )
    assert run(tiny)["flood"].error is None
    streams = [(o["name"], "".join(o["text"])) for o in executed(tiny, "flood")["cells"][0]["outputs"]]
    assert streams == [("stdout", "2/2\ndone\n"), ("stderr", "warn\nwarn\nwarn\n")]


def test_the_kernel_sees_fixed_settings_and_none_of_the_users(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONSTARTUP", "x.py")
    monkeypatch.setenv("JUPYTER_PATH", "/elsewhere")
    monkeypatch.setenv("HOME_OF_THE_TEST", "kept")
    conditions = kernel.Conditions(tiny.tree.experiments, "/data", cores=3, gpus=("1", "2"))
    seen = kernel.environment(conditions, tmp_path)
    assert "PYTHONSTARTUP" not in seen
    assert "JUPYTER_PATH" not in seen
    wanted = {
        "HOME_OF_THE_TEST": "kept",
        "PYTHONPATH": f"{tiny.tree.experiments}:{tmp_path / 'extensions'}",
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "GRADLAB_CORES": "3",
        "GRADLAB_DATA": "/data",
        "CUDA_VISIBLE_DEVICES": "1,2",
    }
    assert {name: seen[name] for name in wanted} == wanted
    assert Path(seen["IPYTHONDIR"]).is_relative_to(tmp_path)
    assert (tmp_path / "extensions" / "kernel_figures" / "__init__.py").is_file()
    assert "extensions = ['kernel_figures']\n" in settings(tmp_path)


def settings(folder):
    return (folder / "ipython" / "profile_default" / "ipython_kernel_config.py").read_text()


def test_a_kernel_loads_the_extension_of_the_laboratory_where_there_is_one(tmp_path):
    kernel.environment(kernel.Conditions(PROJECT / "_experiments", "", cores=1, gpus=()), tmp_path)
    assert "extensions = ['kernel_figures', 'gradlab.photographs.torchvision_ops']\n" in settings(tmp_path)


def pretended(monkeypatch: pytest.MonkeyPatch, gpus: Mapping[str, str]) -> list[kernel.Conditions]:
    """A machine with these GPUs and eight cores, and what each of its kernels would be given."""
    given: list[kernel.Conditions] = []
    busy: set[str] = set()

    async def pretend(notebook: Any, run: Any, conditions: kernel.Conditions, *_: Any) -> dict[str, str]:
        given.append(conditions)
        assert not busy & set(conditions.gpus)
        busy.update(conditions.gpus)
        await asyncio.sleep(0.01)
        busy.difference_update(conditions.gpus)
        return {"cuda": "13.0"} if conditions.gpus else {}

    monkeypatch.setattr(session, "run_notebook", pretend)
    monkeypatch.setattr(machine, "gpus", lambda: gpus)
    monkeypatch.setattr(machine, "driver", lambda: "580.1")
    monkeypatch.setattr(machine, "cores", lambda: 8)
    return given


NAMES = ("passing", "drawing", "refuting", "slow")


@pytest.mark.parametrize(
    ("runs", "gpus", "shares"),
    [
        (1, "357", [("3", "5", "7")]),
        (2, "357", [("3", "7"), ("5",)]),
        (4, "35", [("3",), ("5",), ("3",), ("5",)]),
    ],
)
def test_runs_for_gpus_share_all_of_them_out(tiny, monkeypatch, runs, gpus, shares):
    given = pretended(monkeypatch, dict.fromkeys(gpus, "Some GPU"))
    tiny.register(**{name: {"resource": Resource.GPU.value} for name in NAMES[:runs]})
    assert all(outcome.error is None for outcome in run(tiny).values())
    assert sorted(conditions.gpus for conditions in given) == sorted(shares)
    record = tiny.plans()["passing"].record
    assert record.resource is Resource.GPU
    assert record.device == {1: "3 × Some GPU", 2: "2 × Some GPU", 4: "Some GPU"}[runs]
    assert (record.versions["cuda"], record.versions["driver"]) == ("13.0", "580.1")


@pytest.mark.parametrize(
    ("cpu", "gpu", "jobs", "cores"),
    [(1, 0, 8, 8), (2, 0, 8, 4), (3, 0, 8, 2), (3, 0, 1, 8), (0, 1, 8, 8), (2, 1, 8, 2), (0, 4, 8, 4)],
)
def test_cores_are_shared_out_among_the_runs_that_go_on_together(tiny, monkeypatch, cpu, gpu, jobs, cores):
    given = pretended(monkeypatch, {"0": "One", "1": "Other"})
    kinds = [Resource.CPU] * cpu + [Resource.ANY] * gpu
    tiny.register(**{name: {"resource": kind.value} for name, kind in zip(NAMES, kinds, strict=False)})
    assert all(outcome.error is None for outcome in run(tiny, jobs=jobs).values())
    assert {conditions.cores for conditions in given} == {cores}
    assert len(given) == len(kinds)


@pytest.mark.parametrize(("gpus", "used"), [({"3": "Some GPU"}, ("3",)), ({}, ())])
def test_a_run_for_any_device_takes_a_gpu_where_there_is_one(tiny, monkeypatch, gpus, used):
    given = pretended(monkeypatch, gpus)
    tiny.register(passing={"resource": Resource.ANY.value})
    assert tiny.plans()["passing"].blocked == ()
    assert run(tiny, "passing")["passing"].error is None
    assert [conditions.gpus for conditions in given] == [used]
    record = tiny.plans()["passing"].record
    assert record.resource is (Resource.GPU if gpus else Resource.CPU)
    assert ("Some GPU" in record.device) is bool(gpus)
    assert ("driver" in record.versions) is bool(gpus)


def test_a_run_for_a_cpu_gets_no_gpu(tiny, monkeypatch):
    given = pretended(monkeypatch, {"3": "Some GPU"})
    tiny.register(passing={"resource": "cpu"}, drawing={"resource": "any"})
    assert all(outcome.error is None for outcome in run(tiny).values())
    assert sorted(conditions.gpus for conditions in given) == [(), ("3",)]
    assert tiny.plans()["passing"].record.resource is Resource.CPU


TORCH = """\
import types
__version__ = "2.11.0+cu130"
cuda = types.SimpleNamespace(is_available=lambda: {available})
version = types.SimpleNamespace(cuda="13.0")
cudnn = types.SimpleNamespace(version=lambda: 91002)
backends = types.SimpleNamespace(cudnn=cudnn)
"""


@pytest.mark.parametrize(("available", "told"), [(True, {"cuda": "13.0", "cudnn": "91002"}), (False, {})])
def test_a_kernel_reports_what_torch_says_of_its_gpus(tiny, available, told):
    (tiny.tree.experiments / "torch.py").write_text(TORCH.format(available=available))
    tiny.edit("passing", lambda nb: nb["cells"][2].update(source="import torch"))
    tiny.edit("passing", lambda nb: nb.update(cells=nb["cells"][:3]))
    tiny.register(passing={})
    assert run(tiny)["passing"].error is None
    versions = tiny.plans()["passing"].record.versions
    assert {name: versions[name] for name in versions if name != "python"} == told
    assert "_versions" not in (tiny.tree.executed / "passing.ipynb").read_text()
