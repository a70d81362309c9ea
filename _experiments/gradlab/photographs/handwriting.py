"""scikit-learn's handwritten digits as plain vectors: 1,797 pictures of 8 x 8 pixels that ship with it.

Every pixel is divided by 16 (its largest value), the mean picture of the whole set is removed, and the
set is scaled so that the mean square length of a vector is the number of pixels, 64.
"""

from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Float, Int
from sklearn.datasets import load_digits
from torch import Tensor

PIXELS = 64


@dataclass(frozen=True)
class Vectors:
    """Inputs with one class index each."""

    inputs: Float[Tensor, "n 64"]
    labels: Int[Tensor, " n"]

    def __len__(self) -> int:
        return len(self.labels)

    def to(self, dtype: torch.dtype) -> "Vectors":
        """The same vectors in another floating-point type."""
        return Vectors(self.inputs.to(dtype), self.labels)


@cache
def digits() -> Vectors:
    """All digits in the order of the package, in float64."""
    loaded = load_digits()
    inputs = torch.tensor(loaded.data, dtype=torch.float64) / 16
    centred = inputs - inputs.mean(0)
    return Vectors(centred / centred.square().mean().sqrt(), torch.tensor(loaded.target, dtype=torch.long))


def sample(count: int, generator: torch.Generator) -> Vectors:
    """``count`` different digits, drawn at random."""
    everything = digits()
    if not 0 < count <= len(everything):
        raise ValueError(f"{count} digits asked for; there are {len(everything)}")
    chosen = torch.randperm(len(everything), generator=generator)[:count]
    return Vectors(everything.inputs[chosen], everything.labels[chosen])


def pair(first: int, second: int, count: int, generator: torch.Generator) -> Vectors:
    """``count`` digits of two classes; ``first`` is labelled -1 and ``second`` +1."""
    everything = digits()
    either = torch.nonzero((everything.labels == first) | (everything.labels == second)).flatten()
    if not 0 < count <= len(either):
        raise ValueError(f"{count} digits asked for; {len(either)} show a {first} or a {second}")
    chosen = either[torch.randperm(len(either), generator=generator)[:count]]
    signs = torch.where(everything.labels[chosen] == second, 1, -1)
    return Vectors(everything.inputs[chosen], signs)


def orthonormal(inputs: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    """The nearest matrix (Frobenius norm) with orthonormal rows: the polar factor of ``inputs``.

    ``inputs`` needs full row rank, so there can be no more rows than columns.
    """
    left, singular, right = torch.linalg.svd(inputs, full_matrices=False)
    if len(inputs) > inputs.shape[1] or singular[-1] <= 1e-10 * singular[0]:
        raise ValueError(f"{len(inputs)} rows in {inputs.shape[1]} dimensions are not linearly independent")
    nearest: Tensor = left @ right
    return nearest
