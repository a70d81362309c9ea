"""The build, from top to bottom: plan, execute, harvest, posts, pages, check.

Steps are imported where they are taken: a build with nothing to do loads none of them.
"""

import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence

from site_builder import endings, files
from site_builder.errors import BuildError, BusyError, choices
from site_builder.execute import lock, rounds
from site_builder.execute.rounds import ALL, ELSEWHERE, FAILED, Rounds, Selection
from site_builder.memo import Memo
from site_builder.model import Harvest, Run, RunPlan, Site, State, Tree
from site_builder.plan import unchanged
from site_builder.plan.configuration import Configuration
from site_builder.states import links, state

BUSY = 3
"""The exit status that says: another process is at it."""


def say(line: str) -> None:
    """Tell the person at the terminal, at once."""
    print(line, flush=True)


def warn(line: str) -> None:
    """The same for what needs attention."""
    print(line, file=sys.stderr, flush=True)


def told(tree: Tree, work: Callable[[], int]) -> int:
    """The exit status of ``work``; what goes wrong because of a person or the machine is told in words."""
    try:
        with endings.like_an_interrupt(), files.clear_words(tree.root):
            return work()
    except BuildError as error:
        warn(f"error: {error}")
        return BUSY if isinstance(error, BusyError) else 1
    except KeyboardInterrupt:
        warn("interrupted: nothing was left half done")
        return 130


def build_site(
    tree: Tree,
    selection: Selection = ALL,
    *,
    strict: bool = False,
    execute: bool = True,
    versions: bool = False,
) -> int:
    """Bring ``_posts`` and ``_site`` up to date, the ``selection`` of runs too; the exit status.

    With ``versions`` the pages of each tag are looked for, and from then on belong to the site.

    Executions hold their runs alone, so that others can build meanwhile: only the writing holds the tree.
    Raises ``BuildError`` for what an author or the machine has to mend; then the last good site stands.
    """
    with files.clear_words(tree.root):
        with lock.hold(tree, "make site", selection.wait):
            files.recover(tree.site, tree.cache)
            if not versions and unchanged.matches(tree):
                say("nothing to do: every run is fresh and _site is up to date")
                return 0
        failed = 0
        if execute:
            site, plans = _planned(tree, selection.runs)
            lost = Rounds(tree, site, selection, "make site", say, warn).execute(plans)
            failed = list(lost.values()).count(FAILED)
        # Whoever began before the executions ended writes for seconds: that is waited for.
        with lock.hold(tree, "make site", wait=True):
            return _build(tree, strict, failed, versions)


def _planned(tree: Tree, ids: Sequence[str]) -> tuple[Site, list[RunPlan]]:
    """The site, and the plan of all runs, or of those with these ids and of what they need first."""
    from site_builder.plan import plan

    read = configured(tree)
    return read.site, plan.plan_runs(tree, read.site, _with_needs(read.runs, select(read.runs, ids)))


def configured(tree: Tree) -> Configuration:
    """What ``site.yaml`` and the register say."""

    def load() -> Configuration:
        from site_builder.plan import register  # YAML and all the rules for what people write

        return register.load(tree)

    read = [tree.root, *map(state, (tree.root / "site.yaml", tree.experiments))]
    return Memo(tree.cache).get("configuration", read, load)


def _with_needs(runs: Mapping[str, Run], chosen: Mapping[str, Run]) -> Mapping[str, Run]:
    """The chosen runs, and of those they need the ones that have no results: nothing could be read."""
    missing = {
        need: runs[need]
        for run in chosen.values()
        for need in run.needs
        if need not in chosen and not runs[need].executed.is_file()
    }
    return _with_needs(runs, {**missing, **chosen}) if missing else chosen


