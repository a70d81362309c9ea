"""Executions in rounds: runs after those they need, each under a lock of its own, so that others can work."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from site_builder import files
from site_builder.errors import BusyError
from site_builder.execute import lock
from site_builder.model import Run, RunPlan, Site, Tree

FAILED, ELSEWHERE = "failed", "is being executed by another process"


@dataclass(frozen=True)
class Selection:
    """Which runs to execute: by id (none: all), and whether fresh ones too; ``jobs`` None: one a core."""

    runs: tuple[str, ...] = ()
    force: bool = False
    jobs: int | None = None
    wait: bool = False


ALL = Selection()


@contextlib.contextmanager
def hold(tree: Tree, run: Run, purpose: str, wait: bool = False) -> Iterator[None]:
    """Hold a run, so that nobody else writes its executed notebook; what killed writes left is removed."""
    with lock.hold(tree, purpose, wait, run.id):
        files.sweep(tree.executed, run.executed.name)
        yield


@dataclass(frozen=True)
class Rounds:
    """Executions for a ``purpose``; ``lost`` says, by id, why runs have no new results."""

    tree: Tree
    site: Site
    selection: Selection
    purpose: str
    say: Callable[[str], None]
    warn: Callable[[str], None]
    lost: dict[str, str] = field(default_factory=dict)

    def execute(self, plans: Sequence[RunPlan]) -> Mapping[str, str]:
        """Execute in rounds what is ready of ``plans``, and plan again after each; afterwards what is lost.

        A run that needs others is judged when these had their turn, and left alone if one of them failed.
        """
        from site_builder.plan import plan

        runs = {one.run.id: one.run for one in plans}
        done: set[str] = set()
        while queued := plan.queue(plans, self.selection.force, done):
            with contextlib.ExitStack() as locks:
                mine = self._taken([run for name, run in runs.items() if queued.get(name) == ()], locks)
                done |= mine | self.lost.keys()
                # Another process may have executed what was waited for.
                plans = plan.plan_runs(self.tree, self.site, runs)
                due = plan.queue(plans, self.selection.force, done - mine)
                turn = [one for one in plans if one.run.id in mine and due.get(one.run.id) == ()]
                able = [one for one in turn if self._possible(one, runs)]
                if able:
                    self._round(able)
            plans = plan.plan_runs(self.tree, self.site, runs)
        return self.lost

    def _taken(self, ready: Sequence[Run], locks: contextlib.ExitStack) -> set[str]:
        """The ids of the runs that are held now; one that another process has is lost, or its turn comes."""
        mine: set[str] = set()
        for run in ready:
            try:
                locks.enter_context(hold(self.tree, run, self.purpose))
                mine.add(run.id)
            except BusyError as holder:
                if not self.selection.wait:
                    self.warn(str(holder))
                    self.lost[run.id] = ELSEWHERE
        if self.selection.wait and not mine:
            # Only who holds nothing waits: two that wait for each other would do so for ever.
            locks.enter_context(hold(self.tree, ready[0], self.purpose, wait=True))
            mine.add(ready[0].id)
        return mine

    def _possible(self, planned: RunPlan, runs: Mapping[str, Run]) -> bool:
        """Whether all that a run needs had its turn and is there; what is not, and what is old, is said."""
        if missed := [need for need in planned.run.needs if need in self.lost]:
            why = f"it needs {missed[0]}, which {self.lost[missed[0]]}"
            self.warn(f"{planned.run.id}: not executed: {why}")
            self.lost[planned.run.id] = "was not executed"
        elif others := [need for need in planned.run.needs if need not in runs]:
            self.say(f"{planned.run.id}: is executed on the committed results of {', '.join(others)}")
        return not missed

    def _round(self, plans: Sequence[RunPlan]) -> None:
        """Execute runs that do not wait for each other, and report."""
        from site_builder.execute import batch, progress

        display = progress.display([one.run.id for one in plans], self.say)
        for outcome in batch.execute_runs(plans, self.tree, self.site, display, self.selection.jobs):
            if outcome.error:
                self.warn(outcome.error)
                self.lost[outcome.run.id] = FAILED
