"""Which modules lie on every path from the input to the output."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gradlab.filtering.hooks import gradient_hooks
from gradlab.filtering.layouts import ModuleError


def separating(
    network: nn.Module,
    modules: Mapping[str, nn.Module],
    images: Float[Tensor, "n c h w"],
) -> dict[str, bool]:
    """For each module, whether every path from the input to the output crosses it.

    Measured: with the gradient at the module's output set to zero, the input gradient is zero exactly
    when no path goes around. If all filtered modules are separators, conservation changes only the norm
    of a single-pass gradient: each hooked gradient is then a positive multiple of its unconserved one.
    Raises :class:`~gradlab.filtering.layouts.ModuleError` if the gradient is zero without any filter (a fresh
    vision transformer's head is zero): then every module would look like a separator.
    """
    if not bool(_input_gradient(network, images).any()):
        raise ModuleError("the input gradient is zero without any filter, so no path can be measured")
    found = {}
    for name, module in modules.items():
        called: list[bool] = []
        counting = module.register_forward_hook(lambda *_, called=called: called.append(True))
        with gradient_hooks({name: module}, lambda _name, gradient: torch.zeros_like(gradient)):
            found[name] = not bool(_input_gradient(network, images).any())
        counting.remove()
        if not called:
            raise ModuleError(f"module {name!r} is not called by a forward pass, so no path crosses it")
    return found


def _input_gradient(network: nn.Module, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
    inputs = images.detach().clone().requires_grad_(True)
    gradient: Tensor = torch.autograd.grad(network(inputs).sum(), inputs)[0]
    return gradient
