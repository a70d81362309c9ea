"""Each interval against its definition."""

import math

import pytest
import torch
from scipy import stats

from gradlab.vectors import estimates


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 10), (500, 1000)])
def test_the_bounds_of_a_share_solve_the_score_equation(hits, n):
    found = estimates.share(torch.arange(n) < hits)
    z = stats.norm.ppf(0.975)
    assert (found.mean, found.n) == pytest.approx((hits / n, n))
    for bound in (found.low, found.high):
        # A bound p is a share from which the found one is z of p's own standard errors away.
        assert (hits / n - bound) ** 2 == pytest.approx(z**2 * bound * (1 - bound) / n, abs=1e-12)
    assert found.low <= found.mean <= found.high


def test_the_bounds_of_a_median_are_order_statistics_with_the_probability():
    n = 101
    shuffled = torch.randperm(n, generator=torch.Generator().manual_seed(0)).double()
    found = estimates.median(shuffled)
    low, high = int(found.low), int(found.high)  # the value of this sample is its rank
    assert (found.mean, found.n) == (50, n)
    # The median lies between them when from low + 1 to high draws are smaller.
    covered = sum(math.comb(n, k) for k in range(low + 1, high + 1)) / 2**n
    one_rank = max(math.comb(n, low), math.comb(n, high)) / 2**n
    assert covered == pytest.approx(0.95, abs=one_rank)


def test_a_mean_has_its_normal_interval():
    found = estimates.mean(torch.tensor([1.0, 2.0, 3.0, 6.0]).double())
    half = 1.96 * math.sqrt(14 / 3) / 2
    assert (found.mean, found.low, found.high, found.n) == pytest.approx((3, 3 - half, 3 + half, 4))


def test_a_root_mean_square_has_the_roots_of_the_mean_square():
    sample = torch.linspace(-2, 3, 50).double()
    squares, found = estimates.mean(sample**2), estimates.root_mean_square(sample)
    assert (found.mean**2, found.low**2, found.high**2, found.n) == pytest.approx(
        (squares.mean, squares.low, squares.high, 50)
    )
