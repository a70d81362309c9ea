"""Verify: execute again beside the committed results, and say which published values moved, and how far."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from site_builder import build, claims, config, execute, harvest, plan, progress
from site_builder.errors import BuildError
from site_builder.model import Harvest, RunPlan, Site, Tree, Value


@dataclass(frozen=True)
class Move:
    """A published result that is not what it was; ``within`` its stated tolerance or not."""

    run: str
    text: str
    within: bool


def verify(tree: Tree, ids: Sequence[str], jobs: int | None = None) -> int:
    """Execute all runs, or those of ``ids``, into a folder that goes away; the exit status.

    Nothing committed is touched. A value without a stated tolerance may not move at all.
    """
    configuration = config.load(tree)
    plans = plan.plan_runs(tree, configuration.site, build.select(configuration.runs, ids))
    able = [one for one in plans if one.record and not one.blocked]
    for one in plans:
        if one not in able:
            why = "; ".join(one.blocked) or "it was never executed"
            build.warn(f"{one.run.id}: cannot be verified here: {why}")
    if not able:
        raise BuildError("there is no run that can be verified here")
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        moves, failures = _again(able, tree, configuration.site, Path(folder), jobs)
    for line in failures:
        build.warn(line)
    for move in moves:
        build.say(f"{move.run}: {move.text}{'' if move.within else '  BEYOND ITS TOLERANCE'}")
    beyond = sum(not move.within for move in moves)
    build.say(f"{len(able)} runs executed again: {len(moves)} results moved, {beyond} beyond tolerance")
    return 1 if beyond or failures or (ids and len(able) < len(plans)) else 0


def _again(
    plans: Sequence[RunPlan], tree: Tree, site: Site, folder: Path, jobs: int | None
) -> tuple[list[Move], list[str]]:
    beside = [replace(one, run=replace(one.run, executed=folder / f"{one.run.id}.ipynb")) for one in plans]
    display = progress.display([one.run.id for one in plans], build.say)
    outcomes = execute.execute_runs(beside, tree, site, display, jobs)
    moves: list[Move] = []
    elsewhere = Tree(folder)  # figures of both are written there, none into the assets of the site
    for old, new, outcome in zip(plans, beside, outcomes, strict=True):
        if outcome.error is None:
            committed = harvest.harvest_run(old.run, elsewhere, site)
            moves += compare(committed, harvest.harvest_run(new.run, elsewhere, site))
    return moves, [outcome.error for outcome in outcomes if outcome.error]


def compare(old: Harvest, new: Harvest) -> list[Move]:
    """What moved from ``old`` to ``new``: values against their tolerances, claims against their verdicts."""
    run = old.run.id
    moves = [Move(run, text, False) for text in _appeared(old.values, new.values, "value")]
    moves += [Move(run, text, False) for text in _appeared(old.claims, new.claims, "claim")]
    for name in sorted(old.values.keys() & new.values.keys()):
        moves += _value(run, old.values[name], new.values[name])
    for name in sorted(old.claims.keys() & new.claims.keys()):
        before, after = claims.word(old.claims[name]), claims.word(new.claims[name])
        if before != after:
            moves.append(Move(run, f"claim {name}: {before} → {after}", False))
    return moves


def _appeared(old: Mapping[str, object], new: Mapping[str, object], kind: str) -> Iterator[str]:
    yield from (f"{kind} {name} is no longer published" for name in sorted(old.keys() - new.keys()))
    yield from (f"{kind} {name} is new" for name in sorted(new.keys() - old.keys()))


def _value(run: str, old: Value, new: Value) -> Iterator[Move]:
    if old.value == new.value:
        return
    text = f"value {old.name}: {old.value} → {new.value}"
    tolerance = old.tolerance or 0.0
    if not isinstance(old.value, int | float) or not isinstance(new.value, int | float):
        yield Move(run, text, False)
        return
    moved = abs(new.value - old.value)
    yield Move(run, f"{text}, moved by {moved:.3g}, tolerance {tolerance:g}", moved <= tolerance)
