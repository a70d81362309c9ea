"""Verify: execute again beside the committed results, and say which published results moved, and how far."""

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from site_builder import build
from site_builder.errors import BuildError
from site_builder.execute import batch, progress
from site_builder.harvest import harvest
from site_builder.model import Harvest, RunPlan, Scalar, Site, Table, Tree, Value, is_number
from site_builder.plan import plan, register

NOISE = 1e-6
"""The share of itself by which a number with decimals may move where no tolerance is stated: what another
order of summation makes of it, and nothing that a reader would see."""


@dataclass(frozen=True)
class Move:
    """A published result that is not what it was; ``within`` its stated tolerance or not."""

    run: str
    text: str
    within: bool


def verify(tree: Tree, ids: Sequence[str], jobs: int | None = None) -> int:
    """Execute all runs, or those of ``ids``, into a folder that goes away; the exit status.

    Nothing committed is touched. What states no tolerance may move by ``NOISE`` if it is a number with
    decimals; counts, texts and verdicts may not move at all.
    """
    configuration = register.load(tree)
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
    outcomes = batch.execute_runs(beside, tree, site, display, jobs)
    moves: list[Move] = []
    elsewhere = Tree(folder)  # figures of both are written there, none into the assets of the site
    for old, new, outcome in zip(plans, beside, outcomes, strict=True):
        if outcome.error is None:
            committed = harvest.harvest_run(old.run, elsewhere, site)
            moves += compare(committed, harvest.harvest_run(new.run, elsewhere, site))
    return moves, [outcome.error for outcome in outcomes if outcome.error]


def compare(old: Harvest, new: Harvest) -> list[Move]:
    """What moved from ``old`` to ``new``: values, tables, the data of figures, and verdicts of claims."""
    run = old.run.id
    shelves: tuple[tuple[str, Mapping[str, object], Mapping[str, object]], ...] = (
        ("value", old.values, new.values),
        ("claim", old.claims, new.claims),
        ("table", old.tables, new.tables),
        ("data of", old.data, new.data),
    )
    moves = [Move(run, text, False) for kind, was, now in shelves for text in _appeared(was, now, kind)]
    for name in sorted(old.values.keys() & new.values.keys()):
        moves += _value(run, old.values[name], new.values[name])
    for name in sorted(old.claims.keys() & new.claims.keys()):
        before, after = old.claims[name].verdict, new.claims[name].verdict
        if before != after:
            moves.append(Move(run, f"claim {name}: {before.words} → {after.words}", False))
    for kind, were, are in (("table", old.tables, new.tables), ("data of", old.data, new.data)):
        for name in sorted(were.keys() & are.keys()):
            moves += _table(run, f"{kind} {name}", were[name], are[name])
    return moves


def _appeared(old: Mapping[str, object], new: Mapping[str, object], kind: str) -> Iterator[str]:
    yield from (f"{kind} {name} is no longer published" for name in sorted(old.keys() - new.keys()))
    yield from (f"{kind} {name} is new" for name in sorted(new.keys() - old.keys()))


def _value(run: str, old: Value, new: Value) -> Iterator[Move]:
    if not _same(old.value, new.value):
        moved = _distance(old.value, new.value, old.tolerance)
        yield Move(run, f"value {old.name}: {_words(old.value, new.value, moved)}", moved.within)


def _table(run: str, shown: str, old: Table, new: Table) -> Iterator[Move]:
    """A line for each column in which something moved, with the entry that moved furthest beyond what it
    may: the data of a figure can have thousands of entries.
    """
    if old.columns != new.columns:
        yield Move(run, f"{shown}: columns {', '.join(old.columns)} → {', '.join(new.columns)}", False)
        return
    if len(old.rows) != len(new.rows):
        yield Move(run, f"{shown}: {len(old.rows)} → {len(new.rows)} rows", False)
        return
    for place, column in enumerate(old.columns):
        pairs = [(was[place], now[place]) for was, now in zip(old.rows, new.rows, strict=True)]
        moved = {row: _distance(*pair) for row, pair in enumerate(pairs) if not _same(*pair)}
        if moved:
            row = max(moved, key=lambda row: moved[row].rank)
            others = f" ({len(moved)} of {len(pairs)} entries moved)" if len(moved) > 1 else ""
            text = f"{shown}, row {row + 1}, column {column!r}: {_words(*pairs[row], moved[row])}{others}"
            yield Move(run, text, moved[row].within)


@dataclass(frozen=True)
class _Distance:
    """How far a result moved and may move, in its own unit; what is no number moves infinitely far."""

    moved: float
    tolerance: float

    @property
    def within(self) -> bool:
        return self.moved <= self.tolerance

    @property
    def rank(self) -> tuple[float, float]:
        return self.moved / self.tolerance if self.tolerance else math.inf, self.moved


def _distance(old: Scalar, new: Scalar, tolerance: float | None = None) -> _Distance:
    if not (is_number(old) and is_number(new)):
        return _Distance(math.inf, 0.0)
    if tolerance is None:
        whole = isinstance(old, int) and isinstance(new, int)
        tolerance = 0.0 if whole else NOISE * abs(old)
    return _Distance(abs(new - old), tolerance)


def _same(old: Scalar, new: Scalar) -> bool:
    return old == new and isinstance(old, bool) == isinstance(new, bool)


def _words(old: Scalar, new: Scalar, distance: _Distance) -> str:
    text = f"{old} → {new}"
    if math.isinf(distance.moved):
        return text
    return f"{text}, moved by {distance.moved:.3g}, tolerance {distance.tolerance:.3g}"
