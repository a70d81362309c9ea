"""A few of the kills that ``make kills`` does at every change, and whether it would find what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
POINTS = 3
"""Of each scenario: the budget of a test."""
BROKEN = """
import shutil
from tests.tools import kills
from site_builder import files
{fault}
kills.SCENARIOS = [one for one in kills.SCENARIOS if one.name == "a build after changes"]
kills.chosen = lambda points, count: [one for one in points if {wanted}][-count:]
raise SystemExit(kills.main(["--points", "{count}"]))
"""
TWO_STEPS = """
def swap(new, place):
    shutil.rmtree(place, ignore_errors=True)
    new.rename(place)
files.swap = swap
"""


def killed(code: str) -> tuple[int, str]:
    # A process of its own, because it is copied, and this one may have threads.
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_a_build_or_delivery_that_is_killed_or_finds_no_room_is_repaired_by_the_next():
    status, said = killed(
        f"from tests.tools import kills; raise SystemExit(kills.main(['--points', '{POINTS}']))"
    )
    assert (status, said.splitlines()[-1]) == (0, "0 things wrong"), said
    assert said.count(" changes; ") == 5


@pytest.mark.parametrize(
    ("fault", "wanted", "count", "words"),
    [
        (TWO_STEPS, "one[0] == kills.KILL", 6, "_site is neither the old nor the new one"),
        ("", "one[0] == kills.KILL", 1, ""),
    ],
    ids=["a site that is removed and laid out again", "as it is"],
)
def test_a_press_that_leaves_something_half_is_found(fault, wanted, count, words):
    status, said = killed(BROKEN.format(fault=fault, wanted=wanted, count=count))
    assert (status == 1) is bool(words)
    assert words in said
