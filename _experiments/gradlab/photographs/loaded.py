"""A network with weights, and what it expects: how pixels are normalised, the side, its classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn

from gradlab.photographs import archives, datasets
from gradlab.photographs.weight_files import WeightsError

ILSVRC_CLASSES = 1000


@dataclass(frozen=True, eq=False)
class Loaded:
    """``network`` evaluates photographs of ``side`` pixels; ``mean`` and ``std`` are of pixels in [0, 1].

    ``wnids`` are the WordNet ids of its outputs in order; None stands for the 1,000 of ILSVRC2012, sorted.
    """

    network: nn.Module
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    side: int
    wnids: tuple[str, ...] | None = None

    def normalise(
        self, pixels: UInt8[Tensor, "n 3 h w"], dtype: torch.dtype = torch.float32
    ) -> Float[Tensor, "n 3 h w"]:
        """Bytes to the network's input."""
        return datasets.normalise(pixels, self.mean, self.std, dtype)

    def outputs(self, wnids: Sequence[str]) -> Int[Tensor, " classes"]:
        """For each class of a data set, by its WordNet id, the index of the network's output.

        A WeightsError names a class that the network does not know.
        """
        if self.wnids is not None:
            places = {wnid: index for index, wnid in enumerate(self.wnids)}
        elif len(wnids) == ILSVRC_CLASSES:
            places = {wnid: index for index, wnid in enumerate(sorted(wnids))}
        else:
            places = archives.ilsvrc_places()
        if unknown := [wnid for wnid in wnids if wnid not in places]:
            raise WeightsError(
                f"which outputs belong to {len(unknown)} of {len(wnids)} classes is not known, first "
                f"{unknown[0]}: the network has the classes of "
                + (f"{self.wnids[0]} ... {self.wnids[-1]}" if self.wnids else _ILSVRC)
            )
        return torch.tensor([places[wnid] for wnid in wnids], dtype=torch.long)


_ILSVRC = (
    "ILSVRC2012, whose order is known from a data set that has all 1,000, or for classes in "
    f"{archives.CLASS_FILE.name}"
)