def _build(tree: Tree, strict: bool, failed: int, tagged: bool = False) -> int:
    """Write and render what the executed notebooks hold, of which ``failed`` could not be renewed."""
    from site_builder.plan import inputs, plan

    for place in (tree.posts, tree.assets):
        files.sweep(place)
    record = unchanged.Record(tree)
    configuration = configured(tree)
    site, runs = configuration.site, configuration.runs
    record.note(*inputs.places(site))
    if empty := [name for name in ("url", "repository") if not getattr(site, name)]:
        lost = {"url": "an address that can be cited", "repository": "links to its source"}
        without = " or ".join(lost[name] for name in empty)
        verb = "are" if len(empty) > 1 else "is"
        warn(f"site.yaml: {' and '.join(empty)} {verb} empty: no page has {without}")
    plans = plan.plan_runs(tree, site, runs)
    if _refresh(tree, plans):
        record.note(tree.executed)
        plans = plan.plan_runs(tree, site, runs)
    late = [line for one in plans if (line := sentence(one))]
    for line in late:
        warn(line)
    if strict and late:
        lines = "\n".join(late)
        raise BuildError(f"--strict: {len(late)} of {len(plans)} runs are not fresh, or off pin:\n{lines}")
    harvests = _publish(tree, site, runs, plans, record, tagged)
    say(f"{_counted(tree)} from {len(harvests)} of {len(runs)} runs: {tree.site / 'index.html'}")
    failed += sum(one.faulty for one in plans)
    if failed:
        warn(f"{failed} of {len(runs)} runs failed; the pages show their last good results")
    record.note(tree.site, good=not late and not failed, whole=True)
    return 1 if failed else 0


def _publish(
    tree: Tree,
    site: Site,
    runs: Mapping[str, Run],
    plans: Sequence[RunPlan],
    record: unchanged.Record,
    tagged: bool,
) -> Mapping[str, Harvest]:
    """Harvest all, write posts, render pages beside the old ones, check them, and put them in place."""
    from site_builder import versions
    from site_builder.check import check, registered
    from site_builder.deliver import paper
    from site_builder.harvest import harvest
    from site_builder.render import pages
    from site_builder.write import posts

    for place in (tree.assets, tree.posts, tree.post_templates):
        for link in links(place):
            named = link.relative_to(tree.root)
            raise BuildError(f"{named}: is a link, which may lead anywhere: put the file itself there")
    record.begin()
    harvests = harvest.harvest_all(runs.values(), tree, site)
    for notice in [notice for one in harvests.values() for notice in one.notices]:
        warn(notice)
    registered.refuse(tree, harvests)
    shown = posts.write_posts(tree, site, harvests, plans, news=say)
    paper.write_index(tree, site, harvests, shown, warn, paper.stale(plans))
    record.note(tree.posts, tree.assets)
    # What is wrong with a post by hand is said before its page is made.
    check.refuse(check.check_posts(tree, [one.file for one in shown]), tree.root)
    beside = tree.cache / "site-next"
    kept = versions.bring(tree, site, harvests, tagged, warn)
    pages.render_site(tree, site, harvests, plans, beside, shown, kept)
    check.refuse(check.check_pages(tree, site, beside), tree.root)
    files.swap(beside, tree.site)
    return harvests


def _refresh(tree: Tree, plans: Sequence[RunPlan]) -> bool:
    """Carry captions and prose that were improved since the execution into fresh executed notebooks."""
    carried, memo = False, Memo(tree.cache)
    for one in [one for one in plans if one.state is State.FRESH]:
        thing, source = f"refreshed/{one.run.id}", state(one.run.notebook)
        if memo.find(thing, [source, state(one.run.executed)]):
            continue
        from site_builder.execute import prose_refresh  # and with it the library of notebooks

        # Whoever executes the run now takes them from the source.
        with contextlib.suppress(BusyError), rounds.hold(tree, one.run, "make site"):
            if prose_refresh.refresh(one.run):
                say(f"{one.run.id}: prose and captions taken from {one.run.notebook.name}")
                carried = True
            memo.keep(thing, [source, state(one.run.executed)], True)
    return carried


