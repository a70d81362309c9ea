"""How the length of a sum of random vectors grows with their number."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float

from gradlab.statistics import paired


def sum_lengths(
    sizes: Sequence[int], repetitions: int, seed: int, sums: int = 500
) -> Float[np.ndarray, "repetitions sizes"]:
    """Root mean square length of ``sums`` sums, each of as many standard normal vectors as ``sizes`` says."""
    generator = torch.Generator().manual_seed(seed)
    return np.array(
        [
            [
                float(torch.randn(sums, size, 2, generator=generator).sum(1).square().sum(1).mean().sqrt())
                for size in sizes
            ]
            for _ in range(repetitions)
        ]
    )


def exponents(sizes: Sequence[int], lengths: Float[np.ndarray, "repetitions sizes"]) -> list[float]:
    """The power of the size with which each repetition's length grows: a slope between logarithms."""
    return [paired.slope(np.log(sizes), np.log(row)).mean for row in lengths]
