import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from gradlab.depth import multilayer
from gradlab.depth.multilayer import Architecture


def small(name: str, depth: int = 4, width: int = 8) -> tuple[multilayer.Network, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    network = multilayer.draw(multilayer.architecture(name), generator, depth=depth, width=width)
    return network, multilayer.noise(12, width, generator)


@pytest.mark.parametrize("name", ["batch-relu", "layer-tanh", "selu"])
def test_states_agree_with_a_network_of_torch_layers(name: str) -> None:
    network, rows = small(name)
    phi = {"relu": lambda z: math.sqrt(2) * F.relu(z), "tanh": torch.tanh, "selu": F.selu}
    v, expected = rows, [rows]
    for weight in network.weights:
        if network.architecture.norm == "batch":
            v = F.batch_norm(v, None, None, training=True, eps=1e-14)
        if network.architecture.norm == "layer":
            v = F.layer_norm(v, v.shape[-1:], eps=0.0)
        v = F.linear(phi[network.architecture.nonlinearity](v), weight)
        expected.append(v)
    for found, wanted in zip(network.states(rows), expected, strict=True):
        torch.testing.assert_close(found, wanted)


def test_a_residual_block_adds_its_input_to_two_layers() -> None:
    network, rows = small("batch-relu-skip")
    plain = replace(network, architecture=replace(network.architecture, skip=0))
    states = network.states(rows)
    assert network.depths == [0, 2, 4]
    assert len(states) == 3
    torch.testing.assert_close(states[1], rows + plain.states(rows)[2])


def test_weights_have_the_spread_of_the_gain() -> None:
    chosen = Architecture("tanh, gain 2", "tanh", gain=2.0)
    network = multilayer.draw(chosen, torch.Generator().manual_seed(0), depth=3, width=200)
    assert torch.stack(network.weights).std() * math.sqrt(200) == pytest.approx(2, rel=0.02)


def test_relu_keeps_the_mean_square_of_normal_inputs() -> None:
    z = torch.randn(200_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert multilayer.NONLINEARITIES["relu"](z).square().mean() == pytest.approx(1, rel=0.02)


def test_normalised_networks_do_not_see_the_scale_of_the_weights() -> None:
    for name in ("batch-relu", "layer-tanh"):
        network, rows = small(name)
        torch.testing.assert_close(network.scaled(3.0).states(rows)[-1], 3 * network.states(rows)[-1])


def test_unknown_names_list_the_choices() -> None:
    with pytest.raises(ValueError, match=r"unknown architecture 'relu6'; known: relu, .*batch-relu"):
        multilayer.architecture("relu6")
    with pytest.raises(ValueError, match="unknown nonlinearity 'gelu' of 'x'; known: relu, tanh, selu"):
        Architecture("x", "gelu")
    with pytest.raises(ValueError, match="unknown normalisation 'group'"):
        Architecture("x", "relu", "group")


def test_impossible_depths_and_gains_are_refused() -> None:
    with pytest.raises(ValueError, match="5 layers do not divide into residual blocks of 2"):
        small("batch-relu-skip", depth=5)
    with pytest.raises(ValueError, match="gain is positive"):
        Architecture("x", "relu", gain=0.0)


def test_a_trial_draws_weights_then_inputs_from_its_seed() -> None:
    chosen, setting = multilayer.architecture("layer-tanh"), multilayer.Setting(3, 5, 7, torch.float32)
    trial = multilayer.trial(chosen, setting, seed=11)
    generator = torch.Generator().manual_seed(11)
    weights = [torch.randn(5, 5, generator=generator) / math.sqrt(5) for _ in range(3)]
    torch.testing.assert_close(trial.network.weights, tuple(weights))
    torch.testing.assert_close(trial.inputs, torch.randn(7, 5, generator=generator))
    assert trial.generator.get_state().equal(generator.get_state())
