"""Runs that read the results of others: in which order they are executed, and who is left alone."""

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import nbformat
import pytest
from tests.site_builder.tiny_site import TinySite, displayed, value

from site_builder import build, verify
from site_builder.__main__ import main
from site_builder.errors import ExecutionError
from site_builder.execute import kernel, lock, session
from site_builder.execute.rounds import Selection
from site_builder.model import Run, State


@dataclass
class Kernels:
    """Kernels that only pretend: they publish one value, and remember which runs began and ended."""

    published: dict[str, float] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    order: list[str] = field(default_factory=list)
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)

    async def run(
        self, notebook: Any, run: Run, conditions: kernel.Conditions, *_: Callable[..., None]
    ) -> dict[str, str]:
        self.order.append(f"{run.id} begins")
        self.needs[run.id] = conditions.needs
        await asyncio.sleep(0.01)
        if run.id in self.failing:
            raise ExecutionError(f"{run.id}: broken")
        record = value("total", self.published.get(run.id, 1.0))
        notebook.cells[-1].outputs = [nbformat.from_dict(displayed(record))]
        self.order.append(f"{run.id} ends")
        return {}

    @property
    def begun(self) -> list[str]:
        return [line.removesuffix(" begins") for line in self.order if line.endswith("begins")]


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch) -> Kernels:
    pretended = Kernels()
    monkeypatch.setattr(session, "run_notebook", pretended.run)
    return pretended


@pytest.fixture
def chain(tiny: TinySite) -> TinySite:
    """A run that needs another, which needs a third, in the wrong order; and one that needs none."""
    tiny.register(drawing={"needs": ["overview"]}, overview={"needs": ["passing"]}, passing={}, refuting={})
    return tiny


@pytest.fixture
def executed(chain: TinySite, kernels: Kernels) -> TinySite:
    """The chain, all executed."""
    assert build.run_experiments(chain.tree, Selection()) == 0
    kernels.order.clear()
    return chain


def change_code(tiny: TinySite, name: str) -> None:
    cell = {"id": "more", "cell_type": "code", "metadata": {}, "source": "extra = 1", "outputs": []}
    tiny.edit(name, lambda nb: nb["cells"].append(cell | {"execution_count": None}))


def states(tiny: TinySite) -> dict[str, State]:
    return {name: one.state for name, one in tiny.plans().items()}


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_run_is_executed_after_those_it_needs_and_is_fresh_then(chain, kernels, jobs):
    assert build.run_experiments(chain.tree, Selection(jobs=jobs)) == 0
    for first, second in (("passing", "overview"), ("overview", "drawing")):
        assert kernels.order.index(f"{first} ends") < kernels.order.index(f"{second} begins")
    assert sorted(kernels.begun) == ["drawing", "overview", "passing", "refuting"]
    assert set(states(chain).values()) == {State.FRESH}
    assert kernels.needs == {
        "drawing": ("overview",), "overview": ("passing",), "passing": (), "refuting": (),
    }  # fmt: skip


def test_the_same_results_leave_those_who_need_them_alone(executed, kernels):
    change_code(executed, "passing")
    assert build.run_experiments(executed.tree, Selection()) == 0
    assert kernels.begun == ["passing"]
    assert set(states(executed).values()) == {State.FRESH}


def test_other_results_pass_on_as_far_as_they_matter(executed, kernels):
    change_code(executed, "passing")
    kernels.published["passing"] = 2.0
    assert build.run_experiments(executed.tree, Selection()) == 0
    assert kernels.begun == ["passing", "overview"]
    assert set(states(executed).values()) == {State.FRESH}


def test_a_forced_execution_takes_each_run_once_and_in_order(executed, kernels):
    assert build.run_experiments(executed.tree, Selection(force=True)) == 0
    assert [name for name in kernels.begun if name != "refuting"] == ["passing", "overview", "drawing"]
    assert len(kernels.begun) == 4


def test_what_needs_a_run_that_failed_is_not_executed_and_says_so(chain, kernels, capsys):
    kernels.failing.add("passing")
    assert build.run_experiments(chain.tree, Selection()) == 1
    assert sorted(kernels.begun) == ["passing", "refuting"]
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "passing: broken",
        "overview: not executed: it needs passing, which failed",
        "drawing: not executed: it needs overview, which was not executed",
    ]


def test_a_failure_leaves_the_results_of_those_who_need_it(executed, kernels):
    change_code(executed, "passing")
    change_code(executed, "overview")
    kernels.failing.add("passing")
    before = (executed.tree.executed / "overview.ipynb").read_bytes()
    assert build.run_experiments(executed.tree, Selection()) == 1
    assert kernels.begun == ["passing"]
    assert (executed.tree.executed / "overview.ipynb").read_bytes() == before
    kernels.failing.clear()
    assert build.run_experiments(executed.tree, Selection()) == 0
    assert kernels.begun == ["passing", "passing", "overview"]


def test_a_run_that_another_process_executes_is_waited_for_and_not_executed_again(chain, kernels):
    chain.register(passing={}, refuting={})
    with lock.hold(chain.tree, "another", run="passing"):
        selection = Selection(wait=True)
        waiting = threading.Thread(target=build.run_experiments, args=(chain.tree, selection))
        waiting.start()
        while "refuting ends" not in kernels.order and waiting.is_alive():
            time.sleep(0.01)
        chain.pretend("passing", value("total", 1.0))
    waiting.join()
    assert kernels.begun == ["refuting"]
    assert set(states(chain).values()) == {State.FRESH}


