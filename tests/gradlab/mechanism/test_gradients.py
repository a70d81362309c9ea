"""The arms of the miniatures, each against a pass of its own, and the distances in double precision."""

from dataclasses import replace

import pytest
import torch

from gradlab.filtering import channels, hooks, module_lists, separators
from gradlab.filtering.attribution import Forward
from gradlab.filtering.conservation import Conservation
from gradlab.mechanism import digits, gradients, miniatures
from gradlab.mechanism.gradients import SEPARATORS, UPPER

TEST = digits.place("test", 6, seed=5)
TRAINING = digits.place("train", 80, seed=6)


def subject(name: str) -> gradients.Subject:
    network = miniatures.untrained(name, seed=0).eval().requires_grad_(False)
    return gradients.prepare(name, 3, network, TRAINING, TEST.pixels[:2])


@pytest.fixture(scope="module")
def residual():
    return subject("residual")


def test_the_upper_half_and_those_of_it_on_every_path(residual):
    upper = residual.filterings[UPPER]
    assert upper == module_lists.last_convolutions(residual.network, 0.5)
    crossed = separators.separating(residual.network, upper, TEST.pixels)
    # The convolutions inside the residual blocks have a skip round them, the one between has none.
    assert list(residual.filterings[SEPARATORS]) == [name for name in upper if crossed[name]] == ["6.0"]
    assert list(residual.moments) == list(upper)
    assert float(residual.moments["6.0"].count.sum()) == len(TRAINING)


@pytest.mark.parametrize("filtering", [UPPER, SEPARATORS])
def test_each_arm_equals_its_own_forward_and_backward_pass(residual, filtering):
    found = gradients.gradients(residual, filtering, 0.2, TEST)
    modules = residual.filterings[filtering]
    chosen = {name: channels.class_channels(residual.moments[name], 0.2)[TEST.labels] for name in modules}
    generator = torch.Generator().manual_seed(3)
    random = {name: channels.random_channels(rows, generator) for name, rows in chosen.items()}
    for name, (keep, rule) in {
        "plain": ({}, Conservation.NONE),
        "not conserved": (chosen, Conservation.NONE),
        "conserved": (chosen, Conservation.VARIANCE),
        "exact": (chosen, Conservation.EXACT),
        "random, not conserved": (random, Conservation.NONE),
        "random, conserved": (random, Conservation.VARIANCE),
    }.items():
        with hooks.partition_channels(modules, keep, rule):
            expected = Forward(residual.network, TEST.pixels, TEST.labels).gradient()
        torch.testing.assert_close(found.pop(name), expected)
    assert not found


def test_conservation_turns_the_residual_network_and_not_the_chain(residual):
    assert gradients.largest_distance(subject("plain"), UPPER, [0.1, 0.3], TEST) < 1e-10
    assert gradients.largest_distance(residual, SEPARATORS, [0.1, 0.3], TEST) < 1e-10
    assert gradients.largest_distance(residual, UPPER, [0.1, 0.3], TEST) > 1e-3


def test_the_largest_distance_is_over_quantiles_and_pictures(residual):
    slow = []
    for quantile in (0.1, 0.3):
        found = gradients.gradients(residual, UPPER, quantile, TEST)
        for a, b in zip(found["conserved"], found["not conserved"], strict=True):
            a, b = a.double().flatten(), b.double().flatten()
            slow.append(1 - float(a @ b / (a.norm() * b.norm())))
    largest = gradients.largest_distance(residual, UPPER, [0.1, 0.3], TEST)
    assert largest == pytest.approx(max(slow), rel=1e-3)


def test_the_weights_are_the_same_single_precision_afterwards(residual):
    before = {name: value.clone() for name, value in residual.network.state_dict().items()}

    def fail(network: torch.nn.Module) -> None:
        with gradients.double_precision(network):
            assert next(network.parameters()).dtype == torch.float64
            raise KeyError

    with pytest.raises(KeyError):
        fail(residual.network)
    after = residual.network.state_dict()
    assert all(after[name].dtype == value.dtype for name, value in before.items())
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_distances_are_the_largest_over_seeds_and_leave_empty_filterings_out(residual):
    other = gradients.prepare(
        "residual",
        4,
        miniatures.untrained("residual", seed=1).eval().requires_grad_(False),
        TRAINING,
        TEST.pixels[:2],
    )
    other = replace(other, filterings={UPPER: other.filterings[UPPER], SEPARATORS: {}})
    found = gradients.largest_distances([residual, other], [0.1], TEST)
    one, two = (gradients.largest_distance(each, UPPER, [0.1], TEST) for each in (residual, other))
    assert found["residual", UPPER] == max(one, two)
    assert one != two
    assert set(gradients.largest_distances([other], [0.1], TEST)) == {("residual", UPPER)}
