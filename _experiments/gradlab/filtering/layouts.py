"""Where the channels stand in a module's output: declared or known by the module's type, never guessed.

Convolutions and their normalisations put out maps (n, c, h, w). A linear layer in a transformer puts out
tokens (n, t, c) or, in a Swin transformer, maps with the channels last (n, h, w, c); moments over the wrong
axis would be wrong without a word, so such a module is refused until its layout is declared.
"""

from collections.abc import Mapping
from enum import Enum

from torch import Tensor, nn

CHANNELS_FIRST = (
    nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d, nn.GroupNorm, nn.InstanceNorm2d,
)  # fmt: skip
"""Types of module whose output can only be maps (n, c, h, w)."""


class ModuleError(ValueError):
    """A module that cannot be filtered as asked; the message names it and says why."""


class Layout(Enum):
    """The axes of a module's output."""

    MAPS = "maps"
    """(n, c, h, w)"""
    CHANNELS_LAST = "channels last"
    """(n, h, w, c)"""
    TOKENS = "tokens"
    """(n, t, c); each token counts as a position."""

    def maps(self, output: Tensor) -> Tensor:
        """The same entries as (n, c, h, w), without a copy; tokens become a map of one column."""
        if self is Layout.TOKENS:
            return output.transpose(1, 2)[..., None]
        return output.movedim(-1, 1) if self is Layout.CHANNELS_LAST else output

    def spread(self, factors: Tensor) -> Tensor:
        """Factors (n, c) with axes of length one, so that they multiply an output."""
        if self is Layout.TOKENS:
            return factors[:, None, :]
        if self is Layout.CHANNELS_LAST:
            return factors[:, None, None, :]
        return factors[:, :, None, None]


def of(modules: Mapping[str, nn.Module], declared: Mapping[str, Layout] | None = None) -> dict[str, Layout]:
    """The layout of every module: the declared one, or maps where the type leaves no choice.

    Raises :class:`ModuleError` for a module whose layout has to be declared, and for a declaration of a
    module that is not among them.
    """
    declared = declared or {}
    if strange := [name for name in declared if name not in modules]:
        raise ModuleError(f"a layout is declared for {strange[0]!r}, which is not among the filtered modules")
    found = {}
    for name, module in modules.items():
        if name in declared:
            found[name] = declared[name]
        elif isinstance(module, CHANNELS_FIRST):
            found[name] = Layout.MAPS
        else:
            raise ModuleError(
                f"module {name!r} is a {type(module).__name__}: where its channels stand has to be declared; "
                f"layouts are {', '.join(layout.value for layout in Layout)}"
            )
    return found


def channel_count(module: nn.Module) -> int | None:
    """How many channels a module puts out, if it says so."""
    for attribute in ("out_channels", "out_features", "num_features", "num_channels"):
        if isinstance(count := getattr(module, attribute, None), int):
            return count
    shape = getattr(module, "normalized_shape", None)
    return int(shape[-1]) if shape else None


def check(name: str, module: nn.Module, output: object, layout: Layout) -> None:
    """Raise :class:`ModuleError` if an output does not have the axes of its layout."""
    if not isinstance(output, Tensor):
        raise ModuleError(f"module {name!r} puts out a {type(output).__name__}, not one tensor")
    axes = 3 if layout is Layout.TOKENS else 4
    count = channel_count(module)
    if output.ndim != axes or (count is not None and layout.maps(output).shape[1] != count):
        of_channels = f" of {count} channels" if count is not None else ""
        raise ModuleError(
            f"module {name!r} puts out shape {tuple(output.shape)}, which are no {layout.value}{of_channels}"
        )
