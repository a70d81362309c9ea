"""Seals for what was executed before there were any: only with the history on their side."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from tests.site_builder.tiny_site import TinySite, displayed, value
from tests.tools import seal_executed

from site_builder.model import State


def git(tiny: TinySite, *arguments: str) -> None:
    author = ["-c", "user.name=A", "-c", "user.email=a@b.c"]
    subprocess.run(["git", *author, *arguments], cwd=tiny.tree.root, check=True, capture_output=True)


def commit(tiny: TinySite, change: Callable[[Any], object]) -> None:
    path = tiny.tree.executed / "passing.ipynb"
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook, indent=1) + "\n")
    git(tiny, "add", "-A")
    git(tiny, "commit", "--allow-empty", "-m", "a change")


@pytest.fixture
def before(tiny: TinySite) -> TinySite:
    """A run that was executed and committed without a seal, twice."""
    tiny.register(passing={})
    tiny.pretend("passing", value("total", 9.0))
    git(tiny, "init", "-q")
    commit(tiny, lambda nb: nb["metadata"]["gradlab"].pop("seal"))
    commit(tiny, execution)
    return tiny


def execution(notebook: Any) -> None:
    notebook["metadata"]["gradlab"]["started"] = "2025-01-02T03:04:05+00:00"
    notebook["cells"][-1]["outputs"] = [displayed(value("total", 8.0))]


def test_what_is_as_it_was_executed_is_sealed_and_fresh(before, capsys):
    commit(before, lambda nb: nb["cells"][0].update(source="Better prose."))
    assert before.plans()["passing"].reasons == ("its results were not sealed when it was executed",)
    assert seal_executed.main(before.tree.root) == 0
    assert capsys.readouterr().out.startswith("passing: sealed, unchanged since ")
    assert before.plans()["passing"].state is State.FRESH
    assert seal_executed.main(before.tree.root) == 0
    assert capsys.readouterr().out == "passing: is sealed\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda nb: nb["cells"][-1].update(outputs=[displayed(value("total", 12345))]),
        lambda nb: nb["cells"][-1].update(source="publish.value('total', 12345)"),
    ],
)
@pytest.mark.parametrize("committed", [True, False])
def test_what_was_changed_since_is_refused(before, change, committed, capsys):
    if committed:
        commit(before, change)
    else:
        path = before.tree.executed / "passing.ipynb"
        notebook = json.loads(path.read_text())
        change(notebook)
        path.write_text(json.dumps(notebook))
    kept = (before.tree.executed / "passing.ipynb").read_bytes()
    assert seal_executed.main(before.tree.root) == 1
    assert "brought it: execute it again" in capsys.readouterr().err
    assert (before.tree.executed / "passing.ipynb").read_bytes() == kept


def test_a_record_that_no_commit_has_is_refused(before, capsys):
    path = before.tree.executed / "passing.ipynb"
    path.write_text(path.read_text().replace("a test", "a better device"))
    assert seal_executed.main(before.tree.root) == 1
    assert "passing: is not as no commit brought it" in capsys.readouterr().err
