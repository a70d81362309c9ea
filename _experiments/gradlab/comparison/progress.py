"""How far a long measurement is, in one line now and then."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

FIRST_PAUSE, LAST_PAUSE = 5.0, 600.0  # seconds


FILE = "GRADLAB_PROGRESS"
"""The variable that names a file for lines of progress, which are then not printed."""


def printed(line: str) -> None:
    """Print a line at once, or where a file is named for it, add it there.

    What a notebook prints is kept with it, and how fast a machine was is no result.
    """
    if FILE in os.environ:
        with Path(os.environ[FILE]).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    else:
        print(line, flush=True)


@dataclass
class Progress:
    """Counts shards and rows, and reports them.

    Between two lines pass at least five seconds, and a tenth of the time so far up to ten minutes: a day's
    run should not fill a notebook or a log.
    """

    shards: int
    rows: int
    report: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    _done: int = 0
    _rows_done: int = 0
    _rows_now: int = 0
    _started: float = field(init=False)
    _next: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self.clock()
        self._next = self._started + FIRST_PAUSE

    def begin(self, found: int, rows_found: int, damaged: int) -> None:
        """Say what was there before."""
        self._done, self._rows_done = found, rows_found
        line = f"{found} of {self.shards} shards found from before"
        self.report(line + (f"; {damaged} damaged, computed again" if damaged else ""))

    def add(self, rows: int) -> None:
        """Count a shard of so many rows."""
        self._done += 1
        self._rows_done += rows
        self._rows_now += rows

    def tick(self, workers: Callable[[], int]) -> None:
        """Report if it is time to; only then ask how many workers are alive."""
        now = self.clock()
        if now >= self._next:
            self._next = now + min(max(FIRST_PAUSE, 0.1 * (now - self._started)), LAST_PAUSE)
            self.report(self._line(workers(), now))

    def end(self) -> None:
        """Say that all is there."""
        spent = self.clock() - self._started
        self.report(f"{self._done} of {self.shards} shards in {duration(spent)}, {self._rate(spent)}")

    def _rate(self, spent: float) -> str:
        return f"{self._rows_now / max(spent, 1e-9):.3g} photographs/s"

    def _line(self, workers: int, now: float) -> str:
        spent = now - self._started
        left = "unknown"
        if self._rows_now:
            left = duration(spent / self._rows_now * (self.rows - self._rows_done))
        return (
            f"{self._done} of {self.shards} shards, {self._rate(spent)}, time left {left}, workers {workers}"
        )


def duration(seconds: float) -> str:
    """Hours, minutes and seconds, as in 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
