"""What a measuring run published, read again: tables with a row a photograph, and lists of modules."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradlab.comparison.table import Measurements
from gradlab.notebook import results
from gradlab.notebook.results import Results

_OF_A_MODULE = ("module", "channels", "kernel", "on_every_path")
"""Columns of the table of modules; every other one says which modules are in the list of its name."""


def title_of(filtering: str) -> str:
    """How a list of modules is called in tables and figures."""
    if filtering.startswith("last"):
        return f"last {filtering.removeprefix('last')} %"
    return {"upper": "upper modules", "all": "all convolutions"}.get(filtering, filtering)


@dataclass(frozen=True)
class Modules:
    """The network's convolutions, an entry each: ``kernel`` sizes, and whether a convolution lies on every
    path from the input to the logits; ``lists`` has a truth value a convolution, by name of the list.
    """

    kernel: np.ndarray
    on_every_path: np.ndarray
    lists: Mapping[str, np.ndarray]

    def count(self, filtering: str) -> int:
        """How many modules a list has."""
        return int(self.lists[filtering].sum())

    def separators(self, filtering: str) -> int:
        """How many modules of a list lie on every path."""
        return int((self.lists[filtering] & self.on_every_path).sum())


@dataclass(frozen=True)
class MapCounts:
    """How many maps were taken, and how many of them are zero or left the range of single precision."""

    maps: int
    zero: int
    overflown: int


@dataclass(frozen=True)
class Measured:
    """The tables of a measuring run; ``main`` and ``controls`` are of the trained network.

    ``channels`` is the class test of one class, and ``strongest`` the photographs that its first channels
    answer to, with ``examples`` as columns of any kind (see :mod:`gradlab.comparison.examples`).
    """

    main: Measurements
    controls: Measurements
    random_weights: Measurements
    double_precision: Measurements
    methods: Measurements
    modules: Modules
    classes: tuple[str, ...]
    examples: Mapping[str, np.ndarray]
    channels: Mapping[str, np.ndarray]
    strongest: Mapping[str, np.ndarray]
    statistics_photographs: int

    @classmethod
    def of(cls, run: str) -> "Measured":
        """The tables that ``run`` published when it was last executed."""
        found = results.of(run)
        return cls(
            main=_table(found, "measurements"),
            controls=_table(found, "controls"),
            random_weights=_table(found, "random-weights"),
            double_precision=_table(found, "double-precision"),
            methods=_table(found, "methods"),
            modules=_modules(found.rows["modules"]),
            classes=tuple(found.rows["classes"]["name"].tolist()),
            examples=found.rows["examples"],
            channels=found.rows["channels-of-a-class"],
            strongest=found.rows["photographs-of-channels"],
            statistics_photographs=int(found.values["statistics-photographs"].value or 0),
        )

    @property
    def filterings(self) -> tuple[str, ...]:
        """The lists of modules that were filtered."""
        return self.main.filterings

    @property
    def quantiles(self) -> tuple[float, ...]:
        """The shares of kept channels."""
        return self.main.quantiles

    @property
    def middle(self) -> float:
        """The quantile of the other attribution methods and of the examples."""
        return self.quantiles[len(self.quantiles) // 2]

    @property
    def pairs(self) -> list[tuple[str, float]]:
        """Every list of modules at every quantile."""
        return self.main.pairs

    @property
    def control_part(self) -> Measurements:
        """The main table on the photographs of the control arms."""
        return self.main.named(self.controls.fact("photograph"))

    def class_name(self, label: int) -> str:
        """The first of a class's names."""
        return self.classes[label].split(",")[0]

    def map_counts(self) -> MapCounts:
        """Counts over all arms of the trained network; an arm of both tables is counted in the main one."""
        own = [(self.main, arm) for arm in self.main.arms]
        own += [(self.controls, arm) for arm in self.controls.arms if arm not in self.main.arms]
        return MapCounts(
            maps=sum(len(table) for table, _ in own),
            zero=sum(int(table.zero_maps(arm).sum()) for table, arm in own),
            overflown=sum(int(table.overflown_maps(arm).sum()) for table, arm in own),
        )


def _table(found: Results, name: str) -> Measurements:
    return Measurements(found.rows[name])


def _modules(columns: Mapping[str, np.ndarray]) -> Modules:
    lists = {name: column for name, column in columns.items() if name not in _OF_A_MODULE}
    return Modules(columns["kernel"], columns["on_every_path"], lists)
