import math

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.gradcheck import GradcheckError
from torch.nn.grad import conv2d_input

from gradlab.filtering import metrics, module_lists, separators
from gradlab.filtering.attribution import Forward, integrated_gradients, smoothgrad
from gradlab.filtering.conservation import EPSILON, Conservation, channel_factors
from gradlab.filtering.hooks import partition_channels
from gradlab.filtering.layouts import ModuleError

LABELS = torch.tensor([0, 1, 2, 3, 0])


def slow_change(gradient, keep, conservation, gamma):
    """The definition, one photograph at a time, with Python numbers."""
    result = gradient.clone()
    for i in range(len(gradient)):
        chosen = [c for c in range(gradient.shape[1]) if keep[i, c]]
        others = [c for c in range(gradient.shape[1]) if not keep[i, c]]
        if not chosen or not others:
            continue
        s_h, s_l = sum(gradient[i, c] for c in chosen), sum(gradient[i, c] for c in others)

        def size(map_, power=1):
            if map_.numel() == 1:
                return abs(map_.item()) ** power + EPSILON
            values = map_.flatten().tolist()
            mean = sum(values) / len(values)
            return sum((v - mean) ** 2 for v in values) / (len(values) - 1) + EPSILON

        m, n = size(s_h), size(s_l)
        for_h, for_l = (1.0, 0.0) if math.isinf(gamma) else (gamma * math.sqrt(n / m), 1.0)
        if conservation is Conservation.VARIANCE:
            beta = math.sqrt((m + n) / (m * for_h**2 + n * for_l))
        elif conservation is Conservation.EXACT:
            beta = math.sqrt(size(s_h + s_l, 2) / size(for_h * s_h + for_l * s_l, 2))
        else:
            beta = 1.0
        for c in chosen:
            result[i, c] *= beta * for_h
        for c in others:
            result[i, c] *= beta * for_l
    return result


def output_gradient(network, module, images):
    """The plain gradient at a module's output, and the module's input, from autograd alone."""
    seen: dict[str, Tensor] = {}
    handle = module.register_forward_hook(lambda m, i, o: seen.update(input=i[0].detach(), output=o))
    logits = network(images.clone().requires_grad_(True))
    handle.remove()
    score = logits[torch.arange(5), LABELS].sum()
    return torch.autograd.grad(score, seen["output"])[0], seen["input"]


@pytest.mark.parametrize("conservation", list(Conservation))
@pytest.mark.parametrize("gamma", [math.inf, 2.5])
@pytest.mark.parametrize("side", [12, 4])
def test_equals_the_recomputed_input_gradient_of_the_slow_definition(small, conservation, gamma, side):
    network, images = small.plain(1), small.images(side=side)
    module = network[6]  # at side 4 its map has one position
    gradient, module_input = output_gradient(network, module, images)
    assert (gradient.shape[-1] == 1) is (side == 4)
    keep = small.random_keep(5, 6)
    keep[3], keep[4] = True, False
    expected_output = slow_change(gradient, keep, conservation, gamma)
    expected_input = conv2d_input(
        module_input.shape, module.weight, expected_output, module.stride, module.padding
    )
    received: dict[str, Tensor] = {}

    def watch(_module, _inputs, output):
        output.register_hook(lambda g: received.update(gradient=g))

    handle = network[5].register_forward_hook(watch)
    with partition_channels({"c": module}, {"c": keep}, conservation, gamma) as partition:
        Forward(network, images, LABELS).gradient()
    handle.remove()
    torch.testing.assert_close(received["gradient"], expected_input, rtol=1e-10, atol=1e-16)
    ratio = expected_output.abs().sum((1, 2, 3)) / gradient.abs().sum((1, 2, 3))
    assert partition.log_beta["c"][3:].tolist() == [0, 0]
    torch.testing.assert_close(ratio[3:], torch.ones(2).double())


