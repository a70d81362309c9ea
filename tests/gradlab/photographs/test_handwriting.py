"""Digits as vectors: scale, draws without repetition, orthonormalisation."""

import pytest
import torch

from gradlab.photographs import handwriting


def draws(seed=0):
    return torch.Generator().manual_seed(seed)


def test_scale_and_centre():
    inputs = handwriting.digits().inputs
    assert inputs.shape == (1797, 64)
    assert float(inputs.square().mean()) == pytest.approx(1)
    assert float(inputs.mean(0).abs().max()) < 1e-12


def test_a_sample_repeats_no_digit():
    drawn = handwriting.sample(200, draws())
    everything = handwriting.digits().inputs
    positions = torch.cdist(drawn.inputs, everything).argmin(1)
    assert len(set(positions.tolist())) == 200


def test_pairs_carry_signs():
    drawn = handwriting.pair(3, 8, 50, draws())
    assert set(drawn.labels.tolist()) == {-1, 1}


@pytest.mark.parametrize("count", [0, 1798])
def test_impossible_counts_are_refused(count):
    with pytest.raises(ValueError, match="there are 1797"):
        handwriting.sample(count, draws())


def test_orthonormal_is_the_nearest():
    inputs = handwriting.sample(20, draws()).inputs
    nearest = handwriting.orthonormal(inputs)
    assert torch.allclose(nearest @ nearest.mT, torch.eye(20, dtype=torch.float64), atol=1e-12)
    rotation, _ = torch.linalg.qr(torch.randn(20, 20, generator=draws(), dtype=torch.float64))
    other, _ = torch.linalg.qr(inputs.mT)
    for candidate in (rotation @ nearest, other.mT):
        assert (inputs - nearest).norm() < (inputs - candidate).norm()


def test_dependent_rows_have_no_orthonormal_neighbour():
    with pytest.raises(ValueError, match="not linearly independent"):
        handwriting.orthonormal(torch.ones(2, 5, dtype=torch.float64))
