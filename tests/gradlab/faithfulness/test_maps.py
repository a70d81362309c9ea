"""The compared maps against their definitions."""

import pytest
import torch
from torch import nn

from gradlab.comparison.arms import PLAIN, Arm
from gradlab.faithfulness import maps
from gradlab.faithfulness.maps import CONSERVED, FILTERED, GRADIENT, RANDOM, TITLES, Methods
from gradlab.faithfulness.measure import Compared
from gradlab.filtering import attribution

METHODS = Methods("upper", 0.25, ("layer4", "layer3"), points=4)
pytestmark = pytest.mark.filterwarnings("ignore:Setting backward hooks")


@pytest.fixture
def taken(tiny_study):
    """All maps, and what they were taken of."""
    study = tiny_study.study
    compared = Compared.of(study.subject, study.folds[0].chooser)
    ready, hooked = (one.ready(torch.device("cpu")) for one in (compared.subject, compared.hooked))
    rows = list(range(6))
    images, labels = ready.inputs(study.photographs, rows), ready.labels(study.photographs, rows)
    outputs = ready.outputs(study.photographs)
    found = METHODS.of_network(ready, hooked.network, compared.chooser, images, labels, outputs, rows)
    found |= METHODS.blind(images, rows)
    return found, ready, hooked.network, images, outputs[labels]


def test_every_method_has_a_map_without_negative_values(taken):
    found, _, _, images, _ = taken
    assert set(found) == set(TITLES)
    for name, own in found.items():
        assert own.shape == (len(images), 32, 32), name
        assert (own >= 0).all(), name
        assert own.flatten(1).any(1).all() or name.startswith("cam"), name


def test_gradients_are_those_of_the_arms(taken):
    found, ready, _, images, outputs = taken
    assert METHODS.arms[GRADIENT] == PLAIN
    assert METHODS.arms[CONSERVED] == Arm("upper", 0.25).conserved()
    torch.testing.assert_close(found[GRADIENT], attribution.saliency(ready.network, images, outputs))
    for first, second in ((FILTERED, GRADIENT), (CONSERVED, FILTERED), (CONSERVED, RANDOM)):
        assert not torch.allclose(found[first], found[second]), (first, second)


class Guided(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp_min(0)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient.clamp_min(0) * (x > 0)


def test_guided_backpropagation_rectifies_gradients_at_every_rectifier(taken):
    found, _, hooked, images, outputs = taken
    for module in hooked.modules():
        if isinstance(module, nn.ReLU):
            module.__dict__["forward"] = Guided.apply
    inputs = images.clone().requires_grad_(True)
    score = hooked(inputs)[range(6), outputs].sum()
    (gradient,) = torch.autograd.grad(score, inputs)
    torch.testing.assert_close(found["guided"], gradient.abs().mean(1), rtol=1e-3, atol=1e-6)


def test_grad_cam_weighs_the_maps_of_its_layer(taken):
    found, ready, _, images, outputs = taken
    network = ready.network
    x = network.maxpool(network.relu(network.bn1(network.conv1(images))))
    x = network.layer3(network.layer2(network.layer1(x))).requires_grad_(True)
    score = network.fc(network.avgpool(network.layer4(x)).flatten(1))[range(6), outputs].sum()
    (gradient,) = torch.autograd.grad(score, x)
    small = (gradient.mean((2, 3), keepdim=True) * x).sum(1, keepdim=True).relu()
    large = nn.functional.interpolate(small, (32, 32), mode="bilinear")[:, 0].detach()
    torch.testing.assert_close(found["cam below"], large, rtol=1e-4, atol=1e-6)


def test_random_draws_depend_on_the_photograph_alone():
    both = maps.drawn((4, 4), [3, 7], seed=1)
    torch.testing.assert_close(maps.drawn((4, 4), [7], seed=1), both[1:])
    assert not torch.equal(both[0], both[1])
    assert not torch.equal(maps.drawn((4, 4), [7], seed=2), both[1:])


def test_the_centred_map_falls_with_the_distance_from_the_middle():
    found = maps.centred(8)
    assert found.argmax() in (27, 28, 35, 36)
    torch.testing.assert_close(found, found.flip(0).T)
    assert found[0, 0] == found.min()
