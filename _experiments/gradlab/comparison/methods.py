"""Other attribution methods, and what removing relevant pixels does, with filtered gradients, in shards."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from gradlab.comparison.arms import PLAIN, Arm, Chooser
from gradlab.comparison.measure import in_chunks
from gradlab.comparison.subject import Ready, Subject
from gradlab.comparison.table import heading, method_heading
from gradlab.filtering import attribution, metrics
from gradlab.filtering.hooks import partition_channels
from gradlab.photographs.collection import Collection

Method = Callable[[nn.Module, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Averaging:
    """How many gradients the averaging methods take, and the seed of SmoothGrad's noise."""

    points: int = 26
    samples: int = 25
    seed: int = 0

    def methods(self) -> dict[str, Method]:
        """The attribution methods by name."""
        return {
            "saliency": attribution.saliency,
            "input × gradient": attribution.input_times_gradient,
            "integrated gradients": partial(attribution.integrated_gradients, points=self.points),
            "SmoothGrad": partial(attribution.smoothgrad, samples=self.samples, seed=self.seed),
        }


def filtered_maps(
    ready: Ready, chooser: Chooser, arm: Arm, method: Method, images: Tensor, labels: Int[Tensor, "n"],
    outputs: Int[Tensor, "classes"], declared: Mapping[str, Any],
) -> Float[Tensor, "n h w"]:  # fmt: skip
    """A method's maps under an arm's filter, of one batch; the arm does not draw its channels at random."""
    names = chooser.filterings.get(arm.filtering, ())
    modules = {name: ready.modules[name] for name in names}
    own = {name: layout for name, layout in declared.items() if name in modules}
    keep = chooser.keep(arm, labels.cpu(), {}, range(len(labels)))
    with partition_channels(modules, keep, arm.conservation, declared=own):
        return method(ready.network, images, outputs[labels])


@dataclass(frozen=True, eq=False)
class Methods:
    """For each attribution method the density inside the box under every arm, and the distance and rank
    correlation of the maps of conserved arms with the unconserved ones.

    Columns are headed "METHOD, ARM: METRIC".
    """

    subject: Subject
    photographs: Collection
    chooser: Chooser
    arms: tuple[Arm, ...]
    averaging: Averaging = Averaging()
    batch: int = 50

    def key(self) -> dict[str, Any]:
        """All that decides the columns."""
        return {
            "work": "methods",
            **self.subject.key(self.photographs),
            "arms": [arm.name for arm in self.arms],
            "channels": self.chooser.key(),
            "averaging": asdict(self.averaging),
            "batch": self.batch,
        }

    def prepare(self, device: torch.device) -> Callable[[range], Mapping[str, np.ndarray]]:
        """The columns of one range of rows."""
        ready = self.subject.ready(device)
        return in_chunks(partial(self._columns, ready), self.batch)

    def _columns(self, ready: Ready, rows: list[int]) -> dict[str, Tensor]:
        images, labels = ready.inputs(self.photographs, rows), ready.labels(self.photographs, rows)
        outputs, masks = ready.outputs(self.photographs), ready.masks(self.photographs, rows)
        columns = {}
        for name, method in self.averaging.methods().items():
            maps = {
                arm: filtered_maps(
                    ready, self.chooser, arm, method, images, labels, outputs, self.subject.declared
                ).detach()
                for arm in self.arms
            }
            for arm, found in maps.items():
                columns[method_heading(name, arm, "density")] = metrics.density_inside(found, masks)
                without = maps.get(arm.unconserved())
                if arm != arm.unconserved() and without is not None:
                    columns[method_heading(name, arm, "distance")] = metrics.cosine_distance(without, found)
                    columns[method_heading(name, arm, "spearman")] = metrics.spearman(without, found)
        return columns


@dataclass(frozen=True, eq=False)
class Removal:
    """What the class's probability and log-odds lose when an arm's most (MoRF) or least (LeRF) relevant
    pixels are removed. Columns are headed "ARM: MoRF p", "ARM: MoRF log-odds", and so for LeRF.
    """

    subject: Subject
    photographs: Collection
    chooser: Chooser
    arms: tuple[Arm, ...] = (PLAIN,)
    batch: int = 50

    def key(self) -> dict[str, Any]:
        """All that decides the columns."""
        return {
            "work": "removal",
            **self.subject.key(self.photographs),
            "arms": [arm.name for arm in self.arms],
            "channels": self.chooser.key(),
            "batch": self.batch,
        }

    def prepare(self, device: torch.device) -> Callable[[range], Mapping[str, np.ndarray]]:
        """The columns of one range of rows."""
        ready = self.subject.ready(device)
        return in_chunks(partial(self._columns, ready), self.batch)

    def _columns(self, ready: Ready, rows: list[int]) -> dict[str, Tensor]:
        images, labels = ready.inputs(self.photographs, rows), ready.labels(self.photographs, rows)
        outputs = ready.outputs(self.photographs)
        columns = {}
        for arm in self.arms:
            maps = filtered_maps(
                ready, self.chooser, arm, attribution.saliency, images, labels, outputs, self.subject.declared
            ).detach()
            for order, first in (("MoRF", True), ("LeRF", False)):
                fall = metrics.perturbation(
                    ready.network, images, outputs[labels], maps, most_relevant_first=first
                )
                columns[heading(arm, f"{order} p")] = fall.aopc
                columns[heading(arm, f"{order} log-odds")] = fall.log_odds
        return columns
