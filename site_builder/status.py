"""The table of runs: fresh or stale, why, when, on which device, for how long, and what is missing here."""

import datetime as dt
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from site_builder.model import RunPlan, State
from site_builder.notebook import pins
from site_builder.plan import plan

_COLOURS = {State.FRESH: "green", State.STALE: "yellow", State.MISSING: "red"}
_WIDTH = 140


def show(plans: Sequence[RunPlan], console: Console | None = None) -> None:
    """Print the table; in a file or a pipe it is as wide as it needs to be to stay readable."""
    console = console or Console()
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH)
    table = Table(box=None, pad_edge=False)
    for title in ("run", "state", "why", "executed", "device", "time", "here"):
        table.add_column(title, overflow="fold", justify="right" if title == "time" else "left")
    queued = plan.queue(plans)
    for planned in plans:
        row = cells(planned, queued.get(planned.run.id, ()))
        table.add_row(*map(Text, row), style=_COLOURS[planned.state])
    console.print(table)
    # The same reason holds for many runs, and is too long for a column.
    for reason in dict.fromkeys(one for planned in plans for one in planned.blocked if ": " in one):
        console.print(Text(reason))


def cells(planned: RunPlan, awaited: Sequence[str] = ()) -> tuple[str, ...]:
    """A row of the table; ``awaited`` are needed runs that are to be executed before this one."""
    record = planned.record
    off = [f"off pin: {package}" for package in pins.off_pin(record)]
    why = "; ".join([*planned.reasons, *off, *(f"not covered: {one}" for one in planned.unseen)])
    when = f"{record.started.astimezone(dt.UTC):%Y-%m-%d %H:%M}" if record else ""
    after = f" after {', '.join(awaited)}" if awaited else ""
    here = (
        "no"
        if planned.faulty
        else "; ".join(one.partition(": ")[0] for one in planned.blocked) or f"can be executed{after}"
    )
    return (
        planned.run.id,
        str(planned.state),
        why,
        when,
        record.device if record else "",
        f"{record.seconds:.0f} s" if record else "",
        here,
    )
