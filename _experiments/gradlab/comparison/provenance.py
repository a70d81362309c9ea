"""Where the numbers of a measurement come from: kinds of device and versions of libraries."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version

import torch


class MixtureError(RuntimeError):
    """Shards of one measurement come from different kinds of device or versions."""


@dataclass(frozen=True, order=True)
class Origin:
    """What decides the last bits of a number: the kind of device, and the versions of what computed it.

    ``device`` is "cpu" or the name of the GPU.
    """

    device: str
    torch: str
    torchvision: str
    numpy: str

    def __str__(self) -> str:
        return f"{self.device}, torch {self.torch}, torchvision {self.torchvision}, numpy {self.numpy}"


def origin_of(device: torch.device) -> Origin:
    """The origin of what is computed here on ``device``."""
    kind = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return Origin(kind, version("torch"), version("torchvision"), version("numpy"))


@dataclass(frozen=True)
class Provenance:
    """How a measurement came about.

    ``computed`` and ``found`` count shards: of this run, and of runs before it. ``seconds`` is what this
    run took, ``worker_seconds`` what all shards took on their workers, those found included. ``workers``
    counts those that computed a shard in this run. ``origins`` are all that took part, sorted.
    """

    computed: int
    found: int
    seconds: float
    worker_seconds: float
    workers: int
    origins: tuple[Origin, ...]

    @property
    def devices(self) -> tuple[str, ...]:
        """The kinds of device that took part."""
        return tuple(sorted({origin.device for origin in self.origins}))


def refuse_mixture(stored: Iterable[Origin], now: Iterable[Origin], where: str) -> None:
    """Raise :class:`MixtureError` unless all origins are the same; ``where`` names the stored shards."""
    before, here = sorted(set(stored)), sorted(set(now))
    if len({*before, *here}) <= 1:
        return
    lines = [f"  stored shards: {origin}" for origin in before] + [
        f"  workers now: {origin}" for origin in here
    ]
    raise MixtureError(
        "kinds of device or versions differ, so that the numbers would not be those of one machine:\n"
        + "\n".join(lines)
        + f"\nCompute with one kind only (remove {where} to begin anew), or allow it with mixture=True."
    )
