"""The layer-wise Gram form against automatic differentiation, and what orthogonal inputs do."""

import pytest
import torch
from torch.nn import functional as F

from gradlab.confusion import fully_connected, pairs
from gradlab.confusion.fully_connected import Design
from gradlab.photographs import handwriting


def start(design, count=24, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    data = handwriting.sample(count, generator).to(dtype)
    weights = [w.to(dtype) for w in fully_connected.initial(design, handwriting.PIXELS, generator)]
    return weights, data


def relative(found, expected):
    return float((found - expected).norm() / expected.norm())


DESIGNS = [
    Design(2, 16, "linear"),
    Design(5, 20, "relu"),
    Design(5, 20, "tanh", "orthogonal"),
    Design(6, 20, "relu", skip=True),
]


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_gram_form_agrees_with_per_sample_gradients(design):
    for dtype, tolerance in ((torch.float64, 1e-12), (torch.float32, 2e-6)):
        weights, data = start(design, dtype=dtype)
        oracle = pairs.per_sample_gradients(design, weights, data.inputs, data.labels)
        found = pairs.gram(design, weights, data.inputs, data.labels)
        assert relative(found, pairs.products(oracle)) < tolerance


def test_per_sample_gradients_agree_with_a_loop():
    design = Design(3, 8, "tanh")
    weights, data = start(design, count=5)
    rows = []
    for x, y in zip(data.inputs, data.labels, strict=True):
        leaves = [w.clone().requires_grad_() for w in weights]
        F.cross_entropy(fully_connected.logits(design, leaves, x[None]), y[None]).backward()
        rows.append(torch.cat([leaf.grad.flatten() for leaf in leaves]))
    found = pairs.per_sample_gradients(design, weights, data.inputs, data.labels)
    assert torch.allclose(found, torch.stack(rows), rtol=1e-10, atol=1e-14)


def test_gradient_of_a_minibatch_is_the_mean_of_its_samples():
    design = Design(3, 8)
    weights, data = start(design, count=6)
    each = pairs.per_sample_gradients(design, weights, data.inputs, data.labels)
    halves = pairs.minibatch_gradients(
        design, weights, data.inputs.reshape(2, 3, -1), data.labels.reshape(2, 3)
    )
    assert torch.allclose(halves, each.reshape(2, 3, -1).mean(1))


def test_batch_norm_has_no_gradient_of_one_sample():
    design = Design(3, 8, batch_norm=True)
    weights, data = start(design, count=6)
    for function in (pairs.gram, pairs.per_sample_gradients):
        with pytest.raises(ValueError, match="minibatch_gradients"):
            function(design, weights, data.inputs, data.labels)


def test_batch_norm_lets_the_samples_of_a_batch_touch_each_other():
    design = Design(4, 8, batch_norm=True)
    weights, data = start(design, count=12)
    batch = data.inputs.reshape(2, 6, -1), data.labels.reshape(2, 6)
    found = pairs.minibatch_gradients(design, weights, *batch)
    leaves = [w.clone().requires_grad_() for w in weights]
    fully_connected.loss(design, leaves, batch[0][1], batch[1][1]).backward()
    assert torch.allclose(found[1], torch.cat([leaf.grad.flatten() for leaf in leaves]))


def test_orthogonal_inputs_do_not_confuse_a_linear_network_with_orthogonal_weights():
    for depth in (2, 8, 32):
        design = Design(depth, 80, "linear", "orthogonal")
        weights, data = start(design)
        table = pairs.gram(design, weights, 8 * handwriting.orthonormal(data.inputs), data.labels)
        assert float(pairs.cosines(table).abs().max()) < 1e-12


def test_orthogonal_inputs_do_confuse_a_deep_gaussian_one():
    design = Design(8, 80, "linear", "gaussian")
    weights, data = start(design)
    table = pairs.gram(design, weights, 8 * handwriting.orthonormal(data.inputs), data.labels)
    assert float(pairs.cosines(table).min()) < -0.1


def test_eta_and_cosines_of_a_known_table():
    gradients = torch.tensor([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]])
    table = pairs.products(gradients)
    assert pairs.eta(table) == pytest.approx(3.0)
    assert pairs.cosines(table).tolist() == pytest.approx([0.0, -1.0, 0.0])
    assert pairs.eta(pairs.products(gradients[:2])) == 0.0


def test_a_sample_without_gradient_is_left_out():
    table = pairs.products(torch.tensor([[1.0, 1.0], [0.0, 0.0], [1.0, -1.0], [2.0, 2.0]]))
    assert pairs.cosines(table).tolist() == pytest.approx([0.0, 1.0, 0.0])


def test_cosines_survive_gradients_of_any_size():
    table = pairs.products(torch.tensor([[1.0, 0.0], [-1.0, 1.0]], dtype=torch.float64) * 1e-100)
    assert pairs.cosines(table).tolist() == pytest.approx([-(0.5**0.5)])
