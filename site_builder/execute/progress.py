"""What a person sees while notebooks run: a live table in a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table

Say = Callable[[str], None]


class Progress(Protocol):
    """Told by the executor what happens; ``cell`` counts from 1, ``of`` is their number."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def cell(self, run: str, cell: int, of: int) -> None:
        """A cell begins."""

    def done(self, run: str, seconds: float, error: str | None) -> None:
        """A run ended."""


def display(runs: list[str], say: Say) -> Progress:
    """The display that fits where the output goes."""
    console = Console(stderr=True)
    return LiveTable(runs, console) if console.is_terminal else PlainLines(say)


class PlainLines:
    """A line when a run begins and one when it ends, for logs."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._begun: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def cell(self, run: str, cell: int, of: int) -> None:
        """Say once that the run began."""
        if run not in self._begun:
            self._begun.add(run)
            self._say(f"{run}: executing {of} cells")

    def done(self, run: str, seconds: float, error: str | None) -> None:
        """Say how it ended."""
        self._say(f"{run}: {'failed' if error else 'executed'} in {seconds:.1f} s")


@dataclass
class _Row:
    """A run in the live table."""

    state: str = "waiting"
    since: float | None = None
    seconds: float | None = None

    def clock(self) -> str:
        if self.seconds is not None:
            return f"{self.seconds:.1f} s"
        return f"{time.monotonic() - self.since:.0f} s" if self.since is not None else ""


class LiveTable:
    """All runs with the cell they are in and their clock, drawn in place."""

    def __init__(self, runs: list[str], console: Console) -> None:
        self._rows = {run: _Row() for run in runs}
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=4)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def cell(self, run: str, cell: int, of: int) -> None:
        """Move the run's row to this cell."""
        row = self._rows[run]
        row.since = row.since or time.monotonic()
        row.state = f"cell {cell} of {of}"

    def done(self, run: str, seconds: float, error: str | None) -> None:
        """Stop the run's clock."""
        row = self._rows[run]
        row.state, row.seconds = "failed" if error else "executed", seconds

    def _table(self) -> RenderableType:
        table = Table(box=None, pad_edge=False)
        for title in ("run", "state"):
            table.add_column(title)
        table.add_column("time", justify="right")
        colours = {"failed": "red", "executed": "green"}
        for run, row in self._rows.items():
            table.add_row(run, f"[{colours.get(row.state, 'default')}]{row.state}", row.clock())
        return table
