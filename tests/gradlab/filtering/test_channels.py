import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from gradlab.filtering import channels, module_lists
from gradlab.filtering.channels import Moments
from gradlab.filtering.layouts import Layout
from gradlab.photographs import datasets


def samples(seed=0, count=40, width=9, classes=3):
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    values = generator.gamma(1.0, 1.0, (count, width)) + 0.3 * labels[:, None] * (np.arange(width) % 3)
    return values, labels


def moments_of(values, labels):
    groups = [values[labels == k] for k in range(labels.max() + 1)]
    return Moments(
        torch.tensor([len(g) for g in groups]).double(),
        torch.tensor(np.stack([g.mean(0) for g in groups])),
        torch.tensor(np.stack([((g - g.mean(0)) ** 2).sum(0) for g in groups])),
    )


@pytest.mark.parametrize("student", [False, True])
def test_class_test_equals_scipy_channel_by_channel(student):
    values, labels = samples()
    result = channels.class_test(moments_of(values, labels), student)
    for k in range(3):
        for c in range(values.shape[1]):
            expected = stats.ttest_ind(
                values[labels == k, c], values[labels != k, c], equal_var=student, alternative="greater"
            )
            assert result.t[k, c] == pytest.approx(expected.statistic, rel=1e-9)
            assert result.p[k, c] == pytest.approx(expected.pvalue, rel=1e-9)


def test_a_channel_that_never_varies_is_never_preferred():
    values, labels = samples()
    values[:, 4] = 0.25
    moments = moments_of(values, labels)
    assert (channels.class_test(moments).p[:, 4] == 1).all()
    assert not channels.class_channels(moments, 0.5)[:, 4].any()
    means = torch.tensor(values[:5])
    assert torch.isfinite(means).all()
    assert channels.instance_channels(moments, means, 1.0).shape == (5, 9)


@pytest.mark.parametrize(
    ("quantile", "width", "count"), [(0.05, 9, 1), (0.3, 9, 2), (0.3, 10, 3), (1.0, 9, 9)]
)
def test_class_channels_are_the_k_smallest_p(quantile, width, count):
    values, labels = samples(width=width)
    moments = moments_of(values, labels)
    keep = channels.class_channels(moments, quantile)
    p = channels.class_test(moments).p
    for k in range(3):
        assert set(np.flatnonzero(keep[k])) == set(np.argsort(p[k])[:count])


def test_ties_by_underflow_are_broken_by_t_or_enlarge_the_group():
    labels = np.arange(2000) % 2
    values = np.random.default_rng(0).normal(0, 1e-3, (2000, 6))
    values[labels == 1] += np.array([0, 1, 2, 3, 0, 1.5])
    moments = moments_of(values, labels)
    assert (channels.class_test(moments).p[1] == 0).sum() == 4
    assert np.flatnonzero(channels.class_channels(moments, 0.34)[1]).tolist() == [2, 3]
    enlarged = channels.class_channels(moments, 0.34, enlarge_ties=True)
    assert np.flatnonzero(enlarged[1]).tolist() == [1, 2, 3, 5]


@pytest.mark.parametrize("quantile", [0.05, 0.3, 0.6])
def test_instance_channels_equal_the_loop_over_p(quantile):
    values, labels = samples()
    moments = moments_of(values, labels)
    keep = channels.instance_channels(moments, torch.tensor(values), quantile)
    mean, deviation = values.mean(0), values.std(0, ddof=1)
    k = max(1, int(quantile * values.shape[1]))
    for row, kept in zip(values, keep, strict=True):
        p = [stats.norm.sf((row[c] - mean[c]) / deviation[c]) for c in range(len(row))]
        level = sorted(p)[k - 1]
        assert kept.tolist() == [value < level for value in p]
        assert kept.sum() == k - 1


def test_random_channels_keep_the_size_of_each_row_and_differ(small):
    keep = small.random_keep(200, 12)
    drawn = channels.random_channels(keep, torch.Generator().manual_seed(1))
    assert torch.equal(drawn.sum(1), keep.sum(1))
    assert (drawn != keep).any(1).float().mean() > 0.8
    share = drawn.double().mean(0)
    assert share.max() - share.min() < 0.2  # no position is preferred


def test_collect_equals_the_moments_of_a_slow_pass(miniature):
    photographs = datasets.tiny_imagenet("train")
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 5, 7, stride=8), nn.ReLU(), nn.Conv2d(5, 4, 3)).requires_grad_(False)
    modules = module_lists.convolutions(network)
    inputs = datasets.normalise(photographs.pixels)
    collected = channels.collect(
        network, modules, inputs, photographs.labels, len(photographs.classes), batch=7
    )
    assert not any(module._forward_hooks for module in network.modules())
    first = network[0](datasets.normalise(photographs.pixels))
    second = network[2](first.relu())
    for name, output in (("0", first), ("2", second)):
        values = output.clamp_min(0).mean((2, 3)).double().numpy()
        expected = moments_of(values, photographs.labels.numpy())
        torch.testing.assert_close(collected[name].mean, expected.mean, rtol=1e-4, atol=1e-6)
        torch.testing.assert_close(collected[name].squares, expected.squares, rtol=1e-3, atol=1e-7)
        average, deviation = collected[name].pooled()
        np.testing.assert_allclose(average, values.mean(0), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(deviation, values.std(0, ddof=1), rtol=1e-3, atol=1e-6)


def test_rows_of_follow_the_labels():
    masks = {"a": torch.eye(3, dtype=torch.bool)}
    assert channels.rows_of(masks, torch.tensor([2, 0, 2]))["a"].int().argmax(1).tolist() == [2, 0, 2]


def test_recording_ends_with_an_exception(small):
    network = small.plain()

    def fail_inside():
        with channels.recorded_means(module_lists.convolutions(network)) as means:
            network(small.images())
            assert {name: value.shape for name, value in means.items()} == dict.fromkeys("026", (5, 6))
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail_inside()
    assert not any(module._forward_hooks for module in network.modules())


def test_sums_of_parts_are_the_sums_of_the_whole():
    values, labels = samples()
    whole, parts = channels.ClassSums(3), channels.ClassSums(3)
    rows, own = torch.tensor(values), torch.tensor(labels)
    whole.add(own, {"a": rows})
    for part in torch.arange(len(own)).split(7):
        parts.add(own[part], {"a": rows[part]})
    expected = moments_of(values, labels)
    for found in (whole.moments()["a"], parts.moments()["a"]):
        torch.testing.assert_close(found.mean, expected.mean)
        torch.testing.assert_close(found.squares, expected.squares)


def test_a_class_with_one_photograph_has_no_variance():
    sums = channels.ClassSums(2)
    sums.add(torch.tensor([0, 0, 1]), {"a": torch.rand(3, 4)})
    with pytest.raises(ValueError, match=r"class 1 has 1 photographs.*needs two"):
        sums.moments()


def test_moments_of_tokens_are_those_of_their_channels():
    network = nn.Linear(6, 4)
    tokens = torch.randn(5, 7, 6)
    with channels.recorded_means({"fc": network}, {"fc": Layout.TOKENS}) as means:
        output = network(tokens)
    torch.testing.assert_close(means["fc"], output.relu().mean(1))
