"""What a person sees while notebooks run: bars in a terminal, plain lines elsewhere."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Self

import rich.progress
from rich.console import Console
from rich.progress import BarColumn, TimeElapsedColumn

Say = Callable[[str], None]


class Progress(AbstractContextManager["Progress"]):
    """Told by the executor what happens: a line when a run begins and one when it ends, for logs."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._begun: set[str] = set()

    def __exit__(self, *_: object) -> None:
        return None

    def cell(self, run: str, cell: int, of: int) -> None:
        """Say once that the run began; cells are counted from 1, ``of`` is their number."""
        if run not in self._begun:
            self._begun.add(run)
            self._say(f"{run}: executing {of} cells")

    def says(self, run: str, line: str) -> None:
        """Pass on what a long measurement says of how far it is."""
        self._say(f"{run}: {line}")

    def done(self, run: str, seconds: float, error: str | None) -> None:
        """Say how it ended."""
        self._say(f"{run}: {'failed' if error else 'executed'} in {seconds:.1f} s")


class Bars(Progress):
    """All runs with the cell they are in and their clock, drawn in place."""

    def __init__(self, runs: list[str], console: Console) -> None:
        columns = ("{task.description}", BarColumn(), "{task.fields[state]}", TimeElapsedColumn())
        self._drawn = rich.progress.Progress(*columns, console=console)
        self._tasks = {run: self._drawn.add_task(run, start=False, state="waiting") for run in runs}

    def __enter__(self) -> Self:
        self._drawn.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._drawn.stop()

    def cell(self, run: str, cell: int, of: int) -> None:
        """Move the run's bar to this cell."""
        self._drawn.start_task(self._tasks[run])
        self._drawn.update(self._tasks[run], completed=cell - 1, total=of, state=f"cell {cell} of {of}")

    def says(self, run: str, line: str) -> None:
        """Show the line beside the run's bar."""
        self._drawn.update(self._tasks[run], state=line)

    def done(self, run: str, seconds: float, error: str | None) -> None:
        """Stop the run's clock."""
        state = "[red]failed" if error else "[green]executed"
        self._drawn.update(self._tasks[run], state=state)
        self._drawn.stop_task(self._tasks[run])


def display(runs: list[str], say: Say) -> Progress:
    """The display that fits where the output goes."""
    console = Console(stderr=True)
    return Bars(runs, console) if console.is_terminal else Progress(say)
