"""Gradient confusion on orthogonal inputs: are the gradients orthogonal as well?

The inputs are digits turned into the nearest orthonormal vectors. A linear model keeps them apart, by the
layer-wise form in :mod:`gradlab.confusion.pairs`; what a deep network does depends on its weights.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from gradlab.confusion import initial_confusion, pairs
from gradlab.confusion.fully_connected import Design
from gradlab.confusion.initial_confusion import INITIALISATION_NAMES, NONLINEARITY_NAMES
from gradlab.photographs import handwriting
from gradlab.photographs.handwriting import Vectors
from gradlab.statistics.seeds import spread

LENGTH = 8  # of every input, as of a digit: the root of 64 pixels


@dataclass(frozen=True)
class Case:
    """A network of some width; depth 1 is a single linear map."""

    nonlinearity: str
    initialisation: str
    depth: int


@dataclass(frozen=True)
class Reach:
    """The smallest and the largest cosine of a pair, for each seed."""

    smallest: Float[np.ndarray, " seeds"]
    largest: Float[np.ndarray, " seeds"]

    @property
    def worst(self) -> float:
        """The largest absolute cosine of all seeds."""
        return float(np.abs([self.smallest, self.largest]).max())


def linear_map_table(
    weight: Float[Tensor, "classes d"], inputs: Float[Tensor, "n d"], labels: Int[Tensor, " n"]
) -> Float[Tensor, "n n"]:
    """Inner products of the per-sample gradients of one linear map under cross-entropy."""
    logits = inputs @ weight.detach().requires_grad_().mT
    (delta,) = torch.autograd.grad(F.cross_entropy(logits, labels, reduction="sum"), [logits])
    return pairs.sum_of_products([inputs], (delta,))


def _table(case: Case, width: int, data: Vectors, seed: int) -> Float[Tensor, "n n"]:
    if case.depth == 1:
        # The last matrix of a network as wide as the input is a map from inputs to classes.
        design = Design(2, handwriting.PIXELS, "linear", case.initialisation)
        return linear_map_table(initial_confusion.network(design, seed)[-1], data.inputs, data.labels)
    design = Design(case.depth, width, case.nonlinearity, case.initialisation)
    return pairs.gram(design, initial_confusion.network(design, seed), data.inputs, data.labels)


def reach(case: Case, width: int, samples: int, seeds: int) -> Reach:
    """How far the cosines of untrained networks go from zero on ``samples`` orthogonal inputs."""
    found = []
    for seed in range(seeds):
        digits = handwriting.sample(samples, torch.Generator().manual_seed(seed))
        data = Vectors(LENGTH * handwriting.orthonormal(digits.inputs), digits.labels)
        cosines = pairs.cosines(_table(case, width, data, seed))
        found.append([float(cosines.min()), float(cosines.max())])
    smallest, largest = np.array(found).T
    return Reach(smallest, largest)


def survey(
    networks: Iterable[tuple[str, str]], depths: Sequence[int], width: int, samples: int, seeds: int
) -> dict[Case, Reach]:
    """The reach of every network (nonlinearity and initialisation) at every depth.

    Depth 1 is left out for networks that are not linear: a single map has no nonlinearity.
    """
    cases = [Case(phi, kind, depth) for phi, kind in networks for depth in depths]
    measured = [case for case in cases if case.depth > 1 or case.nonlinearity == "linear"]
    return {case: reach(case, width, samples, seeds) for case in measured}


def by_depth(reaches: Mapping[Case, Reach], nonlinearity: str, initialisation: str) -> dict[int, Reach]:
    """What was measured of one network, by its depth."""
    network = (nonlinearity, initialisation)
    return {
        case.depth: found
        for case, found in reaches.items()
        if (case.nonlinearity, case.initialisation) == network
    }


def heads(networks: Iterable[tuple[str, str]]) -> list[str]:
    """The table's columns: the depth, then one for each nonlinearity and initialisation."""
    return ["depth", *(f"{NONLINEARITY_NAMES[phi]}, {INITIALISATION_NAMES[kind]}" for phi, kind in networks)]


def rows(
    reaches: Mapping[Case, Reach], networks: Sequence[tuple[str, str]], depths: Iterable[int]
) -> list[list[Any]]:
    """The table's rows: the mean smallest cosine, or None where nothing was measured."""

    def mean(case: Case) -> float | None:
        return spread(reaches[case].smallest).mean if case in reaches else None

    return [[depth, *(mean(Case(phi, kind, depth)) for phi, kind in networks)] for depth in depths]
