"""Handwritten digits placed in clutter, with the exact box of each: a data set that ships with a package.

scikit-learn's 1,797 digits (8 x 8 pixels) are enlarged to 12 x 12 and put at a random place of a 32 x 32
picture full of fragments cut from other digits. A digit is used either for training or for testing,
never for both, and so are the digits that fragments are cut from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import torch
from jaxtyping import Float, Int
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn import functional as F

CLASSES = 10
SIDE = 32
DIGIT = 12
FRAGMENT = 5
FRAGMENTS = 10
TEST_SHARE = 4  # every fourth digit is for testing


@dataclass(frozen=True)
class Pictures:
    """``boxes`` holds (x0, y0, x1, y1) in pixels, half open."""

    pixels: Float[Tensor, "n 1 32 32"]
    labels: Int[Tensor, "n"]
    boxes: Int[Tensor, "n 4"]

    def __len__(self) -> int:
        return len(self.labels)

    def subset(self, index: Sequence[int]) -> "Pictures":
        """The pictures at ``index``, in that order."""
        rows = list(index)
        return Pictures(self.pixels[rows], self.labels[rows], self.boxes[rows])


@cache
def _digits() -> tuple[Float[Tensor, "n 12 12"], Int[Tensor, "n"]]:
    loaded = load_digits()
    small = torch.tensor(loaded.images, dtype=torch.float32)[:, None] / 16
    large = F.interpolate(small, size=(DIGIT, DIGIT), mode="bilinear", align_corners=False)
    return large[:, 0], torch.tensor(loaded.target)


def split(part: str) -> tuple[Float[Tensor, "n 12 12"], Int[Tensor, "n"]]:
    """Digits and labels of ``part`` "train" or "test" (every fourth digit)."""
    digits, labels = _digits()
    testing = torch.arange(len(labels)) % TEST_SHARE == 0
    if part not in ("train", "test"):
        raise ValueError(f"part is 'train' or 'test', not {part!r}")
    chosen = testing if part == "test" else ~testing
    return digits[chosen], labels[chosen]


def _paste(pixels: Tensor, patches: Tensor, left: Tensor, top: Tensor) -> None:
    """Write each patch over its picture at its own place (in place, keeping the brighter pixel)."""
    n, size = len(patches), patches.shape[-1]
    offset = torch.arange(size)
    rows = (top[:, None] + offset)[:, :, None].expand(n, size, size)
    columns = (left[:, None] + offset)[:, None, :].expand(n, size, size)
    picture = torch.arange(n)[:, None, None].expand(n, size, size)
    pixels[picture, rows, columns] = torch.maximum(pixels[picture, rows, columns], patches)


def place(part: str, count: int, seed: int) -> Pictures:
    """``count`` pictures: digits drawn from ``part``, places and clutter from ``seed``.

    Pixels are centred to mean zero per picture and scaled to about unit deviation.
    """
    digits, labels = split(part)
    generator = torch.Generator().manual_seed(seed)

    def draw(high: int) -> Tensor:
        return torch.randint(high, (count,), generator=generator)

    pixels = 0.15 * torch.rand(count, SIDE, SIDE, generator=generator)
    for _ in range(FRAGMENTS):
        source, x, y = draw(len(digits)), draw(DIGIT - FRAGMENT + 1), draw(DIGIT - FRAGMENT + 1)
        offset = torch.arange(FRAGMENT)
        rows, columns = (y[:, None] + offset)[:, :, None], (x[:, None] + offset)[:, None]
        fragments = digits[source[:, None, None], rows, columns]
        _paste(pixels, fragments, draw(SIDE - FRAGMENT + 1), draw(SIDE - FRAGMENT + 1))
    chosen, left, top = draw(len(digits)), draw(SIDE - DIGIT + 1), draw(SIDE - DIGIT + 1)
    offset = torch.arange(DIGIT)
    rows = (top[:, None] + offset)[:, :, None].expand(count, DIGIT, DIGIT)
    columns = (left[:, None] + offset)[:, None, :].expand(count, DIGIT, DIGIT)
    # The digit stands on its own ground: fragments under it would change what it is.
    pixels[torch.arange(count)[:, None, None].expand_as(rows), rows, columns] = digits[chosen]
    centred = pixels - pixels.mean((1, 2), keepdim=True)
    return Pictures(
        (centred / 0.3)[:, None],
        labels[chosen],
        torch.stack([left, top, left + DIGIT, top + DIGIT], dim=1),
    )
