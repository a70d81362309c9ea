import math
from dataclasses import replace

import pytest
import torch
from torch.func import jacfwd

from gradlab.depth import dilution, gradient_scale, mean_field, multilayer


def hidden(
    name: str, width: int = 300, inputs: int = 200
) -> tuple[multilayer.Network, torch.Tensor, torch.Generator]:
    """Two layers above one that turns noise into hidden pre-activations."""
    generator = torch.Generator().manual_seed(5)
    network = multilayer.draw(multilayer.architecture(name), generator, depth=3, width=width)
    below = network.branch(multilayer.noise(inputs, width, generator), 0)
    return replace(network, weights=network.weights[1:]), below, generator


@pytest.mark.parametrize("k", [0.5, 1.0, 4.0])
def test_k_is_returned_by_its_definition(k: float) -> None:
    network, below, _ = hidden("layer-tanh", width=40)
    diluted = dilution.dilute(network, k, below)
    for layer, state in enumerate(diluted.states(below)[:-1]):
        parts = diluted.parts(state, layer)
        lengths = [
            math.sqrt(sum(float(row @ row) for row in part) / len(part))
            for part in (parts.linear, parts.nonlinear)
        ]
        assert lengths[0] / lengths[1] == pytest.approx(k)
        assert parts.k == pytest.approx(k)
        assert parts.nonlinear_share == pytest.approx(1 / (k**2 + 1))


def test_the_linear_part_is_linear_and_the_sum_keeps_its_length() -> None:
    network, below, _ = hidden("batch-relu", width=300)
    diluted = dilution.dilute(network, 2.0, below)
    torch.testing.assert_close(diluted.parts(3 * below, 0).linear, 3 * diluted.parts(below, 0).linear)
    assert diluted.states(below)[-1].square().mean() == pytest.approx(1, rel=0.05)


def squared_gsc(network: dilution.DilutedNetwork, below: torch.Tensor) -> float:
    """Squared GSC of one layer for the batch, averaged over the two signs of its weights.

    Turning all weights around turns the nonlinear part around, so the average holds no cross terms.
    """
    jacobians, lengths = 0.0, 0.0
    for sign in (1, -1):
        turned = replace(network, weights=tuple(sign * weight for weight in network.weights))
        jacobians += float(jacfwd(lambda v, net=turned: net.states(v)[-1])(below).square().sum())
        lengths += float(turned.states(below)[-1].square().sum())
    return jacobians / below.numel() * float(below.square().sum()) / lengths


@pytest.mark.parametrize("name", ["batch-relu", "layer-tanh", "selu"])
@pytest.mark.parametrize("k", [0.5, 1.0, 4.0])
def test_without_cross_terms_dilution_divides_the_excess_exactly(name: str, k: float) -> None:
    network, below, _ = hidden(name, width=8, inputs=10)
    single = replace(network, weights=network.weights[:1])
    undiluted = squared_gsc(dilution.dilute(single, 0.0, below), below)
    diluted = squared_gsc(dilution.dilute(single, k, below), below)
    assert diluted - 1 == pytest.approx(dilution.diluted_excess(undiluted - 1, k), rel=1e-9)


def test_over_depth_the_excess_is_divided_and_the_gradient_is_not() -> None:
    generator = torch.Generator().manual_seed(7)
    network = multilayer.draw(
        multilayer.architecture("batch-relu"), generator, depth=26, width=150, dtype=torch.float32
    )
    below = network.branch(multilayer.noise(100, 150, generator, dtype=torch.float32), 0)
    plain = replace(network, weights=network.weights[1:])
    grown = {}
    for k in (0.0, 1.0):
        layers = dilution.dilute(plain, k, below)
        profile = gradient_scale.backward_profile(layers.states, below, True, 2, generator)
        grown[k] = 1 / gradient_scale.growth(layers.depths[:-1], profile.gsc[:-1])
    assert dilution.excess(grown[0.0]) / dilution.excess(grown[1.0]) == pytest.approx(2, rel=0.15)
    assert grown[0.0] / grown[1.0] < 1.2


def test_factors_are_constants_under_differentiation() -> None:
    network, below, _ = hidden("layer-tanh", width=6, inputs=4)
    diluted = dilution.dilute(replace(network, weights=network.weights[:1]), 1.0, below)
    linear, nonlinear = diluted.factors[0]
    found = jacfwd(lambda v: diluted.states(v)[-1])(below[:1])
    rho = jacfwd(lambda v: network.branch(v, 0))(below[:1])
    torch.testing.assert_close(
        found[0, :, 0], linear * torch.eye(6, dtype=below.dtype) + nonlinear * rho[0, :, 0]
    )


def test_residual_blocks_dilute_more_and_more() -> None:
    generator = torch.Generator().manual_seed(2)
    chosen = multilayer.architecture("batch-relu-skip")
    network = multilayer.draw(chosen, generator, depth=12, width=300)
    rows = multilayer.noise(200, 300, generator)
    parts = dilution.residual_parts(network, rows)
    assert [p.k**2 for p in parts] == pytest.approx([1, 2, 3, 4, 5, 6], rel=0.15)
    torch.testing.assert_close(parts[-1].linear + parts[-1].nonlinear, network.states(rows)[-1])


def test_a_nonlinearity_alone_is_diluted_by_its_linear_share() -> None:
    """tanh with its best line taken out satisfies the theorem with its own k."""
    share = mean_field.nonlinear_share("tanh")
    z = torch.randn(400_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    slope = float((z * torch.tanh(z)).mean().detach())
    rest = torch.tanh(z) - slope * z
    (steepness,) = torch.autograd.grad(rest.sum(), z)
    rest_excess = float(steepness.square().mean() / rest.detach().square().mean()) - 1
    own_k = math.sqrt((1 - share) / share)
    whole = mean_field.base(multilayer.architecture("layer-tanh")) ** 2 - 1
    assert dilution.diluted_excess(rest_excess, own_k) == pytest.approx(whole, rel=0.02)


def test_what_cannot_be_diluted_is_refused() -> None:
    network, below, _ = hidden("layer-tanh", width=6)
    with pytest.raises(ValueError, match="cannot be -1"):
        dilution.dilute(network, -1, below)
    with pytest.raises(ValueError, match="'layer-tanh' has no skip connections"):
        dilution.residual_parts(network, below)
    skipped = replace(network, architecture=multilayer.architecture("layer-tanh-skip"))
    with pytest.raises(ValueError, match="dilute a plain network"):
        dilution.dilute(skipped, 1, below)
