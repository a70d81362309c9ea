"""The architectures that this project trains and compares: torchvision's own, for small photographs too.

Networks with weights come from :mod:`gradlab.photographs.weights`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from gradlab.photographs import torchvision_ops

# For callers that load checkpoints by this module's names.
from gradlab.photographs.checkpoints import card as card
from gradlab.photographs.checkpoints import trained as trained

torchvision_ops.ensure_schemas()  # before torchvision: it may not import otherwise
from torchvision import models  # noqa: E402


@dataclass(frozen=True)
class Architecture:
    """A torchvision classifier: its title, and how it is built."""

    title: str
    build: Callable[..., nn.Module]


ARCHITECTURES = {
    "resnet18": Architecture("ResNet18", models.resnet18),
    "vgg16": Architecture("VGG16", models.vgg16_bn),
    "efficientnet_b0": Architecture("EfficientNet-B0", models.efficientnet_b0),
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