def test_the_in_place_relu_behind_a_convolution_is_no_obstacle(small):
    network, images = small.plain(2), small.images()
    keep = small.random_keep(5, 6)
    out_of_place = small.plain(2)
    out_of_place[1].inplace = out_of_place[4].inplace = False
    expected, module_input = output_gradient(out_of_place, out_of_place[0], images)
    expected = slow_change(expected, keep, Conservation.VARIANCE, math.inf)
    with partition_channels({"0": network[0]}, {"0": keep}, Conservation.VARIANCE):
        got = Forward(network, images, LABELS).gradient()
    wanted = conv2d_input(module_input.shape, network[0].weight, expected, 1, 1)
    torch.testing.assert_close(got, wanted, rtol=1e-10, atol=1e-16)


def test_what_each_rule_conserves(small):
    gradient = torch.randn(5, 6, 7, 7, generator=torch.Generator().manual_seed(3)).double()
    keep = small.random_keep(5, 6)

    def sums(rule, gamma):
        factors, _ = channel_factors(gradient, keep, rule, gamma)
        scaled = gradient * factors[:, :, None, None]
        chosen = keep[:, :, None, None]
        return (scaled * chosen).sum(1).flatten(1), (scaled * ~chosen).sum(1).flatten(1)

    h, rest = sums(Conservation.NONE, math.inf)
    assert not rest.any()
    whole = gradient.sum(1).flatten(1)
    total = h.var(1) + (whole - h).var(1)
    for gamma in (math.inf, 0.5, 3.0):
        h, rest = sums(Conservation.VARIANCE, gamma)
        torch.testing.assert_close(h.var(1) + rest.var(1), total)
        if math.isfinite(gamma):
            torch.testing.assert_close(h.std(1) / rest.std(1), torch.full((5,), gamma).double())
        h, rest = sums(Conservation.EXACT, gamma)
        torch.testing.assert_close((h + rest).var(1), whole.var(1))


def test_the_filter_without_conservation_is_the_derivative_with_frozen_channels(small):
    """Finite differences of the network whose dropped channels are held constant."""
    network, images = small.plain(4, width=4), small.images(2, side=8)
    keep = small.random_keep(2, 4)
    modules = {"2": network[2], "6": network[6]}
    calls = []
    for name, module in modules.items():
        module.register_forward_hook(lambda m, i, o, name=name: calls.append((name, o.detach())))
    network(images)
    held = dict(calls)

    def frozen(x):
        for i, module in enumerate(network):
            x = module(x)
            if str(i) in modules:
                x = torch.where(keep[:, :, None, None], x, held[str(i)])
        return x

    def value_frozen_gradient_filtered(x):
        logits = network(x)
        return logits + (frozen(x) - logits).detach()

    inputs = images.requires_grad_(True)
    with partition_channels(modules, dict.fromkeys(modules, keep)):
        assert torch.autograd.gradcheck(value_frozen_gradient_filtered, (inputs,), check_undefined_grad=False)
    with pytest.raises(GradcheckError):
        torch.autograd.gradcheck(value_frozen_gradient_filtered, (inputs,))


def test_a_batch_is_its_photographs_one_by_one(small):
    network, images, keep = small.residual(5), small.images(), small.random_keep(5, 6)
    modules = {"a": network[2].conv1, "b": network[3].conv2}
    with partition_channels(modules, dict.fromkeys(modules, keep), Conservation.VARIANCE) as together:
        batch = Forward(network, images, LABELS).gradient()
    for i in range(5):
        row = dict.fromkeys(modules, keep[i : i + 1])
        with partition_channels(modules, row, Conservation.VARIANCE) as alone:
            one = Forward(network, images[i : i + 1], LABELS[i : i + 1]).gradient()
        torch.testing.assert_close(batch[i : i + 1], one, rtol=1e-9, atol=1e-14)
        torch.testing.assert_close(together.total_log_beta()[i : i + 1], alone.total_log_beta())


