import pytest
from torch import nn
from torchvision.ops import SqueezeExcitation

from gradlab.filtering import module_lists
from gradlab.filtering.layouts import ModuleError
from gradlab.photographs import networks

UPPER = {
    "resnet18": [f"layer{s}.{b}.conv{c}" for s in (3, 4) for b in (0, 1) for c in (1, 2)],
    "vgg16": [f"features.{i}" for i in (24, 27, 30, 34, 37, 40)],
    "efficientnet_b0": ["features.6.0.block.1.0", "features.7.0.block.1.0", "features.8.0"],
}
RATIOS = {"resnet18": (6, 10, 18, 20), "vgg16": (3, 6, 11, 13), "efficientnet_b0": (24, 40, 72, 81)}


@pytest.mark.parametrize("name", list(UPPER))
def test_the_lists_of_modules(name):
    network = networks.untrained(name, 30)
    assert list(module_lists.upper_modules(name, network)) == UPPER[name]
    every = list(module_lists.convolutions(network))
    for ratio, count in zip((0.3, 0.5, 0.9, 1.0), RATIOS[name], strict=True):
        assert list(module_lists.last_convolutions(network, ratio)) == every[-count:]


def test_an_architecture_without_a_list_is_told_which_have_one(small):
    with pytest.raises(ModuleError, match=r"alexnet.*resnet18, vgg16"):
        module_lists.upper_modules("alexnet", small.plain())


class Gated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3)
        self.gate = SqueezeExcitation(6, 2)
        self.head = nn.Conv2d(6, 6, 1)


@pytest.mark.parametrize(
    ("wanted", "options", "found"),
    [
        (["stem"], {}, ["stem"]),
        (["Conv2d"], {}, ["stem", "head"]),
        (["Conv2d"], {"gates": True}, ["stem", "gate.fc1", "gate.fc2", "head"]),
        (["gate.fc1"], {}, ["gate.fc1"]),
        (["he*", "st?m"], {}, ["stem", "head"]),
        (["Conv2d"], {"last": 0.5}, ["head"]),
        (["_ConvNd"], {}, ["stem", "head"]),
    ],
)
def test_modules_are_found_by_name_pattern_or_type_and_gates_only_if_asked(wanted, options, found):
    assert list(module_lists.select(Gated(), wanted, **options)) == found


def test_an_entry_that_fits_nothing_is_named_with_what_is_near():
    with pytest.raises(ModuleError, match=r"'steem' fits no module of Gated; nearest: stem"):
        module_lists.select(Gated(), ["stem", "steem"])


@pytest.mark.parametrize(("ratio", "name"), [(0.3, "last30"), (0.9, "last90"), (1.0, "all")])
def test_a_list_of_the_last_convolutions_has_a_name(ratio, name):
    assert module_lists.ratio_name(ratio) == name
