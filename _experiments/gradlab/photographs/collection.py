"""Photographs with one labelled object each, decoded when they are asked for and never all in memory.

What is small (names, labels, boxes) is at hand; pixels come by row from a source, which reads the files
where they lie. A collection can be pickled: whoever unpickles it opens the files anew.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Int, UInt8
from torch import Tensor

from gradlab.photographs import pictures
from gradlab.photographs.datasets import Photographs


@runtime_checkable
class Source(Protocol):
    """Where pixels come from; it can be pickled. Its photographs are ``side`` pixels high and wide."""

    @property
    def side(self) -> int:
        """Height and width in pixels."""

    def photograph(self, key: Any) -> UInt8[Tensor, "3 side side"]:
        """One photograph, by the key that the collection keeps for it."""


@dataclass(frozen=True, eq=False)
class Collection:
    """Rows are ordered by class, then name. ``boxes`` holds (x0, y0, x1, y1) in pixels, half open.

    ``classes`` are readable names and ``wnids`` WordNet ids (none for pictures that have no such ids);
    the index is the label. ``left_out`` names photographs whose object lies wholly outside the crop.
    """

    source: Source
    keys: tuple[Any, ...]
    names: tuple[str, ...]
    labels: Int[Tensor, " n"]
    boxes: Int[Tensor, "n 4"]
    classes: tuple[str, ...]
    wnids: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    @property
    def side(self) -> int:
        """Height and width of each photograph in pixels."""
        return self.source.side

    def pixels(self, rows: Sequence[int] | Int[Tensor, " k"]) -> UInt8[Tensor, "k 3 side side"]:
        """The photographs of ``rows``, in that order; a DataError names one that cannot be read."""
        wanted = _positions(rows)
        out = torch.empty((len(wanted), 3, self.side, self.side), dtype=torch.uint8)
        for place, row in enumerate(wanted):
            out[place] = self.source.photograph(self.keys[row])
        return out

    def ahead(
        self, batches: Iterable[Sequence[int]], threads: int
    ) -> Iterator[tuple[Sequence[int], UInt8[Tensor, "k 3 side side"]]]:
        """Each batch of rows with its photographs, while ``threads`` threads read those of the next one.

        Without threads each batch is read when it is asked for.
        """
        if not threads:
            yield from ((rows, self.pixels(rows)) for rows in batches)
            return
        with ThreadPoolExecutor(threads) as readers:
            reading: deque[tuple[Sequence[int], list[Future[Tensor]]]] = deque()
            for rows in batches:
                reading.append((rows, [readers.submit(self.pixels, [row]) for row in rows]))
                if len(reading) > 1:
                    yield _read(*reading.popleft())
            while reading:
                yield _read(*reading.popleft())

    def subset(self, rows: Sequence[int] | Int[Tensor, " k"]) -> "Collection":
        """The photographs of ``rows``, in that order."""
        chosen = _positions(rows)
        return replace(
            self,
            keys=tuple(self.keys[row] for row in chosen),
            names=tuple(self.names[row] for row in chosen),
            labels=self.labels[chosen],
            boxes=self.boxes[chosen],
        )

    def per_class(self, count: int) -> "Collection":
        """The first ``count`` photographs of each class: a balanced subset chosen by name order."""
        rows = [torch.nonzero(self.labels == c).flatten()[:count] for c in range(len(self.classes))]
        return self.subset(torch.cat(rows))

    def resized(self, side: int) -> "Collection":
        """The same photographs at another size (bicubic), with their boxes."""
        if side == self.side:
            return self
        boxes = (self.boxes * (side / self.side)).round().long()
        return replace(self, source=Resized(self.source, side), boxes=boxes)

    def in_memory(self) -> Photographs:
        """All pixels at once, for small collections."""
        pixels = self.pixels(range(len(self)))
        return Photographs(pixels, self.labels, self.boxes, self.names, self.classes)


def _read(
    rows: Sequence[int], futures: Sequence["Future[Tensor]"]
) -> tuple[Sequence[int], UInt8[Tensor, "k 3 side side"]]:
    return rows, torch.cat([future.result() for future in futures])


def _positions(rows: Sequence[int] | Int[Tensor, " k"]) -> list[int]:
    return torch.as_tensor(rows, dtype=torch.long).tolist()


def of(photographs: Photographs, wnids: tuple[str, ...] = ()) -> Collection:
    """Square photographs that are in memory, as a collection."""
    return Collection(
        Stack(photographs.pixels),
        tuple(range(len(photographs))),
        photographs.names,
        photographs.labels,
        photographs.boxes,
        photographs.classes,
        wnids,
    )


@dataclass(frozen=True, eq=False)
class Stack:
    """A source in memory; a photograph's key is its position."""

    stacked: UInt8[Tensor, "n 3 side side"]

    @property
    def side(self) -> int:
        """Height and width in pixels."""
        return self.stacked.shape[-1]

    def photograph(self, key: int) -> UInt8[Tensor, "3 side side"]:
        """The photograph at position ``key``."""
        return self.stacked[key]


@dataclass(frozen=True)
class Resized:
    """Another source's photographs at another size."""

    original: Source
    side: int

    def photograph(self, key: Any) -> UInt8[Tensor, "3 side side"]:
        """The photograph that ``key`` has in the original source."""
        return pictures.bicubic(self.original.photograph(key), self.side)
