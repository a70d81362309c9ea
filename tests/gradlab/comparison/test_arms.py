import pytest
import torch

from gradlab.comparison.arms import PLAIN, Arm, Chooser, Selection, passes
from gradlab.filtering import channels, module_lists
from gradlab.filtering.attribution import Forward
from gradlab.filtering.channels import Moments
from gradlab.filtering.conservation import Conservation
from gradlab.filtering.hooks import partition_channels

LABELS = torch.tensor([0, 1, 2, 3, 0])
CONSERVED = Conservation.VARIANCE


@pytest.fixture
def setting(small):
    network, images = small.residual(3, width=10), small.images()
    modules = module_lists.convolutions(network)
    generator = torch.Generator().manual_seed(0)
    moments = {
        name: Moments(
            torch.full((4,), 20.0).double(),
            torch.rand(4, 10, generator=generator).double(),
            torch.rand(4, 10, generator=generator).double() + 1,
        )
        for name in modules
    }
    names = list(modules)
    return network, images, modules, Chooser(moments, {"all": names, "last": names[-2:]}, seed=4)


@pytest.mark.parametrize("selection", list(Selection))
def test_each_arm_equals_its_own_forward_and_backward_pass(setting, selection):
    network, images, modules, chooser = setting
    with channels.recorded_means(modules) as means:
        network(images)
    arms = [Arm(f, q, selection, c) for f in ("all", "last") for q in (0.3, 0.5) for c in Conservation]
    for one in passes(network, modules, images, LABELS, [PLAIN, *arms], chooser, batch=7):
        keep = chooser.keep(one.arm, LABELS, means, 7)
        assert list(keep) == list(chooser.filterings.get(one.arm.filtering, ()))
        with partition_channels(modules, keep, one.arm.conservation) as partition:
            expected = Forward(network, images, LABELS).gradient()
        torch.testing.assert_close(one.gradient, expected, rtol=1e-9, atol=1e-14)
        if one.arm is not PLAIN:
            torch.testing.assert_close(one.log_beta, partition.total_log_beta())
            # The instance rule keeps one channel less than the quantile's count.
            wanted = int(one.arm.quantile * 10) - (selection is Selection.INSTANCE)
            assert one.kept.tolist() == [wanted] * 5


def test_random_channels_are_the_same_for_every_rule_and_differ_between_batches(setting):
    _, _, _, chooser = setting
    arms = [Arm("all", 0.3, Selection.RANDOM, rule) for rule in (Conservation.NONE, CONSERVED)]
    first, second = (chooser.keep(arm, LABELS, {}, 1) for arm in arms)
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = chooser.keep(arms[0], LABELS, {}, 2)
    assert any(not torch.equal(first[name], other[name]) for name in first)
    again = Chooser(chooser.moments, chooser.filterings, seed=4).keep(arms[0], LABELS, {}, 1)
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_class_channels_follow_the_labels(setting):
    _, _, _, chooser = setting
    keep = chooser.keep(Arm("last", 0.3), LABELS, {}, 0)
    for name, rows in keep.items():
        assert torch.equal(rows[0], rows[4])
        assert torch.equal(rows, channels.class_channels(chooser.moments[name], 0.3)[LABELS])
