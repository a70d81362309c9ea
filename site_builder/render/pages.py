"""Pages: ``_posts`` and harvests in, a site of plain files out that opens without a server or a network.

Everything is rendered before anything is written.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from site_builder.errors import PageError, gathered
from site_builder.files import digest
from site_builder.memo import Memo
from site_builder.model import Harvest, RunPlan, Site, Tree
from site_builder.post import addresses, run_facts
from site_builder.post.sidecar import Sidecar
from site_builder.render import articles, claims_page, fonts, metadata, page_templates
from site_builder.render.articles import Article
from site_builder.render.claims_page import Entry
from site_builder.render.mathematics import Typesetter
from site_builder.render.site_files import Made, SiteFiles
from site_builder.render.version import Version, holding
from site_builder.states import folders, state
from site_builder.together import on_all_cores
from site_builder.verdict import Verdict


@dataclass(frozen=True)
class _Press:
    """What every page of one build shares."""

    site: Site
    harvests: Mapping[str, Harvest]
    plans: Mapping[str, RunPlan]
    written: Sequence[Article]
    claims: Sequence[Entry]
    jinja: Environment
    typesetter: Typesetter
    memo: Memo
    shared: str
    """A digest of what every page is made from."""
    version: Version | None
    """That which is rendered, None for the site of today."""
    stays: Mapping[str, Version | None]
    """The version that has a post as it is, by the file of the post."""
    read: Mapping[str, str]
    """One of all that each article was composed from, by the file of its post."""

    def page(
        self, template: str, page: str, title: str, description: str, read: object,
        things: Callable[[], Mapping[str, Any]] = dict,
    ) -> Made:  # fmt: skip
        """A page from its template; ``page`` is its file, from which it finds the others.

        ``things`` are what the template shows beside title and description, and ``read`` tells all of it.
        """
        all_read = digest(repr((self.shared, template, title, description, read)))

        def render() -> str:
            html = self.jinja.get_template(f"{template}.html.j2").render(
                site=self.site,
                page=page,
                title=title,
                description=description,
                canonical=(self.version or self).canonical(page),
                version=self.version,
                **{"image": "", "up": addresses.up(page), **things()},
            )
            return self.typesetter.fill(html, page)

        return Made(all_read, partial(self.memo.get, f"pages/{page}", all_read, render))

    def canonical(self, page: str) -> str:
        """The address of a page for search engines."""
        return addresses.absolute(self.site, page)


def render_site(
    tree: Tree,
    site: Site,
    harvests: Mapping[str, Harvest],
    plans: Sequence[RunPlan],
    destination: Path,
    shown: Iterable[Sidecar] = (),
    kept: Mapping[Version, Path] = {},
    version: Version | None = None,
) -> None:
    """Render every page into ``destination``.

    ``shown`` is what the posts show that were written by this build; posts written by hand have none. The
    versions that are ``kept`` in folders are laid beside the pages; or the pages are those of a ``version``.

    Raises ``PageError`` with the problems of all posts; then ``destination`` is as it was.
    """
    memo = Memo(tree.cache)
    with Typesetter(memo) as typesetter:
        sidecars = {one.file: one for one in shown}
        posts = sorted(tree.posts.glob("*.md"))
        shared = digest(repr((site, sorted(harvests), folders(tree.figures), state(tree.bibliography))))
        held = holding(kept)
        stays = {name: version or held.get((name, one.version)) for name, one in sidecars.items()}
        read = {
            post.name: digest(repr((shared, state(post), sidecars.get(post.name), stays.get(post.name))))
            for post in posts
        }

        def compose(path: Path) -> Article:
            def made() -> Article:
                post = articles.read_post(path, site)
                of_post = sidecars.get(path.name), stays.get(path.name)
                return articles.compose(post, tree, site, harvests, typesetter, *of_post)

            return typesetter.remembered(f"articles/{path.name}", read[path.name], made)

        on_all_cores(compose, [one for one in posts if not memo.has(f"articles/{one.name}", read[one.name])])
        written, problems = gathered(posts, compose)
        if problems:
            raise PageError("\n".join(problems))
        press = _Press(
            site=site,
            harvests=harvests,
            plans={plan.run.id: plan for plan in plans},
            written=written,
            claims=claims_page.entries(harvests, written),
            jinja=page_templates.environment(tree, site, memo),
            typesetter=typesetter,
            memo=memo,
            shared=digest(repr((state(tree.page_templates), site))),
            version=version,
            stays=stays,
            read=read,
        )
        made = {**_articles(press), **_lists(press), **_runs(press)}
        files = SiteFiles(tree, destination, {one.folder: place for one, place in kept.items()})
        due = [page for name, page in made.items() if not files.has(name, page.read)]
        on_all_cores(lambda page: page.content, due)
        _, problems = gathered(due, lambda page: page.content)
        if problems:
            raise PageError("\n".join(problems))
        sheet, of_formulas = typesetter.style_sheet()
    others: dict[str, str | bytes] = {"assets/katex/katex.css": sheet}
    others |= {f"assets/katex/{name}": font for name, font in of_formulas.items()}
    others |= {} if version else metadata.feed_and_sitemap(site, written, press.jinja, made)
    made |= {name: Made.of(content) for name, content in others.items()} | fonts.made()
    files.write(made)


def _in_order(article: Article) -> tuple[dt.date, str]:
    """Oldest first, and by title within a day."""
    return article.post.date, article.post.title


def _articles(press: _Press) -> dict[str, Made]:
    """The page of each post at the address that al-folio gives it, and one where it was that leads there."""
    files: dict[str, Made] = {}
    in_order = sorted(press.written, key=_in_order)
    for place, article in enumerate(in_order):
        post = article.post
        earlier = in_order[place - 1] if place else None
        later = in_order[place + 1] if place + 1 < len(in_order) else None

        def things(
            article: Article = article, earlier: Article | None = earlier, later: Article | None = later
        ) -> Mapping[str, Any]:
            own = {
                "image": article.image,
                "stays": press.stays.get(article.post.source.path.name),
                "json_ld": Markup(metadata.json_ld(press.site, article)),
            }
            return {"article": article, "earlier": earlier, "later": later, **own}

        neighbours = [beside.face for beside in (earlier, later) if beside]
        read = (press.read[post.source.path.name], neighbours)
        files[article.page] = press.page("post", article.page, post.title, post.description, read, things)
        before = addresses.before(post.slug)
        moved = {"moved_to": addresses.absolute(press.site, article.page) or article.page}
        files[before] = press.page(
            "moved", before, post.title, post.description, article.face,
            lambda article=article, moved=moved: {"article": article, **moved},  # type: ignore[misc]
        )  # fmt: skip
    return files


def _lists(press: _Press) -> dict[str, Made]:
    """The pages about all posts: index, series, claims, tags; and the one for a wrong address."""
    site = press.site
    in_order = sorted(press.written, key=_in_order)
    newest_first = in_order[::-1]
    tags: dict[str, list[Article]] = defaultdict(list)
    for article in newest_first:
        for tag in article.post.tags:
            tags[tag].append(article)
    made = [one for one in press.claims if one.sentences]
    counts = {verdict: sum(one.claim.verdict is verdict for one in made) for verdict in Verdict}
    groups = [(press.harvests[run].run, list(group)) for run, group in groupby(made, _run)]
    unmade = Counter(_run(one) for one in press.claims if not one.sentences)
    others = [(press.harvests[run].run, count) for run, count in unmade.items()]
    asked = [(article, claims_page.of(article, press.claims)) for article in in_order]
    # A server shows the page for a wrong address at that address.
    anywhere = {"up": addresses.absolute(site, "")} if site.url else {}
    lists: dict[str, tuple[str, str, dict[str, Any]]] = {
        "index": (site.title, site.description, {"posts": newest_first}),
        "series": (
            "What was asked, what was found",
            f"Every post of {site.title}: its question and the claims that its experiments decided.",
            {"posts": asked},
        ),
        "claims": (
            "Claims",
            f"The claims that the texts of {site.title} make, their rules, and what was measured.",
            {"groups": groups, "counts": counts, "others": others},
        ),
        "tags": ("Tags", f"The posts of {site.title} by subject.", {"tags": dict(sorted(tags.items()))}),
        "404": ("No such page", f"This address of {site.title} leads nowhere.", anywhere),
    }
    read = digest(
        repr(([article.face for article in in_order], press.claims, [run for run, _ in groups], others))
    )
    return {
        f"{name}.html": press.page(name, f"{name}.html", title, words, read, lambda things=things: things)  # type: ignore[misc]
        for name, (title, words, things) in lists.items()
    }


def _run(entry: Entry) -> str:
    """The run of a claim."""
    return entry.claim.origin.run


def _runs(press: _Press) -> dict[str, Made]:
    """The list of runs, and each executed notebook as a record that can be read."""
    rows = [(harvest, press.plans.get(run)) for run, harvest in press.harvests.items()]
    waiting = [plan for run, plan in press.plans.items() if run not in press.harvests]
    records = {harvest.run.id: digest(repr((harvest.run, harvest.record, plan))) for harvest, plan in rows}
    notebooks = {harvest.run.notebook.name: f"{harvest.run.id}.html" for harvest, _ in reversed(rows)}
    files: dict[str, Made] = {
        "runs.html": press.page(
            "runs",
            "runs.html",
            "Runs",
            f"Every experiment of {press.site.title}: as it was executed, or what it waits for.",
            (records, waiting),
            lambda: {"rows": rows, "waiting": waiting, "wanted": run_facts.wanted},
        )
    }
    shown_in: dict[str, list[Article]] = defaultdict(list)
    for article in press.written:
        for name in dict.fromkeys(article.post.source.front.get("runs") or ()):
            shown_in[name].append(article)
    for harvest, plan in rows:
        run, page = harvest.run, f"runs/{harvest.run.id}.html"
        needs = [need for need in run.needs if need in press.harvests]
        posts = shown_in[run.id]
        claims = [one for one in press.claims if _run(one) == run.id]

        def things(
            harvest: Harvest = harvest, plan: RunPlan | None = plan, needs: list[str] = needs,
            posts: list[Article] = posts, claims: list[Entry] = claims,
        ) -> Mapping[str, Any]:  # fmt: skip
            from site_builder.render import run_page

            return {
                "harvest": harvest,
                "facts": run_facts.facts(harvest),
                "plan": plan,
                "needs": needs,
                "cells": run_page.read_cells(
                    harvest.run.executed, harvest, press.typesetter, "../", notebooks
                ),
                "posts": posts,
                "claims": claims,
            }

        shown = [(one.page, one.post.title) for one in posts]
        read = (state(run.executed), records[run.id], needs, shown, claims, notebooks)
        words = f"The executed notebook of the run {run.id}: code, outputs and figures."
        files[page] = press.page("run", page, run.title, words, read, things)
    return files
