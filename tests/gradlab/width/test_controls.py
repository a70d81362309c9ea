"""Controls beside the infinite network's prediction."""

import pytest
import torch

from gradlab.width import controls, ensembles, gaussian_process, task

TASK = task.digits(3, 8, train=6, test=4, steps=5)


def test_kernels_share_their_largest_eigenvalue():
    found = controls.kernels(TASK)
    assert torch.equal(found[controls.LIMIT], TASK.limit.ntk)
    for kernel in found.values():
        largest = torch.linalg.eigvalsh(kernel[:6, :6])[-1]
        assert float(largest) == pytest.approx(float(torch.linalg.eigvalsh(TASK.limit.ntk[:6, :6])[-1]))
    radial, linear = found[controls.RADIAL], found[controls.LINEAR]
    # At the median distance the radial basis function has fallen by the root of e.
    distances = torch.pdist(TASK.inputs[:6])
    place = int((distances == distances.median()).nonzero())
    i, j = torch.combinations(torch.arange(6))[place].tolist()
    assert float(radial[i, j] / radial[0, 0]) == pytest.approx(torch.tensor(-0.5).exp().item(), rel=1e-6)
    assert float(linear[0, 1] / linear[2, 3]) == pytest.approx(
        float((TASK.inputs[0] @ TASK.inputs[1]) / (TASK.inputs[2] @ TASK.inputs[3]))
    )


def test_predictions_are_those_of_training_with_each_kernel():
    found = controls.predictions(TASK)
    for name, kernel in controls.kernels(TASK).items():
        expected = gaussian_process.after_training(TASK.limit.nngp, kernel, TASK.targets, TASK.rate, 5)
        assert torch.equal(found[name], expected.mean[6:])


def test_a_perfect_ensemble_misses_nothing_and_other_kernels_do():
    predicted = controls.predictions(TASK)
    exact = predicted[controls.LIMIT].expand(3, 4)
    (one,) = controls.by_width(TASK, {7: exact})
    assert one.width == 7
    assert one.missed.mean == pytest.approx(0.0, abs=1e-15)
    for name in (controls.RADIAL, controls.LINEAR):
        square = (predicted[name] - exact[0]).square().sum() / exact[0].square().sum()
        assert one.further[name].mean == pytest.approx(float(square))
        assert float(square) > 1e-4
    (row,) = controls.rows([one])
    assert len(row) == len(controls.HEADS)
    assert row[:4] == [7, one.missed.mean, one.missed.low, one.missed.high]
    assert row[4] == one.further[controls.RADIAL].mean


def test_beyond_the_largest_rate_the_limit_diverges_and_networks_need_not():
    slow, fast = (controls.fast(TASK, 16, networks=2, factor=factor) for factor in (0.5, 50.0))
    assert (slow.count, len(slow.networks)) == (2, 2)
    at_rate = ensembles.train_all(TASK, 16, 2)
    assert slow.networks == pytest.approx(at_rate.square().mean(1).sqrt().tolist(), rel=1e-4)
    assert slow.prediction < 10
    assert fast.prediction > 1e6
