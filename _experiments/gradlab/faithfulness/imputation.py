"""Removed pixels filled in from their neighbours: noisy linear imputation (Rong et al. 2022).

The paper is arXiv:2202.00449. A pixel set to a constant leaves the shape of the mask behind, which a
network may answer to; an imputed one is the weighted mean of its eight neighbours, removed ones included,
and a little noise.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F

NOISE = 0.01
"""Standard deviation of the noise, in units of the network's input."""
_TOLERANCE = 1e-4  # of each equation's residual, in the same units: a hundredth of the noise
_EVERY = 10  # iterations between two looks at the residual, which wait for the device


def _around(maps: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
    """The sum of a pixel's eight neighbours, those at a side weighted by 1/6, at a corner by 1/12."""
    wide = F.pad(maps, (1, 1, 1, 1))
    down = torch.add(wide[..., :-2, :] + wide[..., 2:, :], wide[..., 1:-1, :], alpha=2)
    across = torch.add(down[..., :-2] + down[..., 2:], down[..., 1:-1], alpha=2)
    return torch.add(across / 12, maps, alpha=-1 / 3)


def imputed(
    images: Float[Tensor, "n c h w"],
    missing: Bool[Tensor, "n h w"],
    noise: Float[Tensor, "#n c h w"] | None = None,
    most: int = 500,
) -> Float[Tensor, "n c h w"]:
    """The images with their ``missing`` pixels imputed; ``noise`` is added to these.

    The equations "a missing pixel times the weights of its neighbours in the image is their weighted sum"
    are symmetric and positive definite once one pixel is known. They are solved by conjugate gradients,
    all images at once, at most ``most`` iterations. A row without a known pixel becomes zero.
    """
    gaps = missing[:, None].to(images.dtype)
    weight = _around(torch.ones_like(gaps))
    known = images * (1 - gaps)
    mean = known.sum((2, 3), keepdim=True) / (1 - gaps).sum((2, 3), keepdim=True).clamp_min(1)
    found = gaps * mean
    rest = gaps * (_around(known) - weight * found + _around(found))
    scaled = rest / weight
    way, size = scaled, (rest * scaled).sum((2, 3), keepdim=True)
    tiny = torch.finfo(images.dtype).tiny
    for step in range(most):
        if step % _EVERY == 0 and bool(scaled.abs().amax() < _TOLERANCE):
            break
        product = gaps * (weight * way - _around(way))
        length = size / (way * product).sum((2, 3), keepdim=True).clamp_min(tiny)
        found = found + length * way
        rest = rest - length * product
        scaled = rest / weight
        before, size = size, (rest * scaled).sum((2, 3), keepdim=True)
        way = scaled + size / before.clamp_min(tiny) * way
    if noise is not None:
        found = found + gaps * noise
    return torch.where(missing[:, None], found, images)
