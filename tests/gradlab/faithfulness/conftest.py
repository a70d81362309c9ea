"""A small residual network as torchvision builds them, photographs for it, and shards of its own."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from tests.gradlab import random_photographs
from tests.gradlab.random_photographs import CLASSES

from gradlab.comparison import engine
from gradlab.comparison.study import Study
from gradlab.photographs import torchvision_ops
from gradlab.photographs.loaded import Loaded

torchvision_ops.ensure_schemas()
from torchvision.models.resnet import BasicBlock, ResNet  # noqa: E402

SIDE = 32
photographs = partial(random_photographs.photographs, side=SIDE)
UPPER = ["layer3.0.conv2", "layer4.0.conv1"]


def resnet(seed: int = 0) -> ResNet:
    """With batch norms that are not the identity."""
    torch.manual_seed(seed)
    network = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=CLASSES)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.3, 0.3)
            torch.nn.init.uniform_(module.get_buffer("running_mean"), -0.3, 0.3)
            torch.nn.init.uniform_(module.get_buffer("running_var"), 0.5, 2.0)
    return network.eval().requires_grad_(False)


@pytest.fixture
def tiny_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A study of six photographs, and the training photographs of its statistics."""
    monkeypatch.setattr(engine, "FOLDER", tmp_path / "shards")
    monkeypatch.setenv("GRADLAB_CORES", "2")
    monkeypatch.delenv("GRADLAB_CLUSTER", raising=False)
    # Its outputs are in another order than the classes of the data set.
    loaded = Loaded(resnet(), (0.5,) * 3, (0.25,) * 3, SIDE, ("n2", "n3", "n1"))
    training = photographs(6, seed=1)
    study = Study.of(loaded, photographs(2, seed=2), {"upper": UPPER}, training)
    return SimpleNamespace(study=study, training=training, loaded=loaded)


@pytest.fixture
def residual_network() -> ResNet:
    return resnet(1)
