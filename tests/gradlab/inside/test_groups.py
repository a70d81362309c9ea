"""The measures of a split gradient against loops in NumPy, and the cases that have no value."""

import numpy as np
import pytest
import torch

from gradlab.inside import groups
from gradlab.inside.groups import MEASURES, OF_POSITIONS


def by_loop(maps: np.ndarray, keep: np.ndarray) -> dict[str, float]:
    """Every measure of one photograph from its words: ``maps`` (c, p), ``keep`` (c)."""
    sizes: dict[bool, list[float]] = {True: [], False: []}
    lengths: dict[bool, list[float]] = {True: [], False: []}
    sums = {True: [0.0] * maps.shape[1], False: [0.0] * maps.shape[1]}
    for channel, kept in zip(maps.tolist(), keep.tolist(), strict=True):
        sizes[kept] += [entry**2 for entry in channel]
        lengths[kept].append(sum(entry**2 for entry in channel) ** 0.5)
        sums[kept] = [a + b for a, b in zip(sums[kept], channel, strict=True)]
    high, low = np.array(sums[True]), np.array(sums[False])
    total, signed = high + low, np.flatnonzero(high)
    m, n = high.var(ddof=1), low.var(ddof=1)
    return {
        "entry-ratio": float(np.sqrt(np.mean(sizes[True]) / np.mean(sizes[False]))),
        "channel-ratio": float(np.mean(lengths[True]) / np.mean(lengths[False])),
        "sum-ratio": float(np.linalg.norm(low) / np.linalg.norm(high)),
        "others-share": float(n / (m + n)),
        "correlation": float(np.corrcoef(high, low)[0, 1]),
        "cosine": float(high @ total / np.linalg.norm(high) / np.linalg.norm(total)),
        "flips": float(np.mean([high[p] * total[p] <= 0 for p in signed])),
    }


def gradient(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(3)).double()


def test_every_measure_is_that_of_a_loop(small):
    maps, keep = gradient(5, 7, 3, 4), small.random_keep(5, 7)
    found = groups.measures(maps, keep)
    assert list(found) == list(MEASURES)
    for row in range(5):
        slow = by_loop(maps[row].flatten(1).numpy(), keep[row].numpy())
        assert {name: float(values[row]) for name, values in found.items()} == pytest.approx(slow)


def test_the_size_of_a_gradient_does_not_matter_however_small(small):
    maps, keep = gradient(4, 6, 3, 3), small.random_keep(4, 6)
    tiny = groups.measures((maps * 1e-30).float(), keep)
    for name, values in groups.measures(maps, keep).items():
        torch.testing.assert_close(tiny[name], values, rtol=1e-4, atol=1e-5)


def test_a_map_of_one_position_has_no_variance_and_no_direction():
    maps = torch.tensor([3.0, -4.0, 1.0]).view(1, 3, 1, 1)
    found = groups.measures(maps, torch.tensor([[True, False, False]]))
    assert {name for name, values in found.items() if values.isnan().any()} == set(OF_POSITIONS)
    assert float(found["entry-ratio"]) == pytest.approx(3 / 8.5**0.5)
    assert float(found["sum-ratio"]) == pytest.approx(1)
    assert float(found["flips"]) == 1  # the sum of all is zero, which is another sign


def test_kept_channels_without_a_gradient_leave_the_whole_variance_to_the_others():
    maps = gradient(1, 3, 2, 2)
    maps[0, 0] = 0
    found = groups.measures(maps, torch.tensor([[True, False, False]]))
    assert float(found["others-share"]) == 1
    assert float(found["entry-ratio"]) == 0
    assert all(bool(found[name].isnan()) for name in ("correlation", "cosine", "flips"))


def test_a_constant_sum_has_no_variance_though_rounding_gives_it_one():
    maps = gradient(1, 4, 3, 3).float()
    maps[0, :2] = torch.tensor([0.1, 0.7]).view(2, 1, 1) * (1 + 1e-7 * gradient(3, 3)).float()
    found = groups.measures(maps, torch.tensor([[True, True, False, False]]))
    assert float(found["others-share"]) == 1
    assert bool(found["correlation"].isnan())
    assert not bool(found["cosine"].isnan())


def test_a_sign_is_only_compared_where_the_kept_channels_have_one():
    maps = torch.tensor([[0.0, 1, 1, -1], [5, -3, 1, 0.5]]).view(1, 2, 2, 2)
    found = groups.measures(maps, torch.tensor([[True, False]]))
    assert float(found["flips"]) == pytest.approx(1 / 3)
