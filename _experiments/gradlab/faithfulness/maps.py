"""The compared attribution methods, each as one map without negative values a photograph.

All that is signed and has colours is joined over them as the mean of absolute values, as everywhere here.
Grad-CAM's maps are its own positive part, enlarged bilinearly; one without a positive part is zero.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from gradlab.comparison.arms import PLAIN, Arm, Chooser, Selection, passes
from gradlab.comparison.subject import Ready
from gradlab.faithfulness.relevance import relevance
from gradlab.filtering import attribution

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="IProgress not found")  # as in gradlab.filtering.attribution
    from captum.attr import GuidedBackprop, LayerAttribution, LayerGradCam

GRADIENT, FILTERED, CONSERVED, RANDOM = "gradient", "filtered", "conserved", "random channels"
TITLES = {
    GRADIENT: "plain gradient",
    FILTERED: "filtered, not conserved",
    CONSERVED: "filtered, conserved",
    RANDOM: "random channels, conserved",
    "integrated": "integrated gradients",
    "guided": "guided backpropagation",
    "lrp": "LRP",
    "cam": "Grad-CAM",
    "cam below": "Grad-CAM, one stage lower",
    "noise": "random map",
    "centre": "centred Gaussian",
}
"""Every method, in the order of tables."""
BLIND = ("noise", "centre")
"""The baselines: maps that know neither the photograph nor the network."""

# Captum says on every call that it sets the hooks which it was asked to set.
warnings.filterwarnings("ignore", message="Setting backward hooks on ReLU activations")


def drawn(shape: Sequence[int], numbers: Sequence[int], seed: int, normal: bool = False) -> Tensor:
    """A random tensor of ``shape`` for each of the photographs with these ``numbers``, uniform or normal; the
    same on every device and in every batch.
    """
    draw = torch.randn if normal else torch.rand
    return torch.stack(
        [draw(*shape, generator=torch.Generator().manual_seed(1_000_003 * seed + n)) for n in numbers]
    )


def centred(side: int) -> Float[Tensor, "side side"]:
    """A Gaussian round the middle of the picture, with a quarter of its side as deviation."""
    away = (torch.arange(side) - (side - 1) / 2) / (side / 4)
    return torch.exp(-(away[:, None] ** 2 + away**2) / 2)


@dataclass(frozen=True)
class Methods:
    """How the compared maps are taken: the filtered modules and the share of kept channels, the module whose
    output Grad-CAM weighs and the one below it, the points of integrated gradients, the seed of random maps.
    """

    filtering: str
    quantile: float
    layers: tuple[str, str]
    points: int = 10
    seed: int = 0

    @property
    def arms(self) -> dict[str, Arm]:
        """The gradients, by method."""
        own = Arm(self.filtering, self.quantile)
        by_chance = Arm(self.filtering, self.quantile, Selection.RANDOM).conserved()
        return {GRADIENT: PLAIN, FILTERED: own, CONSERVED: own.conserved(), RANDOM: by_chance}

    def of_network(
        self,
        ready: Ready,
        hooked: nn.Module,
        chooser: Chooser,
        images: Float[Tensor, "n 3 h w"],
        labels: Int[Tensor, "n"],
        outputs: Int[Tensor, "classes"],
        numbers: Sequence[int],
    ) -> dict[str, Float[Tensor, "n h w"]]:
        """Every method's maps but those of the baselines.

        ``hooked`` is the rewired network (:mod:`gradlab.faithfulness.rewired`), ``numbers`` are those of
        the photographs, by which random channels are drawn.
        """
        network, own = ready.network, outputs[labels]
        taken = passes(network, ready.modules, images, labels, self.arms.values(), chooser, numbers, outputs)
        found = {
            name: attribution.joined(one.gradient) for name, one in zip(self.arms, taken.taken, strict=True)
        }
        found["integrated"] = attribution.integrated_gradients(network, images, own, self.points)
        inputs = images.detach().clone().requires_grad_(True)
        found["guided"] = attribution.joined(GuidedBackprop(hooked).attribute(inputs, target=own))
        found["lrp"] = attribution.joined(relevance(hooked, images, own))
        for name, layer in zip(("cam", "cam below"), self.layers, strict=True):
            cam = LayerGradCam(network, network.get_submodule(layer))
            small = cam.attribute(inputs, target=own, relu_attributions=True)
            found[name] = LayerAttribution.interpolate(small, images.shape[2:], "bilinear")[:, 0]
        return {name: maps.detach().contiguous() for name, maps in found.items()}

    def blind(
        self, images: Float[Tensor, "n 3 h w"], numbers: Sequence[int]
    ) -> dict[str, Float[Tensor, "n h w"]]:
        """The maps of both baselines."""
        side = images.shape[-1]
        noise = drawn((side, side), numbers, self.seed).to(images)
        return {"noise": noise, "centre": centred(side).to(images).expand_as(noise)}
