"""The same function, wired so that methods which change single modules can be used on it.

torchvision's residual networks call one rectifier several times, in place, and add without a module; LRP and
guided backpropagation hook modules and need each to be called once.
"""

import operator
import warnings
from typing import Any

import torch
from torch import fx, nn
from torch.fx.experimental import optimization
from torch.nn import functional

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="IProgress not found")  # as in gradlab.filtering.attribution
    from captum.attr._utils.custom_modules import Addition_Module

_ADDITIONS = (operator.add, operator.iadd, torch.add)
_RECTIFIERS = (torch.relu, functional.relu)
_HARMLESS = (torch.flatten,)  # moves entries, and so relevance, without mixing them


def rewired(network: nn.Module) -> nn.Module:
    """A copy in evaluation that computes the same outputs: batch norm is merged into the convolutions, each
    rectifier is a module of its own and not in place, and so is each addition.

    Tracing changes how all modules are called while it lasts, so no other thread may use a network then.
    Raises ``ValueError`` for an operation without a module that no method here could change.
    """
    traced: Any = optimization.fuse(network.eval())  # a GraphModule, whatever its annotation says
    for place, node in enumerate(list(traced.graph.nodes)):
        if (own := _replacement(node, traced)) is not None:
            traced.add_submodule(f"own{place}", own)
            with traced.graph.inserting_before(node):
                called = traced.graph.call_module(f"own{place}", node.args)
            node.replace_all_uses_with(called)
            traced.graph.erase_node(node)
    traced.delete_all_unused_submodules()
    traced.recompile()
    whole: nn.Module = traced
    return whole


def _replacement(node: fx.Node, traced: fx.GraphModule) -> nn.Module | None:
    if node.op == "call_module":
        return nn.ReLU() if isinstance(traced.get_submodule(str(node.target)), nn.ReLU) else None
    if node.op not in ("call_function", "call_method") or node.target in _HARMLESS:
        return None
    if node.target in _RECTIFIERS:
        return nn.ReLU()
    if node.target in _ADDITIONS:
        own: nn.Module = Addition_Module()
        return own
    raise ValueError(f"{node.target} stands in no module, so that its relevance is not known")
