"""The facts of a run: what a reader is told of its execution, of its inputs, and of what it waits for."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from tests.site_builder.harvest_fixtures import Place, cell

from site_builder.harvest import harvest
from site_builder.model import Harvest, Resource, State
from site_builder.notebook import pins
from site_builder.post import run_facts


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def taken(place: Place) -> Harvest:
    (found,) = harvest.harvest_all(place.runs.values(), place.tree, place.site).values()
    return found


def test_of_a_mapping_the_names_are_told(place: Place) -> None:
    rules = {"rises": {"above": 0, "statement": "A long sentence."}, "falls": {"below": 0}}
    place.run("demo", cell("x"), parameters={"rules": rules})
    assert ("Parameters", "rules = {falls, rises}") in run_facts.facts(taken(place))


def test_facts_of_a_run(place: Place) -> None:
    place.run("demo", cell("x"))
    assert run_facts.facts(taken(place)) == [
        ("Notebook", "demo.ipynb"),
        ("Parameters", "network = resnet18, seed = 3"),
        ("Seed", "3"),
        ("Data", "digits"),
        ("Data digest, digits", "dd11"),
        ("Weights", "none"),
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


@pytest.mark.parametrize(
    ("registered", "words"),
    [
        ({"data": None}, ""),
        ({}, "the data set digits"),
        (
            {"resource": Resource.GPU, "weights": ("a/x", "b"), "needs": ("one", "two", "three")},
            "a GPU, the data set digits, the weights a/x and b and the results of one, two and three",
        ),
        ({"resource": Resource.ANY, "weights": ("a",)}, "the data set digits and the weights a"),
    ],
)
def test_what_a_run_needs_is_said_of_the_register_alone(
    place: Place, registered: dict[str, Any], words: str
) -> None:
    assert run_facts.wanted(place.register("later", **registered)) == words


PINNED = {"code": "aa", "pin/torch": "2.13.0", "pin/numpy": "2.4.6"}


@pytest.mark.parametrize(
    ("versions", "off"),
    [
        ({"torch": "2.11.0+cu130", "numpy": "2.4.5"}, "numpy 2.4.5 for 2.4.6, torch 2.11.0+cu130 for 2.13.0"),
        ({"torch": "2.13.0+cpu", "numpy": "2.4.6", "cuda": "13.0"}, ""),
        ({}, ""),
        ({"scipy": "1.0", "python": "3.12.1"}, ""),
    ],
)
def test_what_ran_is_told_where_it_is_not_what_was_pinned(
    place: Place, versions: dict[str, str], off: str
) -> None:
    place.run("demo", cell("x"), fingerprint={"digest": "aa", "parts": PINNED}, versions=versions)
    found = taken(place)
    assert dict(run_facts.facts(found)).get("Off pin", "") == off
    assert ", ".join(pins.off_pin(found.record)) == off