def test_one_forward_pass_serves_many_filters(small):
    network, images, keep = small.residual(6), small.images(), small.random_keep(5, 6)
    modules = {"a": network[2].conv1}
    plain = Forward(network, images, LABELS).gradient()
    with partition_channels(modules) as partition:
        forward = Forward(network, images, LABELS)
        assert torch.equal(forward.gradient(), plain)
        partition.set({"a": keep}, Conservation.VARIANCE)
        filtered = forward.gradient()
        partition.set({})
        assert torch.equal(forward.gradient(), plain)
    with partition_channels(modules, {"a": keep}, Conservation.VARIANCE):
        assert torch.equal(Forward(network, images, LABELS).gradient(), filtered)
    assert not torch.allclose(filtered, plain)


def test_no_hook_remains_even_after_an_exception(small):
    network, images, keep = small.plain(7), small.images(), small.random_keep(5, 6)
    modules = {"2": network[2]}
    plain = Forward(network, images, LABELS).gradient()
    kept_alive = []

    def fail_inside():
        with partition_channels(modules, {"2": keep}):
            kept_alive.append(Forward(network, images, LABELS))
            assert not torch.equal(kept_alive[0].gradient(), plain)
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        fail_inside()
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())
    assert torch.equal(kept_alive[0].gradient(), plain), "the graph that outlived the with is still hooked"
    assert torch.equal(Forward(network, images, LABELS).gradient(), plain)


def test_an_unknown_module_is_named(small):
    network = small.plain()
    with (
        pytest.raises(ValueError, match=r"'conv9'.*nearest: 2"),
        partition_channels({"2": network[2]}, {"conv9": small.random_keep(5, 6)}),
    ):
        pass


def signed_pair(network, modules, images, keep):
    """The unconserved and the conserved gradient, and the sum of log beta."""
    with partition_channels(modules) as partition:
        forward = Forward(network, images, LABELS)
        partition.set(keep)
        without = forward.gradient()
        partition.set(keep, Conservation.VARIANCE)
        conserved = forward.gradient()
        return without, conserved, partition.total_log_beta()


@pytest.mark.parametrize("seed", range(5))
def test_conservation_at_separators_changes_only_the_norm(small, seed):
    network, images = small.plain(seed, width=16), small.images(seed=seed)
    modules = module_lists.convolutions(network)
    assert all(separators.separating(network, modules, images).values())
    keep = {name: small.random_keep(5, 16, seed + i) for i, name in enumerate(modules)}
    without, conserved, log_beta = signed_pair(network, modules, images, keep)
    assert metrics.cosine_distance(without, conserved).max() < 1e-10
    torch.testing.assert_close(
        metrics.log_norm(conserved) - metrics.log_norm(without), log_beta, rtol=1e-6, atol=1e-6
    )
    assert log_beta.min() > 0.01


@pytest.mark.parametrize("seed", range(5))
def test_a_way_around_the_module_makes_conservation_turn_the_gradient(small, seed):
    network, images = small.residual(seed), small.images(seed=seed)
    modules = {"a": network[2].conv1, "b": network[3].conv2}
    assert not any(separators.separating(network, modules, images).values())
    keep = dict.fromkeys(modules, small.random_keep(5, 6, seed))
    without, conserved, _ = signed_pair(network, modules, images, keep)
    assert metrics.cosine_distance(without, conserved).max() > 1e-3


@pytest.mark.parametrize("method", [integrated_gradients, smoothgrad])
def test_averaging_over_points_breaks_the_theorem(small, method):
    network, images = small.plain(0), small.images()
    modules = module_lists.convolutions(network)
    keep = {name: small.random_keep(5, 6, i) for i, name in enumerate(modules)}
    maps = []
    for rule in (Conservation.NONE, Conservation.VARIANCE):
        with partition_channels(modules, keep, rule):
            maps.append(method(network, images, LABELS))
    assert metrics.cosine_distance(*maps).max() > 1e-5


