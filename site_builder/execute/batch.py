"""Execution of many runs: side by side, each in a kernel of its own, and written only when it went well.

A batch returns outcomes, not one exception: a run that fails leaves its last good executed notebook as it
was, and the others go on.
"""

import asyncio
import datetime as dt
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import nbformat

from site_builder import machine
from site_builder.errors import BuildError, ExecutionError
from site_builder.execute import session
from site_builder.execute.kernel import Conditions
from site_builder.execute.progress import Progress
from site_builder.files import write_if_changed
from site_builder.model import Fingerprint, Resource, Run, RunPlan, RunRecord, Site, Tree
from site_builder.notebook import prepared, reader, run_record
from site_builder.plan import data_sets, fingerprint, plan

SIZE_LIMIT = 8_000_000
"""Bytes of an executed notebook."""


@dataclass(frozen=True)
class Outcome:
    """What became of one execution; ``error`` is None when it succeeded."""

    run: Run
    seconds: float
    error: str | None


@dataclass(frozen=True)
class _Places:
    """What runs wait for: a place among the jobs, or a GPU's id."""

    cpu: asyncio.Semaphore
    gpu: asyncio.Queue[str]
    gpus: int

    @asynccontextmanager
    async def one(self, resource: Resource) -> AsyncIterator[str | None]:
        if not (resource is Resource.GPU or (resource is Resource.ANY and self.gpus)):
            async with self.cpu:
                yield None
            return
        gpu = await self.gpu.get()
        try:
            yield gpu
        finally:
            self.gpu.put_nowait(gpu)


def execute_runs(
    plans: Sequence[RunPlan], tree: Tree, site: Site, progress: Progress, jobs: int | None = None
) -> list[Outcome]:
    """Execute the runs of ``plans``, up to ``jobs`` at once (default: one a core; GPU runs one a GPU).

    A run that needs others reads the results that they have when it starts, so none of these is in ``plans``
    unless its committed results are wanted, as :mod:`site_builder.verify` does.
    The threads of a kernel depend on ``jobs`` alone, not on how many runs are stale, because the number of
    threads can move the last digits of a result.
    """
    jobs = jobs or machine.cores()
    with progress:
        return asyncio.run(_batch(plans, tree, site, progress, jobs))


async def _batch(
    plans: Sequence[RunPlan], tree: Tree, site: Site, progress: Progress, jobs: int
) -> list[Outcome]:
    gpus = machine.gpus() if any(p.run.resource is not Resource.CPU for p in plans) else {}
    places = _Places(asyncio.Semaphore(jobs), asyncio.Queue(), len(gpus))
    for gpu in gpus:
        places.gpu.put_nowait(gpu)
    threads = max(1, machine.cores() // jobs)

    async def one(planned: RunPlan) -> Outcome:
        async with places.one(planned.run.resource) as gpu:
            needs = planned.run.needs
            conditions = Conditions(tree.experiments, data_sets.variable(site), threads, gpu, needs)
            return await _execute(planned, tree, site, conditions, gpus.get(gpu or ""), progress)

    return list(await asyncio.gather(*map(one, plans)))


async def _execute(
    planned: RunPlan, tree: Tree, site: Site, conditions: Conditions, gpu_name: str | None, progress: Progress
) -> Outcome:
    run, begun = planned.run, time.monotonic()
    started = dt.datetime.now(dt.UTC)
    error = None
    try:
        notebook = prepared.load(run)
        await session.run_notebook(
            notebook, run, conditions, lambda cell, of: progress.cell(run.id, cell, of)
        )
        parts = planned.fingerprint.parts
        pinned = [part.partition("/")[2] for part in parts if part.startswith("pin/")]
        made = RunRecord(
            run=run.id,
            fingerprint=_as_read(planned, tree, site),
            parameters=run.parameters,
            device=gpu_name or machine.processor(),
            versions=machine.versions(pinned),
            started=started,
            seconds=time.monotonic() - begun,
            resource=Resource.CPU if conditions.gpu is None else Resource.GPU,
        )
        _write(notebook, made, run)
    except ExecutionError as failure:
        error = str(failure)
    seconds = time.monotonic() - begun
    progress.done(run.id, seconds, error)
    return Outcome(run, seconds, error)


def _as_read(planned: RunPlan, tree: Tree, site: Site) -> Fingerprint:
    """The fingerprint of what a run read.

    What changed meanwhile may have been read before or after: that part equals no digest, so that the run is
    stale even if the change is taken back.
    """
    try:
        now = plan.plan_runs(tree, site, {planned.run.id: planned.run})[0].fingerprint.parts
    except BuildError:
        now = {}  # a source that cannot be read now: an author is at work
    parts = planned.fingerprint.parts
    return fingerprint.over(
        {name: was if was == now.get(name) else "changed meanwhile" for name, was in parts.items()}
    )


def _write(notebook: Any, made: RunRecord, run: Run) -> None:
    notebook.metadata[run_record.KEY] = nbformat.from_dict(run_record.to_metadata(made))
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
    write_if_changed(run.executed, text)
