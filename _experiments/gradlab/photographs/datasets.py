"""Photographs in memory, and what is done with them as tensors: normalised, and masked by their boxes.

Data sets that lie on a disk are opened by name, by :mod:`gradlab.photographs.data_sets`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

# Channel mean and standard deviation of ImageNet's training photographs in [0, 1], as used by every
# torchvision weight enum (``ImageClassification`` preset).
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Photographs:
    """``boxes`` holds (x0, y0, x1, y1) in pixels, half open: x1 and y1 lie one past the object."""

    pixels: UInt8[Tensor, "n 3 h w"]
    labels: Int[Tensor, "n"]
    boxes: Int[Tensor, "n 4"]
    names: tuple[str, ...]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def subset(self, index: Sequence[int] | Int[Tensor, "k"]) -> "Photographs":
        """The photographs at ``index``, in that order."""
        rows = torch.as_tensor(index, dtype=torch.long)
        names = tuple(self.names[i] for i in rows.tolist())
        return Photographs(self.pixels[rows], self.labels[rows], self.boxes[rows], names, self.classes)

    def per_class(self, count: int) -> "Photographs":
        """The first ``count`` photographs of each class: a balanced subset chosen by name order."""
        rows = [torch.nonzero(self.labels == c).flatten()[:count] for c in range(len(self.classes))]
        return self.subset(torch.cat(rows))


def normalise(
    pixels: UInt8[Tensor, "n 3 h w"],
    mean: tuple[float, float, float] = IMAGENET_MEAN,
    std: tuple[float, float, float] = IMAGENET_STD,
    dtype: torch.dtype = torch.float32,
) -> Float[Tensor, "n 3 h w"]:
    """Bytes to a network's input: scaled to [0, 1], then ``mean`` and ``std`` removed from each channel."""
    centre = torch.tensor(mean, device=pixels.device, dtype=dtype).view(1, 3, 1, 1)
    spread = torch.tensor(std, device=pixels.device, dtype=dtype).view(1, 3, 1, 1)
    return (pixels.to(dtype) / 255 - centre) / spread


def box_mask(boxes: Int[Tensor, "n 4"], height: int, width: int) -> Bool[Tensor, "n h w"]:
    """True inside each box."""
    x = torch.arange(width, device=boxes.device)
    y = torch.arange(height, device=boxes.device)
    x0, y0, x1, y1 = (side[:, None] for side in boxes.unbind(1))
    across = (x >= x0) & (x < x1)
    down = (y >= y0) & (y < y1)
    return down[:, :, None] & across[:, None, :]


def tiny_imagenet(split: str, path: Path | None = None) -> Photographs:
    """The project's classes of Tiny ImageNet, ``split`` "train" or "val", in memory.

    Raises :class:`~gradlab.photographs.archives.DataError` when the archive is missing or damaged.
    """
    from gradlab.photographs import tiny_imagenet as zipped  # which makes collections of what stands here

    return zipped.read(split, path).in_memory()
