"""Records as they leave a notebook."""

from typing import Any

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup

from gradlab.notebook import claims, publish
from gradlab.notebook.claims import Exact
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


def test_a_table_is_one_in_jupyter(shown):
    publish.table("tbl-a", ["who <b>", "n"], [["me & you", 0.123456], ["none", None]], caption="A & b.")
    page = BeautifulSoup(shown[0]["text/html"], "html.parser")
    assert page.p.text == "A & b."
    rows = [[entry.text for entry in row.find_all(["th", "td"])] for row in page.find_all("tr")]
    assert rows == [["who <b>", "n"], ["me & you", "0.1235"], ["none", "–"]]
    assert shown[0]["text/plain"] == "tbl-a: 2 rows of who <b>, n"


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


def test_what_is_long_or_short_stays_a_line(shown):
    publish.value("a", 1)
    publish.data("fig-a", {"x": [1]})
    assert ["text/html" in forms for forms in shown] == [False, False]


def test_a_claim_shows_its_numbers_and_its_rule(shown):
    claims.judge("c", "It <grows>.", claims.above(0), {"slope": Exact(1.5, 4)})
    page = BeautifulSoup(shown[0]["text/html"], "html.parser")
    assert page.p.text == "holds: It <grows>."
    assert "above 0" in page.find_all("p")[1].text
    rows = [[entry.text for entry in row.find_all(["th", "td"])] for row in page.find_all("tr")]
    assert rows[1][:2] == ["slope", "1.5"]
    claims.untested("d", "It shrinks.", "No network was there.")
    assert "<table" not in shown[1]["text/html"]
