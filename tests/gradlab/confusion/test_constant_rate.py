"""Descent at a constant rate: its steps, what it records, and the floor that is known exactly."""

import numpy as np
import pytest
import torch

from gradlab.confusion import constant_rate, least_squares, pairs
from gradlab.confusion.fits import LinearFits

PROBLEMS = [least_squares.draw(6, 3, torch.Generator().manual_seed(seed)) for seed in range(2)]
FITS = LinearFits.of(PROBLEMS)
START = torch.randn(2, 3, generator=torch.Generator().manual_seed(5), dtype=torch.float64)


def test_confusion_and_variance_of_each_member():
    gradients = FITS.gradients(START)
    found = constant_rate.confusion(gradients)
    for member, problem in enumerate(PROBLEMS):
        assert float(found[member]) == pytest.approx(pairs.eta(problem.inner_products(START[member])))
    by_hand = gradients[1].numpy()
    expected = ((by_hand - by_hand.mean(0)) ** 2).sum(1).mean()
    assert float(constant_rate.variance(gradients)[1]) == pytest.approx(expected)


def test_no_confusion_where_all_agree():
    agreeing = torch.ones(1, 4, 2, dtype=torch.float64)
    assert constant_rate.confusion(agreeing).tolist() == [0.0]
    assert constant_rate.variance(agreeing).tolist() == [0.0]


def test_each_step_takes_one_sample_of_each_member_at_its_own_rate():
    samples = torch.tensor([[0, 5], [4, 4], [0, 1]])
    rates = torch.tensor([0.3, 0.7], dtype=torch.float64)
    course = constant_rate.descend(FITS, START, rates, samples, records=3)
    for member, problem in enumerate(PROBLEMS):
        w = START[member]
        for sample in samples[:, member].tolist():
            x = problem.inputs[sample]
            w = w - rates[member] * (x @ w - problem.targets[sample]) * x
        assert course.weights[member].tolist() == pytest.approx(w.tolist())
        assert float(course.losses[-1, member]) == pytest.approx(problem.loss(w))
        assert float(course.losses[0, member]) == pytest.approx(problem.loss(START[member]))
    assert course.steps == (0, 1, 2, 3)
    assert course.late() == slice(2, None)
    assert course.etas.shape == course.variances.shape == (4, 2)


def test_records_are_equally_spaced_and_the_last_is_taken():
    samples = torch.zeros(10, 2, dtype=torch.long)
    course = constant_rate.descend(FITS, START, torch.ones(2, dtype=torch.float64), samples, records=3)
    assert course.steps == (0, 3, 6, 9, 10)
    assert np.array(course.steps)[course.late()].tolist() == [6, 9, 10]
