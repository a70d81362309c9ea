"""Keep some channels of a convolution's gradient, drop the others, conserve the variance or not.

The gradient g at a convolution's *output* is split by channel into a kept group H and the rest L; with
S_H and S_L the sums of their maps over channels, M = Var(S_H) and N = Var(S_L) (unbiased, over the
positions of the map), the kept maps are scaled so that the summed map keeps the variance M + N. A tensor
hook on the output does this: what autograd then sends through the convolution equals the input gradient
recomputed from the changed output gradient. Everything is per photograph, without a loop and without
waiting for the device. Definitions after the released ParchGrad code (v23.11.07.1).
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

# Added to both variances, as in the release. It is not negligible beside the gradient of a very
# confident prediction when that gradient is weighted by its probability (see attribution.Weight).
EPSILON = 1e-13


class Conservation(Enum):
    """What the scaled gradient conserves at the convolution's output.

    ``VARIANCE`` is the published rule, M + N; it leaves out the covariance of the two groups. ``EXACT``
    conserves Var(S_H + S_L), the variance that the summed gradient really had.
    """

    NONE = "none"
    VARIANCE = "variance"
    EXACT = "exact"


def _spread(maps: Float[Tensor, "n g p"], squared: bool) -> Float[Tensor, "n g"]:
    """Variance over positions; a map of one position has none, and its magnitude stands in.

    The release takes the magnitude where a square would have the unit of a variance; ``squared``
    (used by ``EXACT``) takes the square.
    """
    if maps.shape[-1] > 1:
        return maps.var(-1) + EPSILON
    magnitude = maps.squeeze(-1).abs()
    return (magnitude.square() if squared else magnitude) + EPSILON


def _group_sums(gradient: Float[Tensor, "n c h w"], keep: Bool[Tensor, "n c"]) -> Float[Tensor, "n 2 p"]:
    """S_H and S_L of each photograph, without copying a gradient of either memory format."""
    groups = torch.stack([keep, ~keep], dim=1).to(gradient.dtype)
    if gradient.is_contiguous():
        return torch.bmm(groups, gradient.flatten(2))
    return torch.bmm(gradient.permute(0, 2, 3, 1).flatten(1, 2), groups.mT).mT


def channel_factors(
    gradient: Float[Tensor, "n c h w"],
    keep: Bool[Tensor, "n c"],
    conservation: Conservation = Conservation.NONE,
    gamma: float = math.inf,
) -> tuple[Float[Tensor, "n c"], Float[Tensor, "n"]]:
    """The factor of each channel's gradient map, and log beta, the conserving scale, per photograph.

    ``gamma`` infinite drops L and scales H by beta = sqrt((M + N) / M). ``gamma`` finite keeps both and
    makes the deviation of H's sum ``gamma`` times that of L's: with c = gamma sqrt(N / M), H is scaled
    by c beta and L by beta = sqrt((M + N) / (M c^2 + N)). Without conservation beta is 1. Where H or L is
    empty the factors are 1 and log beta is 0: that photograph's gradient stays as it is.
    """
    split = keep.any(1) != keep.all(1)  # with one group empty there is nothing to filter
    if math.isfinite(gamma):
        return _factors_of_both(gradient, keep, split, conservation, gamma)
    passed = keep | ~split[:, None]
    if conservation is Conservation.NONE:
        return passed.to(gradient.dtype), gradient.new_zeros(len(gradient))
    sums = _group_sums(gradient, keep)
    if conservation is Conservation.VARIANCE:
        m, n = _spread(sums, squared=False).unbind(1)
        log_beta = 0.5 * torch.log1p(n / m)
    else:
        before, after = _spread(torch.stack([sums.sum(1), sums[:, 0]], 1), squared=True).unbind(1)
        log_beta = 0.5 * torch.log(before / after)
    log_beta = torch.where(split, log_beta, 0.0)
    return passed * log_beta.exp()[:, None], log_beta


def _factors_of_both(
    gradient: Float[Tensor, "n c h w"],
    keep: Bool[Tensor, "n c"],
    split: Bool[Tensor, "n"],
    conservation: Conservation,
    gamma: float,
) -> tuple[Float[Tensor, "n c"], Float[Tensor, "n"]]:
    """:func:`channel_factors` for a finite ``gamma``; ``split`` says where both groups have channels."""
    kept, rest = (sums := _group_sums(gradient, keep)).unbind(1)
    m, n = _spread(sums, squared=False).unbind(1)
    ratio = gamma * torch.sqrt(n / m)
    if conservation is Conservation.NONE:
        log_beta = torch.zeros_like(m)
    elif conservation is Conservation.VARIANCE:
        log_beta = 0.5 * torch.log((m + n) / (m * ratio.square() + n))
    else:
        after = kept * ratio[:, None] + rest
        before_and_after = _spread(torch.stack([kept + rest, after], 1), squared=True)
        log_beta = 0.5 * torch.log(before_and_after[:, 0] / before_and_after[:, 1])
    log_beta = torch.where(split, log_beta, 0.0)
    beta = log_beta.exp()
    factors = torch.where(keep, (beta * ratio)[:, None], beta[:, None])
    return torch.where(split[:, None], factors, 1.0), log_beta


@contextmanager
def gradient_hooks(
    modules: Mapping[str, nn.Module], change: Callable[[str, Tensor], Tensor]
) -> Iterator[None]:
    """Replace the gradient g at each module's output by ``change(name, g)`` inside the ``with``.

    The change acts on every forward pass made inside; on leaving, also by an exception, the hooks are
    gone from the modules and from any graph that is still alive.
    """
    handles: list[RemovableHandle] = []

    def forward_hook(name: str) -> Callable[..., None]:
        def attach(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
            if output.requires_grad:
                hook = output.register_hook(lambda gradient: change(name, gradient))  # type: ignore[no-untyped-call]
                handles.append(hook)

        return attach

    try:
        for name, module in modules.items():
            handles.append(module.register_forward_hook(forward_hook(name)))
        yield
    finally:
        for handle in handles:
            handle.remove()


class Partition:
    """The filter in force on a set of modules. It may be changed between two backward passes.

    ``keep`` maps a module's name to the kept channels of each photograph; a module without an entry is
    left alone. ``log_beta`` holds log beta per photograph of each module the last backward pass met.
    """

    def __init__(self, modules: Mapping[str, nn.Module]) -> None:
        self.names = tuple(modules)
        self.keep: dict[str, Tensor] = {}
        self.conservation = Conservation.NONE
        self.gamma = math.inf
        self.log_beta: dict[str, Tensor] = {}

    def set(
        self,
        keep: Mapping[str, Bool[Tensor, "n c"]],
        conservation: Conservation = Conservation.NONE,
        gamma: float = math.inf,
    ) -> None:
        """Filter the passes that follow like this; an empty ``keep`` gives the plain gradient."""
        if unknown := [name for name in keep if name not in self.names]:
            raise ValueError(f"no module {unknown[0]!r} in this partition; there are {', '.join(self.names)}")
        self.keep, self.conservation, self.gamma = dict(keep), conservation, gamma
        self.log_beta = {}

    def total_log_beta(self) -> Float[Tensor, "n"]:
        """The sum of log beta over the modules that the last backward pass met."""
        return torch.stack(list(self.log_beta.values())).sum(0)

    def change(self, name: str, gradient: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The filtered gradient of the module ``name``."""
        if name not in self.keep:
            return gradient
        factors, log_beta = channel_factors(gradient, self.keep[name], self.conservation, self.gamma)
        self.log_beta[name] = log_beta
        return gradient * factors[:, :, None, None]


