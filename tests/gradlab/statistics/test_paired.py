import math

import numpy as np
import pytest
from scipy import stats

from gradlab.statistics import paired


def columns(n=60, seed=0):
    generator = np.random.default_rng(seed)
    return generator.normal([0.0, 0.3, -1.0], [1.0, 0.5, 2.0], (n, 3))


def test_bootstrap_agrees_with_scipy_column_by_column():
    values = columns()
    for column, interval in zip(values.T, paired.paired_bootstrap(values), strict=True):
        expected = stats.bootstrap((column,), np.mean, n_resamples=10_000, method="percentile", rng=1)
        width = expected.confidence_interval.high - expected.confidence_interval.low
        assert interval.mean == pytest.approx(column.mean())
        assert interval.low == pytest.approx(expected.confidence_interval.low, abs=0.03 * width)
        assert interval.high == pytest.approx(expected.confidence_interval.high, abs=0.03 * width)
        assert interval.n == 60


def test_bootstrap_equals_a_loop_with_the_same_draws():
    values = columns(20)[:, :1]
    (interval,) = paired.paired_bootstrap(values, draws=100, seed=5)
    chosen = np.random.default_rng(5).integers(0, 20, (100, 20))
    means = [np.mean([values[i, 0] for i in row]) for row in chosen]
    assert [interval.low, interval.high] == pytest.approx(np.percentile(means, [2.5, 97.5]).tolist())


def test_the_interval_is_repeatable_and_a_missing_value_leaves_one_column_only():
    values = columns()
    holed = values.copy()
    holed[7, 1] = np.nan
    whole, partial = paired.paired_bootstrap(values, seed=2), paired.paired_bootstrap(holed, seed=2)
    assert whole == paired.paired_bootstrap(values, seed=2)
    assert [w.mean for w in whole[::2]] == pytest.approx([p.mean for p in partial[::2]])
    assert partial[1].n == 59
    holed[:, 2] = np.nan
    nothing = paired.paired_bootstrap(holed, seed=2)[2]
    assert (nothing.n, nothing.above_zero) == (0, False)
    assert math.isnan(nothing.mean)
    assert math.isnan(nothing.low)
    assert partial[1].mean == pytest.approx(np.delete(values[:, 1], 7).mean())
    assert paired.Interval(1, 0.1, 2, 9).above_zero
    assert not paired.Interval(1, -0.1, 2, 9).above_zero


def test_one_comparison_may_come_as_a_vector():
    values = columns()[:, 1]
    (interval,) = paired.paired_bootstrap(values)
    assert interval.above_zero
    assert paired.sign_flip_p(values).shape == (1,)


def test_sign_flip_agrees_with_the_exhaustive_permutation_test():
    values = columns(12)
    got = paired.sign_flip_p(values)
    for column, p in zip(values.T, got, strict=True):
        flips = np.array(np.meshgrid(*[[-1, 1]] * 12)).reshape(12, -1)
        sums = np.abs(column @ flips)
        assert p == pytest.approx((sums >= abs(column.sum()) - 1e-12).mean(), abs=0.02)
    assert paired.sign_flip_p(np.full((30, 1), 1.0))[0] == pytest.approx(1 / 10_001)
    assert paired.sign_flip_p(np.zeros((30, 1)))[0] == 1.0


def test_holm_by_hand():
    assert paired.holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert paired.holm([0.6, 0.7]).tolist() == [1.0, 1.0]


def test_mcnemar_counts_only_the_photographs_that_changed():
    first = np.array([1] * 30 + [0] * 30 + [1] * 3 + [0] * 11, dtype=bool)
    second = np.array([1] * 30 + [0] * 30 + [0] * 3 + [1] * 11, dtype=bool)
    expected = 2 * sum(math.comb(14, k) for k in range(4)) / 2**14
    assert paired.mcnemar_p(first, second) == pytest.approx(expected)
    assert paired.mcnemar_p(first, first) == 1.0


def test_slope_of_a_power_law():
    x = np.log([32, 64, 128, 256, 512])
    y = -1.02 * x + np.array([0.02, -0.01, 0.0, 0.01, -0.02])
    fit = paired.slope(x, y)
    centred = x - x.mean()
    best = (centred * y).sum() / (centred**2).sum()
    residual = y - y.mean() - best * centred
    error = math.sqrt((residual**2).sum() / 3 / (centred**2).sum())
    assert fit.mean == pytest.approx(best)
    assert fit.high - fit.mean == pytest.approx(3.182446 * error, rel=1e-5)
    assert fit.low < -1.02 < fit.high
