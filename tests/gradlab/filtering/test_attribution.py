import pytest
import torch
from captum.attr import InputXGradient, NoiseTunnel, Saliency

from gradlab.filtering import attribution, module_lists
from gradlab.filtering.attribution import Weight
from gradlab.filtering.conservation import Conservation
from gradlab.filtering.hooks import partition_channels

LABELS = torch.tensor([0, 1, 2, 3, 0])


def test_saliency_and_input_times_gradient_equal_captum(small):
    network, images = small.residual(1), small.images()
    inputs = images.clone().requires_grad_(True)
    expected = Saliency(network).attribute(inputs, target=LABELS).mean(1).detach()
    torch.testing.assert_close(attribution.saliency(network, images, LABELS), expected)
    expected = InputXGradient(network).attribute(inputs, target=LABELS).abs().mean(1).detach()
    torch.testing.assert_close(attribution.input_times_gradient(network, images, LABELS), expected)


def test_the_probability_weight_scales_each_map(small):
    network, images = small.plain(2), small.images()
    p = network(images).softmax(1)[torch.arange(5), LABELS]
    logit = attribution.saliency(network, images, LABELS)
    weighted = attribution.saliency(network, images, LABELS, Weight.PROBABILITY)
    torch.testing.assert_close(weighted, p[:, None, None] * logit)


def filtered(small, network, rows=slice(None)):
    modules = module_lists.convolutions(network)
    keep = {name: small.random_keep(5, 6, i)[rows] for i, name in enumerate(modules)}
    return partition_channels(modules, keep, Conservation.VARIANCE)


def test_integrated_gradients_under_a_filter_equal_a_loop_over_photographs_and_points(small):
    network, images, points = small.plain(3), small.images(), 9
    with filtered(small, network):
        maps = attribution.integrated_gradients(network, images, LABELS, points)
    for i in range(5):
        total = torch.zeros_like(images[:1])
        for step in range(points):
            with filtered(small, network, slice(i, i + 1)):
                x = (images[i : i + 1] * (step / (points - 1))).requires_grad_(True)
                (gradient,) = torch.autograd.grad(network(x)[0, LABELS[i]], x)
            total = total + gradient * (0.5 if step in (0, points - 1) else 1.0)
        expected = (images[i] * total[0]).abs().mean(0)
        # The scale of a quadrature rule is the library's affair; the shape of the map is ours.
        torch.testing.assert_close(maps[i] / maps[i].sum(), expected / expected.sum(), rtol=1e-9, atol=1e-12)


def test_integrated_gradients_add_up_to_the_change_of_the_logit(small):
    network, images = small.plain(3), small.images()
    zero = torch.zeros_like(images)
    change = (network(images) - network(zero))[torch.arange(5), LABELS]
    maps = attribution.integrated_gradients(network, images[:, :], LABELS, 200)
    # |sum of signed values| <= sum of |values|, and the map holds the mean over three colours.
    assert (3 * maps.sum((1, 2)) * 1.02 >= change.abs()).all()


def test_smoothgrad_under_a_filter_equals_a_loop_over_photographs(small):
    network, images, samples = small.plain(4), small.images(), 6
    with filtered(small, network):
        maps = attribution.smoothgrad(network, images, LABELS, samples, noise=0.2, seed=3)
    generator = torch.Generator().manual_seed(3)
    draws = [torch.randn(images.shape, generator=generator, dtype=torch.float64) for _ in range(samples)]
    for i in range(5):
        spread = 0.2 * (images[i].max() - images[i].min())
        total = torch.zeros_like(images[:1])
        for draw in draws:
            with filtered(small, network, slice(i, i + 1)):
                x = (images[i : i + 1] + spread * draw[i : i + 1]).requires_grad_(True)
                total = total + torch.autograd.grad(network(x)[0, LABELS[i]], x)[0]
        torch.testing.assert_close(maps[i], (total[0] / samples).abs().mean(0), rtol=1e-9, atol=1e-14)


def test_smoothgrad_agrees_with_captum_up_to_sampling(small):
    network, images = small.residual(5), small.images(1, side=8)
    labels, samples = LABELS[:1], 1500
    spread = float(images.max() - images.min())
    torch.manual_seed(0)
    tunnel = NoiseTunnel(Saliency(network))
    expected = tunnel.attribute(
        images.clone().requires_grad_(True),
        nt_samples=samples,
        stdevs=0.15 * spread,
        target=labels,
        abs=False,
    )
    got = attribution.smoothgrad(network, images, labels, samples)
    plain = attribution.saliency(network, images, labels)
    expected = expected.abs().mean(1).detach()
    assert (got - expected).norm() < 0.1 * expected.norm()
    assert (plain - expected).norm() > 0.2 * expected.norm()


@pytest.mark.parametrize("method", ["saliency", "input_times_gradient", "integrated_gradients", "smoothgrad"])
def test_every_method_is_quiet_about_the_network(small, method):
    network, images = small.plain(6), small.images()
    before = images.clone()
    maps = getattr(attribution, method)(network, images, LABELS)
    assert maps.shape == (5, 12, 12)
    assert (maps >= 0).all()
    assert not maps.requires_grad
    assert torch.equal(images, before)
    assert not images.requires_grad
    assert all(parameter.grad is None for parameter in network.parameters())
