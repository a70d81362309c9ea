import datetime as dt
from pathlib import Path

import pytest
from tests.site_builder.harvest_fixtures import Place, cell

from site_builder.harvest import harvest
from site_builder.model import Harvest, State
from site_builder.post import run_facts


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def taken(place: Place) -> Harvest:
    (found,) = harvest.harvest_all(place.runs.values(), place.tree, place.site).values()
    return found


def test_facts_of_a_run(place: Place) -> None:
    place.run("demo", cell("x"))
    assert run_facts.facts(taken(place)) == [
        ("Notebook", "demo.ipynb"),
        ("Parameters", "network = resnet18, seed = 3"),
        ("Seed", "3"),
        ("Data", "digits"),
        ("Data digest, digits", "dd11"),
        ("Checkpoints", "none"),
        ("Device", "cpu, 2 cores"),
        ("Versions", "numpy 2.4.6"),
        ("Executed", "2026-11-20 10:00 UTC"),
        ("Time", "12.3 s"),
        ("Fingerprint", "0123456789abcdef"),
        ("Reproduce", "make experiments RUN=demo"),
    ]


def test_the_day_is_that_of_utc(place: Place) -> None:
    place.run("demo", cell("x"), started="2026-11-20T23:30:00-05:00")
    assert run_facts.day(taken(place)) == dt.date(2026, 11, 21)


def test_only_a_stale_run_is_announced(place: Place) -> None:
    place.run("demo", cell("x"))
    found = taken(place)
    assert run_facts.stale_notice(place.plan("demo"), found) == ""
    assert run_facts.stale_notice(place.plan("demo", State.STALE, "a", "b"), found) == (
        "The results of demo are those of 2026-11-20 and may be out of date: a; b."
    )