def test_what_needs_a_run_that_another_process_executes_is_left_alone(chain, kernels, capsys):
    with lock.hold(chain.tree, "another", run="passing"):
        assert build.run_experiments(chain.tree, Selection()) == build.BUSY
    assert kernels.begun == ["refuting"]
    busy, overview, _ = capsys.readouterr().err.splitlines()
    assert busy.startswith(f"passing: is being executed: another, process {os.getpid()}, since ")
    expected = "overview: not executed: it needs passing, which is being executed by another process"
    assert overview == expected


def test_what_changes_during_an_execution_is_stale_even_if_the_change_is_taken_back(tiny, monkeypatch):
    module = tiny.tree.experiments / "gradlab" / "notebook" / "publish.py"
    text = module.read_text()

    async def run(*_: object) -> dict[str, str]:
        module.write_text(text + "CONSTANT = 1\n")
        return {}

    monkeypatch.setattr(session, "run_notebook", run)
    assert build.run_experiments(tiny.tree, Selection()) == 0
    module.write_text(text)
    assert tiny.plans()["passing"].reasons == ("gradlab/notebook/publish.py changed",)


def test_a_run_named_alone_reads_committed_results(executed, kernels, capsys):
    change_code(executed, "passing")
    change_code(executed, "overview")
    capsys.readouterr()
    text = "on the committed results of passing"
    assert build.run_experiments(executed.tree, Selection(runs=("overview",))) == 0
    assert capsys.readouterr().out.startswith(f"overview: is executed {text}\n")
    assert kernels.begun == ["overview"]
    found = states(executed)
    assert (found["overview"], found["passing"]) == (State.FRESH, State.STALE)


def test_a_run_named_alone_brings_along_what_it_needs_that_has_no_results(chain, kernels):
    assert build.run_experiments(chain.tree, Selection(runs=("drawing",), force=True)) == 0
    assert kernels.begun == ["passing", "overview", "drawing"]


def test_what_a_named_run_needs_and_nobody_can_execute_here_is_told(tiny, kernels, capsys):
    tiny.register(overview={"needs": ["passing"]}, passing={"resource": "gpu"})
    assert build.run_experiments(tiny.tree, Selection(runs=("overview",))) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("passing: cannot be executed here: needs a GPU")
    assert second.startswith("overview: cannot be executed here: needs the results of passing")
    assert kernels.begun == []


def test_the_status_shows_what_comes_first_and_which_results_changed(executed, kernels, capsys):
    kernels.published["passing"] = 2.0
    assert build.run_experiments(executed.tree, Selection(runs=("passing",), force=True)) == 0
    change_code(executed, "passing")
    capsys.readouterr()
    assert main(["--root", str(executed.tree.root), "status"]) == 0
    drawing, overview, passing, _ = capsys.readouterr().out.splitlines()[1:]
    assert drawing.startswith("drawing   fresh")
    assert drawing.rstrip().endswith("can be executed after overview")
    assert overview.startswith("overview  stale  results of passing changed")
    assert overview.rstrip().endswith("can be executed after passing")
    assert passing.startswith("passing   stale  code cells changed")
    assert passing.rstrip().endswith("can be executed")


def test_verify_compares_on_the_committed_results(executed, kernels, capsys):
    kernels.published |= {"passing": 2.0, "overview": 3.0}
    committed = (executed.tree.executed / "passing.ipynb").read_bytes()
    assert verify.verify(executed.tree, ["overview"]) == 1
    assert "overview: value total: 1.0 → 3.0" in capsys.readouterr().out
    assert kernels.begun == ["overview"]
    assert (executed.tree.executed / "passing.ipynb").read_bytes() == committed


@pytest.mark.kernel
def test_real_kernels_hand_results_on_and_the_pages_say_whose(tiny, capsys):
    tiny.register(overview={"needs": ["passing"]}, passing={"parameters": {"count": 4}})
    shown = (
        '[[ value("overview", "twice", ".1f") ]]\n\n[[ provenance("overview") ]]\n\n[[ provenance("passing")'
    )
    tiny.post.write_text(tiny.post.read_text().replace('[[ provenance("passing")', shown))
    assert build.build_site(tiny.tree) == 0
    notebook = json.loads((tiny.tree.executed / "overview.ipynb").read_text())
    digest = notebook["metadata"]["gradlab"]["fingerprint"]["parts"]["results/passing"]
    post = (tiny.tree.site / "blog/2024/sums/index.html").read_text()
    assert ">18.0<" in post
    for page in (post, (tiny.tree.site / "runs" / "overview.html").read_text()):
        assert f"<dt>Results digest, passing</dt><dd>{digest}</dd>" in page
    record = (tiny.tree.site / "runs" / "overview.html").read_text()
    assert 'Reads the results of <a href="passing.html">passing</a>.' in record
    assert "Reads the results of" not in (tiny.tree.site / "runs" / "passing.html").read_text()
    assert verify.verify(tiny.tree, ["overview"]) == 0
    assert "1 runs executed again: 0 results moved" in capsys.readouterr().out


@pytest.mark.kernel
def test_a_real_kernel_refuses_results_that_the_register_does_not_list(tiny, capsys):
    tiny.register(overview={}, passing={})
    tiny.pretend("passing", value("total", 1.0))
    assert build.run_experiments(tiny.tree, Selection(runs=("overview",))) == 1
    assert "'passing' is not among those that this run needs" in capsys.readouterr().err
