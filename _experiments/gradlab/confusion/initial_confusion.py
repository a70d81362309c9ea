"""Gradient confusion before training, of many designs on the same pairs of digits.

Each seed draws one set of digits, the same for every design, and one network per design. So two designs can
be compared seed by seed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.confusion import fully_connected, pairs
from gradlab.confusion.fully_connected import Design
from gradlab.confusion.seed_cosines import SeedCosines
from gradlab.photographs import handwriting
from gradlab.statistics.seeds import Spread, spread

NONLINEARITY_NAMES = {"relu": "ReLU", "linear": "linear", "tanh": "tanh"}
"""What tables and figures call the nonlinearities, in their order."""
INITIALISATION_NAMES = {"gaussian": "Gaussian", "orthogonal": "orthogonal"}
"""What tables and figures call the initialisations, in their order."""

_NETWORKS = 1000  # first seed of the networks, apart from those of the digits


def network(design: Design, seed: int) -> list[Tensor]:
    """The untrained network of a seed, in float64; the same one in every measurement."""
    generator = torch.Generator().manual_seed(_NETWORKS + seed)
    return fully_connected.initial(design, handwriting.PIXELS, generator)


def measure(design: Design, samples: int, seeds: int) -> SeedCosines:
    """Cosines of all pairs of ``samples`` digits, for ``seeds`` untrained networks."""
    rows = []
    for seed in range(seeds):
        data = handwriting.sample(samples, torch.Generator().manual_seed(seed))
        table = pairs.gram(design, network(design, seed), data.inputs, data.labels)
        rows.append(pairs.cosines(table))
    return SeedCosines(tuple(rows))


def survey(designs: Iterable[Design], samples: int, seeds: int) -> dict[Design, SeedCosines]:
    """Measure every design once, however often it is named."""
    return {design: measure(design, samples, seeds) for design in dict.fromkeys(designs)}


def incomplete(found: Iterable[SeedCosines], samples: int) -> int:
    """The number of networks in which some sample had no gradient, so that its pairs are missing."""
    complete = samples * (samples - 1) // 2
    return sum(len(row) < complete for cosines in found for row in cosines.rows)


def mean_range(found: Iterable[Spread]) -> float:
    """The largest mean minus the smallest."""
    means = [one.mean for one in found]
    return max(means) - min(means)


def rise(
    cosines: Mapping[Design, SeedCosines], nonlinearity: str, depth: int, widths: tuple[int, int]
) -> Float[Tensor, " seeds"]:
    """By how much the smallest cosine rises from the first width to the second, with Gaussian weights."""
    narrow, wide = (cosines[Design(depth, width, nonlinearity)].smallest() for width in widths)
    return wide - narrow


RISE_HEADS = [
    "network",
    *(f"{what}{end}" for what in ("deep", "shallow", "difference") for end in ("", ", low", ", high")),
]
"""The columns of :func:`rise_rows`."""


def rise_rows(
    rises: Mapping[tuple[str, int], Float[Tensor, " seeds"]], deep: int, shallow: int
) -> list[list[Any]]:
    """A table's rows: the rises of a nonlinearity at two depths, and their difference paired by seed."""
    found = []
    for phi, name in NONLINEARITY_NAMES.items():
        both = rises[phi, deep], rises[phi, shallow]
        spreads = [spread(rises) for rises in (*both, both[0] - both[1])]
        found.append([name, *(end for one in spreads for end in (one.mean, one.low, one.high))])
    return found


def columns(lowest: Mapping[Design, Spread], designs: Iterable[Design]) -> dict[str, list[Any]]:
    """The numbers behind a figure: one entry per design, from the spread of its smallest cosines."""
    shown = list(designs)
    return {
        "nonlinearity": [NONLINEARITY_NAMES[d.nonlinearity] for d in shown],
        "initialisation": [d.initialisation for d in shown],
        "depth": [d.depth for d in shown],
        "width": [d.width for d in shown],
        "mean smallest cosine": [lowest[d].mean for d in shown],
        "standard deviation": [lowest[d].sd for d in shown],
        "low": [lowest[d].low for d in shown],
        "high": [lowest[d].high for d in shown],
    }


def depth_rows(lowest: Mapping[Design, Spread], depths: Sequence[int], width: int) -> list[list[Any]]:
    """A table's rows: a nonlinearity, an initialisation, and the mean smallest cosine at each depth."""
    return [
        [phi_name, kind_name, *(lowest[Design(depth, width, phi, kind)].mean for depth in depths)]
        for phi, phi_name in NONLINEARITY_NAMES.items()
        for kind, kind_name in INITIALISATION_NAMES.items()
    ]
