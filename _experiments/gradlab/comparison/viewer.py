"""What an interactive figure shows of the chosen photographs: a picture a row, as the text of a PNG file."""

import base64
import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from jaxtyping import UInt8
from PIL import Image

from gradlab.comparison.arms import PLAIN, Arm
from gradlab.comparison.shown import Example

COLUMNS = (
    *("photograph", "class", "percentile", "difference", "layer", "quantile", "density"),
    *("x0", "y0", "x1", "y1", "side", "picture"),
)


def columns(examples: Sequence[Example], quantiles: Sequence[float]) -> dict[str, list[Any]]:
    """The photographs, then their plain maps, then those of the upper modules at every quantile."""
    rows = [_row(one, "photograph", None, one.pixels, None) for one in examples]
    rows += [_of_arm(one, "plain", None, PLAIN) for one in examples]
    for quantile in quantiles:
        arm = Arm("upper", quantile)
        rows += [_of_arm(one, "not conserved", quantile, arm) for one in examples]
        rows += [_of_arm(one, "conserved", quantile, arm.conserved()) for one in examples]
    return {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}


def _of_arm(example: Example, layer: str, quantile: float | None, arm: Arm) -> tuple[Any, ...]:
    picture = coloured(example.maps[arm])
    return _row(example, layer, quantile, picture, example.densities[arm])


def _row(
    example: Example, layer: str, quantile: float | None, picture: np.ndarray, density: float | None
) -> tuple[Any, ...]:
    return (
        *(example.photograph, example.class_name, example.percentile, example.difference),
        *(layer, quantile, density),
        *(*example.box, example.pixels.shape[1], encoded(picture)),
    )


def coloured(steps: UInt8[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w 3"]:
    """A map of 256 steps in the colours of the figure."""
    colours: UInt8[np.ndarray, "h w 3"] = mpl.colormaps["cividis"](steps, bytes=True)[..., :3]
    return colours


def encoded(pixels: UInt8[np.ndarray, "h w 3"]) -> str:
    """A picture as the text of a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).quantize(128).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")
