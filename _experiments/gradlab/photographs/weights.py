"""Weights by name: ``weights.yaml`` says which module knows each name.

Such a module offers ``load(network, name)`` and answers ``python -m MODULE digest NAME [--network NETWORK]``
without importing torch.
"""

import torch

from gradlab.photographs import declared
from gradlab.photographs.loaded import Loaded
from gradlab.photographs.weight_files import WeightsError


def load(network: str, name: str) -> Loaded:
    """``network`` with the weights ``name``, as ("resnet18", "torchvision/IMAGENET1K_V1"), in evaluation.

    A :class:`~gradlab.photographs.weight_files.WeightsError` names what is missing, and the cure.
    """
    # Networks draw their first weights at random, which shall not move the caller's generator.
    with torch.random.fork_rng(devices=[]):
        loaded: Loaded = declared.module("weights.yaml", name, WeightsError).load(network, name)
    loaded.network.eval()
    return loaded
