"""Where a result comes from: the facts of a run, in the order in which a reader asks for them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from site_builder.model import Harvest, Resource, Run, RunPlan, State
from site_builder.notebook import pins

_KINDS = {"data": "Data digest", "weights": "Weights digest", "results": "Results digest"}


def facts(harvest: Harvest) -> list[tuple[str, str]]:
    """Names and values: notebook, parameters, all that it read, device, versions, date, time, digest."""
    run, record = harvest.run, harvest.record
    parts = record.fingerprint.parts
    parameters = ", ".join(f"{name} = {_named(value)}" for name, value in sorted(record.parameters.items()))
    seeds = ", ".join(str(value) for name, value in sorted(record.parameters.items()) if "seed" in name)
    listed = [
        ("Notebook", run.notebook.name),
        ("Parameters", parameters or "none"),
        ("Seed", seeds),
        ("Data", run.data or "none"),
        *((f"{_KINDS[kind]}, {name}", part) for kind, name, part in _digests(parts)),
        ("Weights", ", ".join(run.weights) or "none"),
        ("Device", record.device + (" (GPU)" if record.resource is Resource.GPU else "")),
        ("Versions", ", ".join(f"{name} {version}" for name, version in sorted(record.versions.items()))),
        ("Off pin", ", ".join(pins.off_pin(record))),
        ("Executed", f"{record.started.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"),
        ("Time", f"{record.seconds:.1f} s"),
        ("Fingerprint", record.fingerprint.digest),
        ("Reproduce", f"make experiments RUN={run.id}"),
    ]
    return [(name, value) for name, value in listed if value]


def _named(value: Any) -> str:
    """A parameter in a line; of a mapping, such as registered rules, the names it has."""
    return f"{{{', '.join(value)}}}" if isinstance(value, Mapping) else str(value)


def _digests(parts: Mapping[str, str]) -> list[tuple[str, str, str]]:
    split = ((*key.partition("/")[::2], value) for key, value in sorted(parts.items()))
    return [(kind, name, value) for kind, name, value in split if kind in _KINDS]


def day(harvest: Harvest) -> dt.date:
    """The day on which the run was executed, in UTC."""
    return harvest.record.started.astimezone(dt.UTC).date()


def stale_notice(plan: RunPlan, harvest: Harvest) -> str:
    """The sentence that a page shows above results of a stale run; "" for a fresh one.

    What is missing here for another execution is no part of it: a committed post is the same everywhere.
    """
    if plan.state is not State.STALE:
        return ""
    why = "; ".join(plan.reasons) or "its inputs changed"
    return f"The results of {plan.run.id} are those of {day(harvest)} and may be out of date: {why}."


def wanted(run: Run) -> str:
    """What an execution of a run needs, as it is registered, in words; "" if it needs nothing."""
    listed = [
        ("a GPU", run.resource is Resource.GPU),
        (f"the data set {run.data}", run.data),
        (f"the weights {_joined(run.weights)}", run.weights),
        (f"the results of {_joined(run.needs)}", run.needs),
    ]
    return _joined([words for words, so in listed if so])


def _joined(words: Sequence[str]) -> str:
    """Such as "a, b and c"."""
    return " and ".join([*([", ".join(words[:-1])] if words[1:] else []), *words[-1:]])
