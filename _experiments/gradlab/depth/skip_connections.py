"""What skip connections do to a network: they dilute its blocks and slow the growth of its GSC.

Intervals are 95 % t intervals over seeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from gradlab.depth import dilution, multilayer
from gradlab.depth.gsc_growth import Growth
from gradlab.depth.multilayer import Architecture, Setting
from gradlab.statistics.paired import Interval
from gradlab.statistics.seeds import geometric_interval, mean_interval


@dataclass(frozen=True)
class BlockDilution:
    """Squared dilution of each block of one residual network.

    It is the mean square of what the shortcut carries, divided by that of what the branch adds.
    """

    architecture: Architecture
    squares: Float[np.ndarray, "seeds blocks"]

    @property
    def numbers(self) -> list[int]:
        """The blocks, counted from 1 at the inputs."""
        return list(range(1, self.squares.shape[1] + 1))

    @property
    def by_block(self) -> list[Interval]:
        """Mean over seeds of each block."""
        return [mean_interval(block.tolist()) for block in self.squares.T]

    @property
    def slope(self) -> Interval:
        """By how much the squared dilution grows from block to block: a straight line for each seed."""
        return mean_interval([float(np.polyfit(self.numbers, row, 1)[0]) for row in self.squares])


def block_dilution(chosen: Architecture, setting: Setting, seeds: Sequence[int]) -> BlockDilution:
    """Measure every block of a residual network on its inputs."""
    squares = []
    for seed in seeds:
        trial = multilayer.trial(chosen, setting, seed)
        parts = dilution.residual_parts(trial.network, trial.inputs)
        squares.append([part.k**2 for part in parts])
    return BlockDilution(chosen, np.array(squares))


def reduction(plain: Growth, residual: Growth) -> Interval:
    """Geometric mean over seeds of the GSC without skip connections, divided by that with them."""
    pairs = zip(plain.profiles, residual.profiles, strict=True)
    return geometric_interval([float(a.gsc[-1]) / float(b.gsc[-1]) for a, b in pairs])


def columns(found: Sequence[Growth], blocks: BlockDilution) -> Mapping[str, Sequence[str | float]]:
    """Columns with the GSC of each state of each network, then the squared dilution of each block."""
    points = [
        (growth.architecture.title, "GSC", layer, interval)
        for growth in found
        for layer, interval in zip(growth.depths, growth.curve, strict=True)
    ]
    title, quantity = blocks.architecture.title, "k squared of the block above"
    layers = range(0, blocks.architecture.skip * len(blocks.numbers), blocks.architecture.skip)
    points += [(title, quantity, *point) for point in zip(layers, blocks.by_block, strict=True)]
    return {
        "architecture": [title for title, *_ in points],
        "quantity": [quantity for _, quantity, *_ in points],
        "layer": [layer for _, _, layer, _ in points],
        "mean": [interval.mean for *_, interval in points],
        "low": [interval.low for *_, interval in points],
        "high": [interval.high for *_, interval in points],
    }
