"""Filter the gradient at the output of some modules while a ``with`` is open.

A tensor hook on the output does this: what autograd then sends through the module equals the input
gradient recomputed from the changed output gradient (:mod:`gradlab.filtering.conservation` has the factors
it is changed by). Where all photographs of a batch keep the same channels of a convolution, the product
with its weight is taken over these channels only: the others would contribute zeros.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.hooks import RemovableHandle

from gradlab.filtering import layouts
from gradlab.filtering.conservation import Conservation, channel_factors
from gradlab.filtering.layouts import Layout, ModuleError


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

    ``keep`` maps a module's name to the kept channels: a row for each photograph, or one row for all of
    them. A module without an entry is left alone. ``log_beta`` holds log beta per photograph of each module
    the last backward pass met, ``calls`` how often each module was called.
    """

    def __init__(
        self, modules: Mapping[str, nn.Module], declared: Mapping[str, Layout] | None = None
    ) -> None:
        self.modules = dict(modules)
        self.layouts = layouts.of(modules, declared)
        self.keep: dict[str, Tensor] = {}
        self.conservation = Conservation.NONE
        self.gamma = math.inf
        self.log_beta: dict[str, Tensor] = {}
        self.calls: dict[str, int] = dict.fromkeys(modules, 0)
        self._kept: dict[str, Tensor | None] = {}

    def set(
        self,
        keep: Mapping[str, Bool[Tensor, "n c"] | Bool[Tensor, "c"]],
        conservation: Conservation = Conservation.NONE,
        gamma: float = math.inf,
    ) -> None:
        """Filter the passes that follow like this; an empty ``keep`` gives the plain gradient.

        Raises :class:`~gradlab.filtering.layouts.ModuleError` for a module that is not in this partition and
        for a mask that does not fit its channels.
        """
        for name, mask in keep.items():
            if name not in self.modules:
                near = get_close_matches(name, self.modules, n=3, cutoff=0)
                raise ModuleError(f"no module {name!r} in this partition; nearest: {', '.join(near)}")
            count = layouts.channel_count(self.modules[name])
            if mask.ndim not in (1, 2) or (count is not None and mask.shape[-1] != count):
                raise ModuleError(f"the mask of {name!r} has shape {tuple(mask.shape)} for {count} channels")
        if len({len(mask) for mask in keep.values() if mask.ndim == 2}) > 1:
            shapes = ", ".join(f"{tuple(mask.shape)} at {name!r}" for name, mask in keep.items())
            raise ModuleError(f"the masks of one filter are of different numbers of photographs: {shapes}")
        self.keep, self.conservation, self.gamma = dict(keep), conservation, gamma
        # Listed here and not in the backward pass, because listing waits for the device.
        self._kept = {name: _listed(mask) for name, mask in keep.items() if mask.ndim == 1}
        self.log_beta = {}

    def lift(self) -> None:
        """Give the plain gradient from here on, also through graphs that are still alive."""
        self.keep, self._kept = {}, {}

    def total_log_beta(self) -> Float[Tensor, "n"]:
        """The sum of log beta over the modules that the last backward pass met."""
        return torch.stack(list(self.log_beta.values())).sum(0)

    def factors(self, name: str, gradient: Tensor) -> Float[Tensor, "n c"]:
        """The factor of each channel at the module ``name``, whose output has this gradient."""
        maps = self.layouts[name].maps(gradient)
        keep = self.keep[name].to(gradient.device, non_blocking=True).expand(len(maps), -1)
        factors, self.log_beta[name] = channel_factors(maps, keep, self.conservation, self.gamma)
        return factors

    def change(self, name: str, gradient: Tensor) -> Tensor:
        """The filtered gradient of the module ``name``."""
        if name not in self.keep:
            return gradient
        factors = self.layouts[name].spread(self.factors(name, gradient))
        return gradient * factors.to(gradient.dtype)

    def only_kept(self, name: str) -> Tensor | None:
        """The channels that a filter passes on, if they are the same for all photographs and not all; a few
        that it sets to zero may be among them.
        """
        # A finite gamma passes both groups on.
        return None if math.isfinite(self.gamma) else self._kept.get(name)

    def meet(self, name: str, output: object) -> None:
        """Count a call of the module; raise ModuleError if its output is not laid out as declared."""
        layouts.check(name, self.modules[name], output, self.layouts[name])
        self.calls[name] += 1


_MULTIPLE = 8
"""Products are taken over a multiple of so many channels: tensor cores take no other number."""


