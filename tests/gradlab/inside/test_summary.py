"""Medians over modules, means over photographs, and what is published of them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from gradlab.comparison.arms import Selection
from gradlab.inside import summary
from gradlab.inside.groups import MEASURES
from gradlab.inside.observed import Observed
from gradlab.inside.summary import Network
from gradlab.notebook.results import Named, Results, Value
from gradlab.statistics import clustered

OWN, RANDOM = (Selection.CLASS, 0.25), (Selection.RANDOM, 0.25)
LABELS = np.array([0, 0, 1, 1, 2, 2])


def an_observed() -> Observed:
    """Six photographs of three classes at four modules, the second of them with maps of one position."""
    generator = np.random.default_rng(1)

    def measures() -> dict[str, np.ndarray]:
        found = {name: generator.uniform(0.1, 0.9, (6, 4)) for name in MEASURES}
        for name in ("others-share", "correlation", "cosine"):
            found[name][:, 1] = np.nan
        return found

    return Observed(
        ("a", "b", "c", "d"), np.array([8, 4, 16, 16]), np.array([9, 1, 4, 4]),
        {"upper": np.array([False, True, True, False]), "all": np.full(4, True)},
        LABELS, {OWN: measures(), RANDOM: measures()},
    )  # fmt: skip


@pytest.fixture
def net() -> Network:
    return Network("Net", "net", an_observed())


def test_a_photograph_has_the_median_of_the_modules_that_have_the_measure(net):
    values = net.observed.found[OWN]["cosine"]
    assert summary.of_photographs(net.observed, "upper", OWN, "cosine").tolist() == values[:, 2].tolist()
    every = summary.of_photographs(net.observed, "all", OWN, "cosine")
    assert every.tolist() == pytest.approx([sorted(row[[0, 2, 3]])[1] for row in values])
    flips = net.observed.found[OWN]["flips"]
    pairs = summary.of_photographs(net.observed, "upper", OWN, "flips")
    assert pairs.tolist() == pytest.approx([(row[1] + row[2]) / 2 for row in flips])


def test_the_typical_value_has_the_interval_over_classes(net):
    found = summary.typical(net.observed, "all", OWN, "entry-ratio")
    values = np.median(net.observed.found[OWN]["entry-ratio"], axis=1)
    of_classes = values.reshape(3, 2).mean(1)
    # With classes of equal size the mean over photographs is that over classes, and so is its error.
    assert found.mean == pytest.approx(of_classes.mean())
    assert found.error == pytest.approx(of_classes.std(ddof=1) / math.sqrt(3))
    assert (found.n, found.classes, found.freedom) == (6, 3, 2)


def test_random_channels_are_subtracted_photograph_by_photograph(net):
    own, random = (np.median(net.observed.found[case]["flips"], axis=1) for case in (OWN, RANDOM))
    found = summary.against_random(net.observed, "all", 0.25, "flips")
    expected = clustered.mean_interval(own - random, LABELS)
    assert (found.mean, found.low, found.high) == pytest.approx((expected.mean, expected.low, expected.high))


def test_quantiles_leave_out_what_is_not_finite():
    values = np.array([[1.0, np.nan], [np.inf, np.nan], [3.0, np.nan]])
    assert summary.quantiles(values, [0.5])[0].tolist() == pytest.approx([2, np.nan], nan_ok=True)


def test_the_lowest_module_is_found_by_its_median(net):
    medians = [np.median(net.observed.found[OWN]["cosine"][:, place]) for place in (0, 2, 3)]
    place, lowest = summary.lowest(net.observed, OWN, "cosine")
    assert lowest == pytest.approx(min(medians))
    assert place == [0, 2, 3][int(np.argmin(medians))]


def test_there_is_a_row_for_each_network_case_and_module(net):
    other = replace(net, title="Other", slug="other")
    columns = summary.rows([net, other])
    assert {len(column) for column in columns.values()} == {2 * 2 * 4}
    row = {name: column[6] for name, column in columns.items()}
    values = net.observed.found[RANDOM]["cosine"][:, 2]
    assert (row["network"], row["module"], row["selection"], row["kept"]) == ("net", "c", "random", 4)
    assert row["cosine: n"] == 6
    assert [row[f"cosine: {p} %"] for p in (25, 50, 75)] == pytest.approx(np.percentile(values, [25, 50, 75]))
    assert row["upper"]
    assert columns["network"][8] == "other"
    assert (columns["cosine: n"][1], columns["flips: n"][1]) == (0, 6)


def test_the_table_has_a_row_for_each_network_and_list(net):
    columns, rows = summary.table([net], 0.25)
    first = dict(zip(columns, rows[0], strict=True))
    assert [row[:4] for row in rows] == [["Net", "upper modules", 2, 1], ["Net", "all convolutions", 4, 1]]
    assert first["cosine"] == summary.typical(net.observed, "upper", OWN, "cosine").mean
    assert first["cosine, random"] == summary.typical(net.observed, "upper", RANDOM, "cosine").mean
    medians = np.median(net.observed.found[OWN]["entry-ratio"][:, 1:3], axis=0)
    low, high = np.percentile(medians, [25, 75])
    assert first["ratio of entries, quartiles"] == f"{low:.2f} to {high:.2f}"


def test_the_demonstration_is_read_from_its_run():
    values = Named[Value]("value")
    for name, number in {"vector-ratio": 7.1, "low-share": 0.2, "angle-high-to-total": 60}.items():
        for reading in ("deviation", "variance"):
            values[f"hl-{name}-{reading}"] = Value(number, None, None, None, "", "")
    results = Results("r", values, Named("table"), Named("data"), Named("claim"), Named("rows"))
    found = summary.demonstrations(results)
    assert list(found) == ["deviation", "variance"]
    assert found["variance"].values == pytest.approx({"entry-ratio": 7.1, "others-share": 0.2, "cosine": 0.5})
