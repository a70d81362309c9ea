import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch.nn import functional as F

from gradlab.filtering import metrics


def maps_and_masks(n=6, side=7, seed=0):
    generator = torch.Generator().manual_seed(seed)
    maps = torch.rand(n, side, side, generator=generator)
    masks = torch.zeros(n, side, side, dtype=torch.bool)
    for i in range(n):
        masks[i, i % 3 : 5, 1 : 3 + i % 4] = True
    return maps, masks


def test_shares_and_densities_equal_a_loop():
    maps, masks = maps_and_masks()
    inside, density = metrics.mass_inside(maps, masks), metrics.density_inside(maps, masks)
    for i in range(6):
        total = hit = area = 0.0
        for value, is_in in zip(maps[i].flatten().tolist(), masks[i].flatten().tolist(), strict=True):
            total += value
            hit += value * is_in
            area += is_in
        assert inside[i] == pytest.approx(hit / total)
        assert density[i] == pytest.approx(hit / total * 49 / area)
    assert metrics.density_inside(torch.ones_like(maps), masks) == pytest.approx(np.ones(6))


def test_the_control_is_the_mean_over_all_other_boxes():
    maps, masks = maps_and_masks()
    control = metrics.density_inside_others(maps[:4], masks[:4], metrics.BoxPool.of(masks))
    for i in range(4):
        others = [metrics.density_inside(maps[i : i + 1], masks[j : j + 1]) for j in range(6) if j != i]
        assert control[i] == pytest.approx(float(torch.stack(others).mean()))


def test_pointing_takes_the_peak_without_tolerance():
    maps, masks = torch.zeros(3, 4, 4), torch.zeros(3, 4, 4, dtype=torch.bool)
    masks[:, 1:3, 1:3] = True
    maps[0, 2, 2] = maps[1, 2, 3] = 1.0
    hits = metrics.pointing(maps, masks)
    assert hits[:2].tolist() == [1.0, 0.0]
    assert math.isnan(hits[2])


@pytest.mark.parametrize("value", [0.0, math.inf, math.nan])
def test_unusable_maps_are_counted_and_spoil_only_themselves(small, value):
    maps, masks = maps_and_masks()
    maps[2] = value
    counted = metrics.zero_maps(maps) if value == 0 else metrics.overflown_maps(maps)
    assert counted.tolist() == [False, False, True, False, False, False]
    assert (metrics.zero_maps(maps) & metrics.overflown_maps(maps)).sum() == 0
    network, images = small.plain(width=6), small.images(6, side=7)
    labels = torch.tensor([0, 1, 2, 3, 0, 1])
    for result in (
        metrics.mass_inside(maps, masks),
        metrics.density_inside(maps, masks),
        metrics.density_inside_others(maps, masks),
        metrics.pointing(maps, masks),
        metrics.cosine_distance(maps, maps.flip(2)),
        metrics.spearman(maps, maps.flip(2)),
        metrics.perturbation(network, images, labels, maps.double()).aopc,
    ):
        assert result.isnan().tolist() == [False, False, True, False, False, False]


def test_cosine_distance_of_tiny_gradients():
    generator = torch.Generator().manual_seed(1)
    first, second = (torch.randn(4, 3, 5, 5, generator=generator) for _ in range(2))
    exact = [
        1 - np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b)
        for a, b in zip(first.flatten(1).double().numpy(), second.flatten(1).double().numpy(), strict=True)
    ]
    tiny = first * 1e-9, second * 1e-9
    np.testing.assert_allclose(metrics.cosine_distance(first, second), exact, rtol=1e-10)
    np.testing.assert_allclose(metrics.cosine_distance(*tiny), exact, rtol=1e-5)
    np.testing.assert_allclose(
        metrics.cosine_distance(*(t.double() * 1e-250 for t in tiny)), exact, rtol=1e-5
    )
    # The trap: torch's own function answers "orthogonal" for parallel tiny gradients.
    assert F.cosine_similarity(*(tiny[0].flatten(1) * 1e-2,) * 2).max() < 1e-3
    assert metrics.cosine_distance(tiny[0], 3 * tiny[0]).max() < 1e-12
    assert metrics.cosine_distance(first, -first).tolist() == pytest.approx([2] * 4)


def test_log_norm():
    tensor = torch.tensor([[3.0, 4.0], [3e-30, 4e-30]])
    assert metrics.log_norm(tensor).tolist() == pytest.approx([math.log(5), math.log(5e-30)], rel=1e-6)


def test_spearman_equals_scipy_with_ties():
    maps, _ = maps_and_masks()
    rounded = (maps * 5).round(), (maps.flip(0) * 4).round()
    result = metrics.spearman(*rounded)
    for i in range(6):
        expected = stats.spearmanr(rounded[0][i].flatten(), rounded[1][i].flatten()).statistic
        assert result[i] == pytest.approx(expected)


@pytest.mark.parametrize("first", [True, False])
def test_perturbation_equals_a_loop_over_photographs_and_pixels(small, first):
    network, images = small.residual(2), small.images(side=8)
    labels, fractions = torch.tensor([0, 1, 2, 3, 0]), (0.25, 0.5)
    maps = (torch.rand(5, 8, 8, generator=torch.Generator().manual_seed(2)) * 9).round().double() + 0.1
    result = metrics.perturbation(network, images, labels, maps, fractions, most_relevant_first=first)
    for i in range(5):
        keys = (-maps[i] if first else maps[i]).flatten().tolist()
        pixels = sorted(range(64), key=keys.__getitem__)
        p = network(images[i : i + 1]).softmax(1)[0, labels[i]].item()
        falls, odds = [], []
        for fraction in fractions:
            changed = images[i : i + 1].clone()
            for pixel in pixels[: round(fraction * 64)]:
                changed[0, :, pixel // 8, pixel % 8] = 0
            after = network(changed).softmax(1)[0, labels[i]].item()
            falls.append(p - after)
            odds.append(math.log(p / (1 - p)) - math.log(after / (1 - after)))
        assert result.aopc[i] == pytest.approx(np.mean(falls))
        assert result.log_odds[i] == pytest.approx(np.mean(odds))
