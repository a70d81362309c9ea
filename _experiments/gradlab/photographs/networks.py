"""The three networks, their weights and their convolutions.

Architectures are torchvision's own. Weights come from torchvision's ImageNet enums by name, or from
checkpoints that this project trained (``_experiments/checkpoints/*.safetensors``, half precision).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from gradlab.photographs import torchvision_ops as _schemas  # before torchvision: it may not import otherwise

assert _schemas.ADDED is not None
from torchvision import models  # noqa: E402

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"


class CheckpointError(Exception):
    """A checkpoint is missing or damaged; the message names the file and the ones that exist."""


@dataclass(frozen=True)
class Architecture:
    """A torchvision classifier: how it is built, titled, and which published weights it has."""

    title: str
    build: Callable[..., nn.Module]
    weights: Any  # a torchvision WeightsEnum class


ARCHITECTURES = {
    "resnet18": Architecture("ResNet18", models.resnet18, models.ResNet18_Weights),
    "vgg16": Architecture("VGG16", models.vgg16_bn, models.VGG16_BN_Weights),
    "efficientnet_b0": Architecture(
        "EfficientNet-B0", models.efficientnet_b0, models.EfficientNet_B0_Weights
    ),
}


def architecture(name: str) -> Architecture:
    """Look an architecture up; a ValueError lists the known ones."""
    if name not in ARCHITECTURES:
        raise ValueError(f"unknown network {name!r}; known: {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[name]


def untrained(name: str, classes: int, seed: int = 0) -> nn.Module:
    """A freshly initialised network with ``classes`` outputs.

    "vgg16" is VGG16 with batch norm, as in the released ParchGrad code, and has one linear layer on
    the pooled features: its original classifier (120 million weights) is made for 224 pixels.
    EfficientNet-B0 has no stochastic depth, which slows the short schedules of this project; in
    evaluation that makes no difference.
    """
    options = {"stochastic_depth_prob": 0.0} if name == "efficientnet_b0" else {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = architecture(name).build(num_classes=classes, **options)
        if name == "vgg16":
            network.avgpool = nn.AdaptiveAvgPool2d(1)
            network.classifier = nn.Linear(512, classes)
    return network


def pretrained(name: str, weights: str = "IMAGENET1K_V1") -> nn.Module:
    """Torchvision's network with its published ImageNet weights, downloaded on first use."""
    known = architecture(name)
    return known.build(weights=known.weights[weights]).eval()


def checkpoint_path(checkpoint: str) -> Path:
    """The file of a named checkpoint; CheckpointError lists the existing ones."""
    path = CHECKPOINTS / f"{checkpoint}.safetensors"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in CHECKPOINTS.glob("*.safetensors"))) or "none"
        raise CheckpointError(f"{path} does not exist; checkpoints here: {known}. `make checkpoints` trains.")
    return path


def card(checkpoint: str) -> dict[str, Any]:
    """The model card of a checkpoint: network, recipe, data digest, accuracy, seed."""
    loaded: dict[str, Any] = json.loads(checkpoint_path(checkpoint).with_suffix(".json").read_text())
    return loaded


def trained(checkpoint: str) -> nn.Module:
    """A network with weights that this project trained, in single precision, ready to evaluate."""
    path, facts = checkpoint_path(checkpoint), card(checkpoint)
    network = untrained(facts["network"], facts["classes"])
    try:
        state = load_file(path)
        network.load_state_dict(state)
    except (SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"{path} is damaged or of another network: {error}") from error
    return network.eval()
