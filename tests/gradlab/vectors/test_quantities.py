"""The quantities against a loop over repetitions, and the estimates against the closed forms."""

import math

import numpy as np
import pytest

from gradlab.statistics.paired import Interval
from gradlab.vectors import aggregation, quantities
from gradlab.vectors.quantities import Quantity

READINGS = [aggregation.reading("deviation"), aggregation.reading("variance")]


def degrees(x: float, y: float) -> float:
    return abs(math.degrees(math.atan2(x, y)))


def from_dim2(vector: list[float]) -> float:
    return degrees(abs(vector[0]), abs(vector[1]))


def between(a: list[float], b: list[float]) -> float:
    cosine = (a[0] * b[0] + a[1] * b[1]) / math.hypot(*a) / math.hypot(*b)
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def by_loop(draws: aggregation.Draws) -> dict[str, float]:
    """Every quantity from its words, one repetition at a time."""
    found: dict[str, list[float]] = {}
    for high, low in zip(draws.high.tolist(), draws.low.tolist(), strict=True):
        total = [high[0] + low[0], high[1] + low[1]]
        for name, entry in (
            ("rms-high-dim1", high[0] ** 2),
            ("rms-high-dim2", high[1] ** 2),
            ("rms-low-dim1", low[0] ** 2),
            ("rms-low-dim2", low[1] ** 2),
            ("length-high", math.hypot(*high)),
            ("length-low", math.hypot(*low)),
            ("length-total", math.hypot(*total)),
            ("angle-high", from_dim2(high)),
            ("angle-total", from_dim2(total)),
            ("angle-high-to-total", between(high, total)),
            ("low-dominates-dim1", abs(low[0]) > abs(high[0])),
            ("high-dominates-dim2", abs(high[1]) > abs(low[1])),
            ("low-longer", math.hypot(*low) > math.hypot(*high)),
            ("near-diagonals", 30 < from_dim2(total) < 60),
            ("near-ray", between(total, [1, 1]) < 15),
        ):
            found.setdefault(name, []).append(entry)
    return {
        name: math.sqrt(np.mean(entries))
        if name.startswith("rms")
        else float((np.median if name.startswith("angle") else np.mean)(entries))
        for name, entries in found.items()
    }


@pytest.mark.parametrize("reading", READINGS, ids=lambda r: r.name)
def test_the_estimates_are_those_of_a_loop(reading):
    draws = aggregation.sample(reading, 301, seed=5)
    found = quantities.quantities(draws)
    assert {name: one.drawn.mean for name, one in found.items()} == pytest.approx(by_loop(draws))
    assert all(one.drawn.n == 301 for one in found.values())


@pytest.mark.parametrize("reading", READINGS, ids=lambda r: r.name)
def test_each_closed_form_is_that_of_its_estimate(reading):
    found = quantities.quantities(aggregation.sample(reading, 20_000, seed=2))
    assert [name for name, one in found.items() if one.exact is None] == ["angle-high-to-total"]
    for name, one in found.items():
        if one.exact is not None:
            # Twice the interval: fifteen quantities are looked at, twice.
            width = one.drawn.high - one.drawn.low
            assert abs(one.drawn.mean - one.exact) < width, name


def test_units():
    found = quantities.quantities(aggregation.sample(READINGS[0], 20, seed=0))
    by_unit: dict[str, set[str]] = {}
    for name, one in found.items():
        by_unit.setdefault(one.unit, set()).add(name)
    assert by_unit["degrees"] == {"angle-high", "angle-total", "angle-high-to-total"}
    assert by_unit["share"] == {
        "low-dominates-dim1", "high-dominates-dim2", "low-longer", "near-diagonals", "near-ray",
    }  # fmt: skip
    assert all(name.startswith(("rms", "length")) for name in by_unit[""])


def test_the_table_has_the_readings_beside_each_other():
    def quantity(mean: float, exact: float | None) -> Quantity:
        return Quantity(Interval(mean, mean - 1, mean + 1, 9), exact)

    names = list(quantities.ROWS.values())
    first = {name: quantity(place, place + 0.5) for place, name in enumerate(names)}
    second = {name: quantity(-place, None) for place, name in enumerate(names)}
    columns, rows = quantities.table({"deviation": first, "variance": second})
    assert columns == [
        "quantity", "deviation: exact", "deviation: drawn", "variance: exact", "variance: drawn",
    ]  # fmt: skip
    assert rows[3] == ["mean length of the sum of H", 3.5, 3, None, -3]
    assert [row[0] for row in rows] == list(quantities.ROWS)


def test_closed_forms_are_counted_where_the_interval_of_the_draws_holds_them():
    def quantity(exact: float | None) -> Quantity:
        return Quantity(Interval(0.5, 0.0, 1.0, 9), exact)

    found = {"a": quantity(1.0), "b": quantity(1.1), "c": quantity(None)}
    assert quantities.agreement({"first": found, "second": {"a": quantity(0.2)}}) == (2, 3)
