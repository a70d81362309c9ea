"""Layer-wise relevance propagation (LRP, Bach et al. 2015) by Captum, with the composite "epsilon plus flat".

Linear layers take the epsilon rule, convolutions the z+ rule (alpha 1, beta 0), and the first convolution
the flat rule, which spreads the relevance of an output evenly over its inputs, because pixels may be
negative (Montavon et al. 2019, "Layer-Wise Relevance Propagation: An Overview"; Kohlbrenner et al. 2020,
arXiv:1910.09840). Bias takes no relevance in convolutions.
"""

import warnings
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="IProgress not found")  # as in gradlab.filtering.attribution
    from captum.attr import LRP
    from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule, PropagationRule

_EPSILON = 1e-6


class Flat(PropagationRule):  # type: ignore[misc]
    """Every input of an output takes the same share of its relevance."""

    def _manipulate_weights(self, module: Any, inputs: Any, outputs: Any) -> None:
        module.weight.data = torch.ones_like(module.weight)
        if module.bias is not None:
            module.bias.data = torch.zeros_like(module.bias)
        for device, before in module.activations.items():
            module.activations[device] = tuple(torch.ones_like(one) for one in before)


def relevance(
    network: nn.Module, images: Float[Tensor, "n c h w"], labels: Int[Tensor, "n"]
) -> Float[Tensor, "n c h w"]:
    """The signed relevance of every entry of the input; it sums to the logit less the last layer's bias.

    ``network`` has to be :func:`gradlab.faithfulness.rewired.rewired`.
    """
    first = True
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            # Captum takes the rules off again at the end.
            module.rule = Flat() if first else Alpha1_Beta0_Rule(set_bias_to_zero=True)
            first = False
        elif isinstance(module, nn.Linear):
            module.rule = EpsilonRule(_EPSILON)
    inputs = images.detach().clone().requires_grad_(True)
    found: Tensor = LRP(network).attribute(inputs, target=labels)
    return found.detach()
