"""The closed forms of the H/L demonstration against slow loops and quadrature."""

import math

import pytest
import torch
from scipy import integrate

from gradlab.vectors import aggregation

READINGS = [aggregation.reading("deviation"), aggregation.reading("variance")]


@pytest.fixture(scope="module", params=READINGS, ids=lambda r: r.name)
def drawn(request):
    return request.param, aggregation.sample(request.param, 40_000, seed=3)


def share(events: torch.Tensor) -> float:
    return float(events.double().mean())


def test_sum_scale_matches_a_loop_over_vectors():
    generator = torch.Generator().manual_seed(0)
    chosen = READINGS[0]
    sums = []
    for _ in range(4000):
        total = torch.zeros(2)
        for _ in range(chosen.high.count):
            total = total + torch.randn(2, generator=generator) * torch.tensor(chosen.high.scale)
        sums.append(total)
    measured = torch.stack(sums).std(0)
    assert torch.allclose(measured, torch.tensor(chosen.high.sum_scale), rtol=0.04)


def test_draws_have_the_analytic_scales(drawn):
    chosen, draws = drawn
    for sums, scale in ((draws.high, chosen.high.sum_scale), (draws.total, chosen.total_scale)):
        assert sums.std(0).tolist() == pytest.approx(scale, rel=0.02)


def test_the_first_draw_is_the_first_sum(drawn):
    _, draws = drawn
    assert torch.allclose(draws.first_low.sum(0), draws.low[0])


def test_chunks_do_not_change_the_size():
    draws = aggregation.sample(READINGS[0], 25, seed=1, chunk=10)
    assert draws.total.shape == (25, 2)


def test_median_angle(drawn):
    chosen, draws = drawn
    measured = float(aggregation.angle_from_dim2(draws.total).median())
    assert measured == pytest.approx(aggregation.median_angle(chosen.total_scale), abs=0.5)


def test_the_share_of_the_small_group_is_that_of_the_variances_of_its_sum(drawn):
    chosen, draws = drawn
    low, high = (float(sums.var(0).sum()) for sums in (draws.low, draws.high))
    assert chosen.low_share == pytest.approx(low / (low + high), abs=0.01)


def test_dominance_and_length(drawn):
    chosen, draws = drawn
    high, low = chosen.high.sum_scale, chosen.low.sum_scale
    assert share(draws.high[:, 1].abs() > draws.low[:, 1].abs()) == pytest.approx(
        aggregation.dominance(high[1], low[1]), abs=0.012
    )
    assert share(draws.low.norm(dim=1) > draws.high.norm(dim=1)) == pytest.approx(
        aggregation.longer(high, low), abs=0.012
    )


def test_diagonal_share_counts_four_rays(drawn):
    chosen, draws = drawn
    expected = aggregation.near_diagonal(chosen.total_scale, 15)
    off = (aggregation.angle_from_dim2(draws.total) - 45).abs()
    assert share(off < 15) == pytest.approx(expected, abs=0.012)
    assert share(aggregation.angle_from_ray(draws.total) < 15) == pytest.approx(expected / 4, abs=0.006)


@pytest.mark.parametrize("scale", [(0.3, 3.1), (2.0, 2.0), (4.0, 1.0)])
def test_mean_length_against_quadrature(scale):
    def integrand(angle: float) -> float:
        # E|X| = E[R] * mean over angles of the stretched unit vector, with R Rayleigh: E[R] = sqrt(pi/2)
        return math.hypot(scale[0] * math.cos(angle), scale[1] * math.sin(angle)) / (2 * math.pi)

    quadrature = math.sqrt(math.pi / 2) * integrate.quad(integrand, 0, 2 * math.pi)[0]
    assert aggregation.mean_length(scale) == pytest.approx(quadrature, rel=1e-9)


@pytest.mark.parametrize("chosen", READINGS, ids=lambda r: r.name)
def test_density_integrates_to_one_and_has_the_median(chosen):
    def density(angle: float) -> float:
        return float(aggregation.angle_density(torch.tensor([angle]).double(), chosen.total_scale))

    median = aggregation.median_angle(chosen.total_scale)
    assert integrate.quad(density, 0, 90)[0] == pytest.approx(1, abs=1e-6)
    assert integrate.quad(density, 0, median)[0] == pytest.approx(0.5, abs=1e-6)


def test_angles_of_known_vectors():
    vectors = torch.tensor([[0.0, 2.0], [-3.0, 0.0], [-1.0, -1.0]])
    assert aggregation.angle_from_dim2(vectors).tolist() == pytest.approx([0, 90, 45])
    assert aggregation.angle_from_ray(vectors).tolist() == pytest.approx([45, 135, 180], abs=1e-4)


def test_unknown_reading_and_anisotropic_group_are_refused():
    with pytest.raises(ValueError, match="'deviation' or a 'variance'"):
        aggregation.reading("sigma")
    with pytest.raises(ValueError, match="isotropic"):
        aggregation.longer((1.0, 1.0), (1.0, 2.0))
