"""The command line of the press. Each command is one function of another module."""

import argparse
import datetime as dt
import gc
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from site_builder import build
from site_builder.execute.rounds import Selection
from site_builder.model import Harvest, Site, Tree

Chosen = argparse.Namespace


def _site(tree: Tree, chosen: Chosen) -> int:
    selection = Selection(jobs=chosen.jobs, wait=chosen.wait)
    how = {"strict": chosen.strict, "execute": chosen.execute, "versions": chosen.versions}
    return build.build_site(tree, selection, **how)


def _experiments(tree: Tree, chosen: Chosen) -> int:
    selection = Selection(tuple(chosen.runs), chosen.force, chosen.jobs, chosen.wait)
    return build.run_experiments(tree, selection)


def _status(tree: Tree, _: Chosen) -> int:
    from site_builder import status
    from site_builder.plan import plan

    configuration = build.configured(tree)
    status.show(plan.plan_runs(tree, configuration.site, configuration.runs))
    return 0


def _export(tree: Tree, chosen: Chosen) -> int:
    from site_builder.deliver import al_folio

    def lay(*_: object) -> list[str]:
        return al_folio.export_posts(tree, chosen.target, prune=chosen.prune)

    return build.deliver(tree, "make export", lay)


def _paper(tree: Tree, chosen: Chosen) -> int:
    from site_builder import versions
    from site_builder.deliver import paper
    from site_builder.plan import plan
    from site_builder.render.version import holding

    def lay(site: Site, harvests: Mapping[str, Harvest]) -> list[str]:
        runs = {one.run.id: one.run for one in harvests.values()}
        late = paper.stale(plan.plan_runs(tree, site, runs))
        how = {"afresh": chosen.afresh, "prune": chosen.prune}
        stay = holding(versions.tagged(tree, site))
        return paper.copy_paper(tree, site, harvests, chosen.dest, chosen.names, late, stay, **how)

    return build.deliver(tree, "make paper", lay)


def _serve(tree: Tree, chosen: Chosen) -> int:
    from site_builder import serve

    return serve.serve(tree, chosen.port, chosen.execute)


def _new(tree: Tree, chosen: Chosen) -> int:
    from site_builder import new

    for line in new.start(tree, chosen.slug, dt.date.today(), chosen.kind):
        build.say(line)
    return 0


def _verify(tree: Tree, chosen: Chosen) -> int:
    from site_builder import verify

    return verify.verify(tree, chosen.runs, chosen.jobs)


def _compare(tree: Tree, chosen: Chosen) -> int:
    from site_builder import compare

    build.say(compare.compare(tree, chosen.old, chosen.new).rstrip())
    return 0


def _archive(tree: Tree, chosen: Chosen) -> int:
    from site_builder.deliver import archive

    build.say(archive.pack(tree, chosen.tag, build.sentence))
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not 1 or more")
    return number


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    top = argparse.ArgumentParser(
        prog="python -m site_builder", description="Executed notebooks in, a site out."
    )
    top.add_argument("--root", type=Path, default=Path.cwd(), help="the tree to work on (default: here)")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, work: Callable[[Tree, Chosen], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        added.set_defaults(work=work)
        return added

    site = command("site", _site, "execute what is stale and can run here, write _posts, render _site, check")
    site.add_argument("--strict", action="store_true", help="a run that is not fresh is an error")
    site.add_argument(
        "--versions", action="store_true", help="lay the pages of each tag v1, v1.1, ... below _site/v/"
    )
    experiments = command("experiments", _experiments, "execute what is stale, and nothing else")
    experiments.add_argument("runs", nargs="*", metavar="RUN", help="only these runs (default: all)")
    experiments.add_argument("--force", action="store_true", help="execute fresh runs too")
    command(
        "status",
        _status,
        "print each run: fresh or stale, why, what is not covered, when, where, and how long it took",
    )
    command("check", lambda tree, _: build.check_built(tree), "check the written posts and pages")
    export = command("export", _export, "copy posts, figures and bibliographies into an al-folio checkout")
    export.add_argument("target", type=Path, metavar="TARGET", help="the al-folio checkout")
    paper = command(
        "paper", _paper, "copy figures, macros and BibTeX into DEST/gradlab, and say what changed"
    )
    paper.add_argument("dest", type=Path, metavar="DEST", help="the folder of the paper")
    paper.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="figure labels, values as run/name, or posts, beside those of earlier calls (default: all)",
    )
    paper.add_argument("--afresh", action="store_true", help="forget the names of earlier calls")
    for one in (export, paper):
        one.add_argument(
            "--prune", action="store_true", help="remove what is no longer part of it and was not edited"
        )
    serve = command("serve", _serve, "serve _site on this machine, build on each change and reload the page")
    serve.add_argument("--port", type=int, default=4000, help="default: 4000")
    new = command("new", _new, "write a post template and a notebook to start from")
    new.add_argument("slug", metavar="SLUG", help="lower-case letters, digits and single '-'")
    new.add_argument("--kind", default="question", help="question, or any-network (the comparison)")
    verify = command("verify", _verify, "execute again beside the committed results and compare")
    verify.add_argument(
        "runs", nargs="*", metavar="RUN", help="only these runs (default: all that can run here)"
    )
    compare = command("compare", _compare, "write as Markdown which results two commits do not share")
    compare.add_argument("old", metavar="A", help="a branch, a tag or the digest of a commit")
    compare.add_argument("new", metavar="B", nargs="?", default="HEAD", help="another (default: HEAD)")
    archive = command("archive", _archive, "pack a tagged release as an RO-Crate, a .zip in build/")
    archive.add_argument("tag", metavar="TAG", nargs="?", default="", help="default: the newest at HEAD")
    for one in (site, serve):
        one.add_argument("--no-execute", dest="execute", action="store_false", help="execute no notebook")
    for one in (site, experiments, verify):
        one.add_argument(
            "--jobs", type=_positive, metavar="N", help="runs side by side (default: one a core)"
        )
    for one in (site, experiments):
        one.add_argument("--wait", action="store_true", help="wait for another process instead of stopping")
    return top


_LONGEST_TEMPORARY = 60
"""Bytes of a folder's path: a kernel's sockets lie in it, and the system takes no path beyond 107 for one."""


def _short_temporary() -> None:
    """Keep temporary files in ``/tmp``, for this process and what it starts, if ``TMPDIR`` is too long."""
    if len(os.fsencode(tempfile.gettempdir())) > _LONGEST_TEMPORARY and os.access("/tmp", os.W_OK):
        os.environ["TMPDIR"] = tempfile.tempdir = "/tmp"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a ``BuildError`` is a message and exit status 1 (3: another process is at it)."""
    chosen = parser().parse_args(arguments)
    tree = Tree(chosen.root.resolve())
    gc.set_threshold(500_000)  # what a build makes it needs to its end: looking for waste takes a tenth of it
    _short_temporary()
    return build.told(tree, lambda: int(chosen.work(tree, chosen)))


if __name__ == "__main__":
    raise SystemExit(main())
