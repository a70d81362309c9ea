"""Where the filtered convolutions lie on every path, conservation scales a gradient and does not turn it."""

from typing import Any

import pytest
import torch
from torch import nn

from gradlab.comparison import paths
from gradlab.comparison.paths import ALL, UPPER, Effect
from gradlab.filtering import attribution, channels, hooks, module_lists
from gradlab.filtering.attribution import Forward
from gradlab.filtering.conservation import Conservation
from gradlab.photographs import networks

LABELS = torch.tensor([0, 1, 2, 3, 0])


def test_a_fresh_network_knows_the_statistics_of_its_noise():
    network: Any = paths.fresh("resnet18", 5, seed=1, side=32, generator=torch.Generator().manual_seed(4))
    generator = torch.Generator().manual_seed(4)
    means, variances = [], []
    for _ in range(4):
        noise = torch.randn(16, 3, 32, 32, generator=generator, dtype=torch.float64)
        below = network.conv1(noise).transpose(0, 1).flatten(1)
        means.append(below.mean(1))
        variances.append(below.var(1))
    torch.testing.assert_close(network.bn1.running_mean, torch.stack(means).mean(0))
    torch.testing.assert_close(network.bn1.running_var, torch.stack(variances).mean(0))
    assert not network.training
    assert not any(weight.requires_grad for weight in network.parameters())


@pytest.mark.parametrize(("name", "upper", "every"), [("resnet18", 8, 20), ("vgg16", 6, 13)])
def test_the_upper_modules_are_among_all_convolutions(name, upper, every):
    found = paths.filterings(name, networks.untrained(name, 5))
    assert (len(found[UPPER]), len(found[ALL])) == (upper, every)
    assert found[UPPER].items() <= found[ALL].items()


def test_random_rows_keep_the_share_and_follow_the_seed(small):
    modules = module_lists.convolutions(small.plain(width=20))
    rows, again, other = (paths.random_rows(modules, 0.2, 3, seed) for seed in (1, 1, 2))
    assert list(rows) == list(modules)
    for name, keep in rows.items():
        assert keep.sum(1).tolist() == [channels.kept_count(0.2, 20)] * 3
        assert torch.equal(keep, again[name])
    assert any(not torch.equal(keep, other[name]) for name, keep in rows.items())


def effect_of(network, images, modules) -> Effect:
    return paths.effect(network, modules, paths.random_rows(modules, 0.4, 5, seed=0), images, LABELS)


def test_in_a_chain_the_scales_explain_everything(small):
    network, images = small.plain(), small.images()
    found = effect_of(network, images, module_lists.convolutions(network))
    assert (found.modules, found.separators) == (3, 3)
    assert found.distance < 1e-10
    assert found.scales.abs().min() > 0.01
    torch.testing.assert_close(found.ratios, found.scales)


def test_with_skips_conservation_turns_the_gradient(small):
    network, images = small.residual(), small.images()
    modules = module_lists.convolutions(network)
    found = effect_of(network, images, modules)
    assert (found.modules, found.separators) == (5, 1)  # the stem alone has no way round it
    keep, pair = paths.random_rows(modules, 0.4, 5, seed=0), []
    for rule in (Conservation.NONE, Conservation.VARIANCE):
        with hooks.partition_channels(modules, keep, rule):
            pair.append(Forward(network, images, LABELS).gradient().flatten(1))
    without, conserved = pair
    cosine = nn.functional.cosine_similarity(without, conserved)
    torch.testing.assert_close(found.distances, 1 - cosine)
    assert found.distance == pytest.approx(float((1 - cosine).max()))
    torch.testing.assert_close(found.ratios, (conserved.norm(dim=1) / without.norm(dim=1)).log())


@pytest.mark.parametrize(("kind", "turns"), [("plain", False), ("residual", True)])
def test_maps_are_compared_inside_the_filter(small, kind, turns):
    network, images = getattr(small, kind)(), small.images()
    modules = module_lists.convolutions(network)
    keep = paths.random_rows(modules, 0.4, 5, seed=0)
    found = paths.largest_map_distance(attribution.saliency, network, modules, keep, images, LABELS)
    maps = []
    for rule in (Conservation.NONE, Conservation.VARIANCE):
        with hooks.partition_channels(modules, keep, rule):
            maps.append(attribution.saliency(network, images, LABELS).flatten(1))
    without, conserved = maps
    slow = float((1 - nn.functional.cosine_similarity(without, conserved)).max())
    assert found == pytest.approx(slow, abs=1e-12)
    assert (found > 1e-5) is turns


def test_kernel_sizes_are_distinct_and_sorted():
    network = nn.Sequential(nn.Conv2d(3, 4, 7), nn.Conv2d(4, 4, 1), nn.Sequential(nn.Conv2d(4, 4, 7)))
    assert paths.kernel_sizes(network) == [1, 7]


def test_only_the_upper_modules_have_distances_of_maps():
    numbers = torch.tensor([0.25, 0.5])
    effects = {
        ("vgg16", UPPER): Effect(6, 5, numbers, numbers, numbers),
        ("vgg16", ALL): Effect(13, 4, numbers / 2, numbers, numbers),
    }
    of_maps = {("vgg16", "smoothgrad"): 0.2, ("vgg16", "integrated-gradients"): 0.1}
    first, second = (dict(zip(paths.COLUMNS, row, strict=True)) for row in paths.rows(effects, of_maps))
    assert first == {
        "Network": "VGG16", "Filtered": "upper modules", "Convolutions": 6, "On every path": 5,
        "1 − cos, largest": 0.5, "of integrated gradients": 0.1, "of SmoothGrad": 0.2,
    }  # fmt: skip
    assert list(second.values()) == ["VGG16", "all convolutions", 13, 4, 0.25, None, None]
