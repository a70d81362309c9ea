"""Filtered gradients of many arms over many photographs, in shards: one row a photograph.

Each measurement is a :class:`~gradlab.comparison.workers.Work` over the rows of its photographs. All metrics
are taken on the device; only numbers of a photograph leave it. Batches are fixed by the rows alone, and
random channels by the photograph, so that the result does not depend on who computes it.
"""

import copy
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gradlab.comparison import keys
from gradlab.comparison.arms import Arm, Chooser, Passes, Selection, passes
from gradlab.comparison.subject import PRECISIONS, Ready, Subject
from gradlab.comparison.table import heading
from gradlab.comparison.workers import cores
from gradlab.filtering import attribution, channels, metrics
from gradlab.filtering.metrics import BoxPool
from gradlab.photographs import datasets
from gradlab.photographs.collection import Collection

_SLICE = 512


def pool_of(photographs: Collection) -> BoxPool:
    """All boxes as one map, a slice at a time."""
    side = photographs.side
    parts = [
        BoxPool.of(datasets.box_mask(boxes, side, side)) for boxes in torch.split(photographs.boxes, _SLICE)
    ]
    return sum(parts[1:], start=parts[0])


@dataclass(frozen=True, eq=False)
class Comparison:
    """The metrics of every arm on every photograph (see :data:`gradlab.comparison.table.METRICS`).

    ``pool`` holds the boxes that a photograph's map is also held against. ``ranks`` adds rank correlations.
    ``watched`` names a module whose rectified means are kept for each photograph, as the array "watched".
    """

    subject: Subject
    photographs: Collection
    arms: tuple[Arm, ...]
    chooser: Chooser
    pool: BoxPool
    batch: int = 50
    precision: str = "single"
    ranks: bool = False
    watched: str = ""

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision {self.precision!r} is none of {', '.join(PRECISIONS)}")

    def key(self) -> dict[str, Any]:
        """All that decides the columns."""
        return {
            "work": "comparison",
            **self.subject.key(self.photographs),
            "arms": [arm.name for arm in self.arms],
            "channels": self.chooser.key(),
            "boxes": keys.of_tensors({"total": self.pool.total}),
            "batch": self.batch,
            "precision": self.precision,
            "ranks": self.ranks,
            "watched": self.watched,
        }

    def prepare(self, device: torch.device) -> Callable[[range], Mapping[str, np.ndarray]]:
        """The columns of one range of rows."""
        ready = self.subject.ready(device, self.precision)
        pool = BoxPool(self.pool.total.to(device), self.pool.count)
        chooser = copy.copy(self.chooser)

        def compute(rows: range) -> Mapping[str, np.ndarray]:
            batches = self.photographs.ahead(self._batches(rows), readers(device))
            parts = [self._measured(ready, chooser, pool, list(own), pixels) for own, pixels in batches]
            return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

        return compute

    def _batches(self, rows: range) -> Iterator[list[int]]:
        """Photographs of one class together, where every arm keeps the channels of the class and no class
        has fewer than a batch: products are then taken over the kept channels only. Otherwise batches are
        filled, which is what a network needs whose passes do not fill a GPU.
        """
        labels = self.photographs.labels.tolist()
        of_class = all(arm.selection is Selection.CLASS for arm in self.arms)
        if not of_class or self.batch > max(Counter(labels).values()):
            yield from chunks(rows, self.batch)
            return
        for _, own in groupby(rows, key=labels.__getitem__):
            yield from chunks(list(own), self.batch)

    def _measured(
        self, ready: Ready, chooser: Chooser, pool: BoxPool, rows: list[int], pixels: Tensor
    ) -> dict[str, np.ndarray]:
        """The columns of one batch; it is halved where the device has not enough memory for it."""
        try:
            return self._columns(ready, chooser, pool, rows, pixels)
        except torch.OutOfMemoryError:
            if len(rows) == 1:
                raise
        torch.cuda.empty_cache()
        warnings.warn(f"out of memory: batches of {len(rows) // 2} instead of {len(rows)}", stacklevel=2)
        middle = len(rows) // 2
        halves = [
            self._measured(ready, chooser, pool, rows[half], pixels[half])
            for half in (slice(middle), slice(middle, None))
        ]
        return {name: np.concatenate([half[name] for half in halves]) for name in halves[0]}

    def _columns(
        self, ready: Ready, chooser: Chooser, pool: BoxPool, rows: list[int], pixels: Tensor
    ) -> dict[str, np.ndarray]:
        images, labels = ready.prepared(pixels), ready.labels(self.photographs, rows)
        outputs = ready.outputs(self.photographs)
        watched = {name: ready.modules[name] for name in (self.watched,) if name}
        layouts = {name: layout for name, layout in self.subject.declared.items() if name in watched}
        with ready.products(), channels.recorded_means(watched, layouts) as means:
            found = passes(
                ready.network, ready.modules, images, labels, self.arms, chooser, rows, outputs,
                self.subject.declared,
            )  # fmt: skip
        columns = {
            "correct": found.logits.argmax(1) == outputs[labels],
            "probability": found.logits.double().softmax(1)[range(len(rows)), outputs[labels]],
        }
        columns |= self._of_arms(found, ready.masks(self.photographs, rows), pool)
        if self.watched:
            columns["watched"] = means[self.watched]
        return {name: column.cpu().numpy() for name, column in columns.items()}

    def _of_arms(
        self, found: Passes, masks: Bool[Tensor, "n h w"], pool: BoxPool
    ) -> dict[str, Float[Tensor, "n"]]:
        gradients = {one.arm: one.gradient.detach() for one in found.taken}
        columns: dict[str, Tensor] = {}
        for one in found.taken:
            maps = attribution.joined(gradients[one.arm])
            own = {
                "density": metrics.density_inside(maps, masks),
                "others": metrics.density_inside_others(maps, masks, pool),
                "pointing": metrics.pointing(maps, masks),
                "log_norm": metrics.log_norm(gradients[one.arm]),
                "log_beta": one.log_beta,
                "kept": one.kept,
            }
            without = one.arm.unconserved()
            if one.arm != without and without in gradients:
                own["distance"] = metrics.cosine_distance(gradients[without], gradients[one.arm])
                if self.precision == "double":  # elsewhere it is rounding
                    ratio = own["log_norm"] - metrics.log_norm(gradients[without])
                    own["excess"] = (ratio - one.log_beta).abs()
                if self.ranks:
                    own["spearman"] = metrics.spearman(attribution.joined(gradients[without]), maps)
            columns |= {heading(one.arm, name): column.double() for name, column in own.items()}
        return columns


def readers(device: torch.device) -> int:
    """How many threads read photographs for a GPU: its share of the cores, up to as many as are of use.

    A CPU computes with all its cores already.
    """
    return min(max(cores() // torch.cuda.device_count(), 1), 16) if device.type == "cuda" else 0


def chunks(rows: Sequence[int], size: int) -> Iterator[list[int]]:
    """Rows in lists of ``size``, the last one shorter where they do not divide."""
    for start in range(0, len(rows), size):
        yield list(rows[start : start + size])


def in_chunks(
    columns: Callable[[list[int]], Mapping[str, Tensor]], size: int
) -> Callable[[range], Mapping[str, np.ndarray]]:
    """What computes a range of rows from ``columns``, which takes ``size`` rows at a time."""

    def compute(rows: range) -> Mapping[str, np.ndarray]:
        parts = [columns(own) for own in chunks(rows, size)]
        return {name: torch.cat([part[name] for part in parts]).cpu().numpy() for name in parts[0]}

    return compute
