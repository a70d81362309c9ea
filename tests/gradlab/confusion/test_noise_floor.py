"""Floors at several rates: their arrangement, their theory, and their table."""

from typing import Any

import numpy as np
import pytest
import torch

from gradlab.confusion import noise_floor, noise_floor_figures, rate_bounds
from gradlab.confusion.constant_rate import Course
from gradlab.confusion.noise_floor import Runs

FEW = noise_floor.problems(4, samples=8, seeds=range(3))


def made(floors, etas, variances, rates):
    """Runs whose second half rests at ``floors`` (rates by seeds) above a minimum of 1."""
    flat = [torch.tensor(np.array(x, dtype=float).ravel()) for x in (floors, etas, variances)]
    loss, eta, variance = (torch.stack([x, x, x]) for x in flat)
    course = Course((0, 4, 8), loss + 1, eta, variance, torch.zeros(len(flat[0]), 2).double())
    return Runs(tuple(rates), course, torch.ones(len(floors[0])).double())


def test_floors_of_linear_fits_are_the_exact_ones():
    runs = noise_floor.linear(FEW, (0.1, 0.5, 1.0), 40_000, 0, from_best=True)
    assert runs.floors().shape == (3, 3)
    best = np.array([problem.floor() for problem in FEW])
    for rate, floors in zip(runs.rates, runs.floors(), strict=True):
        assert floors == pytest.approx(rate_bounds.linear_floor(rate, best), rel=0.2)
    assert runs.excess()[0] == pytest.approx(np.zeros((3, 3)), abs=1e-12)
    # To first order in the rate: a quarter of rate times variance.
    assert noise_floor.first_order_ratio(runs)[0].mean == pytest.approx(1 / (1 - 0.05), rel=0.2)


def test_with_more_dimensions_than_samples_there_is_no_floor():
    many = noise_floor.problems(12, samples=8, seeds=(0, 5))
    runs = noise_floor.linear(many, (0.5, 1.0), 4_000, 1, from_best=False)
    assert runs.excess()[0] == pytest.approx(np.array([[p.loss(torch.zeros(12).double()) for p in many]] * 2))
    assert runs.excess()[-1].max() < 1e-8
    assert runs.by_rate(runs.course.etas)[-1].max() < 1e-8


def test_networks_begin_at_a_minimum_and_only_noise_leads_away():
    runs = noise_floor.network(FEW, 2, 0.01, (0.01, 0.05), 4_000, 0)
    assert runs.excess()[0] == pytest.approx(np.zeros((2, 3)), abs=1e-12)
    assert (runs.floors() > 0).all()
    assert (runs.floors()[1] > runs.floors()[0]).all()


def test_exponents_are_fitted_seed_by_seed_up_to_a_rate():
    rates = (0.1, 0.2, 0.4, 1.0)
    floors = [[rate**power if rate < 1 else 7.0 for power in (0.5, 1.5)] for rate in rates]
    runs = made(floors, np.ones((4, 2)), np.ones((4, 2)), rates)
    found = noise_floor.exponent(runs, runs.products(), largest=0.4)
    assert (found.mean, found.sd) == pytest.approx((1.0, 0.5**0.5))


def test_what_is_recorded_is_the_largest_of_the_path():
    runs = made([[0.1, 0.2]], [[2.0, 3.0]], [[4.0, 5.0]], (0.5,))
    runs.course.etas[1, 1] = 9.0
    assert runs.etas().tolist() == [[2.0, 9.0]]
    assert runs.products().tolist() == [[1.0, 4.5]]
    assert runs.variances().tolist() == [[4.0, 5.0]]


def test_the_table_has_bounds_where_they_apply():
    runs = noise_floor.linear(FEW, (0.1, 0.5), 100, 0, from_best=True)
    table = noise_floor.linear_rows(FEW, runs) + noise_floor.network_rows(runs)
    columns = noise_floor.columns(table)
    assert columns["fits"] == ["linear, d = 4"] * 2 + ["network"] * 2
    assert columns["rate"] == [0.1, 0.5] * 2
    assert columns["floor"][:2] == pytest.approx(runs.floors().mean(1))
    assert columns["by confusion"][1:] == [None] * 3  # 0.25 is the largest rate
    assert columns["by confusion"][0] == pytest.approx(
        rate_bounds.confusion_floor(0.1, runs.etas()[0], 8).mean()
    )
    x, y = noise_floor.confusion_floors(runs, 8)
    assert x == pytest.approx(runs.products()[:1].mean(1))
    assert y == pytest.approx(columns["by confusion"][:1])


@pytest.mark.usefixtures("house")
def test_the_drawing_has_paths_floors_and_the_theorem():
    runs = made([[0.1, 0.1], [0.3, 0.3]], np.ones((2, 2)), np.ones((2, 2)), (0.1, 0.2))
    bound = (np.array([0.1]), np.array([20.0]))
    figure: Any = noise_floor_figures.floors(runs, runs, {"linear": runs, "network": runs}, bound)
    few, many, floors = figure.axes
    assert [line.get_label() for line in few.get_lines()] == ["0.1", "0.2"]
    assert many.get_lines()[1].get_ydata() == pytest.approx([0.3, 0.3])
    linear = floors.containers[0]
    assert linear.lines[0].get_xydata() == pytest.approx(np.array([[0.1, 0.1], [0.2, 0.3]]))
    strokes = next(line for line in floors.get_lines() if line.get_label() == "theorem's floor, linear")
    assert strokes.get_ydata() == pytest.approx([20.0])


def test_another_seed_is_another_order_and_other_networks():
    ways = [noise_floor.linear(FEW, (0.5,), 50, seed, from_best=True) for seed in (0, 0, 1)]
    first, again, other = (runs.course.losses[-1].tolist() for runs in ways)
    assert first == again != other
    starts = [noise_floor.network(FEW, 2, 0.01, (0.01,), 1, seed).best.tolist() for seed in (0, 1)]
    assert starts[0] != starts[1]
