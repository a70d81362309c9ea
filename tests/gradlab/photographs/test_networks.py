import json
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from gradlab.photographs import networks
from gradlab.photographs.networks import CheckpointError


@pytest.mark.parametrize("name", list(networks.ARCHITECTURES))
def test_the_networks_build_and_their_published_weights_exist(name):
    network = networks.untrained(name, 30).eval()
    with torch.no_grad():
        assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 30)
    weights = networks.ARCHITECTURES[name].weights["IMAGENET1K_V1"]
    assert weights.url.endswith(".pth")
    assert len(weights.meta["categories"]) == 1000


def test_a_seed_fixes_the_weights_and_leaves_the_global_generator_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, second = (networks.untrained("resnet18", 30, seed=1).state_dict() for _ in range(2))
    other = networks.untrained("resnet18", 30, seed=2).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert not torch.equal(first["fc.weight"], other["fc.weight"])


def test_pretrained_asks_torchvision_for_the_named_weights(monkeypatch):
    asked = []
    stored = networks.architecture("resnet18").build().state_dict()

    def fetch(url, *args, **kwargs):
        asked.append(url)
        return stored

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", fetch)
    network = networks.pretrained("resnet18")
    assert asked == [networks.ARCHITECTURES["resnet18"].weights.IMAGENET1K_V1.url]
    assert not network.training
    assert torch.equal(network.state_dict()["fc.weight"], stored["fc.weight"])
    with pytest.raises(KeyError):
        networks.pretrained("resnet18", "IMAGENET9K")
    with pytest.raises(ValueError, match=r"unknown network 'lenet'; known: resnet18, vgg16"):
        networks.pretrained("lenet")


def write_checkpoint(folder, name="mine", classes=30):
    state = networks.untrained("resnet18", classes, seed=3).state_dict()
    half = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    save_file(half, folder / f"{name}.safetensors")
    (folder / f"{name}.json").write_text(json.dumps({"network": "resnet18", "classes": 30}))
    return half


def test_trained_loads_half_precision_weights_ready_to_evaluate(tmp_path, monkeypatch):
    monkeypatch.setattr(networks, "CHECKPOINTS", tmp_path)
    half = write_checkpoint(tmp_path)
    network: Any = networks.trained("mine")
    assert not network.training
    assert network.fc.weight.dtype == torch.float32
    assert torch.equal(network.fc.weight, half["fc.weight"].float())


def test_checkpoint_errors_name_the_file_and_the_choices(tmp_path, monkeypatch):
    monkeypatch.setattr(networks, "CHECKPOINTS", tmp_path)
    with pytest.raises(CheckpointError, match=r"absent\.safetensors does not exist; checkpoints here: none"):
        networks.trained("absent")
    write_checkpoint(tmp_path)
    with pytest.raises(CheckpointError, match="checkpoints here: mine"):
        networks.trained("absent")
    write_checkpoint(tmp_path, "other", classes=10)
    with pytest.raises(CheckpointError, match=r"other\.safetensors is damaged or of another network"):
        networks.trained("other")
    (tmp_path / "mine.safetensors").write_bytes(b"no weights")
    with pytest.raises(CheckpointError, match=r"mine\.safetensors is damaged"):
        networks.trained("mine")