@pytest.mark.parametrize("conservation", list(Conservation))
def test_the_memory_format_of_the_gradient_makes_no_difference(conservation):
    generator = torch.Generator().manual_seed(5)
    gradient = torch.randn(4, 6, 3, 5, generator=generator, dtype=torch.float64)
    keep = torch.rand(4, 6, generator=generator) < 0.5
    last = gradient.contiguous(memory_format=torch.channels_last)
    spread = gradient.sum(1, keepdim=True).expand(-1, 6, -1, -1)  # neither format: one map stands for all
    for one, other in ((gradient, last), (spread.contiguous(), spread)):
        for expected, found in zip(
            channel_factors(one, keep, conservation),
            channel_factors(other, keep, conservation),
            strict=True,
        ):
            torch.testing.assert_close(found, expected)


def _dense(keep, n):
    return {name: row.expand(n, -1) for name, row in keep.items()}


class Shapes(nn.Module):
    """Strides that leave a rest, dilation, rectangular kernels, groups, points: every kind of convolution."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.layers = nn.Sequential(
            nn.Conv2d(3, 20, (3, 5), stride=(2, 3), padding=(1, 2)),
            nn.ReLU(),
            nn.Conv2d(20, 24, 3, padding=2, dilation=2, bias=False),
            nn.BatchNorm2d(24),
            nn.ReLU(inplace=True),
            nn.Conv2d(24, 24, 3, padding=1, groups=8),
            nn.Conv2d(24, 6, 1),
            nn.ReLU(),
            nn.Conv2d(6, 6, 2, stride=2, padding_mode="reflect", padding=1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(6, 4),
        )

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.layers(x)
        return logits


@pytest.mark.parametrize("conservation", list(Conservation))
@pytest.mark.parametrize("gamma", [math.inf, 2.5])
@pytest.mark.parametrize("last", [False, True])
def test_one_row_for_all_photographs_is_that_row_for_each(small, conservation, gamma, last):
    network = Shapes().double().eval().requires_grad_(False)
    images = small.images(side=23)
    if last:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        images = images.to(memory_format=torch.channels_last)
    modules = module_lists.convolutions(network)
    generator = torch.Generator().manual_seed(1)
    widths = {name: len(module.get_parameter("weight")) for name, module in modules.items()}
    keep = {name: torch.rand(width, generator=generator) < 0.3 for name, width in widths.items()}
    # Products of the first two are over the kept channels and a few that are set to zero.
    assert [0 < int(row.sum()) < 16 for row in keep.values()][:2] == [True, True]
    found = []
    for rows in (keep, _dense(keep, 5)):
        with partition_channels(modules, rows, conservation, gamma) as partition:
            found.append((Forward(network, images, LABELS).gradient(), partition.total_log_beta()))
    torch.testing.assert_close(found[0][0], found[1][0], rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(found[0][1], found[1][1])
    assert found[0][0].any()


@pytest.mark.parametrize("kept", [1, 8, 9, 15])
def test_channels_that_fill_up_a_product_pass_nothing_on(kept):
    torch.manual_seed(0)
    module = nn.Conv2d(3, 40, 3, padding=1).double().requires_grad_(False)
    images = torch.randn(2, 3, 6, 6).double().requires_grad_()
    keep = torch.arange(40) % 2 == 1
    keep[2 * kept :] = False
    with partition_channels({"c": module}, {"c": keep}) as partition:
        listed = partition.only_kept("c")
        (found,) = torch.autograd.grad(module(images).square().sum(), images)
    assert listed is not None
    assert len(listed) == 8 * math.ceil(kept / 8)
    assert keep[listed].sum() == kept
    (expected,) = torch.autograd.grad((module(images) * keep[:, None, None]).square().sum(), images)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("conservation", list(Conservation))
def test_a_gradient_in_half_precision_stays_in_it_and_its_scale_is_single(small, conservation):
    network, images = small.plain(1, width=24).to(torch.bfloat16), small.images().to(torch.bfloat16)
    rows = torch.arange(24) < 7
    found = []
    for keep in (rows, rows.expand(5, -1)):  # the product over kept channels, and over all of them
        with partition_channels({"2": network[2]}, {"2": keep}, conservation) as partition:
            found.append(Forward(network, images, LABELS).gradient())
            log_beta = partition.total_log_beta()
    assert [gradient.dtype for gradient in found] == [torch.bfloat16] * 2
    assert (found[0] - found[1]).norm() < 0.02 * found[0].norm()
    exact = small.plain(1, width=24)
    with partition_channels({"2": exact[2]}, {"2": rows}, conservation) as partition:
        Forward(exact, small.images(), LABELS).gradient()
        expected = partition.total_log_beta()
    assert log_beta.dtype == torch.float32
    torch.testing.assert_close(log_beta.double(), expected, rtol=0.1, atol=0.02)


@pytest.mark.parametrize("row", [torch.zeros(6, dtype=torch.bool), torch.ones(6, dtype=torch.bool)])
def test_a_row_that_keeps_none_or_all_leaves_the_gradient_as_it_is(small, row):
    network, images = small.plain(1), small.images()
    plain = Forward(network, images, LABELS).gradient()
    with partition_channels({"2": network[2]}, {"2": row}, Conservation.VARIANCE):
        torch.testing.assert_close(Forward(network, images, LABELS).gradient(), plain, rtol=1e-12, atol=1e-15)


def test_weights_that_are_trained_keep_their_gradient(small):
    network, images = small.plain(1).requires_grad_(True), small.images()
    row = torch.tensor([True, False, True, False, True, False])
    grown = []
    for keep in ({"2": row}, {"2": row.expand(5, -1)}):
        with partition_channels({"2": network[2]}, keep):
            loss = network(images)[range(5), LABELS].sum()
            grown.append(torch.autograd.grad(loss, network[2].weight)[0])
    torch.testing.assert_close(*grown)
    assert grown[0][row].any()
    assert not grown[0][~row].any()


def test_the_forward_method_is_given_back(small):
    network, images = small.plain(1), small.images()
    with partition_channels({"2": network[2]}):
        inside = network(images)
    assert "forward" not in network[2].__dict__
    assert torch.equal(network(images), inside)


WRONG_MASKS = {
    "channels": ({"2": torch.ones(5, 7, dtype=torch.bool)}, r"mask of '2' has shape \(5, 7\) for 6 channels"),
    "one row": ({"2": torch.ones(7, dtype=torch.bool)}, r"mask of '2' has shape \(7,\) for 6 channels"),
    "photographs": (
        {"2": torch.ones(5, 6, dtype=torch.bool), "6": torch.ones(4, 6, dtype=torch.bool)},
        r"different numbers of photographs: \(5, 6\) at '2', \(4, 6\) at '6'",
    ),
}


@pytest.mark.parametrize("case", list(WRONG_MASKS))
def test_a_mask_that_does_not_fit_is_named_before_any_pass(small, case):
    network = small.plain()
    masks, words = WRONG_MASKS[case]
    with (
        pytest.raises(ModuleError, match=words),
        partition_channels({n: network[int(n)] for n in "26"}, masks),
    ):
        raise AssertionError("the filter was accepted")


def test_a_filtered_module_that_no_pass_calls_is_an_error(small):
    network, stray = small.plain(), nn.Conv2d(3, 6, 3)
    keep = {"stray": small.random_keep(5, 6)}
    with pytest.raises(ModuleError, match="'stray' is filtered, but no forward pass called it"):  # noqa: SIM117
        with partition_channels({"stray": stray}, keep):
            Forward(network, small.images(), LABELS).gradient()
