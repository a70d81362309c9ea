"""Confusion before training beside the loss that a tuned run of the same length reaches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

from gradlab.confusion import tuning
from gradlab.confusion.fully_connected import Design
from gradlab.confusion.seed_cosines import SeedCosines
from gradlab.confusion.tuning import Regime
from gradlab.photographs.handwriting import Vectors
from gradlab.statistics.seeds import Spread, spread


@dataclass(frozen=True)
class Architecture:
    """A design, its smallest cosine before training, and its loss (nats) after training at the best rate."""

    design: Design
    cosine: Spread
    loss: Spread


def measure(
    untrained: Mapping[Design, SeedCosines], rates: Sequence[float], data: Vectors, regime: Regime
) -> list[Architecture]:
    """Train every design whose cosines before training are given."""
    return [
        Architecture(
            design,
            spread(cosines.smallest()),
            tuning.tune(design, rates, data, regime).final_loss(),
        )
        for design, cosines in untrained.items()
    ]


def rank_correlation(architectures: Sequence[Architecture]) -> float:
    """Spearman's correlation of the smallest cosine with the final loss, over architectures."""
    found = stats.spearmanr([a.cosine.mean for a in architectures], [a.loss.mean for a in architectures])
    return float(found.statistic)


def columns(architectures: Sequence[Architecture]) -> dict[str, list[Any]]:
    """The numbers behind the figure, one entry per architecture."""
    return {
        "depth": [a.design.depth for a in architectures],
        "width": [a.design.width for a in architectures],
        "smallest cosine": [a.cosine.mean for a in architectures],
        "final loss": [a.loss.mean for a in architectures],
    }
