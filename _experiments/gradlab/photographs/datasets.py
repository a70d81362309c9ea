"""Photographs with one labelled object and its bounding box each, as tensors.

Two providers with one result: Tiny ImageNet read straight from its zip (no unpacking), and a folder
in the layout of the ILSVRC2012 validation set. In both, a photograph, its label and its box are
joined **by file name**, never by position in a listing.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, UInt8
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from gradlab.photographs import archives
from gradlab.photographs.archives import DataError

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


def normalise(pixels: UInt8[Tensor, "n 3 h w"]) -> Float[Tensor, "n 3 h w"]:
    """Bytes to the networks' input: scaled to [0, 1], then ImageNet's mean and deviation removed."""
    mean = torch.tensor(IMAGENET_MEAN, device=pixels.device).view(1, 3, 1, 1)
    std = torch.tensor(IMAGENET_STD, device=pixels.device).view(1, 3, 1, 1)
    return (pixels.float() / 255 - mean) / std


def box_mask(boxes: Int[Tensor, "n 4"], height: int, width: int) -> Bool[Tensor, "n h w"]:
    """True inside each box."""
    x = torch.arange(width, device=boxes.device)
    y = torch.arange(height, device=boxes.device)
    x0, y0, x1, y1 = (side[:, None] for side in boxes.unbind(1))
    across = (x >= x0) & (x < x1)
    down = (y >= y0) & (y < y1)
    return down[:, :, None] & across[:, None, :]


def _decode(data: bytes, name: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data)).convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise DataError(f"{name} is not a readable photograph ({error})") from error


def _to_bytes(picture: Image.Image) -> UInt8[Tensor, "3 h w"]:
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)


def tiny_imagenet(split: str, path: Path | None = None) -> Photographs:
    """The project's classes of Tiny ImageNet, ``split`` "train" or "val", 64 x 64 pixels each.

    Raises :class:`~gradlab.photographs.archives.DataError` when the archive is missing or damaged.
    """
    wnids = list(archives.class_names())
    with archives.open_zip(path or archives.locate()) as archive:
        members = archives.members(archive, split)
        pixels = []
        for member in members:
            try:
                data = archive.read(member.name)
            except zipfile.BadZipFile as error:
                raise DataError(f"{archive.filename}: {member.name} is damaged ({error})") from error
            pixels.append(_to_bytes(_decode(data, member.name)))
    # The archive's corners are inclusive; ours are half open.
    boxes = torch.tensor([(x0, y0, x1 + 1, y1 + 1) for x0, y0, x1, y1 in (m.box for m in members)])
    return Photographs(
        torch.stack(pixels),
        torch.tensor([wnids.index(m.wnid) for m in members]),
        boxes,
        tuple(m.name.rsplit("/", 1)[1] for m in members),
        tuple(archives.class_names().values()),
    )


def _first_object(annotation: Path) -> tuple[str, tuple[int, int, int, int]]:
    try:
        root = ElementTree.parse(annotation).getroot()
        first = root.find("object")
        if first is None:
            raise ValueError("it holds no <object>")
        corners = [int(first.findtext(f"bndbox/{key}", "")) for key in ("xmin", "ymin", "xmax", "ymax")]
    except (ElementTree.ParseError, ValueError, OSError) as error:
        raise DataError(f"{annotation}: no bounding box can be read ({error})") from error
    x0, y0, x1, y1 = corners
    return first.findtext("name", ""), (x0, y0, x1, y1)


def resize_and_crop_box(
    box: tuple[int, int, int, int], width: int, height: int, resize: int, crop: int
) -> tuple[int, int, int, int] | None:
    """Carry a box through "shorter side to ``resize``, then centre crop": None if it falls outside.

    Rounding follows torchvision's ``Resize`` (longer side truncated) and ``CenterCrop``.
    """
    shorter = min(width, height)
    new_width, new_height = int(resize * width / shorter), int(resize * height / shorter)
    left, top = round((new_width - crop) / 2), round((new_height - crop) / 2)
    x0, x1 = (round(x * new_width / width) - left for x in (box[0], box[2]))
    y0, y1 = (round(y * new_height / height) - top for y in (box[1], box[3]))
    x0, x1, y0, y1 = max(x0, 0), min(x1, crop), max(y0, 0), min(y1, crop)
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def imagenet_validation(
    folder: Path, wnids: Sequence[str], resize: int = 256, crop: int = 224
) -> Photographs:
    """ILSVRC2012 validation photographs: ``folder/images/*.JPEG`` and ``folder/boxes/*.xml``.

    ``wnids`` fixes the class index. The first annotated object counts; a photograph whose object lies
    wholly outside the centre crop is left out. Raises DataError naming what is absent.
    """
    annotations = {p.stem: p for p in sorted((folder / "boxes").rglob("*.xml"))}
    pictures = sorted((folder / "images").rglob("*.JPEG"))
    if not pictures or not annotations:
        raise DataError(
            f"{folder}: expected images/*.JPEG ({len(pictures)} found) and boxes/*.xml "
            f"({len(annotations)} found), the ILSVRC2012 validation photographs and their boxes"
        )
    pixels, labels, boxes, names = [], [], [], []
    for path in pictures:
        if path.stem not in annotations:
            raise DataError(f"{path}: no annotation of that name under {folder / 'boxes'}")
        wnid, box = _first_object(annotations[path.stem])
        if wnid not in wnids:
            raise DataError(f"{annotations[path.stem]}: class {wnid} is none of the {len(wnids)} given")
        picture = _decode(path.read_bytes(), str(path))
        carried = resize_and_crop_box(box, picture.width, picture.height, resize, crop)
        if carried is None:
            continue
        pixels.append(_to_bytes(_resize_and_crop(picture, resize, crop)))
        labels.append(list(wnids).index(wnid))
        boxes.append(carried)
        names.append(path.name)
    return Photographs(
        torch.stack(pixels), torch.tensor(labels), torch.tensor(boxes), tuple(names), tuple(wnids)
    )


def _resize_and_crop(picture: Image.Image, resize: int, crop: int) -> Image.Image:
    shorter = min(picture.width, picture.height)
    size = int(resize * picture.width / shorter), int(resize * picture.height / shorter)
    left, top = round((size[0] - crop) / 2), round((size[1] - crop) / 2)
    return picture.resize(size, Image.Resampling.BILINEAR).crop((left, top, left + crop, top + crop))
