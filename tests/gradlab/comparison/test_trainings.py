"""Several trainings side by side, from a tiny table each."""

import numpy as np
import pytest
from tests.gradlab.comparison import tables

from gradlab.comparison import effects, trainings
from gradlab.comparison.trainings import Trainings
from gradlab.statistics import seeds

RUNS = [tables.measured(seed) for seed in (0, 10, 20)]


@pytest.fixture(scope="module")
def found():
    return Trainings.of(RUNS, seed=0)


def differences(metric: str, f: str, q: float) -> list[np.ndarray]:
    return [effects.differences(run.main)[metric, f, q] for run in RUNS]


def test_each_training_has_the_intervals_of_its_own_run(found):
    for one, run in zip(found.trainings, RUNS, strict=True):
        expected = effects.of_all(run.main, seed=0)
        for key, interval in one.intervals.items():
            assert interval.mean == pytest.approx(expected[key].mean)
            assert (interval.low, interval.high) == pytest.approx((expected[key].low, expected[key].high))
        assert one.top1 == pytest.approx(8 / 12)


def test_the_mean_over_trainings_treats_each_as_one_value(found):
    for metric in ("density", "others"):
        means = [column.mean() for column in differences(metric, "all", 0.1)]
        expected, over = seeds.mean_interval(means), found.over[metric, "all", 0.1]
        assert (over.mean, over.low, over.high) == pytest.approx((expected.mean, expected.low, expected.high))
        assert over.n == 3


def test_spreads_between_and_within_trainings(found):
    columns = differences("density", "upper", 0.3)
    means = [column.mean() for column in columns]
    centre = sum(means) / 3
    between = (sum((mean - centre) ** 2 for mean in means) / 2) ** 0.5
    assert found.between("upper", 0.3) == pytest.approx(between)
    errors = [np.sqrt(column.var(ddof=1) / len(column)) for column in columns]
    assert found.standard_error("upper", 0.3) == pytest.approx(np.mean(errors))


def test_bounds_name_the_training_and_the_quantile(found):
    bounds = found.bounds("all", [0.1])
    assert list(bounds)[:4] == [
        "mean, training 1, q=0.1", "low, training 1, q=0.1", "high, training 1, q=0.1",
        "mean, training 2, q=0.1",
    ]  # fmt: skip
    assert bounds["high, training 3, q=0.1"] == found.trainings[2].intervals["density", "all", 0.1].high


def test_a_row_for_each_list_and_quantile(found):
    columns, rows = trainings.table(found)
    assert [(row[0], row[1]) for row in rows[2:4]] == [("upper modules", 0.3), ("all convolutions", 0.05)]
    row = dict(zip(columns, rows[3], strict=True))
    means = found.means("density", "all", 0.05)
    assert (row["Lowest training"], row["Highest training"]) == (min(means), max(means))
    assert row["Mean"] == pytest.approx(sum(means) / 3)
    assert row["SD, trainings"] == found.between("all", 0.05)
    assert row["SE, photographs"] == found.standard_error("all", 0.05)
    assert row["With other boxes"] == found.over["others", "all", 0.05].mean
