import pytest
import torch
from torch import nn

from gradlab.comparison.arms import PLAIN, Arm, Chooser, Selection, crossed, passes
from gradlab.filtering import channels, module_lists
from gradlab.filtering.attribution import Forward
from gradlab.filtering.channels import Moments
from gradlab.filtering.conservation import Conservation
from gradlab.filtering.hooks import partition_channels
from gradlab.filtering.layouts import ModuleError

LABELS = torch.tensor([0, 1, 2, 3, 0])
NUMBERS = [7, 3, 12, 5, 9]
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


@pytest.mark.parametrize("labels", [LABELS, torch.full((5,), 2)], ids=["classes", "one class"])
@pytest.mark.parametrize("selection", list(Selection))
def test_each_arm_equals_its_own_forward_and_backward_pass(setting, selection, labels):
    network, images, modules, chooser = setting
    with channels.recorded_means(modules) as means:
        network(images)
    arms = crossed(["all", "last"], [0.3, 0.5], selection, list(Conservation))
    found = passes(network, modules, images, labels, [PLAIN, *arms], chooser, NUMBERS)
    assert [one.arm for one in found.taken] == [PLAIN, *arms]
    torch.testing.assert_close(found.logits, network(images))
    for one in found.taken:
        keep = chooser.keep(one.arm, labels, means, NUMBERS)
        assert list(keep) == list(chooser.filterings.get(one.arm.filtering, ()))
        with partition_channels(modules, keep, one.arm.conservation) as partition:
            expected = Forward(network, images, labels).gradient()
        torch.testing.assert_close(one.gradient, expected, rtol=1e-9, atol=1e-14)
        if one.arm is not PLAIN:
            torch.testing.assert_close(one.log_beta, partition.total_log_beta())
            # The instance rule keeps one channel less than the quantile's count.
            wanted = int(one.arm.quantile * 10) - (selection is Selection.INSTANCE)
            assert one.kept.tolist() == [wanted] * 5


def test_outputs_say_which_answer_belongs_to_a_class(setting):
    network, images, modules, chooser = setting
    outputs = torch.tensor([3, 1, 0, 2])
    found = passes(network, modules, images, LABELS, [PLAIN], chooser, outputs=outputs)
    expected = Forward(network, images, outputs[LABELS]).gradient()
    torch.testing.assert_close(found.taken[0].gradient, expected)


def test_random_channels_are_the_photographs_own(setting):
    """The same for every rule and in whatever batch the photograph comes, and different for its neighbour."""
    _, _, _, chooser = setting
    arms = crossed(["all"], [0.3], Selection.RANDOM)
    first, second = (chooser.keep(arm, LABELS, {}, NUMBERS) for arm in arms)
    alone = Chooser(chooser.moments, chooser.filterings, seed=4).keep(arms[0], LABELS[2:3], {}, NUMBERS[2:3])
    other = Chooser(chooser.moments, chooser.filterings, seed=5).keep(arms[0], LABELS, {}, NUMBERS)
    for name, rows in first.items():
        assert torch.equal(rows, second[name])
        assert torch.equal(rows[2], alone[name][0])
        assert rows.sum(1).tolist() == [3] * 5
    assert any(not torch.equal(rows[0], rows[4]) for rows in first.values())
    assert any(not torch.equal(rows, other[name]) for name, rows in first.items())


def test_class_channels_follow_the_labels(setting):
    _, _, _, chooser = setting
    keep = chooser.keep(Arm("last", 0.3), LABELS, {}, NUMBERS)
    for name, rows in keep.items():
        expected = channels.class_channels(chooser.moments[name], 0.3)
        assert torch.equal(rows, expected[LABELS])
        one = chooser.keep(Arm("last", 0.3), torch.tensor([3, 3]), {}, [0, 1])[name]
        assert torch.equal(one, expected[3])


def test_an_arm_names_its_columns():
    arm = Arm("last30", 0.05, Selection.RANDOM, Conservation.EXACT)
    assert (PLAIN.name, arm.name) == ("plain", "last30 q=0.05 random exact")
    assert arm.unconserved() == Arm("last30", 0.05, Selection.RANDOM)
    assert arm.conserved().conservation is CONSERVED


class Twice(nn.Module):
    """Calls one convolution twice, and has one that it never calls."""

    def __init__(self) -> None:
        super().__init__()
        self.again, self.idle = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)

    def forward(self, x):
        return self.again(self.again(x)).mean((2, 3))


@pytest.mark.parametrize(("name", "times"), [("again", "2 times"), ("idle", "never")])
def test_a_module_has_to_be_called_once(small, name, times):
    network = Twice().double().requires_grad_(False)
    modules = {name: network.get_submodule(name)}
    moments = Moments(torch.full((3,), 4.0).double(), torch.rand(3, 3).double(), torch.rand(3, 3).double())
    chooser = Chooser({name: moments}, {"all": [name]})
    with pytest.raises(ModuleError, match=f"'{name}' is called {times} in a forward pass"):
        passes(network, modules, small.images(3), torch.arange(3), [Arm("all", 0.5)], chooser)


def test_a_gradient_that_is_zero_without_a_filter_is_no_result(setting):
    network, images, modules, chooser = setting
    nn.init.zeros_(network[-1].weight)
    with pytest.raises(ModuleError, match="zero without any filter"):
        passes(network, modules, images, LABELS, [Arm("last", 0.3)], chooser)
