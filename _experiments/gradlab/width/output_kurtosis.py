"""The excess kurtosis of a random network's output: its formula beside two estimates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from scipy import stats

from gradlab.statistics.seeds import Spread, spread
from gradlab.width import initial_outputs

_DIRECT = 7000  # first seed of the whole networks, apart from those of the conditional variances


@dataclass(frozen=True)
class Kurtosis:
    """By the formula, from conditional variances, and (None: not estimated) from whole networks."""

    width: int
    hidden: int
    exact: float
    conditional: Spread
    direct: Spread | None

    @property
    def deviation(self) -> float:
        """The relative difference of the conditional estimate from the formula, without its sign."""
        return abs(self.conditional.mean - self.exact) / self.exact


def conditional(width: int, hidden: int, batches: int) -> Spread:
    """The estimate from conditional variances, over ``batches``; narrow networks are drawn more often."""
    networks = max(10_000, 1_500_000 // width)
    generator = torch.Generator().manual_seed(width * 100 + hidden)
    drawn = (initial_outputs.variances(width, hidden, networks, generator) for _ in range(batches))
    return spread([initial_outputs.conditional_excess_kurtosis(q) for q in drawn])


def direct(width: int, hidden: int, networks: int, batches: int) -> Spread:
    """The estimate from the outputs of whole networks, over ``batches`` of ``networks`` each."""
    generator = torch.Generator().manual_seed(_DIRECT + width * 100 + hidden)
    drawn = (initial_outputs.outputs(width, hidden, networks, generator) for _ in range(batches))
    return spread([initial_outputs.direct_excess_kurtosis(values) for values in drawn])


def compare(
    widths: Sequence[int],
    hidden_layers: Iterable[int],
    batches: int,
    whole_networks: Mapping[tuple[int, int], Spread],
) -> dict[tuple[int, int], Kurtosis]:
    """All three for each width and number of hidden layers; ``whole_networks`` has the direct estimates."""
    return {
        (width, hidden): Kurtosis(
            width,
            hidden,
            initial_outputs.exact_excess_kurtosis(width, hidden),
            conditional(width, hidden, batches),
            whole_networks.get((width, hidden)),
        )
        for hidden in hidden_layers
        for width in widths
    }


def output_density(
    width: int, hidden: int, networks: int, points: Float[np.ndarray, " m"]
) -> Float[np.ndarray, " m"]:
    """The density of the output: the mixture of the normal densities of ``networks``.

    A layer whose units are all silent makes the output exactly zero. No density shows that, so what is
    missing from an integral of 1 is the share of such networks.
    """
    q = initial_outputs.variances(width, hidden, networks, torch.Generator().manual_seed(width))
    alive = q[q > 0].sqrt().numpy()[:, None]
    found: np.ndarray = stats.norm.pdf(points, scale=alive).sum(0) / len(q)
    return found


def columns(found: Iterable[Kurtosis]) -> dict[str, list[Any]]:
    """The numbers behind the figure, one entry per network."""
    shown = list(found)
    return {
        "width": [k.width for k in shown],
        "hidden layers": [k.hidden for k in shown],
        "exact": [k.exact for k in shown],
        "conditional": [k.conditional.mean for k in shown],
        "low": [k.conditional.low for k in shown],
        "high": [k.conditional.high for k in shown],
        "direct": [_mean(k.direct) for k in shown],
    }


HEADS = ["width", "hidden layers", "exact", "conditional", "direct"]
"""The columns of :func:`rows`."""


def rows(found: Iterable[Kurtosis], widths: Sequence[int]) -> list[list[Any]]:
    """A table's rows under :data:`HEADS`, for some of the widths."""
    return [
        [k.width, k.hidden, k.exact, k.conditional.mean, _mean(k.direct)] for k in found if k.width in widths
    ]


def _mean(found: Spread | None) -> float | None:
    return None if found is None else found.mean
