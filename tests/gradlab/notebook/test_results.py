"""Results of other runs, read back as they were published."""

import json
import math

import pytest

from gradlab.notebook import claims, publish, results
from gradlab.notebook.results import ResultsError, Value


@pytest.fixture
def executed(tmp_path, monkeypatch, shown):
    """A folder of executed notebooks, and a way to publish into one of them."""
    monkeypatch.setattr(results, "EXECUTED", tmp_path)
    monkeypatch.delenv(results.NEEDS, raising=False)

    def put(run):
        outputs = [{"output_type": "display_data", "data": bundle} for bundle in shown]
        cells = [
            {"cell_type": "markdown", "source": "# Prose"},
            {"cell_type": "code", "outputs": [{"output_type": "stream", "text": "printed"}]},
            {"cell_type": "code", "outputs": outputs},
        ]
        (tmp_path / f"{run}.ipynb").write_text(json.dumps({"cells": cells}))
        shown.clear()

    return put


def test_what_was_published_comes_back(executed):
    publish.value("rate", 0.5, low=0.25, high=0.75, n=30, unit="share", note="95 % interval")
    publish.table("tbl-a", ["x", "y"], [[1, "one"], [2, None]], caption="Not a result.")
    publish.data("fig-a", {"depth": [1, 2], "norm": [0.5, 0.25]})
    claims.judge("it-falls", "It falls.", claims.below(0), {"slope": claims.exact(-0.25)})
    executed("run-a")
    found = results.of("run-a")
    assert found.run == "run-a"
    assert found.values == {"rate": Value(0.5, 0.25, 0.75, 30, "share", "95 % interval")}
    assert found.tables["tbl-a"].rows == ((1, "one"), (2, None))
    assert found.tables["tbl-a"].column("y") == ("one", None)
    assert found.data["fig-a"].columns == ("depth", "norm")
    assert found.data["fig-a"].column("norm") == (0.5, 0.25)
    claim = found.claims["it-falls"]
    assert (claim.verdict, claim.statement) == ("holds", "It falls.")
    assert claim.criterion.startswith("Holds if the number lies below 0")


def test_numbers_that_are_not_finite_come_back_as_numbers(executed):
    publish.value("rate", math.inf, low=-math.inf, high=math.nan)
    publish.value("words", "infinite")
    publish.data("fig-a", {"x": [math.nan, 1.0]})
    executed("run-a")
    found = results.of("run-a")
    rate = found.values["rate"]
    assert (rate.value, rate.low) == (math.inf, -math.inf)
    assert isinstance(rate.high, float)
    assert math.isnan(rate.high)
    assert found.values["words"].value == "infinite"
    assert [isinstance(entry, float) for entry in found.data["fig-a"].column("x")] == [True, True]


def test_results_keep_the_order_of_the_notebook(executed):
    for name in ("second", "first", "third"):
        publish.value(name, 1)
    executed("run-a")
    assert list(results.of("run-a").values) == ["second", "first", "third"]


def test_a_missing_name_lists_those_that_are_close(executed):
    for name in ("density-plain", "density-conserved", "photographs"):
        publish.value(name, 1)
    publish.table("tbl-a", ["x", "x", "y"], [[1, 2, 3]], caption="")
    executed("run-a")
    found = results.of("run-a")
    with pytest.raises(
        ResultsError, match=r"^run run-a has no value 'densty-plain'; close to it: density-plain"
    ):
        found.values["densty-plain"]
    with pytest.raises(
        ResultsError, match=r"no value 'zzz'; known: density-plain, density-conserved, photog"
    ):
        found.values["zzz"]
    with pytest.raises(ResultsError, match=r"^run run-a has no claim 'c'; there is none$"):
        found.claims["c"]
    with pytest.raises(ResultsError, match=r"^tbl-a has no column 'z'; known: x, x, y$"):
        found.tables["tbl-a"].column("z")
    with pytest.raises(ResultsError, match=r"^tbl-a has 2 columns 'x'"):
        found.tables["tbl-a"].column("x")
    assert found.values.get("zzz") is None
    assert "zzz" not in found.values


def test_a_run_that_was_not_executed_is_named(executed):
    executed("conserve-vgg16")
    with pytest.raises(
        ResultsError, match=r"'conserve-vg16' has no executed notebook; close to it: conserve-vgg16"
    ):
        results.of("conserve-vg16")


def test_an_execution_reads_only_the_runs_it_needs(executed, monkeypatch):
    publish.value("rate", 1)
    executed("run-a")
    executed("run-b")
    monkeypatch.setenv(results.NEEDS, "run-a run-c")
    assert results.of("run-a").values["rate"].value == 1
    with pytest.raises(
        ResultsError, match=r"'run-b' is not among .* under needs; close to it: run-[ac], run-[ac]$"
    ):
        results.of("run-b")
    monkeypatch.setenv(results.NEEDS, "")
    with pytest.raises(ResultsError, match=r"under needs; there is none$"):
        results.of("run-a")


@pytest.mark.parametrize("content", ["{", "[]", '{"cells": 3}', '{"cells": [1]}'])
def test_a_damaged_notebook_is_named_with_its_cure(executed, content):
    (results.EXECUTED / "run-a.ipynb").write_text(content)
    with pytest.raises(
        ResultsError, match=r"run-a\.ipynb is not a whole executed .* make experiments RUN=run-a"
    ):
        results.of("run-a")
