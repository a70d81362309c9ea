"""Records as they leave a notebook."""

from typing import Any

import numpy as np
import pytest
import torch

from gradlab.notebook import publish
from gradlab.statistics.paired import Interval


def test_a_value_becomes_plain_json(shown):
    publish.value("a", torch.tensor(0.5), low=np.float64(0.25), high=1, n=3, unit="share", tolerance=1e-6)
    assert shown[0][publish.MIME] == {
        "kind": "value", "name": "a", "value": 0.5, "unit": "share", "low": 0.25, "high": 1, "n": 3,
        "note": "", "tolerance": 1e-6,
    }  # fmt: skip
    assert shown[0]["text/plain"] == "a = 0.5 [0.25, 1] share"


def test_an_interval_is_a_value_with_its_bounds(shown):
    publish.interval("a", Interval(0.5, 0.25, 0.75, 8), note="95 % t interval", tolerance=1e-6, unit="%")
    publish.value("a", 0.5, low=0.25, high=0.75, n=8, note="95 % t interval", tolerance=1e-6, unit="%")
    assert shown[0] == shown[1]


def test_a_number_that_json_does_not_know_becomes_text(shown):
    publish.value("a", float("nan"))
    assert shown[0][publish.MIME]["value"] == "nan"


def test_what_is_not_a_scalar_is_refused(shown):
    with pytest.raises(TypeError, match="not list"):
        publish.value("a", [1, 2])
    assert not shown


def test_a_table_with_a_short_row_is_refused(shown):
    with pytest.raises(ValueError, match="2 columns"):
        publish.table("tbl-a", ["x", "y"], [[1, 2], [3]], caption="")
    assert not shown


def test_data_is_given_by_column(shown):
    columns: dict[str, Any] = {"x": [1, 2], "y": np.array([0.5, 1.5])}
    publish.data("fig-a", columns)
    assert shown[0][publish.MIME]["rows"] == [[1, 0.5], [2, 1.5]]
    with pytest.raises(ValueError, match="shorter"):
        publish.data("fig-a", {"x": [1, 2], "y": [1]})


def test_data_tells_how_its_figure_shows_it(shown):
    looks: dict[Any, dict[str, Any]] = {
        4: {"color": "C0", "linestyle": (0, (5, 1.5)), "marker": "o"},
        "b": {"color": "#d5581d"},
    }
    publish.data(
        "fig-a", {"x": [1]}, names={"x": "width"}, units={"x": "m"}, looks=looks, interval="95 % t interval"
    )
    record = shown[0][publish.MIME]
    assert (record["names"], record["units"], record["interval"]) == (
        {"x": "width"},
        {"x": "m"},
        "95 % t interval",
    )
    assert record["looks"] == {
        "4": {"colour": "#1f77b4", "dashes": [5, 1.5]},
        "b": {"colour": "#d5581d", "dashes": []},
    }
    with pytest.raises(ValueError, match="data of 'fig-a' has no column 'y'; it has x"):
        publish.data("fig-a", {"x": [1]}, units={"y": "m"})
    with pytest.raises(ValueError, match=r"a line's style is .*, not 'steps'"):
        publish.data("fig-a", {"x": [1]}, looks={"a": {"color": "k", "linestyle": "steps"}})


@pytest.mark.parametrize(
    ("holds", "word"), [(np.bool_(True), "holds"), (False, "refuted"), (None, "not tested")]
)
def test_a_claim_carries_its_verdict(shown, holds, word):
    publish.claim("c", "It is so.", holds=holds, measured={"x": np.float32(1)}, criterion="x exceeds 0")
    record = shown[0][publish.MIME]
    assert record["holds"] is (None if holds is None else bool(holds))
    assert shown[0]["text/plain"] == f"claim c: {word}"


def test_a_claim_without_a_rule_is_refused(shown):
    with pytest.raises(ValueError, match="needs a criterion"):
        publish.claim("c", "It is so.", holds=True, measured={}, criterion=" ")
    assert not shown


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"low": 2, "high": 3}, "is 1, outside of its interval from 2 to 3"),
        ({"low": 0}, "one bound of an interval and not the other"),
        ({"n": -3}, "n is -3; a sample has one entry or more"),
        ({"tolerance": -1}, "its tolerance is -1, less than nothing"),
    ],
)
def test_what_no_sample_gives_is_refused(shown, told, problem):
    with pytest.raises(ValueError, match=problem):
        publish.value("a", 1, **told)
    assert shown == []
