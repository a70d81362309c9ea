"""Every method's map of every photograph under every metric, in shards: one row a photograph."""

import copy
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gradlab.comparison.arms import Chooser
from gradlab.comparison.measure import in_chunks
from gradlab.comparison.subject import Ready, Subject
from gradlab.faithfulness import perturbed
from gradlab.faithfulness.imputation import NOISE
from gradlab.faithfulness.maps import Methods, drawn
from gradlab.faithfulness.perturbed import Removal, Scene
from gradlab.faithfulness.rewired import rewired
from gradlab.filtering import metrics
from gradlab.photographs.collection import Collection


@cache
def of_code() -> str:
    """The digest of this room, for the keys of shards."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def heading(method: str, metric: str) -> str:
    """The column of one metric of one method."""
    return f"{method}: {metric}"


@dataclass(frozen=True, eq=False)
class Compared:
    """A network as it is and rewired, and the channels that its filters keep.

    Made outside of the workers, because rewiring must not happen while another thread computes.
    """

    subject: Subject
    hooked: Subject
    chooser: Chooser

    @classmethod
    def of(cls, subject: Subject, chooser: Chooser) -> "Compared":
        """With the rewired copy of the subject's network."""
        loaded = subject.load()
        return cls(subject, Subject(replace(loaded, network=rewired(loaded.network)), ()), chooser)

    def key(self, photographs: Collection) -> dict[str, Any]:
        """All that decides the maps, but for the methods."""
        return {**self.subject.key(photographs), "channels": self.chooser.key()}


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """The metrics of all methods' maps (see :data:`gradlab.faithfulness.summary.METRICS`), and the curves."""

    compared: Compared
    photographs: Collection
    methods: Methods
    removal: Removal = field(default_factory=Removal)
    batch: int = 50

    def key(self) -> dict[str, Any]:
        """All that decides the columns."""
        return {
            "work": "faithfulness",
            "room": of_code(),
            **self.compared.key(self.photographs),
            "methods": asdict(self.methods),
            "removal": asdict(self.removal),
            "batch": self.batch,
        }

    def prepare(self, device: torch.device) -> Callable[[range], Mapping[str, np.ndarray]]:
        """The columns of one range of rows."""
        ready, hooked = self.compared.subject.ready(device), self.compared.hooked.ready(device)
        chooser = copy.copy(self.compared.chooser)  # it keeps the random channels of one batch
        return in_chunks(partial(self._columns, ready, hooked, chooser), self.batch)

    def _columns(self, ready: Ready, hooked: Ready, chooser: Chooser, rows: list[int]) -> dict[str, Tensor]:
        images, labels = ready.inputs(self.photographs, rows), ready.labels(self.photographs, rows)
        outputs, masks = ready.outputs(self.photographs), ready.masks(self.photographs, rows)
        with ready.products():
            maps = self.methods.of_network(ready, hooked.network, chooser, images, labels, outputs, rows)
            maps |= self.methods.blind(images, rows)
            scene = self._scene(hooked, images, outputs[labels], rows)
            ends = scene.ends()
            columns = {"probability": ends["whole"], "none": ends["none"], "blurred": ends["blurred"]}
            for method, own in maps.items():
                found = _inside(own, masks) | self._removed(scene, own, ends)
                columns |= {heading(method, name): column for name, column in found.items()}
        return columns

    def _scene(self, hooked: Ready, images: Tensor, outputs: Tensor, rows: list[int]) -> Scene:
        """The rewired network is the one to ask: its batch norm is merged, so that it is a little faster."""
        noise = NOISE * drawn(images.shape[1:], rows, self.methods.seed, normal=True)
        ties = drawn((images[0, 0].numel(),), rows, self.methods.seed).argsort(1)
        at_once = (100, 16) if images.device.type == "cpu" else (4096, 4096)
        return Scene(
            hooked.network, images, outputs, noise.to(images), ties.to(images.device), self.removal, *at_once
        )

    def _removed(
        self, scene: Scene, maps: Float[Tensor, "n h w"], ends: dict[str, Tensor]
    ) -> dict[str, Float[Tensor, "n"]]:
        curves = scene.curves(maps)
        found = perturbed.areas(curves, ends, self.removal) | curves
        unusable = metrics.zero_maps(maps) | metrics.overflown_maps(maps)
        return {name: column.masked_fill(unusable, torch.nan) for name, column in found.items()}


def _inside(maps: Float[Tensor, "n h w"], masks: Bool[Tensor, "n h w"]) -> dict[str, Float[Tensor, "n"]]:
    return {
        "density": metrics.density_inside(maps, masks),
        "mass": metrics.mass_inside(maps, masks),
        "pointing": metrics.pointing(maps, masks),
    }
