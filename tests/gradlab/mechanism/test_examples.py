"""The picture that is shown is the one with the median change, with its own maps."""

import math

import numpy as np
import torch

from gradlab.mechanism import digits, effects, examples, gradients, miniatures
from gradlab.mechanism.effects import Densities
from gradlab.mechanism.gradients import UPPER


def changes(*values: float) -> Densities:
    inside = {"conserved": np.array(values, dtype=float) + 1, "not conserved": np.ones(len(values))}
    return Densities(inside, {})


def test_the_median_is_a_picture_and_nan_is_no_change():
    assert examples.median_picture(changes(5, -1, 2)) == 2
    assert examples.median_picture(changes(5, -1, math.nan)) == 2
    assert examples.median_picture(changes(3, 1, 2, 4)) == 0  # of four, the upper one of the middle two


def test_an_example_has_the_picture_and_the_maps_of_that_picture_alone():
    test = digits.place("test", 5, seed=5)
    network = miniatures.untrained("residual", seed=0).eval().requires_grad_(False)
    training = digits.place("train", 80, seed=6)
    subject = gradients.prepare("residual", 3, network, training, test.pixels[:2])
    densities = effects.densities(subject, UPPER, 0.2, test)
    found = examples.example(subject, UPPER, 0.2, test, densities)
    index = examples.median_picture(densities)
    assert found.title == f"residual: {int(test.labels[index])}"
    assert torch.equal(found.pixels, test.pixels[index, 0])
    assert torch.equal(found.box, test.boxes[index])
    whole = gradients.gradients(subject, UPPER, 0.2, test)
    assert list(found.maps) == ["plain", "not conserved", "conserved"]
    for arm, values in found.maps.items():
        torch.testing.assert_close(values, whole[arm][index, 0].abs())
