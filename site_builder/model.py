"""What passes between the steps: frozen dataclasses, in the order in which data meets them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

from site_builder.verdict import Effect, Verdict

Scalar = str | int | float | bool | None


def is_number(entry: Any) -> TypeGuard[int | float]:
    """Whether an entry counts as a number: a truth value does not, though Python makes it one."""
    return isinstance(entry, int | float) and not isinstance(entry, bool)


# -- register and plan ---------------------------------------------------------------------------


class Resource(StrEnum):
    """Where a run is executed: ``ANY`` on a GPU where there is one."""

    CPU = "cpu"
    GPU = "gpu"
    ANY = "any"


@dataclass(frozen=True)
class Run:
    """An entry of ``experiments.yaml``: ``time_limit`` in seconds, ``needs`` ids of the runs it reads,
    ``modules`` what its code imports by name only; ``off_pin`` allows other versions than those pinned,
    ``may_wait`` that it was never executed.
    """

    id: str
    notebook: Path
    title: str
    parameters: Mapping[str, Any]
    data: str | None
    weights: tuple[str, ...]
    time_limit: int
    resource: Resource
    executed: Path
    needs: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    off_pin: bool = False
    may_wait: bool = False


@dataclass(frozen=True)
class Fingerprint:
    """``digest`` is over ``parts``; a part is named by kind and thing.

    Kinds: ``code`` (the code cells), ``parameter/NAME``, ``module/PATH``, ``file/PATH``, ``data/NAME``,
    ``weights/NAME``, ``results/RUN``, ``pin/PACKAGE``. Each value is a short digest or a literal.
    """

    digest: str
    parts: Mapping[str, str]


@dataclass(frozen=True)
class RunRecord:
    """Written into an executed notebook's metadata under ``gradlab``. ``started`` is UTC; ``resource`` says
    whether it was executed on a CPU or a GPU; ``versions`` are those that ran, with "cuda", "cudnn" and
    "driver" of a GPU.
    """

    run: str
    fingerprint: Fingerprint
    parameters: Mapping[str, Any]
    device: str
    versions: Mapping[str, str]
    started: dt.datetime
    seconds: float
    resource: Resource = Resource.CPU


class State(StrEnum):
    """Where a run stands."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "registered, not executed"


@dataclass(frozen=True)
class RunPlan:
    """A run, its state, why it is stale, and why it cannot be executed here (empty: it can). ``unseen`` may
    change its results, and makes it no less fresh; a ``faulty`` one cannot be read.
    """

    run: Run
    fingerprint: Fingerprint
    state: State
    reasons: tuple[str, ...]
    blocked: tuple[str, ...]
    record: RunRecord | None
    unseen: tuple[str, ...] = ()
    faulty: bool = False


# -- harvest -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Origin:
    """The cell an artifact came from: run, place in the notebook (from 1), label if any, and its code."""

    run: str
    cell: int
    label: str | None
    source: str


class Size(NamedTuple):
    """In CSS px."""

    width: int
    height: int


@dataclass(frozen=True)
class Figure:
    """``files`` maps endings, as of ``harvest.pictures.Pictures``, to paths below ``assets/``."""

    label: str
    caption: str
    alt: str
    files: Mapping[str, Path]
    size: Size
    narrow: Size | None
    origin: Origin


@dataclass(frozen=True)
class Listing:
    """A code cell shown in a post, without its option comments."""

    label: str
    caption: str
    code: str
    origin: Origin


@dataclass(frozen=True)
class Value:
    """A published number (or short text): [low, high] is its interval, n its sample size."""

    name: str
    value: Scalar
    unit: str
    low: float | None
    high: float | None
    n: int | None
    note: str
    tolerance: float | None
    origin: Origin


@dataclass(frozen=True)
class Table:
    """A published table, or (``kind`` "data") the numbers behind a figure.

    Only data tells the rest; ``looks`` has "colour" and "dashes" of the line of an entry.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]
    caption: str
    origin: Origin
    names: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    interval: str = ""
    looks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """A statement and what became of it. ``criterion`` is its rule in words; it is ``registered`` if the rule
    stood in the register before the run was executed.
    """

    name: str
    statement: str
    verdict: Verdict
    effects: tuple[Effect, ...]
    criterion: str
    registered: bool
    origin: Origin


@dataclass(frozen=True)
class Harvest:
    """What one notebook published; ``notices`` are for its author."""

    run: Run
    record: RunRecord
    figures: Mapping[str, Figure]
    listings: Mapping[str, Listing]
    values: Mapping[str, Value]
    tables: Mapping[str, Table]
    data: Mapping[str, Table]
    claims: Mapping[str, Claim]
    notices: tuple[str, ...] = ()


# -- posts and pages -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Author:
    """A byline entry."""

    name: str
    url: str
    affiliation: str
    affiliation_url: str


@dataclass(frozen=True)
class Site:
    """``site.yaml``: no ``url`` is ""; ``switches`` say what an al-folio site shows under each post."""

    title: str
    description: str
    url: str
    repository: str
    authors: tuple[Author, ...]
    figure_theme: Mapping[str, str]
    data_folders: tuple[Path, ...]
    license: str = ""
    switches: Mapping[str, bool] = field(default_factory=dict)


class Tree:
    """Where things lie, all absolute: one place that knows the layout."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.experiments = self.root / "_experiments"
        """The notebooks, their register and their library."""
        self.register = self.experiments / "experiments.yaml"
        """The list of runs."""
        self.executed = self.experiments / "executed"
        """One executed notebook per run."""
        self.assets = self.root / "assets"
        """What posts and pages show beside their text."""
        self.figures = self.assets / "figures"
        """Harvested figures, a folder per run."""
        self.bibliography = self.assets / "bibliography"
        """One .bib per post."""
        self.post_templates = self.root / "templates" / "posts"
        """What authors write."""
        self.page_templates = self.root / "templates" / "pages"
        """The HTML of our own pages."""
        self.posts = self.root / "_posts"
        """Generated posts."""
        self.site = self.root / "_site"
        """Our own pages."""
        self.cache = self.root / ".cache"
        """Scratch space that git ignores; deleting it costs time only."""
