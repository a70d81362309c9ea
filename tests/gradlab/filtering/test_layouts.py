"""Outputs that are no maps: declared, or refused by name."""

import pytest
import torch
from torch import Tensor, nn

from gradlab.filtering import channels, layouts, separators
from gradlab.filtering.attribution import Forward
from gradlab.filtering.conservation import Conservation, channel_factors
from gradlab.filtering.hooks import partition_channels
from gradlab.filtering.layouts import Layout, ModuleError
from gradlab.photographs import torchvision_ops

torchvision_ops.ensure_schemas()
from torchvision import models  # noqa: E402


@pytest.fixture(scope="module")
def vit():
    """A small vision transformer with a head that is not zero."""
    torch.manual_seed(0)
    network = models.VisionTransformer(
        image_size=16, patch_size=4, num_layers=2, num_heads=2, hidden_dim=12, mlp_dim=20, num_classes=3
    )
    nn.init.normal_(network.heads.head.weight)
    return network.double().eval().requires_grad_(False)


IMAGES = torch.randn(4, 3, 16, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
LABELS = torch.tensor([0, 1, 2, 0])
MLP = "encoder.layers.encoder_layer_1.mlp.0"


def test_tokens_are_filtered_by_channel(vit):
    """Against the definition: the gradient at the output, changed by hand and sent on by autograd."""
    modules = {MLP: vit.get_submodule(MLP)}
    keep = torch.rand(4, 20, generator=torch.Generator().manual_seed(1)) < 0.4
    seen: dict[str, Tensor] = {}
    handle = modules[MLP].register_forward_hook(lambda m, i, o: seen.update(output=o, input=i[0]))
    logits = vit(images := IMAGES.clone().requires_grad_(True))
    handle.remove()
    score = logits[range(4), LABELS].sum()
    (at_output,) = torch.autograd.grad(score, seen["output"], retain_graph=True)
    as_maps = at_output.transpose(1, 2)[..., None]
    factors, log_beta = channel_factors(as_maps, keep, Conservation.VARIANCE)
    assert as_maps.shape == (4, 20, 17, 1)
    difference = at_output * factors[:, None] - at_output
    (more,) = torch.autograd.grad(seen["output"], images, difference, retain_graph=True)
    (plain,) = torch.autograd.grad(score, images)
    with partition_channels(
        modules, {MLP: keep}, Conservation.VARIANCE, declared={MLP: Layout.TOKENS}
    ) as filtered:
        found = Forward(vit, IMAGES, LABELS).gradient()
    torch.testing.assert_close(found, plain + more, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(filtered.log_beta[MLP], log_beta)


def test_a_linear_layer_is_refused_until_its_layout_is_declared(vit):
    modules = {MLP: vit.get_submodule(MLP)}
    for use in (partition_channels, channels.recorded_means):
        with pytest.raises(ModuleError, match=rf"'{MLP}' is a Linear: .* has to be declared"), use(modules):
            raise AssertionError("the module was accepted")


def test_a_wrong_declaration_is_refused_by_the_first_pass(vit):
    with (
        pytest.raises(ModuleError, match=rf"'{MLP}' puts out shape \(4, 17, 20\).*no channels last"),
        channels.recorded_means({MLP: vit.get_submodule(MLP)}, {MLP: Layout.CHANNELS_LAST}),
    ):
        vit(IMAGES)


def test_channels_last_outputs_have_the_moments_of_their_channels():
    """As in a Swin transformer, whose first linear layer puts out (n, h, w, c)."""
    layer = nn.Linear(6, 5)
    pixels = torch.randn(3, 4, 4, 6)
    with channels.recorded_means({"mlp.0": layer}, {"mlp.0": Layout.CHANNELS_LAST}) as means:
        output = layer(pixels)
    torch.testing.assert_close(means["mlp.0"], output.relu().mean((1, 2)))
    with pytest.raises(ModuleError, match="no maps of 5 channels"):  # noqa: SIM117
        with channels.recorded_means({"mlp.0": layer}, {"mlp.0": Layout.MAPS}):
            layer(pixels)


def test_attention_is_no_tensor_and_its_projection_is_not_called(vit):
    attention = "encoder.layers.encoder_layer_0.self_attention"
    modules = {attention: vit.get_submodule(attention)}
    with pytest.raises(ModuleError, match="puts out a tuple, not one tensor"):  # noqa: SIM117
        with partition_channels(modules, declared={attention: Layout.TOKENS}):
            vit(IMAGES)
    projection = f"{attention}.out_proj"
    keep = {projection: torch.arange(12) < 3}
    with pytest.raises(ModuleError, match=f"'{projection}' is filtered, but no forward pass called it"):  # noqa: SIM117
        with partition_channels(
            {projection: vit.get_submodule(projection)}, keep, declared={projection: Layout.TOKENS}
        ):
            Forward(vit, IMAGES, LABELS).gradient()


def test_a_fresh_transformer_has_no_gradient_to_find_paths_in():
    network = models.VisionTransformer(16, 4, 1, 2, 12, 20, num_classes=3).eval()
    with pytest.raises(ModuleError, match="zero without any filter"):
        separators.separating(network, {"conv_proj": network.conv_proj}, IMAGES.float())


def test_a_layout_is_declared_for_filtered_modules_only():
    with pytest.raises(ModuleError, match="declared for 'b', which is not among"):
        layouts.of({"a": nn.Conv2d(1, 1, 1)}, {"b": Layout.MAPS})
