"""Digests of what decides a measurement, for the key of its shards."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from gradlab.photographs.collection import Collection
from gradlab.photographs.loaded import Loaded

_ROOMS = ("filtering", "comparison", "photographs")
_SAMPLE = 8


@cache
def of_code() -> str:
    """The digest of the rooms of this library that a measurement runs through."""
    state = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((Path(__file__).parents[1] / room).glob("*.py")):
            state.update(path.name.encode() + path.read_bytes())
    return state.hexdigest()[:16]


def of_tensors(tensors: Mapping[str, Tensor]) -> str:
    """The digest of names, shapes, types and entries."""
    state = hashlib.sha256()
    for name, tensor in tensors.items():
        whole = tensor.detach().cpu().contiguous()
        state.update(f"{name} {tuple(whole.shape)} {whole.dtype}".encode())
        state.update(whole.reshape(-1).view(torch.uint8).numpy().tobytes())
    return state.hexdigest()[:16]


def of_photographs(photographs: Collection) -> str:
    """The digest of names, labels and boxes, and of the pixels of a few photographs."""
    names = "\n".join(photographs.names).encode()
    pixels = photographs.pixels(_sample(photographs))
    facts = {"labels": photographs.labels, "boxes": photographs.boxes, "pixels": pixels}
    return hashlib.sha256(names + of_tensors(facts).encode()).hexdigest()[:16]


@torch.no_grad()
def of_network(loaded: Loaded, photographs: Collection) -> str:
    """The digest of architecture, weights and preparation, and of answers to a few photographs.

    The answers, to three digits, notice a change of code that neither shape nor weights show.
    """
    network = loaded.network.eval()
    device = next(network.parameters()).device
    logits = network(loaded.normalise(photographs.pixels(_sample(photographs)).to(device)))
    answers = [[f"{value:.2e}" for value in row] for row in logits.double().tolist()]
    text = f"{network} {loaded.mean} {loaded.std} {loaded.wnids} {answers}"
    return hashlib.sha256((text + of_tensors(network.state_dict())).encode()).hexdigest()[:16]


def _sample(photographs: Collection) -> list[int]:
    return list(range(0, len(photographs), -(-len(photographs) // _SAMPLE)))
