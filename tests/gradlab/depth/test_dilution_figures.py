from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from gradlab.depth import diluted_growth, dilution_figures
from gradlab.depth.diluted_growth import Grown
from gradlab.depth.gradient_scale import Profile
from gradlab.depth.gsc_growth import Growth
from gradlab.depth.multilayer import ARCHITECTURES
from gradlab.depth.skip_connections import BlockDilution
from gradlab.notebook import figures


@pytest.fixture(autouse=True)
def closed():
    """No figure is left open."""
    yield
    plt.close("all")


def grown() -> dict[str, list[Grown]]:
    factors = {0.0: np.array([1.2, 1.3]), 1.0: np.array([1.1, 1.15])}
    return {
        name: [Grown(ARCHITECTURES[name], k, found) for k, found in factors.items()]
        for name in ("batch-relu", "layer-tanh")
    }


def marks(ax: Any, marker: str) -> list[tuple[float, float]]:
    return [
        tuple(line.get_xydata()[0])
        for line in ax.lines
        if line.get_marker() == marker and len(line.get_xydata())
    ]


def test_the_excess_lies_beside_the_curve_of_theory() -> None:
    found = grown()
    divisors = {name: [diluted_growth.divide(plain, diluted, 4)] for name, (plain, diluted) in found.items()}
    figure: Any = dilution_figures.draw_dilution(found, divisors)
    excess, _ = figure.axes
    curve = excess.lines[0].get_xydata()
    at_zero = found["batch-relu"][0].theory
    np.testing.assert_allclose(curve[:, 1], at_zero / (curve[:, 0] ** 2 + 1))
    means = [one.mean_excess.mean for one in found["batch-relu"]]
    assert marks(excess, figures.MARKERS[figures.VERMILION]) == [(0, means[0]), (1, means[1])]
    assert [text.get_text() for text in excess.get_legend().get_texts()] == ["batch-ReLU", "layer-tanh"]
    assert excess.get_yscale() == "log"


def test_divisors_stand_above_what_is_due() -> None:
    found = grown()
    divisors = {name: [diluted_growth.divide(plain, diluted, 4)] for name, (plain, diluted) in found.items()}
    figure: Any = dilution_figures.draw_dilution(found, divisors)
    _, ax = figure.axes
    one = divisors["layer-tanh"][0]
    assert marks(ax, figures.MARKERS[figures.GREEN]) == [(2, one.excess.mean)]
    assert marks(ax, "+") == [(2, one.gradient.mean)]
    assert marks(ax, "x") == [(2, divisors["batch-relu"][0].gradient.mean)]
    assert any(line.get_xydata().tolist() == [[1, 1], [24, 24]] for line in ax.lines)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("k² + 1", "divided by")


def test_skip_connections_are_dashed_and_blocks_follow_their_numbers() -> None:
    growths = {}
    for name in ("batch-relu", "batch-relu-skip"):
        depths = (0, 2, 4) if ARCHITECTURES[name].skip else (0, 1, 2, 3, 4)
        gsc = torch.tensor([1.2**depth for depth in depths])
        growths[name] = Growth(ARCHITECTURES[name], depths, (Profile(gsc, gsc), Profile(gsc, gsc)))
    blocks = BlockDilution(ARCHITECTURES["batch-relu-skip"], np.array([[1.0, 2.5], [1.2, 2.7]]))
    figure: Any = dilution_figures.draw_skip(growths, blocks)
    curves, ax = figure.axes
    assert [line.get_linestyle() for line in curves.lines] == ["-", ":", "--", ":"]
    np.testing.assert_allclose(curves.lines[2].get_ydata(), [1, 1.2**2, 1.2**4], rtol=1e-6)
    np.testing.assert_allclose(curves.lines[3].get_ydata(), growths["batch-relu-skip"].wide)
    assert [text.get_text() for text in curves.texts] == ["batch-ReLU", "batch-ReLU, skip"]
    diagonal, dots = ax.lines
    assert diagonal.get_xydata().tolist() == [[0, 0], [3, 3]]
    np.testing.assert_allclose(dots.get_xydata(), [[1, 1.1], [2, 2.6]])
    (bars,) = ax.collections
    assert [segment[0][1] for segment in bars.get_segments()] == pytest.approx(
        [b.low for b in blocks.by_block]
    )
