"""Encoded photographs to pixels: decoded, "shorter side to ``resize``, then a centre crop", resampled.

Decoding goes by content, not by name: greyscale and CMYK files become RGB, and a PNG that is called
``.JPEG`` is read as what it is.
"""

import io

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from gradlab.photographs.archives import DataError


def decode(data: bytes, name: str) -> Image.Image:
    """The RGB picture in ``data``; a DataError names what is damaged or no picture."""
    try:
        return Image.open(io.BytesIO(data)).convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:  # Pillow's words for damage differ by format
        raise DataError(f"{name} is not a readable photograph ({error})") from error


def to_pixels(picture: Image.Image) -> UInt8[Tensor, "3 h w"]:
    """The bytes of an RGB picture."""
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)


def _placed(width: int, height: int, resize: int, crop: int) -> tuple[int, int, int, int]:
    """Width, height, left and top: the resized photograph, and the centre crop in it.

    Rounding follows torchvision's ``Resize`` (longer side truncated) and ``CenterCrop``.
    """
    shorter = min(width, height)
    new_width, new_height = int(resize * width / shorter), int(resize * height / shorter)
    return new_width, new_height, round((new_width - crop) / 2), round((new_height - crop) / 2)


def resize_and_crop(picture: Image.Image, resize: int, crop: int) -> Image.Image:
    """The shorter side to ``resize`` pixels (bilinear, antialiased), then the middle ``crop`` squared."""
    width, height, left, top = _placed(picture.width, picture.height, resize, crop)
    resized = picture.resize((width, height), Image.Resampling.BILINEAR)
    return resized.crop((left, top, left + crop, top + crop))


def resize_and_crop_box(
    box: tuple[int, int, int, int], width: int, height: int, resize: int, crop: int
) -> tuple[int, int, int, int] | None:
    """Carry a half-open box through :func:`resize_and_crop`; None if it falls wholly outside."""
    new_width, new_height, left, top = _placed(width, height, resize, crop)
    x0, x1 = (round(x * new_width / width) - left for x in (box[0], box[2]))
    y0, y1 = (round(y * new_height / height) - top for y in (box[1], box[3]))
    x0, x1, y0, y1 = max(x0, 0), min(x1, crop), max(y0, 0), min(y1, crop)
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def bicubic(pixels: UInt8[Tensor, "3 h w"], side: int) -> UInt8[Tensor, "3 side side"]:
    """Another size, by Pillow's cubic kernel (a = -0.5; that of torch's ``interpolate`` has -0.75)."""
    picture = Image.fromarray(pixels.permute(1, 2, 0).contiguous().numpy())
    return to_pixels(picture.resize((side, side), Image.Resampling.BICUBIC))
