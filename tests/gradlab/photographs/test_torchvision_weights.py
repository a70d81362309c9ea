import hashlib
import json
import re

import pytest
import torch

from gradlab.photographs import networks, torchvision_weights
from gradlab.photographs.weight_files import WeightsError

NAME = "torchvision/IMAGENET1K_V1"
SMALL = "shufflenet_v2_x0_5"  # the classifier with the smallest file but one


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The folder of torch's hub, which is empty."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def models():
    return networks.models  # type: ignore[attr-defined]


def test_the_addresses_read_in_the_source_are_those_that_torchvision_uses(models):
    for network in models.list_models(models):
        for known in models.get_model_weights(network):
            assert torchvision_weights.address(network, f"torchvision/{known.name}") == known.url
    assert torchvision_weights.address("resnet50", "torchvision/DEFAULT").endswith("resnet50-11ad3fa6.pth")


def test_unknown_names_are_told_with_the_nearest_choices():
    with pytest.raises(WeightsError, match=r"no classifier 'resnet81'; it has resnet18, "):
        torchvision_weights.address("resnet81", NAME)
    known = "it has torchvision/IMAGENET1K_V1, torchvision/IMAGENET1K_V2, torchvision/DEFAULT"
    with pytest.raises(WeightsError, match=rf"no weights 'torchvision/V9' of resnet50; {known}"):
        torchvision_weights.address("resnet50", "torchvision/V9")


def write(cache, models, network=SMALL):
    """Weights of a network as torchvision publishes them, under the name of the published file."""
    torch.manual_seed(3)
    state = models.get_model(network).state_dict()
    torch.save(state, cache / torchvision_weights.address(network, NAME).rsplit("/", 1)[1])
    return state


def test_weights_are_taken_from_the_cache_with_what_they_want_to_see(cache, models):
    state = write(cache, models)
    loaded = torchvision_weights.load(SMALL, NAME)
    assert not loaded.network.training
    assert torch.equal(loaded.network.state_dict()["fc.weight"], state["fc.weight"])
    assert (loaded.side, loaded.mean, loaded.std) == (224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert loaded.outputs(["n02509815", "n01443537"]).tolist() == [387, 1]


def test_a_builders_name_is_torchvisions_own():
    assert "vgg16-" in torchvision_weights.address("vgg16", NAME)
    assert "vgg16_bn-" in torchvision_weights.address("vgg16_bn", NAME)


def test_damaged_or_unreachable_weights_are_told_with_the_address(cache, models, monkeypatch):
    published = torchvision_weights.address(SMALL, NAME)
    cure = rf"could not be fetched or read \(.*\)\. Put {re.escape(published)} into {re.escape(str(cache))}"

    def unreachable(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.setattr("torch.hub.download_url_to_file", unreachable)
    with pytest.raises(WeightsError, match=cure.replace(".*", "no route to host", 1)):
        torchvision_weights.load(SMALL, NAME)
    (cache / published.rsplit("/", 1)[1]).write_bytes(b"half of it")
    with pytest.raises(WeightsError, match=cure):
        torchvision_weights.load(SMALL, NAME)


def test_the_command_answers_for_the_file_whose_name_has_its_digest(cache, monkeypatch, capsys):
    data = b"weights"
    found = hashlib.sha256(data).hexdigest()
    published = f"https://example.org/small-{found[:8]}.pth"
    monkeypatch.setattr(torchvision_weights, "address", lambda network, name: published)
    arguments = ["digest", NAME, "--network", "small"]
    assert torchvision_weights.main(arguments) == 1
    missing = capsys.readouterr().err
    assert "does not exist" in missing
    assert published in missing
    file = cache / published.rsplit("/", 1)[1]
    file.write_bytes(data)
    assert torchvision_weights.main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == {"path": str(file), "digest": found}
    file.write_bytes(data[:-1])
    assert torchvision_weights.main(arguments) == 1
    assert re.search(rf"half a download.*its name says {found[:8]}", capsys.readouterr().err)
    assert torchvision_weights.main(["digest", NAME]) == 1
    assert "Say --network" in capsys.readouterr().err


def test_where_the_hub_keeps_its_files(monkeypatch, tmp_path):
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert str(torchvision_weights.folder().parent) == torch.hub.get_dir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert str(torchvision_weights.folder().parent) == torch.hub.get_dir()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    assert str(torchvision_weights.folder().parent) == torch.hub.get_dir()


def test_the_thousand_names():
    assert len(torchvision_weights.categories()) == 1000
