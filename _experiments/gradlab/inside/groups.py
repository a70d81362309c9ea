"""How the kept channels of a gradient compare with the rest: sizes, variances and directions of their sums.

The gradient g at a module's output is split by channel into a kept group H and the rest L, as in
:mod:`gradlab.filtering.conservation`; S_H and S_L are the sums of the groups' maps over channels, and
S = S_H + S_L. Everything here is of one photograph and does not change when g is multiplied by a number.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

MEASURES = {
    "entry-ratio": "root mean square of the kept channels' entries over that of the others'",
    "channel-ratio": "mean length of a kept channel's map over that of another channel's",
    "sum-ratio": "length of the others' sum over that of the kept channels' sum",
    "others-share": "share N / (M + N) of the others in the variances of the two sums over positions",
    "correlation": "correlation of the two sums over positions",
    "cosine": "cosine between the kept channels' sum and the sum of all",
    "flips": "share of positions where the sum of all has another sign than the kept channels' sum",
}
"""What is measured, by name."""
OF_POSITIONS = ("others-share", "correlation", "cosine")
"""The measures that a map of one position does not have: it has no variance and no direction."""
_ROUNDING = 1e-6
"""What single precision leaves of the variation of a constant map, relative to its size."""


def measures(gradient: Float[Tensor, "n c h w"], keep: Bool[Tensor, "n c"]) -> dict[str, Float[Tensor, "n"]]:
    """Every measure of :data:`MEASURES` for each photograph, in double precision.

    What is not defined is NaN: those of :data:`OF_POSITIONS` on a map of one position, and any ratio of zero
    to zero, as where the gradient of a group is zero everywhere.
    """
    maps = gradient.double().flatten(2)
    groups = torch.stack([keep, ~keep], 1).double()
    sizes, squares = groups.sum(2), maps.square().sum(2)
    kept, others = (groups @ maps).unbind(1)
    total = kept + others
    entry, channel = (
        ((groups @ each[:, :, None])[:, :, 0] / sizes).unbind(1) for each in (squares, squares.sqrt())
    )
    found = {
        "entry-ratio": (entry[0] / entry[1]).sqrt(),
        "channel-ratio": channel[0] / channel[1],
        "sum-ratio": others.norm(dim=1) / kept.norm(dim=1),
        "others-share": _others_share(kept, others),
        "correlation": _cosine(_centred(kept), _centred(others)),
        "cosine": _cosine(kept, total),
        "flips": _flips(kept, total),
    }
    if maps.shape[2] == 1:
        found |= {name: torch.full_like(found[name], torch.nan) for name in OF_POSITIONS}
    return found


def _others_share(kept: Float[Tensor, "n p"], others: Float[Tensor, "n p"]) -> Float[Tensor, "n"]:
    m, n = (_centred(sums).square().sum(1) for sums in (kept, others))
    share: Tensor = n / (m + n)
    return share


def _centred(sums: Float[Tensor, "n p"]) -> Float[Tensor, "n p"]:
    """Less their mean over positions; zero where nothing but rounding is left."""
    centred = sums - sums.mean(1, keepdim=True)
    varies = centred.norm(dim=1) > _ROUNDING * sums.norm(dim=1)
    found: Tensor = centred * varies[:, None]
    return found


def _cosine(first: Float[Tensor, "n p"], second: Float[Tensor, "n p"]) -> Float[Tensor, "n"]:
    """NaN where one of the two is zero; torch's own function puts a constant into the norms instead."""
    cosine: Tensor = (first * second).sum(1) / (first.norm(dim=1) * second.norm(dim=1))
    return cosine


def _flips(kept: Float[Tensor, "n p"], total: Float[Tensor, "n p"]) -> Float[Tensor, "n"]:
    """Of the positions where the kept channels' sum is not zero."""
    signed = kept != 0
    return ((kept.sign() != total.sign()) & signed).double().sum(1) / signed.double().sum(1)
