import numpy as np
import pytest
import torch

from gradlab.depth import domain_collapse, mean_field, multilayer


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_sign_diversity_counts_the_rarer_side() -> None:
    signs = torch.tensor([[1.0, -1.0, 2.0], [2.0, -3.0, -2.0], [3.0, -1.0, -1.0], [4.0, 1.0, 3.0]])
    assert domain_collapse.sign_diversity(signs) == pytest.approx((0 + 0.25 + 0.5) / 3)


def test_spread_is_a_root_mean_square_over_units() -> None:
    rows = torch.tensor([[0.0, 5.0], [2.0, 5.0]])
    assert domain_collapse.spread(rows) == pytest.approx(1.0)


def test_unexplained_agrees_with_a_fit_per_unit() -> None:
    x = noise(300, 3)
    y = torch.tanh(2 * x) + torch.tensor([0.0, 1.0, -3.0])
    residual = total = 0.0
    for unit in range(3):
        line = np.polyfit(x[:, unit], y[:, unit], 1)
        residual += float(((y[:, unit].numpy() - np.polyval(line, x[:, unit])) ** 2).sum())
        total += float(((y[:, unit] - y[:, unit].mean()) ** 2).sum())
    assert domain_collapse.unexplained(x, y) == pytest.approx(residual / total)
    assert domain_collapse.unexplained(x, 3 * x - 2) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("nonlinearity", ["relu", "tanh", "selu"])
def test_the_share_of_normal_arguments_has_a_closed_form(nonlinearity: str) -> None:
    z = noise(200_000, 1)
    found = domain_collapse.unexplained(z, multilayer.NONLINEARITIES[nonlinearity](z))
    assert found == pytest.approx(mean_field.nonlinear_share(nonlinearity), rel=0.03)


def test_affine_residual_is_zero_for_an_affine_map_and_unbiased_otherwise() -> None:
    below = noise(150, 40)
    assert domain_collapse.affine_residual(below, below @ noise(40, 40, seed=1) + 2) == pytest.approx(
        0, abs=1e-12
    )
    # Nothing to explain: without the degrees of freedom the residual would be 27 % too small.
    assert domain_collapse.affine_residual(below, noise(150, 400, seed=2)) == pytest.approx(1, abs=0.03)
    with pytest.raises(ValueError, match="a fit of 41 coefficients needs more than 30 inputs"):
        domain_collapse.affine_residual(below[:30], below[:30])


def test_relu_collapses_and_batch_norm_prevents_it() -> None:
    last = {}
    for name in ("relu", "batch-relu"):
        generator = torch.Generator().manual_seed(0)
        network = multilayer.draw(multilayer.architecture(name), generator, depth=30, width=60)
        measured = domain_collapse.domains(network, multilayer.noise(200, 60, generator))
        assert [domain.depth for domain in measured] == list(range(30))
        last[name] = measured[-1]
    assert last["relu"].sign_diversity < 0.12 < 0.35 < last["batch-relu"].sign_diversity
    assert last["relu"].unexplained < 0.3 * last["batch-relu"].unexplained
    assert last["relu"].spread < 0.8 < last["batch-relu"].spread


def test_residuals_pair_states_two_layers_apart() -> None:
    generator = torch.Generator().manual_seed(0)
    rows = multilayer.noise(100, 10, generator)
    plain = multilayer.draw(multilayer.architecture("layer-tanh"), generator, depth=8, width=10)
    states = plain.states(rows)
    found = domain_collapse.residuals(plain, rows, layers=2, start=4)
    assert found == pytest.approx([domain_collapse.affine_residual(states[i], states[i + 2]) for i in (4, 6)])
    skip = multilayer.draw(multilayer.architecture("layer-tanh-skip"), generator, depth=8, width=10)
    assert len(domain_collapse.residuals(skip, rows, layers=2)) == 4
    with pytest.raises(ValueError, match="not whole steps of 2"):
        domain_collapse.residuals(skip, rows, layers=1)