@contextmanager
def partition_channels(
    modules: Mapping[str, nn.Module],
    keep: Mapping[str, Bool[Tensor, "n c"]] | None = None,
    conservation: Conservation = Conservation.NONE,
    gamma: float = math.inf,
) -> Iterator[Partition]:
    """Filter the gradient at the output of ``modules`` inside the ``with``.

    ``keep`` gives, per module name, one row of kept channels per photograph of the batch.
    """
    partition = Partition(modules)
    partition.set(keep or {}, conservation, gamma)
    with gradient_hooks(modules, partition.change):
        yield partition


def convolutions(network: nn.Module) -> dict[str, nn.Module]:
    """Every two-dimensional convolution of the network by name, in the order of registration."""
    return {name: module for name, module in network.named_modules() if isinstance(module, nn.Conv2d)}


def last_convolutions(network: nn.Module, ratio: float) -> dict[str, nn.Module]:
    """The last int(ratio * count) convolutions in the order of registration (the release's layer ratio)."""
    named = list(convolutions(network).items())
    return dict(named[len(named) - int(ratio * len(named)) :])


def _upper_resnet18(network: Any) -> list[nn.Module]:
    # The two convolutions of every block of the last two stages, without the downsampling branch.
    blocks = [*network.layer3, *network.layer4]
    return [convolution for block in blocks for convolution in (block.conv1, block.conv2)]


def _upper_vgg16(network: Any) -> list[nn.Module]:
    return [module for module in network.features[22:] if isinstance(module, nn.Conv2d)]


def _upper_efficientnet_b0(network: Any) -> list[nn.Module]:
    # The depthwise convolution that opens each of the last two stages, and the head's convolution.
    features = network.features
    return [features[6][0].block[1][0], features[7][0].block[1][0], features[8][0]]


_UPPER: dict[str, Callable[[Any], list[nn.Module]]] = {
    "resnet18": _upper_resnet18,
    "vgg16": _upper_vgg16,
    "efficientnet_b0": _upper_efficientnet_b0,
}


def upper_modules(architecture: str, network: nn.Module) -> dict[str, nn.Module]:
    """The upper modules that the release filters by default, by name, in the order of registration."""
    if architecture not in _UPPER:
        raise ValueError(f"no upper modules are listed for {architecture!r}; known: {', '.join(_UPPER)}")
    chosen = set(_UPPER[architecture](network))
    return {name: module for name, module in network.named_modules() if module in chosen}


def separators(
    network: nn.Module, modules: Mapping[str, nn.Module], images: Float[Tensor, "n c h w"]
) -> dict[str, bool]:
    """For each module, whether every path from the input to the output crosses it.

    Measured: with the gradient at the module's output set to zero, the input gradient is zero exactly
    when no path goes around. If all filtered modules are separators, conservation changes only the norm
    of a single-pass gradient: each hooked gradient is then a positive multiple of its unconserved one.
    """
    found = {}
    for name, module in modules.items():
        inputs = images.detach().clone().requires_grad_(True)
        with gradient_hooks({name: module}, lambda _name, gradient: torch.zeros_like(gradient)):
            (gradient,) = torch.autograd.grad(network(inputs).sum(), inputs)
        found[name] = not bool(gradient.any())
    return found
