"""Which modules of a network are filtered: by name, by pattern, by type, or the lists of the release.

Nothing here has to change for another network: :func:`select` finds modules in any of them.
"""

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from torch import nn

from gradlab.filtering.layouts import ModuleError

_GATE = re.compile(r"squeeze.?ex|^se(module|layer|block)?$", re.IGNORECASE)
"""Types of module that compute one number per channel, by which feature maps are multiplied."""


def select(
    network: nn.Module, wanted: Sequence[str], last: float = 1.0, gates: bool = False
) -> dict[str, nn.Module]:
    """The modules that any of ``wanted`` names, in the order of registration.

    An entry is a module's name, a pattern of names as in a shell ("layer4.*.conv?"), or a type ("Conv2d").
    ``last`` keeps the last int(last * count) of them. Modules inside squeeze-excitation gates are left out
    unless they are asked for by ``gates`` or by their own name: their outputs are no feature maps.
    Raises :class:`~gradlab.filtering.layouts.ModuleError` naming an entry that fits nothing, with the
    nearest names.
    """
    named = {name: module for name, module in network.named_modules() if name}
    gated = set() if gates else _inside_gates(network)
    chosen: dict[str, nn.Module] = {}
    for entry in wanted:
        fitting = {
            name: module
            for name, module in named.items()
            if name == entry or (name not in gated and (fnmatchcase(name, entry) or _is_a(module, entry)))
        }
        if not fitting:
            types = {type(module).__name__ for module in named.values()}
            near = get_close_matches(entry, [*named, *types], n=3, cutoff=0.3)
            raise ModuleError(
                f"{entry!r} fits no module of {type(network).__name__}; nearest: {', '.join(near)}"
            )
        chosen |= fitting
    ordered = [name for name in named if name in chosen]
    return {name: named[name] for name in ordered[len(ordered) - int(last * len(ordered)) :]}


def _is_a(module: nn.Module, type_name: str) -> bool:
    return any(kind.__name__ == type_name for kind in type(module).__mro__)


def _inside_gates(network: nn.Module) -> set[str]:
    gates = [name for name, module in network.named_modules() if _GATE.search(type(module).__name__)]
    return {name for name, _ in network.named_modules() if any(name.startswith(f"{gate}.") for gate in gates)}


def convolutions(network: nn.Module) -> dict[str, nn.Module]:
    """Every two-dimensional convolution of the network, as the release counts them: gates included."""
    return select(network, ["Conv2d"], gates=True)


def last_convolutions(network: nn.Module, ratio: float) -> dict[str, nn.Module]:
    """The last int(ratio * count) convolutions in the order of registration (the release's layer ratio)."""
    return select(network, ["Conv2d"], ratio, gates=True)


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
    "vgg16_bn": _upper_vgg16,  # torchvision's name for the release's VGG16
    "efficientnet_b0": _upper_efficientnet_b0,
}


def ratio_name(ratio: float) -> str:
    """What a list of the last convolutions is called: "last30", "last90", "all"."""
    return "all" if ratio == 1 else f"last{100 * ratio:.0f}"


def compared(
    architecture: str, network: nn.Module, ratios: Sequence[float], wanted: Sequence[str] = ()
) -> dict[str, dict[str, nn.Module]]:
    """The lists that a comparison filters, by name: "upper", and the last convolutions by ratio.

    The upper modules are those that ``wanted`` names (see :func:`select`), or without any those that the
    release lists.
    """
    upper = select(network, wanted) if wanted else upper_modules(architecture, network)
    return {"upper": upper} | {ratio_name(ratio): last_convolutions(network, ratio) for ratio in ratios}


def upper_modules(architecture: str, network: nn.Module) -> dict[str, nn.Module]:
    """The upper modules that the release filters by default, by name, in the order of registration."""
    if architecture not in _UPPER:
        raise ModuleError(f"no upper modules are listed for {architecture!r}; known: {', '.join(_UPPER)}")
    chosen = set(_UPPER[architecture](network))
    return {name: module for name, module in network.named_modules() if module in chosen}
