"""The survey before training: which pairs are compared, and its tables."""

import pytest
import torch

from gradlab.confusion import fully_connected, initial_confusion, pairs
from gradlab.confusion.fully_connected import Design
from gradlab.confusion.seed_cosines import SeedCosines
from gradlab.photographs import handwriting
from gradlab.statistics.seeds import spread

DESIGNS = [
    Design(depth, 6, phi, kind)
    for phi in initial_confusion.NONLINEARITY_NAMES
    for kind in initial_confusion.INITIALISATION_NAMES
    for depth in (2, 3)
]


def test_each_seed_has_its_digits_and_its_network():
    design = Design(3, 8, "tanh")
    found = initial_confusion.measure(design, samples=5, seeds=2)
    for seed, row in enumerate(found.rows):
        data = handwriting.sample(5, torch.Generator().manual_seed(seed))
        weights = fully_connected.initial(design, 64, torch.Generator().manual_seed(1000 + seed))
        gradients = pairs.per_sample_gradients(design, weights, data.inputs, data.labels)
        unit = gradients / gradients.norm(dim=1, keepdim=True)
        expected = [float(unit[i] @ unit[j]) for i in range(5) for j in range(i + 1, 5)]
        assert row.tolist() == pytest.approx(expected, abs=1e-12)


def test_a_design_that_is_named_twice_is_measured_once(monkeypatch):
    measured = []

    def measure(design, samples, seeds):
        measured.append(design)
        return SeedCosines((torch.zeros(samples),) * seeds)

    monkeypatch.setattr(initial_confusion, "measure", measure)
    first, second = Design(2, 4), Design(3, 4)
    assert list(initial_confusion.survey([first, second, first], 5, 2)) == [first, second]
    assert measured == [first, second]


def test_names_cover_what_designs_know():
    assert set(initial_confusion.NONLINEARITY_NAMES) == set(fully_connected.GAINS)
    assert tuple(initial_confusion.INITIALISATION_NAMES) == fully_connected.INITIALISATIONS


def test_incomplete_counts_networks_with_missing_pairs():
    whole, partial = torch.zeros(6), torch.zeros(3)
    found = [SeedCosines((whole, partial)), SeedCosines((whole, whole)), SeedCosines((partial, partial))]
    assert initial_confusion.incomplete(found, samples=4) == 3


def test_range_is_that_of_the_means():
    assert initial_confusion.mean_range(spread([m - 1, m + 1]) for m in (2.0, -1.5, 0.0)) == 3.5


def test_table_and_data_have_a_place_for_every_design():
    lowest = {design: spread([-0.1 * i, -0.3 * i]) for i, design in enumerate(DESIGNS)}
    rows = initial_confusion.depth_rows(lowest, depths=(2, 3), width=6)
    assert [row[:2] for row in rows] == [
        ["ReLU", "Gaussian"],
        ["ReLU", "orthogonal"],
        ["linear", "Gaussian"],
        ["linear", "orthogonal"],
        ["tanh", "Gaussian"],
        ["tanh", "orthogonal"],
    ]
    assert rows[1][2:] == pytest.approx([-0.4, -0.6])
    columns = initial_confusion.columns(lowest, DESIGNS[3:5])
    assert columns["nonlinearity"] == ["ReLU", "linear"]
    assert columns["initialisation"] == ["orthogonal", "gaussian"]
    assert (columns["depth"], columns["width"]) == ([3, 2], [6, 6])
    assert columns["mean smallest cosine"] == pytest.approx([-0.6, -0.8])
    assert columns["standard deviation"] == [lowest[d].sd for d in DESIGNS[3:5]]
    assert columns["low"] == [lowest[d].low for d in DESIGNS[3:5]]
    assert columns["high"] == [lowest[d].high for d in DESIGNS[3:5]]


def test_rises_are_paired_by_seed_and_so_is_their_difference():
    def smallest(*values):
        return SeedCosines(tuple(torch.tensor([0.9, value], dtype=torch.float64) for value in values))

    cosines = {
        Design(depth, width, phi): smallest(*values)
        for phi in initial_confusion.NONLINEARITY_NAMES
        for depth, width, values in (
            (9, 2, (-0.8, -0.6)),
            (9, 4, (-0.2, -0.4)),
            (3, 2, (-0.5, -0.5)),
            (3, 4, (-0.4, -0.4)),
        )
    }
    rises = {
        (phi, depth): initial_confusion.rise(cosines, phi, depth, (2, 4))
        for phi in initial_confusion.NONLINEARITY_NAMES
        for depth in (9, 3)
    }
    assert rises["relu", 9].tolist() == pytest.approx([0.6, 0.2])
    rows = initial_confusion.rise_rows(rises, deep=9, shallow=3)
    assert [row[0] for row in rows] == list(initial_confusion.NONLINEARITY_NAMES.values())
    assert len(rows[0]) == len(initial_confusion.RISE_HEADS)
    assert rows[0][1::3] == pytest.approx([0.4, 0.1, 0.3])
    different = spread([0.5, 0.1])
    assert rows[0][8:] == pytest.approx([different.low, different.high])
