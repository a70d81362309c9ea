"""Where a result comes from: the facts of a run, in the order in which a reader asks for them."""

import datetime as dt
from collections.abc import Mapping

from site_builder.model import Harvest, Resource, RunPlan, State

_KINDS = {"data": "Data digest", "checkpoint": "Checkpoint digest", "results": "Results digest"}


def facts(harvest: Harvest) -> list[tuple[str, str]]:
    """Names and values: notebook, parameters, all that it read, device, versions, date, time, digest."""
    run, record = harvest.run, harvest.record
    parts = record.fingerprint.parts
    parameters = ", ".join(f"{name} = {value}" for name, value in sorted(record.parameters.items()))
    seeds = ", ".join(str(value) for name, value in sorted(record.parameters.items()) if "seed" in name)
    listed = [
        ("Notebook", run.notebook.name),
        ("Parameters", parameters or "none"),
        ("Seed", seeds),
        ("Data", run.data or "none"),
        *((f"{_KINDS[kind]}, {name}", part) for kind, name, part in _digests(parts)),
        ("Checkpoints", ", ".join(run.checkpoints) or "none"),
        ("Device", record.device + (" (GPU)" if record.resource is Resource.GPU else "")),
        ("Versions", ", ".join(f"{name} {version}" for name, version in sorted(record.versions.items()))),
        ("Executed", f"{record.started.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"),
        ("Time", f"{record.seconds:.1f} s"),
        ("Fingerprint", record.fingerprint.digest),
        ("Reproduce", f"make experiments RUN={run.id}"),
    ]
    return [(name, value) for name, value in listed if value]


def _digests(parts: Mapping[str, str]) -> list[tuple[str, str, str]]:
    split = ((*key.partition("/")[::2], value) for key, value in sorted(parts.items()))
    return [(kind, name, value) for kind, name, value in split if kind in _KINDS]


def day(harvest: Harvest) -> dt.date:
    """The day on which the run was executed, in UTC."""
    return harvest.record.started.astimezone(dt.UTC).date()


def stale_notice(plan: RunPlan, harvest: Harvest) -> str:
    """The sentence that a page shows above results of a stale run; "" for a fresh one."""
    if plan.state is not State.STALE:
        return ""
    why = "; ".join(plan.reasons) or "its inputs changed"
    cannot = f" It was not executed again here: {'; '.join(plan.blocked)}." if plan.blocked else ""
    return f"The results of {plan.run.id} are those of {day(harvest)} and may be out of date: {why}.{cannot}"
