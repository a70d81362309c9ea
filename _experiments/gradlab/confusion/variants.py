"""Variants of one deep network, trained and compared by the gradients of mini-batches.

With batch norm a single sample has no gradient of its own, hence mini-batches for all variants.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from gradlab.confusion import descent, pairs, tuning
from gradlab.confusion.descent import Stack
from gradlab.confusion.fully_connected import Design
from gradlab.confusion.seed_cosines import SeedCosines
from gradlab.confusion.tuning import Regime, Tuned
from gradlab.photographs.handwriting import Vectors
from gradlab.statistics.seeds import spread

_PAIRS = 2000  # first seed of the mini-batches that are compared
HEADS = ["variant", "loss", "median before", "smallest before", "median after", "smallest after"]
"""The columns of :func:`rows`."""


@dataclass(frozen=True)
class Variant:
    """A design and the learning rates that are tried for it."""

    design: Design
    rates: tuple[float, ...]


@dataclass(frozen=True)
class Trained:
    """A variant at its best rate, and the cosines of mini-batch gradients before and after training."""

    tuned: Tuned
    before: SeedCosines
    after: SeedCosines


def minibatch_cosines(
    design: Design, weights: Stack, data: Vectors, batch_size: int, batches: int
) -> SeedCosines:
    """Cosines of all pairs of ``batches`` mini-batch gradients, for each network of the stack."""
    rows = []
    for seed in range(len(weights[0])):
        generator = torch.Generator().manual_seed(_PAIRS + seed)
        chosen = descent.minibatches(len(data), batch_size, batches, generator)
        gradients = pairs.minibatch_gradients(
            design, descent.member(weights, seed), data.inputs[chosen], data.labels[chosen]
        )
        rows.append(pairs.cosines(pairs.products(gradients.double())))
    return SeedCosines(tuple(rows))


def train(variant: Variant, data: Vectors, regime: Regime, batches: int) -> Trained:
    """Train a variant, and compare ``batches`` mini-batches before and after."""
    tuned = tuning.tune(variant.design, variant.rates, data, regime)
    before, after = (
        minibatch_cosines(variant.design, weights, data, regime.batch_size, batches)
        for weights in (tuned.start, tuned.end)
    )
    return Trained(tuned, before, after)


def rows(trained: Mapping[str, Trained]) -> list[list[Any]]:
    """A table's rows under :data:`HEADS`: means over seeds, the loss in nats."""
    return [
        [name, one.tuned.final_loss().mean]
        + [
            spread(column).mean
            for cosines in (one.before, one.after)
            for column in (cosines.medians(), cosines.smallest())
        ]
        for name, one in trained.items()
    ]
