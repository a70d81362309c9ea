"""Orthogonal inputs: one map against its gradients, the cases that are measured, the table."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from gradlab.confusion import fully_connected, orthogonal_inputs, pairs
from gradlab.confusion.fully_connected import Design
from gradlab.confusion.orthogonal_inputs import Case, Reach
from gradlab.photographs import handwriting


def test_table_of_one_map_is_that_of_its_gradients():
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(10, 4, generator=generator, dtype=torch.float64)
    inputs = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    labels = torch.tensor([1, 7, 1])
    rows = []
    for x, y in zip(inputs, labels, strict=True):
        leaf = weight.clone().requires_grad_()
        F.cross_entropy((x @ leaf.mT)[None], y[None]).backward()
        assert leaf.grad is not None
        rows.append(leaf.grad.flatten())
    found = orthogonal_inputs.linear_map_table(weight, inputs, labels)
    assert torch.allclose(found, pairs.products(torch.stack(rows)))


def test_linear_maps_and_orthogonal_networks_keep_gradients_apart_and_others_do_not():
    networks = [("linear", "orthogonal"), ("linear", "gaussian"), ("relu", "orthogonal")]
    reaches = orthogonal_inputs.survey(networks, [1, 4], width=70, samples=6, seeds=2)
    assert {(case.nonlinearity, case.depth) for case in reaches} == {
        ("linear", 1),
        ("linear", 4),
        ("relu", 4),
    }
    assert reaches[Case("linear", "gaussian", 1)].worst < 1e-12
    assert reaches[Case("linear", "orthogonal", 4)].worst < 1e-12
    assert reaches[Case("linear", "gaussian", 4)].worst > 1e-2
    assert reaches[Case("relu", "orthogonal", 4)].worst > 1e-2


def test_reach_is_of_each_seeds_own_digits_and_network():
    found = orthogonal_inputs.reach(Case("relu", "gaussian", 3), width=9, samples=4, seeds=2)
    design = Design(3, 9, "relu", "gaussian")
    data = handwriting.sample(4, torch.Generator().manual_seed(1))
    weights = fully_connected.initial(design, 64, torch.Generator().manual_seed(1001))
    inputs = 8 * handwriting.orthonormal(data.inputs)
    gradients = pairs.per_sample_gradients(design, weights, inputs, data.labels)
    cosines = pairs.cosines(pairs.products(gradients))
    assert found.smallest[1] == pytest.approx(float(cosines.min()))
    assert found.largest[1] == pytest.approx(float(cosines.max()))


def reach(*smallest):
    return Reach(np.array(smallest), np.array([0.1] * len(smallest)))


def test_worst_is_the_largest_in_absolute_value():
    assert reach(-0.3, -0.05).worst == 0.3
    assert Reach(np.array([-0.1]), np.array([0.7])).worst == 0.7


def test_table_leaves_open_what_was_not_measured():
    networks = [("linear", "gaussian"), ("relu", "orthogonal")]
    reaches = {
        Case("linear", "gaussian", 1): reach(0.0, 0.0),
        Case("linear", "gaussian", 2): reach(-0.2, -0.4),
        Case("relu", "orthogonal", 2): reach(-0.5, -0.7),
    }
    assert orthogonal_inputs.heads(networks) == ["depth", "linear, Gaussian", "ReLU, orthogonal"]
    one, two = orthogonal_inputs.rows(reaches, networks, [1, 2])
    assert one == [1, 0.0, None]
    assert two == [2, pytest.approx(-0.3), pytest.approx(-0.6)]
    assert orthogonal_inputs.by_depth(reaches, "linear", "gaussian") == {
        1: reaches[Case("linear", "gaussian", 1)],
        2: reaches[Case("linear", "gaussian", 2)],
    }
