"""Ensembles beside their predictions."""

import pytest
import torch

from gradlab.width import ensembles, gaussian_process, task
from gradlab.width.ensembles import ALL, READOUT, Ensemble
from gradlab.width.gaussian_process import Posterior

TASK = task.digits(3, 8, train=6, test=4, steps=5)


def test_networks_of_an_ensemble_are_trained_alone():
    found = ensembles.train(TASK, 10, networks=3)
    trained = TASK.outputs(10, TASK.descend(10, TASK.network(10, 50_002), 5))
    assert torch.equal(found[ALL].outputs[2], trained[6:].double())
    assert found[READOUT].outputs.shape == (3, 4)
    for name, kernel in ((READOUT, TASK.limit.nngp), (ALL, TASK.limit.ntk)):
        limit = gaussian_process.after_training(TASK.limit.nngp, kernel, TASK.targets, TASK.rate, 5)
        assert torch.equal(found[name].predicted.mean, limit.mean[6:])
        assert torch.equal(found[name].predicted.sd, limit.sd[6:])


def test_readout_outputs_are_those_of_descent_on_the_readout_alone():
    found = ensembles.train(TASK, 10, networks=2)[READOUT]
    *hidden, (weight, bias) = TASK.network(10, 50_001)
    targets = TASK.targets.float()
    for _ in range(5):
        w, b = weight.clone().requires_grad_(), bias.clone().requires_grad_()
        loss = ((TASK.outputs(10, (*hidden, (w, b)))[: len(targets)] - targets) ** 2).mean() / 2
        slopes = torch.autograd.grad(loss, (w, b))
        weight, bias = weight - TASK.rate * slopes[0], bias - TASK.rate * slopes[1]
    expected = TASK.outputs(10, (*hidden, (weight, bias)))[len(targets) :]
    assert found.outputs[1].tolist() == pytest.approx(expected.tolist(), abs=1e-4)


ENSEMBLE = Ensemble(
    torch.tensor([[1.0, 4.0], [3.0, 0.0]], dtype=torch.float64),
    Posterior(torch.tensor([1.0, 0.0], dtype=torch.float64), torch.tensor([2.0, 1.0], dtype=torch.float64)),
)


def test_agreement_of_a_small_ensemble():
    # Means 2 and 2, errors 1 and 2; standard deviations root 2 and root 8, standard errors 1 and 2.
    found = ensembles.agreement(ENSEMBLE)
    assert found.error == pytest.approx(2.5**0.5)
    assert found.standard_error == pytest.approx(2.5**0.5)
    assert found.standardised == pytest.approx(1.0)
    assert found.prediction == pytest.approx(0.5**0.5)
    assert found.spread_ratio == pytest.approx((2**0.5 / 2 + 8**0.5) / 2)
    assert list(found.named().values()) == [
        found.error,
        found.standard_error,
        found.standardised,
        found.prediction,
        found.spread_ratio,
    ]


def test_data_have_one_entry_per_test_digit():
    columns = ensembles.columns({"some": ENSEMBLE})
    assert columns["some, predicted mean"] == [1.0, 0.0]
    assert columns["some, predicted sd"] == [2.0, 1.0]
    assert columns["some, ensemble mean"] == [2.0, 2.0]
    assert columns["some, ensemble sd"] == pytest.approx([2**0.5, 8**0.5])


def test_networks_trained_by_width_are_those_of_the_ensemble():
    assert torch.equal(
        ensembles.train_all(TASK, 10, networks=2), ensembles.train(TASK, 10, networks=2)[ALL].outputs
    )


def test_what_is_missed_leaves_the_spread_between_networks_out():
    predicted = torch.tensor([2.0, 0.0, 1.0], dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(2000, 50, 3, generator=generator, dtype=torch.float64)
    means = [ensembles.missed(predicted + drawn, predicted).mean for drawn in noise[:200, :6]]
    assert abs(sum(means)) / len(means) < 0.05  # a perfect prediction, noisy networks
    shift = torch.tensor([1.0, 1.0, 0.0], dtype=torch.float64)
    found = ensembles.missed(predicted + shift + noise[:, 0], predicted)
    assert found.low < 2 / 5 < found.high
    assert found.n == 2000
    # By hand for three networks: products of different networks' errors, over 3 * 2 and the mean square.
    errors = torch.tensor([[1.0, 0.0], [2.0, 1.0], [0.0, -1.0]], dtype=torch.float64)
    unit = torch.tensor([1.0, 0.0], dtype=torch.float64)
    products = 2 * (1 * 2 + 0 * 1) + 2 * (1 * 0 + 0 * -1) + 2 * (2 * 0 + 1 * -1)
    assert ensembles.missed(unit + errors, unit).mean == pytest.approx(products / 6)


def test_what_another_prediction_misses_further():
    outputs = torch.tensor([[1.0, 1.0], [3.0, 1.0]], dtype=torch.float64)
    good, poor = torch.tensor([[2.0, 1.0], [0.0, 1.0]], dtype=torch.float64)
    # Squared errors 1, 1 beside 1, 9, over the mean square of the first prediction.
    found = ensembles.further(outputs, good, poor)
    assert found.mean == pytest.approx((0 + 8) / 2 / 5)
    assert found.low < found.mean < found.high
