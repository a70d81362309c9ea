"""The plan: for each run of the register whether it is fresh, why not, and why it cannot be executed here."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache

from site_builder import fingerprint, record
from site_builder.data import Digests
from site_builder.fingerprint import Taken
from site_builder.model import Resource, Run, RunPlan, Site, State, Tree

KERNEL_PACKAGES = ("nbclient", "ipykernel")


def plan_runs(tree: Tree, site: Site, runs: Mapping[str, Run]) -> list[RunPlan]:
    """The plan of every run, in the register's order. Nothing is executed."""
    digests = Digests(tree, site)
    plans = [_plan(run, tree, digests) for run in runs.values()]
    digests.save()
    return plans


def _plan(run: Run, tree: Tree, digests: Digests) -> RunPlan:
    reasons: tuple[str, ...]
    try:
        past = record.read(run.executed)
        damage = ""
    except record.DamagedRecord as found:
        past, damage = None, str(found)
    taken = fingerprint.take(run, tree, digests, past)
    if damage:
        state, reasons = State.STALE, (f"the executed notebook is damaged: {damage}",)
    elif past is None:
        state, reasons = State.MISSING, (State.MISSING.value,)
    else:
        reasons = fingerprint.differences(past.fingerprint.parts, taken.fingerprint.parts)
        if past.run != run.id:
            reasons = (f"the executed notebook is that of {past.run}", *reasons)
        state = State.STALE if reasons else State.FRESH
    return RunPlan(run, taken.fingerprint, state, reasons, _blocked(run, taken), past)


def _blocked(run: Run, taken: Taken) -> tuple[str, ...]:
    """What is missing here for an execution of ``run``."""
    absent = sorted(name for name in {*taken.packages, *KERNEL_PACKAGES} if not _installed(name))
    found = []
    if absent:
        found.append(_uninstalled(absent))
    if taken.absent_data:
        found.append(f"data set {run.data} not found")
    found += [f"checkpoint {name} missing" for name in taken.absent_checkpoints]
    if run.resource is Resource.GPU and not gpus():
        found.append("needs a GPU")
    return tuple(found)


def _uninstalled(absent: Sequence[str]) -> str:
    """Three names are enough to see what is missing: one command installs all."""
    shown = sorted(absent, key=lambda name: name != "torch")[:3]
    more = [f"{len(absent) - len(shown)} more"] if len(absent) > len(shown) else []
    are, them = ("are", "them") if len(absent) > 1 else ("is", "it")
    return f"{' and '.join([', '.join(shown), *more])} {are} not installed (make experiments installs {them})"


@cache
def _installed(package: str) -> bool:
    """Whether the builder's own interpreter, which is the kernel's, could import ``package``."""
    return importlib.util.find_spec(package) is not None


@cache
def gpus() -> Mapping[str, str]:
    """The GPUs that may be used here: id -> name. ``CUDA_VISIBLE_DEVICES`` is respected."""
    if shutil.which("nvidia-smi") is None:
        return {}
    asked = subprocess.run(
        ["nvidia-smi", "--query-gpu=index,name", "--format=csv,noheader"],
        capture_output=True,
        text=True,
        check=False,
    )
    pairs = [line.partition(",") for line in asked.stdout.splitlines() if asked.returncode == 0 and line]
    found = {index.strip(): name.strip() for index, _, name in pairs}
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is None:
        return found
    ids = [entry.strip() for entry in allowed.split(",") if entry.strip()]
    return {entry: found.get(entry, "GPU") for entry in ids if entry != "-1"}


def executable(plans: Sequence[RunPlan]) -> list[RunPlan]:
    """The plans that need an execution and can have one here."""
    return [plan for plan in plans if plan.state is not State.FRESH and not plan.blocked]


def waiting(plans: Sequence[RunPlan]) -> list[RunPlan]:
    """The plans that need an execution and cannot have one here."""
    return [plan for plan in plans if plan.state is not State.FRESH and plan.blocked]


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
