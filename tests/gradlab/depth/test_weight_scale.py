import pytest
import torch

from gradlab.depth import gsc_growth, multilayer, weight_scale
from gradlab.depth.multilayer import Setting
from gradlab.depth.weight_scale import Rescaled

SMALL = Setting(depth=4, width=8, inputs=10)


def test_relu_multiplies_its_gradient_and_keeps_its_gsc() -> None:
    found = weight_scale.rescale(multilayer.architecture("relu"), [0.5, 1.0, 2.0], SMALL, seed=1, probes=3)
    # Four layers of weights, each of them linear in its scale.
    assert found.raw == pytest.approx([found.raw[1] / 2**4, found.raw[1], found.raw[1] * 2**4])
    assert found.gsc == pytest.approx([found.gsc[1]] * 3)
    assert found.deviation < 1e-12


def test_every_factor_meets_the_same_draw() -> None:
    chosen = multilayer.architecture("tanh")
    found = weight_scale.rescale(chosen, [1.0, 3.0], SMALL, seed=1, probes=3)
    trial = multilayer.trial(chosen, SMALL, 1)
    larger = multilayer.Network(chosen, tuple(3 * weight for weight in trial.network.weights))
    profiles = [
        gsc_growth.backward(multilayer.Trial(network, trial.inputs, generator), 3)
        for network, generator in (
            (trial.network, multilayer.trial(chosen, SMALL, 1).generator),
            (larger, multilayer.trial(chosen, SMALL, 1).generator),
        )
    ]
    torch.testing.assert_close(torch.tensor(found.gsc), torch.tensor([float(p.gsc[0]) for p in profiles]))
    assert found.deviation > 0.1


def test_the_deviation_is_the_largest_from_the_network_as_drawn() -> None:
    one = Rescaled(multilayer.architecture("tanh"), (0.5, 1.0, 2.0), (1, 1, 1), (1.5, 2.0, 2.2))
    assert one.deviation == pytest.approx(0.25)


def test_factors_without_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.5, 2\.0 lack 1\.0"):
        weight_scale.rescale(multilayer.architecture("tanh"), [0.5, 2.0], SMALL, seed=1, probes=1)


def test_data_have_a_row_for_each_factor() -> None:
    tanh = Rescaled(multilayer.architecture("tanh"), (1.0, 2.0), (3, 4), (5, 6))
    selu = Rescaled(multilayer.architecture("selu"), (1.0, 2.0), (7, 8), (9, 10))
    assert weight_scale.factor_columns([tanh, selu]) == {
        "architecture": ["tanh", "tanh", "SELU", "SELU"],
        "factor": [1.0, 2.0, 1.0, 2.0],
        "raw gradient": [3, 4, 7, 8],
        "gsc": [5, 6, 9, 10],
    }
