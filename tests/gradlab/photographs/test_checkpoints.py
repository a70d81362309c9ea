import json
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from gradlab.photographs import archives, checkpoint_files, checkpoints, networks
from gradlab.photographs.weight_files import WeightsError

RECIPE = {"cycles": [{"stages": [[1, 16]]}, {"stages": [[1, 48], [2, 64]]}]}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", tmp_path)
    return tmp_path


def write(folder, name="mine", classes=30):
    state = networks.untrained("resnet18", classes, seed=3).state_dict()
    half = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    save_file(half, folder / f"{name}.safetensors")
    facts = {"network": "resnet18", "classes": 30, "recipe": RECIPE}
    (folder / f"{name}.json").write_text(json.dumps(facts))
    checkpoint_files.seal(folder / f"{name}.safetensors")
    return half


def test_half_precision_weights_are_loaded_ready_to_evaluate(folder):
    half = write(folder)
    network: Any = checkpoints.trained("mine")
    assert not network.training
    assert network.fc.weight.dtype == torch.float32
    assert torch.equal(network.fc.weight, half["fc.weight"].float())


def test_a_checkpoint_has_this_projects_classes_and_the_size_of_its_last_epochs(folder):
    half = write(folder)
    loaded = checkpoints.load("resnet18", "checkpoint/mine")
    assert torch.equal(loaded.network.get_parameter("fc.weight"), half["fc.weight"].float())
    assert loaded.side == 64
    wnids = tuple(archives.class_names())
    assert loaded.outputs(wnids).tolist() == list(range(30))
    assert loaded.outputs(wnids[:3:-1]).tolist() == list(range(29, 3, -1))


def test_errors_name_the_file_and_the_choices(folder):
    with pytest.raises(WeightsError, match=r"absent\.safetensors does not exist; checkpoints here: none"):
        checkpoints.trained("absent")
    write(folder)
    with pytest.raises(WeightsError, match=r"checkpoints here: mine.*make checkpoints"):
        checkpoints.trained("absent")
    with pytest.raises(WeightsError, match=r"mine\.safetensors holds weights of resnet18, not of vgg16"):
        checkpoints.load("vgg16", "checkpoint/mine")
    write(folder, "other", classes=10)
    with pytest.raises(WeightsError, match=r"other\.safetensors is damaged or of another network"):
        checkpoints.trained("other")
    (folder / "mine.safetensors").write_bytes(b"no weights")
    with pytest.raises(WeightsError, match=r"mine\.safetensors are not those that its card is about"):
        checkpoints.trained("mine")
    checkpoint_files.seal(folder / "mine.safetensors")
    with pytest.raises(WeightsError, match=r"mine\.safetensors is damaged"):
        checkpoints.trained("mine")


def test_weights_of_another_training_are_refused(folder):
    write(folder)
    save_file(networks.untrained("resnet18", 30, seed=4).state_dict(), folder / "mine.safetensors")
    with pytest.raises(WeightsError, match="another training"):
        checkpoints.load("resnet18", "checkpoint/mine")


def test_the_command_prints_path_and_digest_or_the_error(folder, capsys):
    write(folder)
    assert checkpoints.main(["digest", "checkpoint/mine", "--network", "resnet18"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["path"] == str(folder / "mine.safetensors")
    assert len(answer["digest"]) == 64
    assert checkpoints.main(["digest", "checkpoint/mine", "--network", "vgg16"]) == 1
    assert "holds weights of resnet18" in capsys.readouterr().err
