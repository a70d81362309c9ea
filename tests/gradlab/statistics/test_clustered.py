"""Intervals that know that photographs share classes, and trainings share photographs."""

import numpy as np
import pytest
from scipy import stats

from gradlab.statistics import clustered, paired

CLASSES = np.repeat(np.arange(20), 10)


def drawn(generator, trainings, of_training, of_class, of_photograph):
    """Differences around zero with a spread of each kind."""
    shared = of_class * generator.normal(size=20)[CLASSES]
    own = of_training * generator.normal(size=(trainings, 1))
    return own + shared + of_photograph * generator.normal(size=(trainings, 200))


@pytest.mark.parametrize("trainings", [1, 3, 12])
@pytest.mark.parametrize("of_training", [0.0, 0.05])
def test_the_interval_covers_what_it_says(trainings, of_training):
    generator = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        values = drawn(generator, trainings, of_training if trainings > 1 else 0, 0.1, 0.4)
        found = clustered.mean_interval(values, CLASSES)
        hits += found.low <= 0 <= found.high
    assert 0.92 <= hits / 400 <= 0.99


def test_the_bootstrap_of_photographs_is_too_narrow_where_classes_matter():
    generator = np.random.default_rng(1)
    values = drawn(generator, 1, 0, 0.3, 0.3)[0]
    found, photographs = clustered.mean_interval(values, CLASSES), paired.paired_bootstrap(values[:, None])[0]
    assert found.mean == pytest.approx(photographs.mean)
    assert found.high - found.low > 1.5 * (photographs.high - photographs.low)


def test_one_training_is_the_t_interval_of_class_means():
    """With equally many photographs a class, the cluster-robust variance is that of the class means."""
    values = np.random.default_rng(2).normal(size=200)
    means = values.reshape(20, 10).mean(1)
    low, high = stats.t.interval(0.95, 19, means.mean(), means.std(ddof=1) / np.sqrt(20))
    found = clustered.mean_interval(values, CLASSES)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.p() == pytest.approx(stats.ttest_1samp(means, 0).pvalue)
    assert (found.n, found.trainings, found.classes) == (200, 1, 20)


def test_close_trainings_do_not_make_the_photographs_certain():
    """Three trainings whose means happen to agree: the interval is as wide as the photographs ask for."""
    shared = 0.05 + 0.4 * np.random.default_rng(3).normal(size=200)
    values = np.stack([shared, shared + 1e-6, shared - 1e-6])
    one, three = (clustered.mean_interval(table, CLASSES) for table in (shared, values))
    assert three.high - three.low >= 0.99 * (one.high - one.low)


def test_what_is_missing_leaves_its_photograph_only():
    values = np.random.default_rng(4).normal(size=(2, 200))
    values[0, :5] = np.nan
    found = clustered.mean_interval(values, CLASSES)
    assert found.n == 395
    assert found.mean == pytest.approx(np.nanmean(values))
    nothing = clustered.mean_interval(np.full(200, np.nan), CLASSES)
    assert nothing.n == 0
    assert np.isnan([nothing.mean, nothing.low, nothing.high]).all()


def test_a_difference_that_is_zero_everywhere_is_certain():
    found = clustered.mean_interval(np.zeros((3, 200)), CLASSES)
    assert (found.mean, found.low, found.high, found.p(), found.p(0.1)) == (0, 0, 0, 1, 0)


def test_holm_counts_the_family_and_leaves_out_what_has_no_variance():
    generator = np.random.default_rng(5)
    means = {
        str(shift): clustered.mean_interval(0.1 * shift + generator.normal(size=200), CLASSES)
        for shift in range(4)
    }
    means["unusable"] = clustered.mean_interval(np.full(200, np.nan), CLASSES)
    corrected = clustered.holm_p(means)
    assert list(corrected) == ["0", "1", "2", "3"]
    assert corrected["3"] == pytest.approx(min(1, 4 * means["3"].p()))


@pytest.mark.parametrize("trainings", [1, 3])
def test_one_class_leaves_the_variance_unknown(trainings):
    found = clustered.mean_interval(np.ones((trainings, 4)), np.zeros(4, dtype=int))
    assert (found.mean, found.n, found.trainings, found.classes) == (1.0, 4 * trainings, trainings, 1)
    assert np.isnan([found.low, found.high]).all()
