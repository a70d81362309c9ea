"""The build, from top to bottom: plan, execute, harvest, posts, pages, check.

Steps are imported where they are taken: a build with nothing to do loads none of them.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from site_builder import files
from site_builder.errors import BuildError, choices
from site_builder.execute import lock
from site_builder.model import Harvest, Run, RunPlan, Site, State, Tree
from site_builder.plan import unchanged


@dataclass(frozen=True)
class Options:
    """How to build. ``jobs`` None: one a core."""

    strict: bool = False
    execute: bool = True
    jobs: int | None = None
    wait: bool = False


def say(line: str) -> None:
    """Tell the person at the terminal, at once."""
    print(line, flush=True)


def warn(line: str) -> None:
    """The same for what needs attention."""
    print(line, file=sys.stderr, flush=True)


def build_site(tree: Tree, options: Options) -> int:
    """Bring ``_posts`` and ``_site`` up to date; the exit status.

    Raises ``BuildError`` for what an author or the machine has to mend; then the last good site stands.
    """
    with files.clear_words(tree.root), lock.hold(tree, "make site", options.wait):
        files.recover(tree.site, tree.cache)
        if unchanged.matches(tree):
            say("nothing to do: every run is fresh and _site is up to date")
            return 0
        unchanged.remove(tree)
        files.sweep(tree.posts, tree.assets, tree.executed)
        return _build(tree, options)


def _build(tree: Tree, options: Options) -> int:
    from site_builder.plan import plan, register

    begun = unchanged.watched(tree)
    configuration = register.load(tree)
    site, runs = configuration.site, configuration.runs
    if empty := [name for name in ("url", "repository") if not getattr(site, name)]:
        lost = {"url": "an address that can be cited", "repository": "links to its source"}
        without = " or ".join(lost[name] for name in empty)
        verb = "are" if len(empty) > 1 else "is"
        warn(f"site.yaml: {' and '.join(empty)} {verb} empty: no page has {without}")
    plans = plan.plan_runs(tree, site, runs)
    failed = 0
    if options.execute:
        plans, failed = _execute(tree, site, plans, options.jobs)
    late = [sentence(one) for one in plans if one.state is not State.FRESH]
    for line in late:
        warn(line)
    if options.strict and late:
        raise BuildError(f"--strict: {len(late)} of {len(plans)} runs are not fresh:\n" + "\n".join(late))
    _refresh(plans)
    harvests = _publish(tree, site, runs, plans)
    say(f"{_counted(tree)} from {len(harvests)} of {len(runs)} runs: {tree.site / 'index.html'}")
    if failed:
        warn(f"{failed} of {len(runs)} runs failed; the pages show their last good results")
        return 1
    if not late:
        unchanged.leave(tree, begun)
    return 0


def _publish(
    tree: Tree, site: Site, runs: Mapping[str, Run], plans: Sequence[RunPlan]
) -> Mapping[str, Harvest]:
    """Harvest all, write posts, render pages beside the old ones, check them, and put them in place."""
    from site_builder.check import check
    from site_builder.deliver import paper
    from site_builder.harvest import harvest, verdict_changes
    from site_builder.render import pages
    from site_builder.write import posts

    harvests = harvest.harvest_all(runs.values(), tree, site)
    for line in verdict_changes.changes(tree, harvests):
        say(line)
    shown = posts.write_posts(tree, site, harvests, plans, news=say)
    paper.write_index(tree, site, harvests, shown)
    beside = tree.cache / "site-next"
    pages.render_site(tree, site, harvests, plans, beside, shown)
    check.refuse(check.check_site(tree, site, beside, [one.file for one in shown]), tree.root)
    files.swap(beside, tree.site)
    verdict_changes.remember(tree, harvests)
    return harvests


def _refresh(plans: Sequence[RunPlan]) -> None:
    """Carry captions and prose that were improved since the execution into fresh executed notebooks."""
    from site_builder.execute import prose_refresh

    for one in plans:
        if one.state is State.FRESH and prose_refresh.refresh(one.run):
            say(f"{one.run.id}: prose and captions taken from {one.run.notebook.name}")


def _execute(
    tree: Tree, site: Site, plans: list[RunPlan], jobs: int | None, force: bool = False
) -> tuple[list[RunPlan], int]:
    """Execute in rounds what is ready, and plan again after each; the plans then, and how many failed.

    A run that needs others is judged when these have had their turn, and is left alone if one of them failed.
    """
    from site_builder.plan import plan

    done: set[str] = set()
    lost: dict[str, str] = {}
    failed = 0
    while queued := plan.queue(plans, force, done):
        ready = [one for one in plans if queued.get(one.run.id) == ()]
        done |= {one.run.id for one in ready}
        able = []
        for one in ready:
            if missed := [need for need in one.run.needs if need in lost]:
                warn(f"{one.run.id}: not executed: it needs {missed[0]}, which {lost[missed[0]]}")
                lost[one.run.id] = "was not executed"
                continue
            if committed := _committed(one, plans):
                say(f"{one.run.id}: is executed{committed}")
            able.append(one)
        errors = _round(tree, site, able, jobs) if able else []
        lost |= dict.fromkeys(errors, "failed")
        failed += len(errors)
        plans = plan.plan_runs(tree, site, {one.run.id: one.run for one in plans})
    return plans, failed


def _round(tree: Tree, site: Site, plans: Sequence[RunPlan], jobs: int | None) -> list[str]:
    """Execute runs that do not wait for each other, and report; those that failed, by id."""
    from site_builder.execute import batch, progress

    display = progress.display([one.run.id for one in plans], say)
    outcomes = batch.execute_runs(plans, tree, site, display, jobs)
    for outcome in outcomes:
        if outcome.error:
            warn(outcome.error)
    return [outcome.run.id for outcome in outcomes if outcome.error]


def sentence(planned: RunPlan) -> str:
    """What a person has to know about a run that is not fresh."""
    why = "; ".join(reason for reason in planned.reasons if reason != planned.state)
    text = f"{planned.run.id}: {planned.state}" + (f": {why}" if why else "")
    return text + (f"; cannot be executed here: {'; '.join(planned.blocked)}" if planned.blocked else "")


def _counted(tree: Tree) -> str:
    count = len(list(tree.posts.glob("*.md")))
    return f"{count} post{'' if count == 1 else 's'}"


@dataclass(frozen=True)
class Selection:
    """Which runs to execute: by id (none: all), also fresh ones, or only say what would be done."""

    runs: tuple[str, ...] = ()
    force: bool = False
    dry: bool = False
    jobs: int | None = None
    wait: bool = False


def run_experiments(tree: Tree, selection: Selection) -> int:
    """Execute what is stale, or what is selected; the exit status."""
    from site_builder.plan import plan, register

    with files.clear_words(tree.root), lock.hold(tree, "make experiments", selection.wait):
        configuration = register.load(tree)
        plans = plan.plan_runs(tree, configuration.site, select(configuration.runs, selection.runs))
        due = [one for one in plans if selection.force or one.state is not State.FRESH]
        blocked = [one for one in due if one.blocked]
        for one in blocked:
            warn(f"{one.run.id}: cannot be executed here: {'; '.join(one.blocked)}")
        failed = 0
        if selection.dry:
            _foretell(plans, selection.force)
        else:
            _, failed = _execute(tree, configuration.site, plans, selection.jobs, selection.force)
        if not due:
            say(f"nothing to do: {len(plans)} of {len(plans)} runs are fresh")
    return 1 if failed or (blocked and selection.runs) else 0


def _foretell(plans: Sequence[RunPlan], force: bool) -> None:
    """Say what :func:`_execute` would do."""
    from site_builder.plan import plan

    queued = plan.queue(plans, force)
    for one in plans:
        if one.run.id not in queued:
            continue
        text = f"would be executed{_committed(one, plans)}"
        if awaited := queued[one.run.id]:
            certain = force or one.state is State.MISSING
            text += f" after {', '.join(awaited)}" + ("" if certain else ", if it is stale then")
        reasons = "; ".join(one.reasons) or ("forced" if force else "it is fresh now")
        say(f"{one.run.id}: {text}: {reasons}")


def _committed(planned: RunPlan, plans: Sequence[RunPlan]) -> str:
    """A phrase for the needed runs that are not among ``plans``, whose results are read as they stand."""
    among = {one.run.id for one in plans}
    others = [need for need in planned.run.needs if need not in among]
    return f" on the committed results of {', '.join(others)}" if others else ""


def select(runs: Mapping[str, Run], ids: Sequence[str]) -> Mapping[str, Run]:
    """The runs with these ids, all if none is given; an unknown id is a ``BuildError``."""
    if unknown := [name for name in ids if name not in runs]:
        raise BuildError(
            f"no run {', '.join(map(repr, unknown))} in the register; {choices(runs, unknown[0])}"
        )
    return {name: runs[name] for name in ids} if ids else runs


def read_harvests(tree: Tree) -> tuple[Site, Mapping[str, Harvest]]:
    """What the executed notebooks hold, for commands that come after a build."""
    from site_builder.harvest import harvest
    from site_builder.plan import register

    configuration = register.load(tree)
    return configuration.site, harvest.harvest_all(configuration.runs.values(), tree, configuration.site)


def check_built(tree: Tree) -> int:
    """Check the posts and pages that are there; raise ``CheckError`` with all findings."""
    from site_builder.check import check
    from site_builder.plan import register

    if not tree.site.is_dir():
        raise BuildError("_site: there is none yet; make site writes it")
    site = register.load(tree).site
    check.refuse(check.check_site(tree, site, tree.site), tree.root)
    say(f"{_counted(tree)} checked: no findings")
    return 0
