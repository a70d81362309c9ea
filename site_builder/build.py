"""The build, from top to bottom: plan, execute, harvest, posts, pages, check.

Steps are imported where they are taken: a build with nothing to do loads none of them.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from site_builder import files, lock, stamp
from site_builder.errors import BuildError, choices
from site_builder.model import Harvest, Run, RunPlan, Site, State, Tree


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
        if stamp.matches(tree):
            say("nothing to do: every run is fresh and _site is up to date")
            return 0
        stamp.remove(tree)
        files.sweep(tree.posts, tree.root / "assets", tree.executed)
        return _build(tree, options)


def _build(tree: Tree, options: Options) -> int:
    from site_builder import config, plan

    begun = stamp.watched(tree)
    configuration = config.load(tree)
    site, runs = configuration.site, configuration.runs
    plans = plan.plan_runs(tree, site, runs)
    failures: list[str] = []
    if options.execute and plan.executable(plans):
        failures = _execute(plan.executable(plans), tree, site, options.jobs)
        plans = plan.plan_runs(tree, site, runs)
    late = [sentence(one) for one in plans if one.state is not State.FRESH]
    for line in late:
        warn(line)
    if options.strict and late:
        raise BuildError(f"--strict: {len(late)} of {len(plans)} runs are not fresh:\n" + "\n".join(late))
    _refresh(plans)
    harvests = _publish(tree, site, runs, plans)
    say(f"{_counted(tree)} from {len(harvests)} of {len(runs)} runs: {tree.site / 'index.html'}")
    if failures:
        warn(f"{len(failures)} of {len(runs)} runs failed; the pages show their last good results")
        return 1
    if not late:
        stamp.leave(tree, begun)
    return 0


def _publish(
    tree: Tree, site: Site, runs: Mapping[str, Run], plans: Sequence[RunPlan]
) -> Mapping[str, Harvest]:
    """Harvest all, write posts, render pages beside the old ones, check them, and put them in place."""
    from site_builder import check, claims, harvest, pages, paper, posts

    harvests = harvest.harvest_all(runs.values(), tree, site)
    for line in claims.changes(tree, harvests):
        say(line)
    posts.write_posts(tree, site, harvests, plans, news=say)
    paper.write_index(tree, site, harvests)
    beside = tree.cache / "site-next"
    pages.render_site(tree, site, harvests, plans, beside)
    check.refuse(check.check_site(tree, site, beside), tree.root)
    files.swap(beside, tree.site)
    claims.remember(tree, harvests)
    return harvests


def _refresh(plans: Sequence[RunPlan]) -> None:
    """Carry captions and prose that were improved since the execution into fresh executed notebooks."""
    from site_builder import refresh

    for one in plans:
        if one.state is State.FRESH and refresh.refresh(one.run):
            say(f"{one.run.id}: prose and captions taken from {one.run.notebook.name}")


def _execute(plans: Sequence[RunPlan], tree: Tree, site: Site, jobs: int | None) -> list[str]:
    """Execute and report; the messages of the runs that failed."""
    from site_builder import execute, progress

    display = progress.display([one.run.id for one in plans], say)
    outcomes = execute.execute_runs(plans, tree, site, display, jobs)
    failures = [outcome.error for outcome in outcomes if outcome.error]
    for failure in failures:
        warn(failure)
    return failures


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
    from site_builder import config, plan

    with files.clear_words(tree.root), lock.hold(tree, "make experiments", selection.wait):
        configuration = config.load(tree)
        plans = plan.plan_runs(tree, configuration.site, select(configuration.runs, selection.runs))
        due = [one for one in plans if selection.force or one.state is not State.FRESH]
        blocked = [one for one in due if one.blocked]
        for one in blocked:
            warn(f"{one.run.id}: cannot be executed here: {'; '.join(one.blocked)}")
        able = [one for one in due if not one.blocked]
        if selection.dry:
            for one in able:
                say(f"{one.run.id}: would be executed: {'; '.join(one.reasons) or 'forced'}")
        failures = [] if selection.dry else _execute(able, tree, configuration.site, selection.jobs)
        if not due:
            say(f"nothing to do: {len(plans)} of {len(plans)} runs are fresh")
    return 1 if failures or (blocked and selection.runs) else 0


def select(runs: Mapping[str, Run], ids: Sequence[str]) -> Mapping[str, Run]:
    """The runs with these ids, all if none is given; an unknown id is a ``BuildError``."""
    if unknown := [name for name in ids if name not in runs]:
        raise BuildError(f"no run {', '.join(map(repr, unknown))} in the register; {choices(runs)}")
    return {name: runs[name] for name in ids} if ids else runs


def read_harvests(tree: Tree) -> tuple[Site, Mapping[str, Harvest]]:
    """What the executed notebooks hold, for commands that come after a build."""
    from site_builder import config, harvest

    configuration = config.load(tree)
    return configuration.site, harvest.harvest_all(configuration.runs.values(), tree, configuration.site)


def check_built(tree: Tree) -> int:
    """Check the posts and pages that are there; raise ``CheckError`` with all findings."""
    from site_builder import check, config

    if not tree.site.is_dir():
        raise BuildError("_site: there is none yet; make site writes it")
    site = config.load(tree).site
    check.refuse(check.check_site(tree, site, tree.site), tree.root)
    say(f"{_counted(tree)} checked: no findings")
    return 0
