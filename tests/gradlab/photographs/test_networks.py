import pytest
import torch

from gradlab.photographs import networks


@pytest.mark.parametrize("name", list(networks.ARCHITECTURES))
def test_the_networks_build_for_small_photographs(name):
    network = networks.untrained(name, 30).eval()
    with torch.no_grad():
        assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 30)


def test_a_seed_fixes_the_weights_and_leaves_the_global_generator_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, second = (networks.untrained("resnet18", 30, seed=1).state_dict() for _ in range(2))
    other = networks.untrained("resnet18", 30, seed=2).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert not torch.equal(first["fc.weight"], other["fc.weight"])


def test_an_unknown_network_is_named_beside_the_known():
    with pytest.raises(ValueError, match=r"unknown network 'lenet'; known: resnet18, vgg16"):
        networks.untrained("lenet", 30)
