"""How each network is trained: cycles of the learning rate, image sizes, optimizer.

Sources of the recipes stand in :mod:`gradlab.photographs.training`, which follows them.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Cycle:
    """One rise and fall of the rate. ``stages`` are (epochs, image side in pixels), in order;
    ``smallest_crop`` is a share of the photograph's area.
    """

    stages: tuple[tuple[int, int], ...]
    peak_rate: float
    smallest_crop: float = 0.35

    @property
    def epochs(self) -> int:
        """How many it lasts."""
        return sum(epochs for epochs, _ in self.stages)

    def rate(self, progress: float) -> float:
        """The rate at ``progress`` in [0, 1]: linear up over a quarter, then a cosine to zero."""
        rise = 0.25
        if progress < rise:
            return self.peak_rate * (0.04 + 0.96 * progress / rise)
        return self.peak_rate * 0.5 * (1 + math.cos(math.pi * (progress - rise) / (1 - rise)))


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; rates are per step of ``batch`` photographs.

    ``optimizer`` is "sgd" or "adamw", where ``momentum`` is the first moment's decay. With
    ``shallow_start`` the network begins as :func:`shallow` makes it.
    """

    network: str
    cycles: tuple[Cycle, ...]
    batch: int = 128
    optimizer: str = "sgd"
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    shallow_start: bool = False

    @property
    def epochs(self) -> int:
        """Of all cycles together."""
        return sum(cycle.epochs for cycle in self.cycles)

    def _cycle(self, epoch: int) -> tuple[Cycle, int]:
        """The cycle of an epoch (counted from 0), and the epoch counted from that cycle's start."""
        for cycle in self.cycles:
            if epoch < cycle.epochs:
                return cycle, epoch
            epoch -= cycle.epochs
        raise ValueError(f"the recipe has {self.epochs} epochs")

    def side(self, epoch: int) -> int:
        """The image side of an epoch (counted from 0)."""
        cycle, within = self._cycle(epoch)
        sides = [side for epochs, side in cycle.stages for _ in range(epochs)]
        return sides[within]

    def smallest_crop(self, epoch: int) -> float:
        """The smallest crop's share of the area in an epoch (counted from 0)."""
        return self._cycle(epoch)[0].smallest_crop

    def rate(self, epoch: int, share: float) -> float:
        """The rate in an epoch (counted from 0) of which ``share`` is done."""
        cycle, within = self._cycle(epoch)
        return cycle.rate((within + share) / cycle.epochs)


RECIPES = {
    "resnet18": Recipe(
        "resnet18",
        (Cycle(((8, 48), (6, 64)), 0.1), Cycle(((5, 64),), 0.02), Cycle(((3, 64),), 0.01, smallest_crop=0.8)),
    ),
    "vgg16": Recipe(
        "vgg16", (Cycle(((10, 32), (5, 48), (1, 64)), 0.05), Cycle(((1, 64),), 0.01, smallest_crop=0.8))
    ),
    "efficientnet_b0": Recipe(
        "efficientnet_b0",
        (Cycle(((11, 48), (6, 64)), 2e-3), Cycle(((3, 64),), 3e-4, smallest_crop=0.8)),
        batch=32,
        optimizer="adamw",
        weight_decay=0.05,
        shallow_start=True,
    ),
}
