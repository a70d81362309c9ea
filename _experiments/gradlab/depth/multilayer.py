"""Deep multilayer perceptrons without training: fifty layers alike, in the variants of one comparison.

A layer sends the pre-activation ``v`` of the layer below through normalisation, nonlinearity and a
weight matrix: ``W phi(N(v))``. A residual network adds the input of every ``skip`` layers to their
output (He et al. 2016, arXiv:1603.05027: identity shortcuts, normalisation first). Weights are normal
with variance 1/fan-in and there are no biases, the setting of Philipp et al., arXiv:1712.05577.

A network is a pure function of its inputs (``Network.states``), so that :mod:`torch.func` applies.
Batch norm uses the statistics of the batch, hence the whole batch is the input of such a network.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

Nonlinearity = Callable[[Tensor], Tensor]


def _relu(v: Tensor) -> Tensor:
    """ReLU times the root of two: it keeps the mean square of a standard normal (He et al. 2015)."""
    return math.sqrt(2) * F.relu(v)


NONLINEARITIES: dict[str, Nonlinearity] = {"relu": _relu, "tanh": torch.tanh, "selu": F.selu}


def _batch_norm(v: Float[Tensor, "inputs width"]) -> Float[Tensor, "inputs width"]:
    centred = v - v.mean(0)
    return centred / centred.square().mean(0).sqrt()


def _layer_norm(v: Float[Tensor, "inputs width"]) -> Float[Tensor, "inputs width"]:
    centred = v - v.mean(-1, keepdim=True)
    return centred / centred.square().mean(-1, keepdim=True).sqrt()


# No epsilon under the root: with it, the scale of the weights would leave a trace.
NORMALISATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "none": lambda v: v,
    "batch": _batch_norm,
    "layer": _layer_norm,
}


@dataclass(frozen=True)
class Architecture:
    """What distinguishes one variant; ``skip`` is the layers per residual block, 0 for a plain network.

    ``gain`` is the standard deviation of the weights in units of 1/sqrt(fan-in).
    """

    title: str
    nonlinearity: str
    norm: str = "none"
    skip: int = 0
    gain: float = 1.0

    def __post_init__(self) -> None:
        for what, name, known in (
            ("nonlinearity", self.nonlinearity, NONLINEARITIES),
            ("normalisation", self.norm, NORMALISATIONS),
        ):
            if name not in known:
                raise ValueError(f"unknown {what} {name!r} of {self.title!r}; known: {', '.join(known)}")
        if self.skip < 0 or self.gain <= 0:
            raise ValueError(f"{self.title!r}: skip counts layers and gain is positive")

    @property
    def across_inputs(self) -> bool:
        """Whether an input changes the activations of the others, so that the batch is one input."""
        return self.norm == "batch"

    def activate(self, v: Float[Tensor, "inputs width"]) -> Float[Tensor, "inputs width"]:
        """Normalise, then apply the nonlinearity."""
        return NONLINEARITIES[self.nonlinearity](NORMALISATIONS[self.norm](v))


ARCHITECTURES = {
    "relu": Architecture("ReLU", "relu"),
    "layer-relu": Architecture("layer-ReLU", "relu", "layer"),
    "batch-relu": Architecture("batch-ReLU", "relu", "batch"),
    "tanh": Architecture("tanh", "tanh"),
    "layer-tanh": Architecture("layer-tanh", "tanh", "layer"),
    "batch-tanh": Architecture("batch-tanh", "tanh", "batch"),
    "selu": Architecture("SELU", "selu"),
    "batch-relu-skip": Architecture("batch-ReLU, skip", "relu", "batch", skip=2),
    "layer-tanh-skip": Architecture("layer-tanh, skip", "tanh", "layer", skip=2),
}


def architecture(name: str) -> Architecture:
    """Look an architecture up; a ValueError lists the known ones."""
    if name not in ARCHITECTURES:
        raise ValueError(f"unknown architecture {name!r}; known: {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[name]


@dataclass(frozen=True)
class Network:
    """An architecture with its weights, one square matrix per layer."""

    architecture: Architecture
    weights: tuple[Float[Tensor, "width width"], ...]

    @property
    def per_step(self) -> int:
        """Layers between two successive states: 1, or the layers of a residual block."""
        return self.architecture.skip or 1

    @property
    def depths(self) -> list[int]:
        """The number of layers below each of the states."""
        return list(range(0, len(self.weights) + 1, self.per_step))

    def branch(self, v: Float[Tensor, "inputs width"], start: int) -> Float[Tensor, "inputs width"]:
        """What the layers of one step compute from ``v``, without the shortcut around them."""
        for weight in self.weights[start : start + self.per_step]:
            v = self.architecture.activate(v) @ weight.mT
        return v

    def states(self, inputs: Float[Tensor, "inputs width"]) -> list[Float[Tensor, "inputs width"]]:
        """The inputs, then the pre-activations after every layer, or after every residual block.

        Only these are layers in the sense of the gradient scale coefficient: all that is above depends
        on what is below through them alone, which is not so inside a residual block.
        """
        found = [inputs]
        for start in self.depths[:-1]:
            below = found[-1]
            above = self.branch(below, start)
            found.append(below + above if self.architecture.skip else above)
        return found

    def scaled(self, factor: float) -> "Network":
        """The same network with every weight multiplied by ``factor``."""
        return replace(self, weights=tuple(factor * weight for weight in self.weights))


def draw(
    chosen: Architecture,
    generator: torch.Generator,
    *,
    depth: int = 50,
    width: int = 100,
    dtype: torch.dtype = torch.float64,
) -> Network:
    """A network with normal weights of standard deviation ``gain / sqrt(width)``."""
    if chosen.skip and depth % chosen.skip:
        raise ValueError(f"{depth} layers do not divide into residual blocks of {chosen.skip}")
    spread = chosen.gain / math.sqrt(width)
    weights = (torch.randn(width, width, generator=generator, dtype=dtype) * spread for _ in range(depth))
    return Network(chosen, tuple(weights))


def noise(
    inputs: int, width: int, generator: torch.Generator, dtype: torch.dtype = torch.float64
) -> Float[Tensor, "inputs width"]:
    """Inputs of independent standard normal entries."""
    return torch.randn(inputs, width, generator=generator, dtype=dtype)


@dataclass(frozen=True)
class Setting:
    """The size of an experiment: layers and units of each network, and how many inputs it sees."""

    depth: int
    width: int
    inputs: int
    dtype: torch.dtype = torch.float64


@dataclass(frozen=True)
class Trial:
    """A network and its inputs, both drawn by ``generator``, which draws the probes next."""

    network: Network
    inputs: Float[Tensor, "inputs width"]
    generator: torch.Generator


def trial(chosen: Architecture, setting: Setting, seed: int) -> Trial:
    """Draw the weights, then the inputs, from one seed."""
    generator = torch.Generator().manual_seed(seed)
    network = draw(chosen, generator, depth=setting.depth, width=setting.width, dtype=setting.dtype)
    return Trial(network, noise(setting.inputs, setting.width, generator, setting.dtype), generator)
