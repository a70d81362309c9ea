import json

import pytest
import torch
from torch import nn

from gradlab.photographs import efficientnet_lite0, networks, weights
from gradlab.photographs.weight_files import WeightsError

NAME = "package/efficientnet-lite0"


@pytest.fixture(scope="module")
def loaded():
    return weights.load("efficientnet_lite0", NAME)


def test_the_published_weights_fill_the_network(loaded):
    state = torch.load(efficientnet_lite0.find(NAME, None), weights_only=True)
    own = loaded.network.state_dict()
    assert own.keys() == state.keys()
    assert len(state) == 296
    assert all(torch.equal(own[key], state[key]) for key in state)
    assert sum(isinstance(m, nn.Conv2d) for m in loaded.network.modules()) == 49
    assert not loaded.network.training
    with torch.no_grad():
        assert loaded.network(torch.zeros(1, 3, 224, 224)).shape == (1, 1000)


def test_bytes_are_normalised_as_in_its_training(loaded):
    pixels = torch.tensor([0, 127, 255], dtype=torch.uint8).view(1, 3, 1, 1)
    expected = [-127 / 128, 0, 1]
    assert loaded.normalise(pixels).flatten().tolist() == pytest.approx(expected, abs=1e-6)


def test_the_upper_modules_are_the_counterparts_of_efficientnet_b0s(loaded):
    """Kernel, stride, depthwise or not, and whether the stage's width changes there, are the same."""
    original = networks.untrained("efficientnet_b0", 1000)
    listed = ("features.6.0.block.1.0", "features.7.0.block.1.0", "features.8.0")

    def described(network, names):
        found = []
        for name in names:
            conv = network.get_submodule(name)
            found.append((conv.kernel_size, tuple(conv.stride), conv.groups, conv.out_channels))
        return found

    assert described(loaded.network, efficientnet_lite0.UPPER) == described(original, listed)
    first_of_stage = [loaded.network.get_submodule(f"_blocks.{k}") for k in (11, 15)]
    assert [b._project_conv.out_channels for b in first_of_stage] == [192, 320]
    assert [b._expand_conv.in_channels for b in first_of_stage] == [112, 192]


def test_the_command_and_what_it_refuses(capsys, monkeypatch):
    assert efficientnet_lite0.main(["digest", NAME, "--network", "efficientnet_lite0"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert f"-{answer['digest'][:8]}.pth" in answer["path"]
    with pytest.raises(WeightsError, match="holds weights of efficientnet_lite0, not of resnet18"):
        efficientnet_lite0.load("resnet18", NAME)
    monkeypatch.setattr(efficientnet_lite0, "_PACKAGE", "no_such_package")
    assert efficientnet_lite0.main(["digest", NAME]) == 1
    assert "install no-such-package" in capsys.readouterr().err
