import pytest
import torch
from torch import nn

from gradlab.comparison.arms import PLAIN, Arm, Chooser, Selection, crossed, passes
from gradlab.filtering import channels, module_lists
from gradlab.filtering.attribution import Forward
from gradlab.filtering.channels import Moments
from gradlab.filtering.conservation import Conservation
from gradlab.filtering.hooks import partition_channels
from gradlab.filtering.layouts import ModuleError

LABELS = torch.tensor([0, 1, 2, 3, 0])
NUMBERS = [7, 3, 12, 5, 9]
CONSERVED = Conservation.VARIANCE


@pytest.fixture
def setting(small):
    network, images = small.residual(3, width=10), small.images()
    modules = module_lists.convolutions(network)
    generator = torch.Generator().manual_seed(0)
    moments = Moments(torch.full((3,), 4.0).double(), torch.rand(3, 3).double(), torch.rand(3, 3).double())
    chooser = Chooser({name: moments}, {"all": [name]})
    with pytest.raises(ModuleError, match=f"'{name}' is called {times} in a forward pass"):
        passes(network, modules, small.images(3), torch.arange(3), [Arm("all", 0.5)], chooser)


def test_a_gradient_that_is_zero_without_a_filter_is_no_result(setting):
    network, images, modules, chooser = setting
    nn.init.zeros_(network[-1].weight)
    with pytest.raises(ModuleError, match="zero without any filter"):
        passes(network, modules, images, LABELS, [Arm("last", 0.3)], chooser)
