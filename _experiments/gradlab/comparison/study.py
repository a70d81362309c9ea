"""What a notebook asks of a comparison: tables of measurements and examples, computed in shards.

Each answer is computed once: shards that are stored from before are taken from there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Protocol

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from gradlab.comparison import engine
from gradlab.comparison.arms import Arm, Chooser
from gradlab.comparison.channel_statistics import ChannelStatistics
from gradlab.comparison.measure import Comparison, pool_of
from gradlab.comparison.methods import Averaging, Methods, Removal
from gradlab.comparison.subject import Subject
from gradlab.comparison.table import Measurements
from gradlab.filtering.layouts import Layout
from gradlab.filtering.metrics import BoxPool
from gradlab.photographs.collection import Collection
from gradlab.photographs.loaded import Loaded

SHARDS = ((5000, 500), (500, 50), (0, 15))
"""How many photographs a shard has, where there are at least so many in all."""


class Keyed(engine.Work, Protocol):
    """Work that says what decides its result, and over which photographs it goes."""

    @property
    def photographs(self) -> Collection:
        """What it goes over, a row each."""

    def key(self) -> dict[str, Any]:
        """All that decides its result."""


@dataclass(frozen=True, eq=False)
class Fold:
    """Some of the photographs, by row, and the channels that are kept for them."""

    rows: Int[Tensor, "n"]
    chooser: Chooser


@dataclass(frozen=True, eq=False)
class Study:
    """A network, the photographs it is evaluated on, and the channels that filters keep; see :meth:`of`."""

    subject: Subject
    photographs: Collection
    folds: tuple[Fold, ...]
    pool: BoxPool
    batch: int = 50

    @classmethod
    def of(
        cls,
        source: Loaded | Callable[[], Loaded],
        photographs: Collection,
        filterings: Mapping[str, Iterable[str]],
        training: Collection | None = None,
        declared: Mapping[str, Layout] | None = None,
        batch: int = 50,
        seed: int = 0,
    ) -> "Study":
        """Load the network from ``source`` and take the channel statistics of ``training`` photographs.

        Without them they are taken from the evaluated ones by halves (every second photograph of a class):
        the channels of one half are chosen on the other, so that no photograph helps to choose its own.
        ``filterings`` maps a name to the modules it filters.
        """
        lists = {name: tuple(modules) for name, modules in filterings.items()}
        modules = tuple(dict.fromkeys(name for names in lists.values() for name in names))
        subject = Subject(source, modules, declared or {})
        if training is not None:
            rows = [torch.arange(len(photographs))]
            statistics = [training]
        else:
            place = _places(photographs)
            rows = [(place % 2 == half).nonzero()[:, 0] for half in (0, 1)]
            statistics = [photographs.subset(rows[1]), photographs.subset(rows[0])]
        folds = tuple(
            Fold(own, Chooser(_moments(subject, others), lists, seed))
            for own, others in zip(rows, statistics, strict=True)
        )
        return cls(subject, photographs, folds, pool_of(photographs), batch)

    def inputs(self, rows: Sequence[int]) -> Float[Tensor, "n 3 h w"]:
        """Photographs as the network takes them, on the CPU."""
        return self.subject.load().normalise(self.photographs.pixels(rows))

    def first(self, each: int) -> Int[Tensor, "n"]:
        """The rows of the first ``each`` photographs of every class."""
        return (_places(self.photographs) < each).nonzero()[:, 0]

    def measured(self, arms: Sequence[Arm], each: int = 0, **options: Any) -> Measurements:
        """The metrics of every arm on all photographs, or on the first ``each`` of every class.

        ``options`` are those of :class:`~gradlab.comparison.measure.Comparison`.
        """
        return self._table(
            each,
            lambda own, chooser: Comparison(
                self.subject, own, tuple(arms), chooser, self.pool, self.batch, **options
            ),
        )

    def methods(self, arms: Sequence[Arm], each: int, averaging: Averaging) -> Measurements:
        """Every attribution method under every arm, on the first ``each`` photographs of a class."""
        return self._table(
            each,
            lambda own, chooser: Methods(self.subject, own, chooser, tuple(arms), averaging, self.batch),
        )

    def removal(self, arms: Sequence[Arm], each: int) -> Measurements:
        """What removing relevant pixels costs, on the first ``each`` photographs of a class."""
        return self._table(
            each, lambda own, chooser: Removal(self.subject, own, chooser, tuple(arms), self.batch)
        )

    def _table(self, each: int, work: Callable[[Collection, Chooser], Any]) -> Measurements:
        wanted = self.first(each) if each else torch.arange(len(self.photographs))
        parts = []
        for fold in self.folds:
            rows = fold.rows[torch.isin(fold.rows, wanted)]
            if len(rows):
                own = self.photographs.subset(rows)
                parts.append(Measurements(_facts(own) | computed(work(own, fold.chooser))))
        return reduce(Measurements.joined, parts)


def computed(work: Keyed, shard: int = 0) -> dict[str, np.ndarray]:
    """The arrays of ``work`` over all its photographs, in shards of ``shard`` photographs."""
    rows = len(work.photographs)
    size = shard or next(size for least, size in SHARDS if rows >= least)
    return engine.compute(work, rows, size=size, key=work.key()).arrays


def _moments(subject: Subject, photographs: Collection) -> dict[str, Any]:
    work = ChannelStatistics(subject, photographs)
    return work.moments(computed(work, shard=500))


def _places(photographs: Collection) -> Int[Tensor, "n"]:
    """The place of each photograph among those of its class."""
    place = torch.zeros(len(photographs), dtype=torch.long)
    for label in range(len(photographs.classes)):
        own = (photographs.labels == label).nonzero()[:, 0]
        place[own] = torch.arange(len(own))
    return place


def _facts(photographs: Collection) -> dict[str, np.ndarray]:
    x0, y0, x1, y1 = photographs.boxes.double().unbind(1)
    return {
        "photograph": np.array(photographs.names),
        "class": photographs.labels.numpy(),
        "box_share": ((x1 - x0) * (y1 - y0) / photographs.side**2).numpy(),
    }
