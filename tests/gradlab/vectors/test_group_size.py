"""The direction of the total for growing groups, against a loop and against sums drawn vector by vector."""

import numpy as np
import pytest
import torch

from gradlab.vectors import aggregation, group_size

READING = aggregation.reading("variance")


@pytest.fixture(scope="module")
def draws():
    return aggregation.sample(READING, 3000, seed=1)


def test_counts_reach_from_one_to_ten_thousand():
    counts = group_size.counts()
    assert (counts[0], counts[-1]) == (1, 10_000)
    assert (np.diff(counts) > 0).all()


def test_the_quantiles_are_those_of_a_loop_over_repetitions(draws):
    found = group_size.directions(draws, np.array([1, 50]), seed=7, repetitions=40)
    standard = torch.randn(40, 2, generator=torch.Generator().manual_seed(7), dtype=torch.float64)
    for row, count in zip(found.quantiles, (1, 50), strict=True):
        angles = []
        for high, unit in zip(draws.high[:40], standard, strict=True):
            total = high + unit * count**0.5 * 0.1**0.5
            angles.append(float(aggregation.angle_from_dim2(total[None])))
        assert row.tolist() == pytest.approx(np.quantile(angles, [0.05, 0.25, 0.5, 0.75, 0.95]).tolist())


def test_at_the_groups_own_size_it_agrees_with_whole_draws(draws):
    found = group_size.directions(draws, np.array([READING.low.count]), seed=2)
    whole = np.quantile(aggregation.angle_from_dim2(draws.total).numpy(), group_size.LEVELS)
    assert found.quantiles[0] == pytest.approx(whole, abs=2)
    assert found.exact[0] == pytest.approx(aggregation.median_angle(READING.total_scale))
    assert found.median[0] == pytest.approx(found.exact[0], abs=2)


def test_columns_follow_the_readings(draws):
    other = aggregation.sample(aggregation.reading("deviation"), 50, seed=1)
    found = [group_size.directions(each, np.array([2, 4]), seed=3) for each in (other, draws)]
    columns = group_size.columns(found)
    assert columns["reading"] == ["deviation", "deviation", "variance", "variance"]
    assert columns["small vectors"] == [2, 4, 2, 4]
    assert columns["median angle, exact"][3] == found[1].exact[1]
    assert columns["median angle, drawn"][2] == found[1].quantiles[0, 2]
