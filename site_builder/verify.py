"""Verify: execute again beside the committed results, and say which published results moved, and how far."""

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from site_builder import build
from site_builder.errors import BuildError
from site_builder.execute import batch, progress
from site_builder.harvest import harvest
from site_builder.model import Harvest, RunPlan, Scalar, Site, Tree, is_number
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
            (committed,) = harvest.harvest_all([old.run], elsewhere, site).values()
            (again,) = harvest.harvest_all([new.run], elsewhere, site).values()
            moves += compare(committed, again)
    return moves, [outcome.error for outcome in outcomes if outcome.error]


def compare(old: Harvest, new: Harvest) -> list[Move]:
    """What moved from ``old`` to ``new``: values, verdicts of claims, tables, and the data of figures.

    A column has one line, on the entry that moved furthest beyond what it may: the data of a figure can
    have thousands.
    """
    before, after = _columns(old), _columns(new)
    moves = [Move(old.run.id, f"{shown} is new", False) for shown in after if shown not in before]
    for shown, was in before.items():
        now = after.get(shown)
        if now is None:
            moves.append(Move(old.run.id, f"{shown} is no longer published", False))
        elif len(was) != len(now):
            moves.append(Move(old.run.id, f"{shown}: {len(was)} → {len(now)} rows", False))
        else:
            pairs = [(one, other, within) for (one, within), (other, _) in zip(was, now, strict=True)]
            moved = {row: _distance(*pair) for row, pair in enumerate(pairs, 1) if not _same(*pair[:2])}
            if moved:
                row, (distance, within) = max(moved.items(), key=lambda one: _excess(*one[1]))
                place = f"row {row}, " if ", column" in shown else ""
                others = f" ({len(moved)} of {len(pairs)} entries moved)" if len(moved) > 1 else ""
                text = f"{shown}: {place}{_words(*pairs[row - 1][:2], distance, within)}{others}"
                moves.append(Move(old.run.id, text, distance <= within))
    return moves


_Entry = tuple[Scalar, float | None]
"""A published number, text or verdict, and how far it may move where that was stated."""


def _columns(found: Harvest) -> dict[str, list[_Entry]]:
    """All that a run published, by what a person calls it; a value or claim is a column of one entry."""
    columns: dict[str, list[_Entry]]
    columns = {f"value {name}": [(one.value, one.tolerance)] for name, one in found.values.items()}
    columns |= {f"claim {name}": [(claim.verdict.words, None)] for name, claim in found.claims.items()}
    for kind, shelf in (("table", found.tables), ("data of", found.data)):
        for name, table in shelf.items():
            for place, column in enumerate(table.columns):
                columns[f"{kind} {name}, column {column!r}"] = [(row[place], None) for row in table.rows]
    return columns


def _distance(old: Scalar, new: Scalar, tolerance: float | None) -> tuple[float, float]:
    """How far a result moved and may move, in its own unit; what is no number moves infinitely far."""
    if not (is_number(old) and is_number(new)):
        return math.inf, 0.0
    if tolerance is None:
        whole = isinstance(old, int) and isinstance(new, int)
        tolerance = 0.0 if whole else NOISE * abs(old)
    return abs(new - old), tolerance


def _same(old: Scalar, new: Scalar) -> bool:
    return old == new and isinstance(old, bool) == isinstance(new, bool)


def _excess(moved: float, tolerance: float) -> tuple[float, float]:
    """By what distances are compared: in tolerances first."""
    return moved / tolerance if tolerance else math.inf, moved


def _words(old: Scalar, new: Scalar, moved: float, tolerance: float) -> str:
    text = f"{old} → {new}"
    return text if math.isinf(moved) else f"{text}, moved by {moved:.3g}, tolerance {tolerance:.3g}"
