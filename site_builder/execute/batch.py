"""Execution of many runs: side by side, each in a kernel of its own, and written only when it went well.

A batch returns outcomes, not one exception: a run that fails leaves its last good executed notebook as it
was, and the others go on.
"""

import asyncio
import datetime as dt
import json
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from site_builder import machine
from site_builder.errors import BuildError, ExecutionError
from site_builder.execute import session
from site_builder.execute.kernel import Conditions
from site_builder.execute.progress import Progress
from site_builder.files import clear_words, write_if_changed
from site_builder.model import Fingerprint, Resource, Run, RunPlan, RunRecord, Site, Tree
from site_builder.notebook import machine_paths, prepared, reader, run_record
from site_builder.plan import fingerprint, inputs, plan, seal

SIZE_LIMIT = 8_000_000
"""Bytes of an executed notebook."""


@dataclass(frozen=True)
class Outcome:
    """What became of one execution; ``error`` is None when it succeeded."""

    run: Run
    seconds: float
    error: str | None


def execute_runs(
    plans: Sequence[RunPlan], tree: Tree, site: Site, progress: Progress, jobs: int | None = None
) -> list[Outcome]:
    """Execute the runs of ``plans``, up to ``jobs`` at once (default: one a core).

    Those for GPUs share all GPUs out: a lone one has them all, and one has at least one.

    A run that needs others reads the results that they have when it starts, so none of these is in ``plans``
    unless its committed results are wanted, as :mod:`site_builder.verify` does.
    """
    jobs = jobs or machine.cores()
    with progress:
        return asyncio.run(_batch(plans, tree, site, progress, jobs))


async def _batch(
    plans: Sequence[RunPlan], tree: Tree, site: Site, progress: Progress, jobs: int
) -> list[Outcome]:
    wanted = sum(one.run.resource is not Resource.CPU for one in plans)
    gpus = machine.gpus() if wanted else {}
    shares = min(len(gpus), wanted)
    # What runs wait for: a place among the jobs, which has no GPU, or a share of the GPUs.
    on_cpu, on_gpus = (asyncio.Queue[tuple[str, ...]]() for _ in range(2))
    for _ in range(jobs):
        on_cpu.put_nowait(())
    for place in range(shares):
        on_gpus.put_nowait(tuple(gpus)[place::shares])
    together = shares + min(jobs, len(plans) - (wanted if shares else 0))
    cores = max(1, machine.cores() // max(1, together))
    data = inputs.variable(site)

    async def one(planned: RunPlan) -> Outcome:
        places = on_gpus if shares and planned.run.resource is not Resource.CPU else on_cpu
        share = await places.get()
        conditions = Conditions(tree.experiments, data, cores, share, planned.run.needs)
        device = _device([gpus[gpu] for gpu in share])
        try:
            return await _execute(planned, tree, site, conditions, device, progress)
        finally:
            places.put_nowait(share)

    outcomes = await asyncio.gather(*map(one, plans), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome  # a bug, told when the other runs have ended
    return [outcome for outcome in outcomes if isinstance(outcome, Outcome)]


def _device(gpus: Sequence[str]) -> str:
    """What a run is executed on: its GPUs by name, or this machine's processor."""
    named = (f"{count} × {name}" if count > 1 else name for name, count in Counter(gpus).items())
    return ", ".join(named) or machine.processor()


async def _execute(
    planned: RunPlan, tree: Tree, site: Site, conditions: Conditions, device: str, progress: Progress
) -> Outcome:
    """Execute one run. Whatever an author or the machine did wrong, a full disk too, is its own failure."""
    run, begun = planned.run, time.monotonic()
    error = None
    try:
        with clear_words(tree.root):
            await _executed(planned, tree, site, conditions, device, progress)
    except ExecutionError as failure:
        error = str(failure)
    except BuildError as failure:
        error = f"{run.id}: {failure}"
    seconds = time.monotonic() - begun
    progress.done(run.id, seconds, error)
    return Outcome(run, seconds, error)


async def _executed(
    planned: RunPlan, tree: Tree, site: Site, conditions: Conditions, device: str, progress: Progress
) -> None:
    """Execute one run and write its notebook with its record."""
    run, begun = planned.run, time.monotonic()
    started = dt.datetime.now(dt.UTC)
    notebook = prepared.load(run)
    reported = await session.run_notebook(
        notebook, run, conditions, partial(progress.cell, run.id), partial(progress.says, run.id)
    )
    if conditions.gpus and (driver := machine.driver()):
        reported["driver"] = driver
    parts = planned.fingerprint.parts
    pinned = [part.partition("/")[2] for part in parts if part.startswith("pin/")]
    made = RunRecord(
        run=run.id,
        fingerprint=_as_read(planned, tree, site),
        parameters=run.parameters,
        device=device,
        versions={**machine.versions(pinned), **reported},
        started=started,
        seconds=time.monotonic() - begun,
        resource=Resource.GPU if conditions.gpus else Resource.CPU,
    )
    _write(notebook, made, run, tree.root)


def _as_read(planned: RunPlan, tree: Tree, site: Site) -> Fingerprint:
    """The fingerprint of what a run read.

    What changed meanwhile may have been read before or after: that part equals no digest, so that the run is
    stale even if the change is taken back. A file that was not there before was made by the run.
    """
    # It has no parts if the source cannot be read now, because an author is at work.
    now = plan.plan_runs(tree, site, {planned.run.id: planned.run})[0].fingerprint.parts
    parts = planned.fingerprint.parts
    made = {
        name: one for name, one in now.items() if name not in parts and name.startswith(("file/", "module/"))
    }
    return fingerprint.over(
        made | {name: was if was == now.get(name) else "changed meanwhile" for name, was in parts.items()}
    )


def _write(notebook: Any, made: RunRecord, run: Run, root: Path) -> None:
    machine_paths.neutralise(notebook, root)
    notebook.metadata[run_record.KEY] = nbformat.from_dict(run_record.to_metadata(made))
    seal.put(notebook)
    text = nbformat.writes(notebook) + "\n"
    size = len(text.encode())
    if size > SIZE_LIMIT:
        sizes = {i: len(json.dumps(cell)) for i, cell in enumerate(notebook.cells, start=1)}
        largest = max(sizes, key=lambda number: sizes[number])
        title = reader.as_cell(largest, notebook.cells[largest - 1]).title
        raise ExecutionError(
            f"{run.id} ({run.notebook.name}): it would have {size / 1e6:.1f} MB, the limit "
            f"is {SIZE_LIMIT / 1e6:.0f} MB; its largest cell is {title} with {sizes[largest] / 1e6:.1f} MB"
        )
    try:
        with clear_words(root):
            write_if_changed(run.executed, text)
    except BuildError as refusal:
        raise BuildError(f"{refusal} {_kept_elsewhere(run, text)}") from refusal


def _kept_elsewhere(run: Run, text: str) -> str:
    """Save what was computed among the temporary files, which may be on another disk, and say where."""
    try:
        with tempfile.NamedTemporaryFile("w", prefix=f"{run.id}-", suffix=".ipynb", delete=False) as file:
            file.write(text)
    except OSError:
        return "What it computed is lost."
    return f"What it computed is in {file.name}: move it to {run.executed.name}."
