from typing import Any

import pytest
import torch
from torch import nn

from gradlab.filtering import module_lists, separators
from gradlab.filtering.layouts import ModuleError
from gradlab.photographs import networks


def test_separators_of_the_three_networks():
    images = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    found = {}
    for name in networks.ARCHITECTURES:
        network: Any = networks.untrained(name, 30).eval().requires_grad_(False)
        modules = module_lists.upper_modules(name, network)
        if name == "resnet18":
            modules["conv1"] = network.conv1
        if name == "efficientnet_b0":
            modules["se"] = network.features[6][0].block[2].fc2
            modules["residual"] = network.features[6][1].block[1][0]
        found[name] = separators.separating(network, modules, images)
    assert all(found["vgg16"].values())
    assert found["resnet18"].pop("conv1")
    assert not any(found["resnet18"].values())
    assert not found["efficientnet_b0"].pop("se")
    assert not found["efficientnet_b0"].pop("residual")
    assert all(found["efficientnet_b0"].values())


def test_a_gradient_that_is_zero_anyway_shows_no_path(small):
    network = small.plain()
    nn.init.zeros_(network[-1].weight)
    with pytest.raises(ModuleError, match="zero without any filter"):
        separators.separating(network, module_lists.convolutions(network), small.images())


def test_a_module_that_is_not_called_is_no_separator(small):
    with pytest.raises(ModuleError, match="'stray' is not called"):
        separators.separating(small.plain(), {"stray": nn.Conv2d(3, 6, 3)}, small.images())
