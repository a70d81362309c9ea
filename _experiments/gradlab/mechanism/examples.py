"""One picture with its maps, chosen by rule: the one whose change inside the box is the median change."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from gradlab.filtering import attribution
from gradlab.mechanism import gradients, miniatures
from gradlab.mechanism.digits import Pictures
from gradlab.mechanism.effects import Densities
from gradlab.mechanism.gradients import Subject

ARMS = ("plain", "not conserved", "conserved")


@dataclass(frozen=True)
class Example:
    """A picture, its box (x0, y0, x1, y1; half open, in pixels) and its saliency map by arm."""

    title: str
    pixels: Float[Tensor, "h w"]
    box: Int[Tensor, "4"]
    maps: Mapping[str, Float[Tensor, "h w"]]


def median_picture(densities: Densities) -> int:
    """The picture with the median change, conserved minus not conserved; NaN counts as no change."""
    change = np.nan_to_num(densities.inside["conserved"] - densities.inside["not conserved"])
    return int(np.argsort(change, kind="stable")[len(change) // 2])


def example(
    subject: Subject, filtering: str, quantile: float, pictures: Pictures, densities: Densities
) -> Example:
    """The median picture of these ``densities``, with its maps."""
    one = pictures.subset([median_picture(densities)])
    found = gradients.gradients(subject, filtering, quantile, one)
    maps = {arm: attribution.joined(found[arm])[0] for arm in ARMS}
    title = f"{miniatures.TITLES[subject.name]}: {int(one.labels[0])}"
    return Example(title, one.pixels[0, 0], one.boxes[0], maps)
