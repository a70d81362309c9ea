import math

import numpy as np
import pytest
import torch
from torch.func import jacfwd

from gradlab.depth import gradient_scale, mean_field, multilayer

NAMES = list(multilayer.ARCHITECTURES)


def small(
    name: str, width: int = 6, inputs: int = 5
) -> tuple[multilayer.Network, torch.Tensor, torch.Generator]:
    generator = torch.Generator().manual_seed(3)
    network = multilayer.draw(multilayer.architecture(name), generator, depth=4, width=width)
    return network, multilayer.noise(inputs, width, generator), generator


def by_hand(network: multilayer.Network, rows: torch.Tensor, lower: int, upper: int) -> float:
    """GSC between two states from the full Jacobian of the batch, entry by entry."""
    below = network.states(rows)[lower]
    above = network.states(rows)[upper]
    start, stop = network.depths[lower], network.depths[upper]
    part = multilayer.Network(network.architecture, network.weights[start:stop])
    full = jacfwd(lambda v: part.states(v)[-1])(below)
    if network.architecture.across_inputs:
        return math.sqrt(
            float(full.square().sum() / below.numel() * below.square().sum() / above.square().sum())
        )
    squares = [
        full[i, :, i, :].square().sum() / below.shape[1] * below[i].square().sum() / above[i].square().sum()
        for i in range(len(rows))
    ]
    return math.sqrt(float(torch.stack(squares).mean()))


@pytest.mark.parametrize("name", NAMES)
def test_estimates_agree_with_the_full_jacobian(name: str) -> None:
    network, rows, generator = small(name)
    whole = network.architecture.across_inputs
    last = len(network.depths) - 1
    forward = gradient_scale.forward_profile(network.states, rows, whole, 6000, generator)
    backward = gradient_scale.backward_profile(network.states, rows, whole, 6000, generator)
    for state in range(1, last + 1):
        assert float(forward.gsc[state]) == pytest.approx(by_hand(network, rows, 0, state), rel=0.03)
    for state in range(last):
        assert float(backward.gsc[state]) == pytest.approx(by_hand(network, rows, state, last), rel=0.03)
    assert float(gradient_scale.exact_gsc(network.states, rows, whole)) == pytest.approx(
        by_hand(network, rows, 0, last), rel=1e-10
    )


def test_the_estimate_of_the_squared_gsc_is_unbiased() -> None:
    network, rows, generator = small("batch-relu")
    exact = by_hand(network, rows, 0, 4) ** 2
    single = torch.stack(
        [
            gradient_scale.backward_profile(network.states, rows, True, 1, generator).gsc[0] ** 2
            for _ in range(400)
        ]
    )
    standard_error = float(single.std()) / math.sqrt(len(single))
    assert abs(float(single.mean()) - exact) < 4 * standard_error
    assert standard_error < 0.05 * exact


def test_batch_norm_has_a_jacobian_across_inputs() -> None:
    network, rows, _ = small("batch-relu")
    across = float(gradient_scale.exact_gsc(network.states, rows, True))
    full = jacfwd(lambda v: network.states(v)[-1])(rows)
    within = torch.stack([full[i, :, i, :].square().sum() for i in range(len(rows))]).sum()
    last = network.states(rows)[-1]
    without = math.sqrt(float(within / rows.numel() * rows.square().sum() / last.square().sum()))
    assert across > 1.05 * without


def test_both_profiles_begin_and_end_at_one() -> None:
    network, rows, generator = small("layer-tanh", width=40, inputs=40)
    forward = gradient_scale.forward_profile(network.states, rows, False, 200, generator)
    backward = gradient_scale.backward_profile(network.states, rows, False, 200, generator)
    assert float(forward.gsc[0]) == pytest.approx(1, rel=0.01)
    assert float(backward.gsc[-1]) == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize("name", ["relu", "layer-relu", "batch-relu", "layer-tanh", "batch-tanh"])
