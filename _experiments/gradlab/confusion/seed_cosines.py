"""Cosines of all pairs of gradients, found once for each seed, and what sums them up."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from scipy import stats
from torch import Tensor

from gradlab.statistics.seeds import Spread, spread

_STRIDE = 16  # of the pairs in a density: the curve is the same, and sixteen times cheaper


@dataclass(frozen=True)
class SeedCosines:
    """One row of cosines per seed. A row is shorter if a sample had no gradient, and so no cosines."""

    rows: tuple[Float[Tensor, " _"], ...]

    def smallest(self) -> Float[Tensor, " seeds"]:
        """The smallest cosine of each seed: the lower, the more two gradients are opposed."""
        return torch.stack([row.min() for row in self.rows])

    def medians(self) -> Float[Tensor, " seeds"]:
        """The median cosine of each seed: of an even number, the lower of the two in the middle."""
        return torch.stack([row.median() for row in self.rows])

    def negative_shares(self) -> Float[Tensor, " seeds"]:
        """The share of each seed's pairs whose gradients are opposed."""
        return torch.stack([(row < 0).double().mean() for row in self.rows])

    def density(self, points: Float[np.ndarray, " m"]) -> Float[np.ndarray, " m"]:
        """The Gaussian kernel density of all seeds' cosines together, from every 16th pair."""
        found: np.ndarray = stats.gaussian_kde(torch.cat(self.rows)[::_STRIDE].numpy())(points)
        return found


def change(first: SeedCosines, second: SeedCosines) -> Spread:
    """The change of the smallest cosine from ``first`` to ``second``, paired by seed."""
    return spread(second.smallest() - first.smallest())
