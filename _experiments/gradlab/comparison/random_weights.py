"""A network that has learned nothing: what an effect is worth there owes nothing to training."""

import copy
from dataclasses import replace

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from gradlab.photographs.collection import Collection
from gradlab.photographs.loaded import Loaded


def randomised(loaded: Loaded, photographs: Collection, seed: int = 0, batch: int = 100) -> Loaded:
    """The same network with fresh weights and the batch-norm statistics of ``photographs``.

    Every module draws its weights as it does when it is made; with the statistics of its own inputs,
    activations have their usual size. Raises ``ValueError`` for a module with weights that cannot be drawn.
    """
    network = copy.deepcopy(loaded.network).cpu().float()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for name, module in network.named_modules():
            if hasattr(module, "reset_parameters"):
                module.reset_parameters()
            elif list(module.parameters(recurse=False)):
                raise ValueError(f"{name!r} does not say how its weights are drawn")
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    for norm in norms:
        norm.momentum = None  # a plain average over the batches
        norm.train()
    with torch.no_grad():
        for rows in torch.split(torch.arange(len(photographs)), batch):
            network(loaded.normalise(photographs.pixels(rows)))
    fresh: nn.Module = network.eval().requires_grad_(False)
    return replace(loaded, network=fresh)
