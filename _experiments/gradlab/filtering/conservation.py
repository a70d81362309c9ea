"""The factor of each channel's gradient, by which some channels are kept and a variance is conserved.

The gradient g at a module's *output* is split by channel into a kept group H and the rest L; with S_H and
S_L the sums of their maps over channels, M = Var(S_H) and N = Var(S_L) (unbiased, over the positions of
the map), the kept maps are scaled so that the summed map keeps the variance M + N. Everything is per
photograph, without a loop and without waiting for the device. Definitions after the released ParchGrad
code (v23.11.07.1).
"""

import math
from enum import Enum

import torch
from jaxtyping import Bool, Float
from torch import Tensor

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
    """S_H and S_L of each photograph, without copying a gradient of either memory format.

    Those of a gradient in half precision are given in single: variances of them follow.
    """
    groups = torch.stack([keep, ~keep], dim=1).to(gradient.dtype)
    if gradient.is_contiguous():
        sums = torch.bmm(groups, gradient.flatten(2))
    else:
        sums = torch.bmm(gradient.permute(0, 2, 3, 1).flatten(1, 2), groups.mT).mT
    return sums.to(torch.promote_types(sums.dtype, torch.float32))


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
        single = torch.promote_types(gradient.dtype, torch.float32)
        return passed.to(single), gradient.new_zeros(len(gradient), dtype=single)
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
