"""Fully connected classifiers as pure functions of their weights, for :mod:`torch.func`.

A hidden layer maps ``h`` to ``W phi(N(h))`` with nonlinearity ``phi`` and normalisation ``N`` (batch norm
over the batch at hand, without learned scale and shift, or nothing). With ``skip``, every two hidden layers
form a block whose input is added to its output (He et al. 2016, identity mappings). There are no biases: an
orthogonality argument about inputs needs that, and the Gram form stays one product per layer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

# Variance of the weights times fan-in: what keeps the mean square from layer to layer (He et al. 2015).
GAINS = {"linear": 1.0, "relu": 2.0, "tanh": 1.0}
INITIALISATIONS = ("gaussian", "orthogonal")
CLASSES = 10
BLOCK = 2  # hidden layers per skip connection

Weights = Sequence[Tensor]


@dataclass(frozen=True)
class Design:
    """``depth`` counts weight matrices: an input layer, ``depth - 2`` hidden ones and an output layer."""

    depth: int
    width: int
    nonlinearity: str = "relu"
    initialisation: str = "gaussian"
    batch_norm: bool = False
    skip: bool = False

    def __post_init__(self) -> None:
        if self.nonlinearity not in GAINS:
            raise ValueError(f"unknown nonlinearity {self.nonlinearity!r}; known: {', '.join(GAINS)}")
        if self.initialisation not in INITIALISATIONS:
            known = ", ".join(INITIALISATIONS)
            raise ValueError(f"unknown initialisation {self.initialisation!r}; known: {known}")
        if self.depth < 2:
            raise ValueError(f"depth counts weight matrices and is at least 2, not {self.depth}")
        if self.skip and (self.depth - 2) % BLOCK:
            raise ValueError(f"{self.depth - 2} hidden layers do not divide into blocks of {BLOCK}")

    def activate(self, h: Float[Tensor, "n width"]) -> Float[Tensor, "n width"]:
        """Normalise over the batch if the design says so, then apply the nonlinearity."""
        if self.batch_norm:
            h = F.batch_norm(h, None, None, training=True)
        if self.nonlinearity == "relu":
            return F.relu(h)
        return torch.tanh(h) if self.nonlinearity == "tanh" else h


def _matrix(rows: int, columns: int, gain: float, kind: str, generator: torch.Generator) -> Tensor:
    weight = torch.empty(rows, columns, dtype=torch.float64)
    if kind == "gaussian":
        return weight.normal_(generator=generator) * math.sqrt(gain / columns)
    # Rows or columns orthonormal, whichever are fewer; a wide first layer keeps inner products of inputs.
    return nn.init.orthogonal_(weight, math.sqrt(gain), generator=generator)


def initial(design: Design, inputs: int, generator: torch.Generator) -> list[Float[Tensor, "_ _"]]:
    """Weights before training, in float64: first layer, hidden layers, output layer."""
    gain, kind = GAINS[design.nonlinearity], design.initialisation
    sizes = [inputs, *[design.width] * (design.depth - 1), CLASSES]
    # The input layer follows no nonlinearity, so it needs no correction for one.
    gains = [1.0] + [gain] * (design.depth - 1)
    return [
        _matrix(rows, columns, layer_gain, kind, generator)
        for columns, rows, layer_gain in zip(sizes, sizes[1:], gains, strict=False)
    ]


@dataclass(frozen=True)
class Trace:
    """What each weight matrix saw and gave, in the order of the layers: ``given = W seen``."""

    seen: tuple[Float[Tensor, "n _"], ...]
    given: tuple[Float[Tensor, "n _"], ...]

    @property
    def logits(self) -> Float[Tensor, "n classes"]:
        """What the last layer gave."""
        return self.given[-1]


def trace(design: Design, weights: Weights, inputs: Float[Tensor, "n inputs"]) -> Trace:
    """Run the network and keep every layer's input and output."""
    seen, given = [inputs], [inputs @ weights[0].mT]
    h = block_input = given[0]
    for position, weight in enumerate(weights[1:], start=1):
        a = design.activate(h)
        z = a @ weight.mT
        seen.append(a)
        given.append(z)
        h = z
        if design.skip and position % BLOCK == 0 and position < len(weights) - 1:
            h = block_input = block_input + z
    return Trace(tuple(seen), tuple(given))


def logits(design: Design, weights: Weights, inputs: Float[Tensor, "n inputs"]) -> Float[Tensor, "n classes"]:
    """Run the network."""
    return trace(design, weights, inputs).logits


def loss(
    design: Design, weights: Weights, inputs: Float[Tensor, "n inputs"], labels: Int[Tensor, " n"]
) -> Float[Tensor, ""]:
    """Mean cross-entropy in nats."""
    return F.cross_entropy(logits(design, weights, inputs), labels)