def test_the_scale_of_the_weights_leaves_no_trace(name: str) -> None:
    found, raw = [], []
    for factor in (1.0, 0.3, 7.0):
        network, rows, generator = small(name, width=20, inputs=20)
        profile = gradient_scale.backward_profile(
            network.scaled(factor).states, rows, network.architecture.across_inputs, 3, generator
        )
        found.append(float(profile.gsc[0]))
        raw.append(float(profile.jacobian[0]))
    assert found == pytest.approx([found[0]] * 3, rel=1e-9)
    assert raw[2] > 5 * raw[0]


def test_growth_is_the_factor_of_an_exponential() -> None:
    depths = [1, 2, 5, 9]
    assert gradient_scale.growth(depths, torch.tensor([3 * 1.2**d for d in depths])) == pytest.approx(1.2)


def test_closed_forms_of_the_bases() -> None:
    bases = {name: mean_field.base(multilayer.architecture(name)) for name in NAMES}
    assert bases["batch-relu"] == pytest.approx(math.sqrt(math.pi / (math.pi - 1)), rel=1e-8)
    assert bases["relu"] == pytest.approx(1, rel=1e-8)
    assert bases["layer-tanh"] == pytest.approx(1.0853, abs=5e-5)
    assert bases["selu"] == pytest.approx(1.0352, abs=5e-5)


@pytest.mark.parametrize("nonlinearity", ["relu", "tanh", "selu"])
def test_the_squared_growth_is_the_average_hermite_degree(nonlinearity: str) -> None:
    z, weight = np.polynomial.legendre.leggauss(400)
    halves = [(5.5 * (z + sign), 5.5 * weight) for sign in (-1, 1)]
    squares = np.zeros(60)
    for degree in range(60):
        unit = np.zeros(degree + 1)
        unit[-1] = 1 / math.sqrt(math.factorial(degree))
        inner = 0.0
        for position, share in halves:
            phi = multilayer.NONLINEARITIES[nonlinearity](torch.from_numpy(position)).numpy()
            density = np.exp(-(position**2) / 2) / math.sqrt(2 * math.pi)
            inner += float((share * density * phi * np.polynomial.hermite_e.hermeval(position, unit)).sum())
        squares[degree] = inner**2
    # The degrees of a kink fall off slowly: what the first sixty leave out is the tolerance.
    degrees = np.arange(60)
    for norm, lowest in (("layer", 0), ("batch", 1)):
        average = float((degrees * squares)[lowest:].sum() / squares[lowest:].sum())
        base = mean_field.base(multilayer.Architecture("x", nonlinearity, norm))
        assert average == pytest.approx(base**2, rel=0.08 if nonlinearity == "relu" else 0.02)


def test_growth_is_at_least_what_is_not_linear() -> None:
    """Each Hermite degree j counts j times in the Jacobian: the excess is never below the nonlinear share."""
    for nonlinearity in multilayer.NONLINEARITIES:
        base = mean_field.base(multilayer.Architecture("x", nonlinearity, "batch"))
        assert base**2 - 1 > mean_field.nonlinear_share(nonlinearity) > 0


@pytest.mark.parametrize(
    ("name", "tolerance"), [("batch-relu", 0.03), ("batch-relu-skip", 0.03), ("selu", 0.05)]
)
def test_wide_networks_approach_the_recursion(name: str, tolerance: float) -> None:
    chosen = multilayer.architecture(name)
    generator = torch.Generator().manual_seed(0)
    network = multilayer.draw(chosen, generator, depth=6, width=600, dtype=torch.float32)
    rows = multilayer.noise(200, 600, generator, dtype=torch.float32)
    profile = gradient_scale.backward_profile(network.states, rows, chosen.across_inputs, 1, generator)
    assert float(profile.gsc[0]) == pytest.approx(mean_field.expected_gsc(chosen, 6)[-1], rel=tolerance)
