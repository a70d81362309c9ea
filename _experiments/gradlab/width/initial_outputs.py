"""How the output of a random ReLU network is distributed over its initialisations.

The network has ``hidden`` ReLU layers of ``width`` units, no biases, and normal weights of variance 2/fan-in
(1/fan-in for the output layer, which changes its scale and nothing else). For one input the output, given
all layers but the last, is normal with a random variance ``q``; its excess kurtosis is therefore

    3 E[q^2] / E[q]^2 - 3 = 3 [(1 + 5/width)^hidden - 1],

exactly, because every layer multiplies ``q`` by an independent mean of ``width`` terms ``2 relu(z)^2`` with
``z`` standard normal, whose first moment is 1 and whose second moment is 6. Nothing is approximated: the
formula says how fast, in width and depth, the output becomes Gaussian.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def exact_excess_kurtosis(width: int, hidden: int) -> float:
    """The closed form above: 0 for a Gaussian."""
    return 3 * ((1 + 5 / width) ** hidden - 1)


def outputs(
    width: int, hidden: int, count: int, generator: torch.Generator, chunk: int = 5_000
) -> Float[Tensor, " count"]:
    """The output of ``count`` networks for one input of unit mean square, from all their weights."""
    found = []
    for start in range(0, count, chunk):
        size = min(chunk, count - start)
        # One entry of unit variance per unit: the first layer sees an input of unit mean square.
        h = torch.randn(size, width, generator=generator) * math.sqrt(2)
        for _ in range(hidden - 1):
            weights = torch.randn(size, width, width, generator=generator) * math.sqrt(2 / width)
            h = torch.einsum("nij,nj->ni", weights, h.relu())
        readout = torch.randn(size, width, generator=generator) / math.sqrt(width)
        found.append((readout * h.relu()).sum(1))
    return torch.cat(found)


def variances(width: int, hidden: int, count: int, generator: torch.Generator) -> Float[Tensor, " count"]:
    """The output's variance given all layers but the last, for ``count`` networks.

    Drawn by its law, one layer after the other: given the layer below, the pre-activations of a layer are
    independent normal variables, so no weight matrix is needed.
    """
    q = torch.ones(count, dtype=torch.float64)
    for _ in range(hidden):
        z = torch.randn(count, width, generator=generator, dtype=torch.float32)
        q = q * (2 * z.relu().square().double().mean(1))
    return q


def direct_excess_kurtosis(values: Float[Tensor, " count"]) -> float:
    """Fourth moment over squared second moment, minus 3, of outputs whose mean is known to be zero."""
    squares = values.double().square()
    return float(squares.square().mean() / squares.mean() ** 2) - 3


def conditional_excess_kurtosis(q: Float[Tensor, " count"]) -> float:
    """3 E[q^2] / E[q]^2 - 3 from conditional variances: the same quantity with far less noise."""
    return float(3 * q.square().mean() / q.mean() ** 2) - 3
