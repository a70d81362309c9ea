"""Where the signs of gradients come from: independent draws of a network's weights."""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F


def hidden_gradients(
    inputs: Float[Tensor, "n inputs"], draws: int, seed: int, hidden: int = 64
) -> Float[Tensor, "draws n hidden"]:
    """The gradient of one logit at each unit of the first hidden layer, for each draw of the weights.

    The network has two hidden layers of ``hidden`` units with batch normalisation and ReLU, and ten
    outputs. Its weights are normal with variance 2 / inputs of the layer (He et al. 2015).
    """
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(draws):
        first, second, third = (
            torch.randn(shape, generator=generator, dtype=torch.float64) * math.sqrt(2 / shape[0])
            for shape in ((inputs.shape[1], hidden), (hidden, hidden), (hidden, 10))
        )
        # Zeros added to the pre-activations: their gradient is that of the units.
        units = torch.zeros(len(inputs), hidden, dtype=torch.float64, requires_grad=True)
        below = F.batch_norm(inputs @ first + units, None, None, training=True)
        above = F.batch_norm(below.relu() @ second, None, None, training=True)
        (gradient,) = torch.autograd.grad((above.relu() @ third)[:, 0].sum(), units)
        found.append(gradient)
    return torch.stack(found)


def sign_changes(gradients: Float[Tensor, "draws n hidden"]) -> Float[Tensor, "pairs"]:
    """The share of entries with opposite signs, for each pair of one draw and the next; zeros are left out.

    Units and inputs of one draw share weights, so the pairs of draws are the independent unit.
    """
    return torch.stack(
        [
            ((one > 0) != (other > 0))[(one != 0) & (other != 0)].double().mean()
            for one, other in zip(gradients[0::2], gradients[1::2], strict=True)
        ]
    )
