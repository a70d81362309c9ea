"""Training at the best of several learning rates."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.confusion import descent, initial_confusion
from gradlab.confusion.descent import Stack
from gradlab.confusion.fully_connected import Design
from gradlab.photographs.handwriting import Vectors
from gradlab.statistics.seeds import Spread, spread

LAST = 10  # steps whose mean loss is the final one


@dataclass(frozen=True)
class Regime:
    """Every design is trained from ``seeds`` initial networks, ``steps`` mini-batches each."""

    seeds: int
    steps: int
    batch_size: int


@dataclass(frozen=True)
class Tuned:
    """The best rate, the losses of its networks before each step, and their first and last weights."""

    rate: float
    losses: Float[Tensor, "seeds steps"]
    start: Stack
    end: Stack

    def final_loss(self) -> Spread:
        """The mean loss of the last steps, in nats."""
        return spread(final(self.losses))


def final(losses: Float[Tensor, "members steps"]) -> Float[Tensor, " members"]:
    """The mean over the last steps of each member."""
    return losses[:, -LAST:].mean(1)


def tune(design: Design, rates: Sequence[float], data: Vectors, regime: Regime) -> Tuned:
    """Train every rate from the same initial networks; keep the one with the smallest mean final loss."""
    seeds = regime.seeds
    networks = [initial_confusion.network(design, seed) for seed in range(seeds)]
    stacked = descent.stack([network for _ in rates for network in networks])
    batches = descent.minibatches(
        len(data), regime.batch_size, regime.steps, torch.Generator().manual_seed(0)
    )
    course = descent.train(design, stacked, data, torch.tensor(rates).repeat_interleave(seeds), batches)
    best = descent.best_rate(final(course.losses).reshape(len(rates), seeds))
    members = slice(best * seeds, (best + 1) * seeds)
    return Tuned(
        rates[best],
        course.losses[members],
        tuple(weight[members] for weight in stacked),
        tuple(weight[members] for weight in course.weights),
    )
