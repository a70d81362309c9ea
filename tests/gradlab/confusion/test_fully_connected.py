"""Designs, initialisations and the layer trace."""

import math

import pytest
import torch
from torch.nn import functional as F

from gradlab.confusion import fully_connected
from gradlab.confusion.fully_connected import Design


def weights(design, inputs=12, seed=0):
    return fully_connected.initial(design, inputs, torch.Generator().manual_seed(seed))


def test_depth_counts_weight_matrices():
    shapes = [tuple(w.shape) for w in weights(Design(depth=4, width=7))]
    assert shapes == [(7, 12), (7, 7), (7, 7), (10, 7)]


def test_gaussian_weights_have_the_variance_of_their_nonlinearity():
    for nonlinearity, gain in fully_connected.GAINS.items():
        hidden = weights(Design(4, 200, nonlinearity))[1]
        assert float(hidden.var()) == pytest.approx(gain / 200, rel=0.05)


def test_orthogonal_hidden_weights_keep_lengths_and_angles():
    hidden = weights(Design(3, 20, "linear", "orthogonal"))[1]
    assert torch.allclose(hidden @ hidden.mT, torch.eye(20, dtype=torch.float64), atol=1e-12)


def test_plain_network_is_the_textbook_one():
    design = Design(4, 9)
    inputs = torch.randn(5, 12, dtype=torch.float64)
    first, second, third, last = weights(design)
    expected = ((inputs @ first.T).relu() @ second.T).relu() @ third.T
    assert torch.allclose(fully_connected.logits(design, weights(design), inputs), expected.relu() @ last.T)


def test_skip_network_with_batch_norm_is_the_loop_written_out():
    design = Design(6, 9, batch_norm=True, skip=True)
    inputs = torch.randn(8, 12, dtype=torch.float64)
    matrices = weights(design)

    def normalised(h):
        return ((h - h.mean(0)) / (h.var(0, unbiased=False) + 1e-5).sqrt()).relu()

    h = inputs @ matrices[0].T
    for a, b in ((1, 2), (3, 4)):
        h = h + normalised(normalised(h) @ matrices[a].T) @ matrices[b].T
    assert torch.allclose(fully_connected.logits(design, matrices, inputs), normalised(h) @ matrices[5].T)


def test_untrained_loss_is_near_that_of_guessing():
    design = Design(3, 400, "linear")
    matrices = weights(design)
    matrices[-1] = matrices[-1] * 1e-3
    inputs = torch.randn(30, 12, dtype=torch.float64)
    found = fully_connected.loss(design, matrices, inputs, torch.arange(30) % 10)
    assert float(found) == pytest.approx(math.log(10), abs=1e-2)
    logits = fully_connected.logits(design, matrices, inputs)
    assert torch.allclose(found, F.cross_entropy(logits, torch.arange(30) % 10))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth": 4, "width": 3, "nonlinearity": "gelu"}, "known: linear, relu, tanh"),
        ({"depth": 4, "width": 3, "initialisation": "ones"}, "known: gaussian, orthogonal"),
        ({"depth": 1, "width": 3}, "at least 2"),
        ({"depth": 5, "width": 3, "skip": True}, "3 hidden layers"),
    ],
)
def test_mistakes_name_the_choices(arguments, message):
    with pytest.raises(ValueError, match=message):
        Design(**arguments)
