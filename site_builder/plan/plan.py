"""The plan: for each run of the register whether it is fresh, why not, and why it cannot be executed here.

A run that needs others comes after them: once they are executed it is planned again, because only their new
results tell whether it is fresh.
"""

from collections.abc import Collection, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from site_builder import machine, states
from site_builder.errors import BuildError
from site_builder.memo import Memo
from site_builder.model import Resource, Run, RunPlan, Site, State, Tree
from site_builder.plan.digests import Digests

if TYPE_CHECKING:
    from site_builder.plan.fingerprint import Taken

KERNEL_PACKAGES = ("nbclient", "ipykernel")


def plan_runs(tree: Tree, site: Site, runs: Mapping[str, Run]) -> list[RunPlan]:
    """The plan of each of ``runs``, in their order, if these and no others may be executed. Nothing is."""
    gpus = machine.gpus() if any(run.resource is Resource.GPU for run in runs.values()) else {}
    digests, memo = Digests(tree, site), Memo(tree.cache)
    read = [runs, states.state(tree.experiments), gpus, digests.looked]
    kept: list[RunPlan] | None = memo.find("plans", [*read, digests.there()])
    if kept is not None:
        return kept
    plans: dict[str, RunPlan] = {}
    for name in _needed_first(runs):
        plans[name] = _plan(runs[name], tree, digests, plans)
    digests.save()
    found = [plans[name] for name in runs]
    memo.keep("plans", [*read, digests.met()], found)
    return found


def _needed_first(runs: Mapping[str, Run]) -> list[str]:
    """The ids, each after those of the runs it needs."""
    needs = {name: [need for need in run.needs if need in runs] for name, run in runs.items()}
    return list(TopologicalSorter(needs).static_order())


def _plan(run: Run, tree: Tree, digests: Digests, needed: Mapping[str, RunPlan]) -> RunPlan:
    from site_builder.notebook import run_record
    from site_builder.plan import fingerprint, seal

    reasons: tuple[str, ...]
    try:
        past = run_record.read(run.executed)
        damage = ""
    except run_record.DamagedRecord as found:
        past, damage = None, str(found)
    try:
        taken = fingerprint.take(run, tree, digests, past)
    except BuildError as fault:
        state, reasons = State.STALE if past or damage else State.MISSING, (str(fault),)
        return RunPlan(run, fingerprint.over({}), state, reasons, reasons, past, faulty=True)
    if damage:
        state, reasons = State.STALE, (f"the executed notebook is damaged: {damage}",)
    elif past is None:
        state, reasons = State.MISSING, ()
    else:
        reasons = fingerprint.differences(past.fingerprint.parts, taken.fingerprint.parts)
        if past.run != run.id:
            reasons = (f"the executed notebook is that of {past.run}", *reasons)
        read = states.state(run.executed)
        reasons += Memo(tree.cache).get(f"seals/{run.id}", read, lambda: seal.broken(run.executed))
        state = State.STALE if reasons else State.FRESH
    blocked = _blocked(run, taken, needed)
    return RunPlan(run, taken.fingerprint, state, reasons, blocked, past, taken.unseen)


def _blocked(run: Run, taken: "Taken", needed: Mapping[str, RunPlan]) -> tuple[str, ...]:
    """What is missing here for an execution of ``run``, after those that it needs."""
    absent = sorted(name for name in {*taken.packages, *KERNEL_PACKAGES} if not machine.has(name))
    found = []
    if absent:
        found.append(_uninstalled(absent))
    found += taken.absent
    for name in taken.absent_results:
        if name not in needed:
            found.append(f"needs the results of {name}: execute it first (make experiments RUN={name})")
        elif needed[name].blocked:
            found.append(f"needs the results of {name}, which cannot be executed here either")
    if run.resource is Resource.GPU and not machine.gpus():
        found.append("needs a GPU: execute it where there is one, and commit its executed notebook")
    return tuple(found)


def _uninstalled(absent: Sequence[str]) -> str:
    """Three names are enough to see what is missing: one command installs all."""
    shown = sorted(absent, key=lambda name: name != "torch")[:3]
    more = [f"{len(absent) - len(shown)} more"] if len(absent) > len(shown) else []
    are, them = ("are", "them") if len(absent) > 1 else ("is", "it")
    return f"{' and '.join([', '.join(shown), *more])} {are} not installed (make experiments installs {them})"


def queue(
    plans: Sequence[RunPlan], force: bool = False, done: Collection[str] = ()
) -> dict[str, tuple[str, ...]]:
    """The runs to execute here, by id, each with the needed runs that come before it; none: it is ready.

    Those are stale, or any if ``force``, and not among the ``done``, which had their turn. A fresh run that
    needs one of them is in the queue too, to be judged again after it.
    """
    by_id = {one.run.id: one for one in plans}
    queued: dict[str, tuple[str, ...]] = {}
    for name in _needed_first({name: one.run for name, one in by_id.items()}):
        one = by_id[name]
        awaited = tuple(need for need in one.run.needs if need in queued)
        due = name not in done and (force or one.state is not State.FRESH)
        if not one.blocked and (due or awaited):
            queued[name] = awaited
    return queued
