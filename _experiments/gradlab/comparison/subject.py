"""A network and its photographs on the device of one worker."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor, nn

from gradlab.comparison import keys
from gradlab.filtering.layouts import Layout
from gradlab.photographs import datasets
from gradlab.photographs.collection import Collection
from gradlab.photographs.loaded import Loaded

PRECISIONS = ("single", "tf32", "bf16", "double")
"""How products are taken: TF32 exists on GPUs only, bf16 is autocast, double is for checks."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A network, how it is loaded, and the modules that any arm filters, by name.

    ``source`` is the loaded network, or what loads it once a worker; where workers are processes it has to be
    picklable. ``declared`` gives the layout of modules whose type leaves a choice.
    """

    source: Loaded | Callable[[], Loaded]
    modules: tuple[str, ...]
    declared: Mapping[str, Layout] = field(default_factory=dict)

    def load(self) -> Loaded:
        """The network as it was given or loaded; a worker copies it."""
        return self.source if isinstance(self.source, Loaded) else self.source()

    def ready(self, device: torch.device, precision: str = "single") -> "Ready":
        """The network on a device, as its own copy, with frozen weights."""
        loaded = self.load()
        network = copy.deepcopy(loaded.network).eval().requires_grad_(False)
        if precision == "double":
            network = network.double()
        # Depthwise convolutions and tensor cores want channels last; elsewhere picking channels is faster.
        depthwise = any(isinstance(m, nn.Conv2d) and m.groups > 1 for m in network.modules())
        last = depthwise or device.type == "cuda"
        network = network.to(device)
        if last:
            network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        named = dict(network.named_modules())
        return Ready(loaded, network, {name: named[name] for name in self.modules}, device, precision, last)

    def key(self, photographs: Collection) -> dict[str, Any]:
        """All of the network and the photographs that decides a result, as digests."""
        return {
            "network": keys.of_network(self.load(), photographs),
            "photographs": keys.of_photographs(photographs),
            "modules": list(self.modules),
            "layouts": {name: layout.value for name, layout in self.declared.items()},
            "code": keys.of_code(),
        }


@dataclass(frozen=True, eq=False)
class Ready:
    """A subject on the device of one worker."""

    loaded: Loaded
    network: nn.Module
    modules: dict[str, nn.Module]
    device: torch.device
    precision: str
    channels_last: bool

    def inputs(self, photographs: Collection, rows: Sequence[int]) -> Float[Tensor, "n 3 h w"]:
        """Normalised photographs on the device."""
        return self.prepared(photographs.pixels(rows))

    def prepared(self, pixels: UInt8[Tensor, "n 3 h w"]) -> Float[Tensor, "n 3 h w"]:
        """Photographs as the network takes them, on the device.

        In double precision they are normalised in it: an input that differs in the seventh digit from one
        device to the next turns a rectifier here and there, and with it a thousandth of a gradient.
        """
        dtype = torch.float64 if self.precision == "double" else torch.float32
        return self.loaded.normalise(pixels.to(self.device), dtype).contiguous(
            memory_format=torch.channels_last if self.channels_last else torch.contiguous_format
        )

    def labels(self, photographs: Collection, rows: Sequence[int]) -> Int[Tensor, "n"]:
        """Their classes on the device."""
        return photographs.labels[list(rows)].to(self.device)

    def masks(self, photographs: Collection, rows: Sequence[int]) -> Bool[Tensor, "n h w"]:
        """Their boxes on the device."""
        boxes = photographs.boxes[list(rows)].to(self.device)
        return datasets.box_mask(boxes, photographs.side, photographs.side)

    def outputs(self, photographs: Collection) -> Int[Tensor, "classes"]:
        """The network's output of each class of the photographs."""
        return self.loaded.outputs(photographs.wnids).to(self.device)

    @contextmanager
    def products(self) -> Iterator[None]:
        """Take products in the precision that was asked for."""
        flags = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
        tf32 = self.precision == "tf32"
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
        try:
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
                yield
        finally:
            torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = flags
