"""What the drawing of ensembles shows."""

from typing import Any

import pytest
import torch

from gradlab.width import ensemble_figures
from gradlab.width.ensembles import Ensemble
from gradlab.width.gaussian_process import Posterior

pytestmark = pytest.mark.usefixtures("house")


def ensemble():
    outputs = torch.tensor([[1.0, 4.0, -1.0], [3.0, 0.0, -1.0]], dtype=torch.float64)
    mean, sd = torch.tensor([1.0, 0.0, -2.0]).double(), torch.tensor([2.0, 1.0, 0.5]).double()
    return Ensemble(outputs, Posterior(mean, sd))


def test_digits_are_ordered_by_their_prediction():
    figure: Any = ensemble_figures.posterior({"readout": ensemble(), "all": ensemble()}, width=64)
    left, right = figure.axes
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["readout", "all"]
    line = next(line for line in right.get_lines() if line.get_label() == "infinite width")
    assert line.get_ydata().tolist() == [-2.0, 0.0, 1.0]
    (bars,) = right.containers
    assert bars.get_label() == "2 networks of width 64"
    assert bars.lines[0].get_xydata().tolist() == [[1, -1.0], [2, 2.0], [3, 2.0]]
    # Two standard errors: none, then twice 2, then twice 1.
    ends = [segment[:, 1].tolist() for segment in bars.lines[2][0].get_segments()]
    assert ends == [pytest.approx(pair) for pair in ([-1, -1], [-2, 6], [0, 4])]
    band = right.collections[0].get_paths()[0].vertices
    assert {(round(x), round(y)) for x, y in band} == {(1, -3), (1, -1), (2, -2), (2, 2), (3, -3), (3, 5)}
    assert len(left.get_legend().get_texts()) == 2
