"""Seals: what was changed in an executed notebook since its execution is found and named."""

import json
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from tests.site_builder.tiny_site import TinySite, displayed, value

from site_builder import build
from site_builder.errors import BuildError
from site_builder.model import State

PICTURE = {
    "output_type": "display_data",
    "metadata": {"width": 7},
    "data": {
        "image/png": "iVBOR\nw0KGgo=\n",
        "text/plain": "<Figure>",
        "application/x+json": {"a": ["b", "c"]},
    },
}
PRINTED = {"output_type": "stream", "name": "stdout", "text": "one\ntwo\n"}
SHOWN = {"output_type": "execute_result", "execution_count": 2, "metadata": {}, "data": {"text/plain": "4"}}
SINCE = "changed by hand or by a merge since its execution: "


@pytest.fixture
def sealed(tiny: TinySite) -> TinySite:
    tiny.register(passing={})
    tiny.pretend("passing")
    outputs = [displayed(value("total", 9.0)), PICTURE, PRINTED, SHOWN]
    tiny.executed_otherwise("passing", lambda nb: nb["cells"][3].update(outputs=outputs))
    return tiny


def by_hand(tiny: TinySite, change: Callable[[Any], object]) -> tuple[State, tuple[str, ...]]:
    """The state of the run after a change to its executed notebook."""
    path = tiny.tree.executed / "passing.ipynb"
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook))
    planned = tiny.plans()["passing"]
    return planned.state, planned.reasons


def record(notebook: Any) -> Any:
    return notebook["metadata"]["gradlab"]


def code(notebook: Any) -> Any:
    return notebook["cells"][3]


def shown(notebook: Any, place: int) -> Any:
    return code(notebook)["outputs"][place - 1]


TITLE = "cell 4 (lst-sum)"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda nb: next(iter(shown(nb, 1)["data"].values())).update(value=12345), f"output 1 of {TITLE}"),
        (lambda nb: shown(nb, 2)["data"].update({"image/png": "iVBORw0KGgp="}), f"output 2 of {TITLE}"),
        (lambda nb: shown(nb, 2)["metadata"].update(width=8), f"output 2 of {TITLE}"),
        (lambda nb: shown(nb, 3).update(text="one\n2\n"), f"output 3 of {TITLE}"),
        (lambda nb: code(nb)["outputs"].reverse(), ", ".join(f"output {n} of {TITLE}" for n in (1, 2, 3, 4))),
        (lambda nb: code(nb)["outputs"].pop(), f"the outputs of {TITLE}"),
        (lambda nb: code(nb).update(source="#| label: lst-sum\ntotal = 7"), f"the code of {TITLE}"),
        (lambda nb: nb["cells"].pop(1), "it has 5 code cells for 6"),
        (lambda nb: record(nb).update(device="a better one"), "the record of its execution"),
        (lambda nb: record(nb)["fingerprint"].update(digest="0"), "the record of its execution"),
        (lambda nb: record(nb)["seal"]["cells"].pop(), "it has 6 code cells for 5"),
    ],
)
def test_a_change_by_hand_makes_a_run_stale_and_is_named(sealed, change, named):
    assert by_hand(sealed, lambda nb: None) == (State.FRESH, ())
    assert by_hand(sealed, change) == (State.STALE, (SINCE + named,))


@pytest.mark.parametrize("damage", [None, [], {"record": "0"}, {"record": "0", "cells": {}}])
def test_a_notebook_without_a_whole_seal_is_stale(sealed, damage):
    found = by_hand(sealed, lambda nb: record(nb).update(seal=damage))
    assert found == (State.STALE, ("its results were not sealed when it was executed",))
    assert by_hand(sealed, lambda nb: record(nb).pop("seal")) == found


def test_a_strict_build_refuses_results_that_were_changed(sealed):
    by_hand(sealed, lambda nb: shown(nb, 3).update(text="two\n"))
    with pytest.raises(BuildError, match=f"--strict: (?s:.*)passing: stale: {SINCE}output 3 of cell 4"):
        build.build_site(sealed.tree, strict=True, execute=False)


def test_another_library_that_writes_the_same_notebook_breaks_no_seal(sealed):
    path = sealed.tree.executed / "passing.ipynb"
    nbformat.write(nbformat.read(path, as_version=4), path)
    assert "one\\n" in path.read_text()
    assert isinstance(json.loads(path.read_text())["cells"][3]["outputs"][2]["text"], list)
    assert by_hand(sealed, lambda nb: None) == (State.FRESH, ())


def test_prose_counts_of_executions_and_captions_are_not_sealed(sealed):
    def change(notebook: Any) -> None:
        notebook["cells"][0]["source"] = "Other prose."
        code(notebook)["execution_count"] = shown(notebook, 4)["execution_count"] = 99
        code(notebook)["source"] = "".join(code(notebook)["source"]).replace("lst-cap: ", "lst-cap: Now: ")

    assert by_hand(sealed, change) == (State.FRESH, ())
