"""Attribution maps of a classifier: how much each pixel counts for a photograph's class.

All take the network as it is, so inside ``hooks.partition_channels`` they use the filtered gradient. The
colour channels are joined as the mean of absolute values in every method; the released code takes the
absolute value after the mean for integrated gradients only.
"""

import warnings
from enum import Enum

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

with warnings.catch_warnings():
    # Captum's progress bar looks for notebook widgets, which a headless kernel does not have.
    warnings.filterwarnings("ignore", message="IProgress not found")
    from captum.attr import IntegratedGradients


class Weight(Enum):
    """What is differentiated: the class's logit, or the logit weighted by the class's probability.

    The release uses ``PROBABILITY`` (a constant factor, not differentiated). It scales each map, which
    no metric here sees, but it also moves the gradients of confident predictions down to the size of
    the constant that is added to the variances; ``LOGIT`` has no such side effect and is the default.
    """

    LOGIT = "logit"
    PROBABILITY = "probability"


def class_score(
    logits: Float[Tensor, "n k"], labels: Int[Tensor, "n"], weight: Weight = Weight.LOGIT
) -> Float[Tensor, "n"]:
    """The scalar of each photograph whose gradient is taken."""
    rows = torch.arange(len(labels), device=labels.device)
    score = logits[rows, labels]
    if weight is Weight.PROBABILITY:
        score = score * logits.softmax(1)[rows, labels].detach()
    return score


class Forward:
    """One forward pass whose input gradient can be taken again, each time under another filter."""

    def __init__(
        self,
        network: nn.Module,
        images: Float[Tensor, "n c h w"],
        labels: Int[Tensor, "n"],
        weight: Weight = Weight.LOGIT,
    ) -> None:
        self.images = images.detach().requires_grad_(True)
        self.logits: Float[Tensor, "n k"] = network(self.images)
        self._score = class_score(self.logits, labels, weight).sum()

    def gradient(self) -> Float[Tensor, "n c h w"]:
        """The gradient of every photograph's score with respect to its pixels."""
        (gradient,) = torch.autograd.grad(self._score, self.images, retain_graph=True)
        return gradient


def joined(signed: Float[Tensor, "n c h w"]) -> Float[Tensor, "n h w"]:
    """The mean over the colour channels of the absolute values."""
    return signed.abs().mean(1)


def saliency(
    network: nn.Module,
    images: Float[Tensor, "n c h w"],
    labels: Int[Tensor, "n"],
    weight: Weight = Weight.LOGIT,
) -> Float[Tensor, "n h w"]:
    """|gradient| (Simonyan et al. 2014, arXiv:1312.6034)."""
    return joined(Forward(network, images, labels, weight).gradient())


def input_times_gradient(
    network: nn.Module,
    images: Float[Tensor, "n c h w"],
    labels: Int[Tensor, "n"],
    weight: Weight = Weight.LOGIT,
) -> Float[Tensor, "n h w"]:
    """|input x gradient|; the input is the normalised photograph, zero where it has the mean colour."""
    return joined(images * Forward(network, images, labels, weight).gradient())


def integrated_gradients(
    network: nn.Module,
    images: Float[Tensor, "n c h w"],
    labels: Int[Tensor, "n"],
    points: int = 26,
    weight: Weight = Weight.LOGIT,
) -> Float[Tensor, "n h w"]:
    """|input x mean gradient on the way from the mean colour| (Sundararajan et al. 2017), by Captum.

    ``points`` gradients, trapezoidal rule. Captum evaluates one point of the whole batch at a time, so
    a filter's rows match the photographs.
    """

    def score(inputs: Tensor, targets: Tensor) -> Tensor:
        return class_score(network(inputs), targets, weight)

    signed: Float[Tensor, "n c h w"] = IntegratedGradients(score).attribute(
        images.detach(),
        additional_forward_args=labels,
        n_steps=points,
        method="riemann_trapezoid",
        internal_batch_size=len(images),
    )
    return joined(signed.detach())


def smoothgrad(
    network: nn.Module,
    images: Float[Tensor, "n c h w"],
    labels: Int[Tensor, "n"],
    samples: int = 25,
    noise: float = 0.15,
    seed: int = 0,
    weight: Weight = Weight.LOGIT,
) -> Float[Tensor, "n h w"]:
    """|mean gradient under Gaussian noise| (Smilkov et al. 2017, arXiv:1706.03825).

    The noise's deviation is ``noise`` times the photograph's own range of values, which Captum's noise
    tunnel, with one deviation for all photographs, does not offer; the loop is over samples, and each
    step takes the whole batch.
    """
    generator = torch.Generator().manual_seed(seed)
    values = images.detach().flatten(1)
    deviation = (noise * (values.amax(1) - values.amin(1)))[:, None, None, None]
    total = torch.zeros_like(images)
    for _ in range(samples):
        draw = torch.randn(images.shape, generator=generator, dtype=images.dtype).to(images.device)
        total += Forward(network, images.detach() + deviation * draw, labels, weight).gradient()
    return joined(total / samples)