def sentence(planned: RunPlan) -> str:
    """What a person has to know about a run that is not as its entry wants it: fresh, and on its pins."""
    from site_builder.notebook import pins

    if planned.faulty:
        return f"{planned.run.id}: {'; '.join(planned.reasons)}"
    if planned.state is State.FRESH:
        off = () if planned.run.off_pin else pins.off_pin(planned.record)
        allow = "off_pin: true in the register allows it"
        return f"{planned.run.id}: off pin: {', '.join(off)} ({allow})" if off else ""
    if planned.state is State.MISSING and planned.run.may_wait:
        return ""
    text = ": ".join([planned.run.id, planned.state, *filter(None, ["; ".join(planned.reasons)])])
    cannot = ": " if planned.state is State.MISSING else "; cannot be executed here: "
    return text + (cannot + "; ".join(planned.blocked) if planned.blocked else "")


def _counted(tree: Tree) -> str:
    count = len(list(tree.posts.glob("*.md")))
    return f"{count} post{'' if count == 1 else 's'}"


def run_experiments(tree: Tree, selection: Selection) -> int:
    """Execute what is stale, or what is selected; the exit status."""
    with files.clear_words(tree.root):
        site, plans = _planned(tree, selection.runs)
        due = [one for one in plans if selection.force or one.state is not State.FRESH]
        blocked = [one for one in due if one.blocked]
        for one in blocked:
            warn(
                sentence(one)
                if one.faulty
                else f"{one.run.id}: cannot be executed here: {'; '.join(one.blocked)}"
            )
        lost = Rounds(tree, site, selection, "make experiments", say, warn).execute(plans)
        if not due:
            say(f"nothing to do: {len(plans)} of {len(plans)} runs are fresh")
    if ELSEWHERE in lost.values():
        return BUSY
    stuck = blocked if selection.runs else [one for one in blocked if one.faulty]
    return 1 if FAILED in lost.values() or stuck else 0


def select(runs: Mapping[str, Run], ids: Sequence[str]) -> Mapping[str, Run]:
    """The runs with these ids, all if none is given; an unknown id is a ``BuildError``."""
    if unknown := [name for name in ids if name not in runs]:
        raise BuildError(
            f"no run {', '.join(map(repr, unknown))} in the register; {choices(runs, unknown[0])}"
        )
    return {name: runs[name] for name in ids} if ids else runs


def deliver(tree: Tree, purpose: str, lay: Callable[[Site, Mapping[str, Harvest]], Sequence[str]]) -> int:
    """Let ``lay`` put posts and figures into somebody else's folder and tell what it did; the exit status.

    What is delivered is of one build: it is completed first, without executions, and if it fails nothing is
    delivered.
    """
    from site_builder.harvest import harvest

    with lock.hold(tree, purpose, wait=True):
        files.recover(tree.site, tree.cache)
        if not unchanged.matches(tree):
            _build(tree, strict=False, failed=0)
        read = configured(tree)
        for line in lay(read.site, harvest.harvest_all(read.runs.values(), tree, read.site)):
            say(line)
    return 0


def check_built(tree: Tree) -> int:
    """Check the posts and pages that are there; raise ``CheckError`` with all findings."""
    from site_builder.check import check

    with lock.hold(tree, "make check", wait=True):
        files.recover(tree.site, tree.cache)
        if not tree.site.is_dir():
            raise BuildError("_site: there is none yet; make site writes it")
        if not unchanged.is_whole(tree):
            raise BuildError(
                "the last build failed or was ended early, so _posts and assets may be newer than _site: "
                "make site completes it, or says what is wrong"
            )
        site = configured(tree).site
        check.refuse([*check.check_posts(tree), *check.check_pages(tree, site, tree.site)], tree.root)
    say(f"{_counted(tree)} checked: no findings")
    return 0
