"""Regressions of several seeds: their draws and their data."""

import math

import pytest
import torch

from gradlab.confusion import least_squares, regressions
from gradlab.confusion.least_squares import Descent
from gradlab.confusion.regressions import Regressions


def test_each_seed_has_its_problem_and_its_order():
    found = regressions.measure(6, samples=5, epochs=3, rate=0.5, seeds=2)
    problem = least_squares.draw(5, 6, torch.Generator().manual_seed(1))
    course = least_squares.descend(problem, 3, 0.5, torch.Generator().manual_seed(501))
    assert found.courses[1] == course
    assert found.floors[1] == problem.floor()
    assert found.final_losses()[1] == course.losses[-1]
    assert found.final_etas()[1] == course.eta[-1]


def test_data_have_geometric_means_of_what_came_last():
    def ending(loss, eta):
        return Descent((9.0, loss), (9.0, eta))

    found = {
        3: Regressions((0.5, 1.5), (ending(1.0, 2.0), ending(4.0, 8.0))),
        4: Regressions((0.0, 0.0), (ending(1.0, 1.0), ending(1.0, 1.0))),
    }
    columns = regressions.columns(found)
    assert columns["dimensions"] == [3, 4]
    assert columns["smallest possible loss"] == [1.0, 0.0]
    assert columns["final loss, geometric mean"] == pytest.approx([2.0, 1.0])
    assert columns["eta, geometric mean"] == pytest.approx([4.0, 1.0])
    # Two logarithms, log 2 to each side of their mean: t with one degree of freedom is 12.706.
    half = 12.7062 * math.log(2)
    assert columns["final loss, high"] == pytest.approx([2 * math.exp(half), 1.0], rel=1e-3)
    assert columns["final loss, low"] == pytest.approx([2 * math.exp(-half), 1.0], rel=1e-3)
