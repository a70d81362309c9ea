"""ILSVRC2012's validation set as a collection: photographs resized and cropped, boxes carried along."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import UInt8
from torch import Tensor

from gradlab.photographs import archives, ilsvrc, pictures
from gradlab.photographs.archives import DataError
from gradlab.photographs.collection import Collection
from gradlab.photographs.ilsvrc import Found, Photograph
from gradlab.photographs.ilsvrc_layouts import Layout


@dataclass(frozen=True)
class Cropped:
    """A source whose keys are the photographs of :mod:`ilsvrc`; files are opened for each."""

    layout: Layout
    resize: int
    side: int

    def photograph(self, key: Photograph) -> UInt8[Tensor, "3 side side"]:
        """Decode, resize and crop one; a DataError names it if it is damaged or not what was annotated."""
        name = f"{self.layout.path}: {key.file.name}"
        picture = pictures.decode(self.layout.read(key.file), name)
        noted = key.annotation.width, key.annotation.height
        # A copy at another scale is fine, because boxes are carried relative to the photograph's size.
        if abs(picture.width * noted[1] - picture.height * noted[0]) > max(*picture.size, *noted):
            raise DataError(
                f"{name} is {picture.width} x {picture.height} pixels, but its box was drawn in "
                f"{noted[0]} x {noted[1]}"
            )
        return pictures.to_pixels(pictures.resize_and_crop(picture, self.resize, self.side))


def read(found: Found, resize: int, crop: int) -> Collection:
    """The collection; photographs whose object lies wholly outside the crop are left out and named."""
    if crop > resize:
        raise ValueError(f"a crop of {crop} pixels does not fit a shorter side of {resize}")
    everything = ilsvrc.photographs(found)
    wnids = tuple(sorted({one.annotation.wnid for one in everything}))
    kept, boxes, left_out = [], [], []
    for one in everything:
        noted = one.annotation
        box = pictures.resize_and_crop_box(noted.box, noted.width, noted.height, resize, crop)
        if box is None:
            left_out.append(one.file.name)
        else:
            kept.append(one)
            boxes.append(box)
    if not kept:
        raise DataError(f"{found.boxes}: no object of {len(everything)} photographs lies in the centre crop")
    label = {wnid: index for index, wnid in enumerate(wnids)}
    return Collection(
        Cropped(found.layout, resize, crop),
        tuple(kept),
        tuple(one.file.name for one in kept),
        torch.tensor([label[one.annotation.wnid] for one in kept]),
        torch.tensor(boxes),
        _readable(wnids),
        wnids,
        tuple(left_out),
    )


def _readable(wnids: Sequence[str]) -> tuple[str, ...]:
    """The names that torchvision gives to the 1,000 classes; of fewer, those that this project knows."""
    if len(wnids) == ilsvrc.CLASSES:
        from gradlab.photographs import torchvision_weights

        return torchvision_weights.categories()
    known = archives.class_names()
    return tuple(known.get(wnid, wnid) for wnid in wnids)
