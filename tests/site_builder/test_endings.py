"""Ends from outside: a signal, a full disk. What was started ends too, and what was computed stays."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.site_builder.test_execute import Heard, alive
from tests.site_builder.test_faults import begun
from tests.site_builder.tiny_site import TinySite

from site_builder import endings, machine
from site_builder.execute import batch
from site_builder.execute.batch import Outcome

pytestmark = pytest.mark.kernel
LIMIT = 60


def children(tiny: TinySite) -> list[int]:
    """The processes that the notebook ``forking`` wrote down, once it has started them."""
    written, deadline = tiny.tree.root / "children", time.monotonic() + LIMIT
    while not (written.exists() and len(written.read_text().split()) == 2):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return [int(pid) for pid in written.read_text().split()]


def all_dead(pids: list[int]) -> bool:
    deadline = time.monotonic() + LIMIT
    while any(map(alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(alive, pids))


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_request_to_end_ends_what_a_notebook_started_and_a_second_one_changes_nothing(tiny, asked):
    tiny.register(forking={"parameters": {"folder": str(tiny.tree.root)}, "time_limit": 600})
    process = begun(tiny, "experiments")
    started = children(tiny)
    process.send_signal(asked)
    if asked != signal.SIGINT:
        process.send_signal(asked)
    _, said = process.communicate(timeout=LIMIT)
    assert (process.returncode, said) == (130, "interrupted: nothing was left half done\n")
    assert all_dead(started)
    assert not list(tiny.tree.executed.glob("*"))


def test_serving_passes_a_request_to_end_on_to_its_build(tiny):
    tiny.register(forking={"parameters": {"folder": str(tiny.tree.root)}, "time_limit": 600})
    process = begun(tiny, "serve", "--port", "0")
    started = children(tiny)
    process.terminate()
    process.communicate(timeout=LIMIT)
    assert all_dead(started)


def test_what_was_told_to_ignore_a_dropped_connection_goes_on():
    code = """
import os, signal
from site_builder import endings
signal.signal(signal.SIGHUP, signal.SIG_IGN)
with endings.like_an_interrupt():
    os.kill(os.getpid(), signal.SIGHUP)
print("went on")
assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "went on\n"


def test_an_interrupt_that_is_ignored_does_not_keep_a_request_to_end_from_being_heard():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt), endings.like_an_interrupt():
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGINT, before)


def executed_on_a_full_disk(tiny: TinySite, patch: pytest.MonkeyPatch, full: str) -> dict[str, Outcome]:
    """Two runs, of which the notebook of ``full`` finds no room on the disk."""
    real = os.fsync

    def refusing(descriptor: int) -> None:
        if f".{full}.ipynb." in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    patch.setattr(os, "fsync", refusing)
    tiny.register(passing={"parameters": {"count": 4}}, drawing={})
    site = tiny.configuration().site
    outcomes = batch.execute_runs(list(tiny.plans().values()), tiny.tree, site, Heard(), 2)
    return {outcome.run.id: outcome for outcome in outcomes}


def test_a_disk_that_is_full_for_one_run_leaves_the_others_and_keeps_what_it_computed(
    tiny, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    outcomes = executed_on_a_full_disk(tiny, monkeypatch, "passing")
    assert outcomes["drawing"].error is None
    error = outcomes["passing"].error or ""
    assert error.startswith(
        "passing: _experiments/executed/passing.ipynb: cannot be written: the disk is full"
    )
    (kept,) = tmp_path.glob("passing-*.ipynb")
    assert error.endswith(f"What it computed is in {kept}: move it to passing.ipynb.")
    assert [one.name for one in tiny.tree.executed.iterdir()] == ["drawing.ipynb"]
    kept.rename(tiny.tree.executed / "passing.ipynb")
    assert {one.state.value for one in tiny.plans().values()} == {"fresh"}


def test_a_bug_in_one_run_is_told_when_the_others_have_ended(tiny, monkeypatch):
    def broken(*_: object) -> object:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(machine, "versions", broken)
    tiny.register(failing={}, passing={"parameters": {"count": 4}})
    heard = Heard()
    with pytest.raises(ZeroDivisionError):
        batch.execute_runs(list(tiny.plans().values()), tiny.tree, tiny.configuration().site, heard, 2)
    assert any(line.startswith("failing: failed in") for line in heard.lines)
    assert not Path(tiny.tree.executed / "passing.ipynb").exists()
