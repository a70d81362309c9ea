"""The curves and their areas against loops over photographs, fractions and pixels."""

import numpy as np
import pytest
import torch

from gradlab.faithfulness import perturbed
from gradlab.faithfulness.imputation import imputed
from gradlab.faithfulness.perturbed import Removal, Scene

REMOVAL = Removal((0.1, 0.4), (0.2, 0.6), 1.0)


@pytest.fixture
def scene(small) -> Scene:
    images = small.images(5, side=8).float()
    noise = 0.1 * small.images(5, side=8, seed=1).float()
    ties = torch.stack([torch.randperm(64, generator=torch.Generator().manual_seed(i)) for i in range(5)])
    network = small.residual(2).float()
    return Scene(network, images, torch.tensor([0, 1, 2, 3, 0]), noise, ties, REMOVAL, most=7, filled=3)


@pytest.fixture
def maps() -> torch.Tensor:
    found = torch.rand(5, 8, 8, generator=torch.Generator().manual_seed(4))
    found[1] = (found[1] * 3).round()  # many ties
    found[2] = 1.0
    return found


def p(scene, picture, i):
    logits = scene.network(picture[None])[0].double().numpy()
    return np.exp(logits - logits.max())[int(scene.outputs[i])] / np.exp(logits - logits.max()).sum()


def ranked(scene, maps, i):
    """Pixels from the largest value down, equal ones as the permutation has them."""
    values, ties = maps[i].flatten().tolist(), scene.ties[i].tolist()
    return sorted(range(64), key=lambda pixel: (-values[pixel], ties.index(pixel)))


def by_hand(scene, maps):
    """Every curve, one picture at a time."""
    found: dict[str, list[float]] = {}
    blurred = scene.blurred()
    for i in range(5):
        order = ranked(scene, maps, i)
        for fraction in REMOVAL.fractions:
            without, back = scene.images[i].clone(), blurred[i].clone()
            for pixel in order[: round(fraction * 64)]:
                y, x = divmod(pixel, 8)
                without[:, y, x] = 0
                back[:, y, x] = scene.images[i][:, y, x]
            found.setdefault(f"deletion {fraction:g}", []).append(p(scene, without, i))
            found.setdefault(f"insertion {fraction:g}", []).append(p(scene, back, i))
        for fraction in REMOVAL.imputed:
            for curve, ordered in (("MoRF", order), ("LeRF", order[::-1])):
                missing = torch.zeros(64, dtype=torch.bool)
                missing[ordered[: round(fraction * 64)]] = True
                whole = imputed(scene.images[[i]], missing.view(1, 8, 8), scene.noise[[i]])
                found.setdefault(f"{curve} {fraction:g}", []).append(p(scene, whole[0], i))
    return found


def test_curves_equal_a_loop(scene, maps):
    found, expected = scene.curves(maps), by_hand(scene, maps)
    assert set(found) == set(expected)
    for name, values in expected.items():
        # Imputation stops at a tolerance that the slowest of a group reaches last.
        np.testing.assert_allclose(found[name].numpy(), values, atol=1e-4, err_msg=name)


def test_areas_are_trapezoids_between_the_shared_ends(scene, maps):
    curves, ends = scene.curves(maps), scene.ends()
    found = perturbed.areas(curves, ends, REMOVAL)
    for i in range(5):
        whole, none = p(scene, scene.images[i], i), p(scene, torch.zeros(3, 8, 8), i)
        low, high = (float(curves[f"deletion {f}"][i]) for f in REMOVAL.fractions)
        area = 0.1 * (whole + low) / 2 + 0.3 * (low + high) / 2 + 0.6 * (high + none) / 2
        assert float(found["deletion"][i]) == pytest.approx(area, rel=1e-5)
        low, high = (float(curves[f"insertion {f}"][i]) for f in REMOVAL.fractions)
        out_of_focus = p(scene, scene.blurred()[i], i)
        area = 0.1 * (out_of_focus + low) / 2 + 0.3 * (low + high) / 2 + 0.6 * (high + whole) / 2
        assert float(found["insertion"][i]) == pytest.approx(area, rel=1e-5)
        mean = np.mean([float(curves[f"MoRF {f}"][i]) for f in REMOVAL.imputed])
        assert float(found["MoRF"][i]) == pytest.approx(mean)


def test_a_map_of_what_the_network_uses_wins_every_metric():
    """A network whose logit is the sum of one quarter of the picture, and the map of that quarter."""

    class Quarter(torch.nn.Module):
        def forward(self, x):
            score = x[:, :, :4, :4].mean((1, 2, 3))
            return torch.stack([score, -score], 1)

    images = torch.ones(2, 3, 8, 8)
    images[:, :, 4:] = images[:, :, :, 4:] = -1.0
    ties = torch.arange(64).expand(2, 64)
    scene = Scene(
        Quarter(), images, torch.zeros(2, dtype=torch.long), torch.zeros_like(images), ties, REMOVAL
    )
    right = torch.zeros(2, 8, 8)
    right[:, :4, :4] = 1.0
    good, bad = (perturbed.areas(scene.curves(m), scene.ends(), REMOVAL) for m in (right, 1 - right))
    for name, sign in (("insertion", 1), ("LeRF", 1), ("deletion", -1), ("MoRF", -1)):
        assert (sign * (good[name] - bad[name]) > 0.01).all(), name
