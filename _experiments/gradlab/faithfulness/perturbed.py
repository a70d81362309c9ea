"""What the class's probability does when pixels are taken away or put back in the order of a map.

Deletion and insertion (Petsiuk et al. 2018, arXiv:1806.07421) and ROAD's curves, most (MoRF) and least
(LeRF) relevant pixels first (Rong et al. 2022, arXiv:2202.00449). Each metric is the mean of the class's
probability: over fractions from none to all (the area under the curve, by trapezoids) for insertion and
deletion, over the given fractions for ROAD.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from gradlab.faithfulness.imputation import imputed
from gradlab.photographs import torchvision_ops

torchvision_ops.ensure_schemas()  # before torchvision: it may not import otherwise
from torchvision.transforms.functional import gaussian_blur  # noqa: E402


def place(maps: Float[Tensor, "n h w"], ties: Int[Tensor, "n p"]) -> Int[Tensor, "n h w"]:
    """The place of every pixel in its map, zero for the largest value; equal values fall in the order of the
    permutation ``ties``, so that a flat map takes no pixel first because of where it lies.
    """
    values = maps.flatten(1).gather(1, ties)
    order = ties.gather(1, values.argsort(dim=1, descending=True, stable=True))
    return order.argsort(dim=1).view_as(maps)


@dataclass(frozen=True)
class Removal:
    """How pixels are removed: the fractions of both kinds of curves, and the blur that insertion begins with.

    ``blur`` is the standard deviation in pixels; what deletion leaves is the mean colour (zero).
    """

    fractions: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4, 0.7)
    imputed: tuple[float, ...] = (0.1, 0.3, 0.5)
    blur: float = 5.0


@dataclass(frozen=True)
class Scene:
    """Photographs of one batch as a network takes them, and what replaces their pixels.

    ``outputs`` is the network's output of each photograph's class, ``noise`` what imputation adds, ``ties``
    a permutation of each photograph's pixels. ``most`` pictures are sent through at once and ``filled`` are
    imputed at once: few, where a cache is to hold them.
    """

    network: nn.Module
    images: Float[Tensor, "n c h w"]
    outputs: Int[Tensor, "n"]
    noise: Float[Tensor, "n c h w"]
    ties: Int[Tensor, "n p"]
    removal: Removal = field(default_factory=Removal)
    most: int = 100
    filled: int = 16

    def blurred(self) -> Float[Tensor, "n c h w"]:
        """The photographs out of focus."""
        width = 2 * round(2 * self.removal.blur) + 1  # two standard deviations to each side
        found: Tensor = gaussian_blur(self.images, [width, width], [self.removal.blur] * 2)
        return found

    @torch.inference_mode()
    def probability(self, pictures: Float[Tensor, "m c h w"]) -> Float[Tensor, "m"]:
        """Of each picture's class; the pictures are all photographs, as often as ``m`` says."""
        outputs = self.outputs.repeat(len(pictures) // len(self.outputs))
        parts = [self.network(part).double().softmax(1) for part in torch.split(pictures, self.most)]
        found: Tensor = torch.cat(parts).gather(1, outputs[:, None]).squeeze(1)
        return found

    def ends(self) -> dict[str, Float[Tensor, "n"]]:
        """The probabilities that all maps share: of the photograph, the mean colour, a blurred copy."""
        whole, none, blurred = self.probability(
            torch.cat([self.images, torch.zeros_like(self.images), self.blurred()])
        ).chunk(3)
        return {"whole": whole, "none": none, "blurred": blurred}

    @torch.inference_mode()
    def curves(self, maps: Float[Tensor, "n h w"]) -> dict[str, Float[Tensor, "n"]]:
        """The probability under ``maps``, for every curve and fraction, as "MoRF 0.1"."""
        places = place(maps, self.ties)
        names, pictures = zip(*self._pictures(places, places[0].numel()), strict=True)
        found = self.probability(torch.cat(pictures))
        return dict(zip(names, found.chunk(len(names)), strict=True))

    def _pictures(self, places: Int[Tensor, "n h w"], pixels: int) -> Iterator[tuple[str, Tensor]]:
        blurred = self.blurred()
        for fraction in self.removal.fractions:
            taken = (places < round(fraction * pixels))[:, None]
            yield f"deletion {fraction:g}", torch.where(taken, 0.0, self.images)
            yield f"insertion {fraction:g}", torch.where(taken, self.images, blurred)
        missing = {}
        for fraction in self.removal.imputed:
            count = round(fraction * pixels)
            missing[f"MoRF {fraction:g}"] = places < count
            missing[f"LeRF {fraction:g}"] = places >= pixels - count
        yield from zip(missing, self._filled(list(missing.values())), strict=True)

    def _filled(self, missing: list[Bool[Tensor, "n h w"]]) -> Sequence[Float[Tensor, "n c h w"]]:
        again = (len(missing), 1, 1, 1)
        parts = (self.images.repeat(again), torch.cat(missing), self.noise.repeat(again))
        split = [torch.split(part, self.filled) for part in parts]
        found = torch.cat([imputed(*own) for own in zip(*split, strict=True)])
        return found.chunk(len(missing))


def areas(
    curves: dict[str, Float[Tensor, "n"]], ends: dict[str, Float[Tensor, "n"]], removal: Removal
) -> dict[str, Float[Tensor, "n"]]:
    """Insertion, deletion, MoRF and LeRF of each photograph, from its curves."""
    grid = torch.tensor([0.0, *removal.fractions, 1.0], dtype=torch.float64, device=ends["whole"].device)
    found = {}
    for name, first, last in (("insertion", "blurred", "whole"), ("deletion", "whole", "none")):
        inner = [curves[f"{name} {fraction:g}"] for fraction in removal.fractions]
        found[name] = torch.trapezoid(torch.stack([ends[first], *inner, ends[last]], 1), grid, dim=1)
    for name in ("MoRF", "LeRF"):
        found[name] = torch.stack([curves[f"{name} {f:g}"] for f in removal.imputed]).mean(0)
    return found