def _listed(mask: Bool[Tensor, "c"]) -> Int[Tensor, "k"] | None:
    """The kept channels, filled up with others to the next multiple; None where that is all of them, or none
    is kept, because such a gradient stays as it is.
    """
    count = int(mask.sum())
    wanted = -(-count // _MULTIPLE) * _MULTIPLE
    if not 0 < count <= wanted < len(mask):
        return None
    return mask.to(torch.uint8).argsort(descending=True, stable=True)[:wanted]


class _Convolution(torch.autograd.Function):
    """A convolution with a constant weight whose backward pass goes through the kept channels only."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, module: nn.Conv2d, name: str, partition: Partition) -> Tensor:
        ctx.module, ctx.name, ctx.partition, ctx.size = module, name, partition, inputs.shape
        ctx.set_materialize_grads(False)
        return F.conv2d(
            inputs, module.weight, module.bias, module.stride, module.padding, module.dilation, module.groups
        )

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, None, None, None]:
        (gradient,) = gradients
        module, partition, name = ctx.module, ctx.partition, ctx.name
        if gradient is None:
            return None, None, None, None
        kept, weight = partition.only_kept(name), module.weight.to(gradient.dtype)
        if kept is None:
            passed = partition.change(name, gradient)
        else:
            kept = kept.to(gradient.device, non_blocking=True)
            factors = partition.factors(name, gradient).to(gradient.dtype).index_select(1, kept)
            passed = gradient.index_select(1, kept) * factors[:, :, None, None]
            weight = weight.index_select(0, kept)
        return _input_gradient(ctx.size, passed, weight, module), None, None, None


def _input_gradient(size: tuple[int, ...], gradient: Tensor, weight: Tensor, module: nn.Conv2d) -> Tensor:
    """The gradient at a convolution's input of this size: the transposed convolution."""
    axes = zip(
        size[2:], gradient.shape[2:], module.kernel_size, module.stride, _padding(module), module.dilation,
        strict=True,
    )  # fmt: skip
    # What a stride that does not divide the input left over at its end.
    left_over = [n - ((m - 1) * s - 2 * p + d * (k - 1) + 1) for n, m, k, s, p, d in axes]
    return F.conv_transpose2d(
        gradient, weight, None, module.stride, _padding(module), left_over, 1, module.dilation
    )


def _padding(module: nn.Conv2d) -> tuple[int, ...]:
    assert not isinstance(module.padding, str)
    return tuple(module.padding)


def _through_kept_only(module: nn.Module) -> bool:
    """Whether the backward pass of a module can be taken through its kept channels only, and gains by it.

    The product of a grouped convolution, or of one whose kernel is a single point, is cheap: picking the
    channels would cost what it saves.
    """
    return (
        type(module) is nn.Conv2d
        and module.groups == 1
        and module.kernel_size != (1, 1)
        and module.padding_mode == "zeros"
        and not isinstance(module.padding, str)
        and not any(parameter.requires_grad for parameter in module.parameters())
        and "forward" not in module.__dict__
    )


@contextmanager
def _convolutions_of(partition: Partition, names: list[str]) -> Iterator[None]:
    """Let these convolutions take their backward pass through the kept channels inside the ``with``."""

    def forward(name: str, module: Any) -> Callable[[Tensor], Tensor]:
        return lambda inputs: _Convolution.apply(inputs, module, name, partition)  # type: ignore[no-untyped-call]

    try:
        for name in names:
            module = partition.modules[name]
            module.forward = forward(name, module)
        yield
    finally:
        for name in names:
            partition.modules[name].__dict__.pop("forward", None)
        partition.lift()


@contextmanager
def partition_channels(
    modules: Mapping[str, nn.Module],
    keep: Mapping[str, Bool[Tensor, "n c"] | Bool[Tensor, "c"]] | None = None,
    conservation: Conservation = Conservation.NONE,
    gamma: float = math.inf,
    declared: Mapping[str, Layout] | None = None,
) -> Iterator[Partition]:
    """Filter the gradient at the output of ``modules`` inside the ``with``.

    ``keep`` gives, per module name, one row of kept channels per photograph of the batch, or one row for all
    of them; ``declared`` says where the channels stand in outputs that are not maps by their type. Raises
    :class:`~gradlab.filtering.layouts.ModuleError` for an unknown module, a mask that does not fit, an output
    that is not laid out as declared, and, at the end, for a filtered module that no forward pass called.
    """
    partition = Partition(modules, declared)
    partition.set(keep or {}, conservation, gamma)
    fast = [name for name, module in modules.items() if _through_kept_only(module)]
    hooked = {name: module for name, module in modules.items() if name not in fast}
    with ExitStack() as stack:
        for name, module in modules.items():
            met = module.register_forward_hook(lambda _m, _i, output, name=name: partition.meet(name, output))
            stack.callback(met.remove)
        stack.enter_context(gradient_hooks(hooked, partition.change))
        stack.enter_context(_convolutions_of(partition, fast))
        yield partition
        uncalled = [name for name in partition.keep if not partition.calls[name]]
        if uncalled:
            raise ModuleError(f"module {uncalled[0]!r} is filtered, but no forward pass called it")
