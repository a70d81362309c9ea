"""Pages: ``_posts`` and harvests in, a site of plain files out that opens without a server or a network.

Everything is rendered before anything is written.
"""

import datetime as dt
import shutil
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import rcssmin
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from site_builder.errors import PageError, gathered
from site_builder.files import PROJECT
from site_builder.model import Harvest, RunPlan, Site, Tree
from site_builder.post import addresses, run_facts
from site_builder.post.sidecar import Sidecar
from site_builder.render import articles, claims_page, metadata, run_page
from site_builder.render.articles import Article
from site_builder.render.claims_page import Entry
from site_builder.render.mathematics import Typesetter
from site_builder.verdict import Verdict
from site_builder.write import templating

_OWN_ASSETS = ("css", "js", "icons")


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

    def page(self, template: str, page: str, title: str, description: str, **things: Any) -> str:
        """A page from its template; ``page`` is its file, from which it finds the others."""
        html = self.jinja.get_template(f"{template}.html.j2").render(
            site=self.site,
            page=page,
            title=title,
            description=description,
            canonical=addresses.absolute(self.site, page),
            **{"image": "", "up": addresses.up(page), **things},
        )
        return self.typesetter.fill(html)


def render_site(
    tree: Tree,
    site: Site,
    harvests: Mapping[str, Harvest],
    plans: Sequence[RunPlan],
    destination: Path,
    shown: Iterable[Sidecar] = (),
) -> list[Path]:
    """Render every page into ``destination``; the paths of all files written there.

    ``shown`` is what the posts show that were written by this build; posts written by hand have none.

    Raises ``PageError`` with the problems of all posts; then ``destination`` is as it was.
    """
    with Typesetter() as typesetter:
        posts = [articles.read_post(path, site) for path in sorted(tree.posts.glob("*.md"))]
        sidecars = {one.file: one for one in shown}

        def compose(post: articles.Post) -> Article:
            own = sidecars.get(post.source.path.name)
            return articles.compose(post, tree, site, harvests, typesetter, own)

        written, problems = gathered(posts, compose)
        if problems:
            raise PageError("\n".join(problems))
        press = _Press(
            site=site,
            harvests=harvests,
            plans={plan.run.id: plan for plan in plans},
            written=written,
            claims=claims_page.entries(harvests, written),
            jinja=_environment(tree, site),
            typesetter=typesetter,
        )
        files: dict[str, str | bytes] = {**_articles(press), **_lists(press), **_runs(press)}
        sheet, fonts = typesetter.style_sheet()
    files |= {
        "assets/katex/katex.css": sheet,
        **{f"assets/katex/{name}": font for name, font in fonts.items()},
    }
    files |= _for_machines(press, [name for name in files if name.endswith(".html")])
    return _write(tree, files, destination)


def _environment(tree: Tree, site: Site) -> Environment:
    """Templates of the site's own tree first, then those of the press."""
    places = [tree.page_templates, PROJECT / "templates" / "pages"]
    jinja = Environment(
        loader=templating.Loader(places),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.globals |= {"Markup": Markup, "absolute": partial(addresses.absolute, site)}
    return jinja


def _in_order(article: Article) -> tuple[dt.date, str]:
    """Oldest first, and by title within a day."""
    return article.post.date, article.post.title


def _articles(press: _Press) -> dict[str, str | bytes]:
    """The page of each post at the address that al-folio gives it, and one where it was that leads there."""
    files: dict[str, str | bytes] = {}
    in_order = sorted(press.written, key=_in_order)
    for place, article in enumerate(in_order):
        files[article.page] = press.page(
            "post",
            article.page,
            article.post.title,
            article.post.description,
            image=article.image,
            article=article,
            json_ld=Markup(metadata.json_ld(press.site, article)),
            earlier=in_order[place - 1] if place else None,
            later=in_order[place + 1] if place + 1 < len(in_order) else None,
        )
        before = addresses.before(article.post.slug)
        files[before] = press.page(
            "moved",
            before,
            article.post.title,
            article.post.description,
            article=article,
            moved_to=addresses.absolute(press.site, article.page) or article.page,
        )
    return files


def _lists(press: _Press) -> dict[str, str | bytes]:
    """The pages about all posts: index, series, claims, tags; and the one for a wrong address."""
    site = press.site
    in_order = sorted(press.written, key=_in_order)
    # The newest day first, but the parts of a series that came on one day in the order of their titles.
    newest_first = sorted(in_order, key=lambda one: one.post.date, reverse=True)
    tags: dict[str, list[Article]] = defaultdict(list)
    for article in newest_first:
        for tag in article.post.tags:
            tags[tag].append(article)
    counts = {verdict: sum(one.claim.verdict is verdict for one in press.claims) for verdict in Verdict}
    groups = [
        (press.harvests[run].run, list(group))
        for run, group in groupby(press.claims, lambda one: one.claim.origin.run)
    ]
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
            f"Every claim of {site.title}, the rule that decided it, and what was measured.",
            {"groups": groups, "counts": counts},
        ),
        "tags": ("Tags", f"The posts of {site.title} by subject.", {"tags": dict(sorted(tags.items()))}),
        "404": ("No such page", f"This address of {site.title} leads nowhere.", anywhere),
    }
    return {
        f"{name}.html": press.page(name, f"{name}.html", title, words, **things)
        for name, (title, words, things) in lists.items()
    }


def _runs(press: _Press) -> dict[str, str | bytes]:
    """The list of runs, and each executed notebook as a record that can be read."""
    rows = [(harvest, press.plans.get(run)) for run, harvest in press.harvests.items()]
    waiting = [plan for run, plan in press.plans.items() if run not in press.harvests]
    files: dict[str, str | bytes] = {
        "runs.html": press.page(
            "runs",
            "runs.html",
            "Runs",
            f"Every experiment of {press.site.title}: as it was executed, or what it waits for.",
            rows=rows,
            waiting=waiting,
            wanted=run_facts.wanted,
        )
    }
    for run, harvest in press.harvests.items():
        page = f"runs/{run}.html"
        files[page] = press.page(
            "run",
            page,
            harvest.run.title,
            f"The executed notebook of the run {run}: code, outputs and figures.",
            harvest=harvest,
            facts=run_facts.facts(harvest),
            plan=press.plans.get(run),
            needs=[need for need in harvest.run.needs if need in press.harvests],
            cells=run_page.read_cells(harvest.run.executed, harvest, press.typesetter, "../"),
            posts=[one for one in press.written if run in (one.post.source.front.get("runs") or ())],
        )
    return files


def _for_machines(press: _Press, pages: Sequence[str]) -> dict[str, str | bytes]:
    """The feed, and for a site with an address, which they need in full, the sitemap and where it is."""
    articles = sorted(press.written, key=lambda one: one.post.date, reverse=True)
    feed = press.jinja.get_template("feed.xml.j2").render(
        site=press.site,
        articles=articles,
        newest=max((article.updated for article in articles), default=dt.date(1970, 1, 1)),
        identity=lambda name: f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}",
    )
    files: dict[str, str | bytes] = {"feed.xml": feed}
    if press.site.url:
        left_out = {"404.html", *(addresses.before(article.post.slug) for article in articles)}
        listed = [page for page in pages if page not in left_out]
        files["sitemap.xml"] = press.jinja.get_template("sitemap.xml.j2").render(pages=listed)
        place = addresses.absolute(press.site, "sitemap.xml")
        files["robots.txt"] = f"User-agent: *\nAllow: /\nSitemap: {place}\n"
    return files


def _shorten(assets: Path) -> None:
    """Take comments and spaces out of the style sheets: a reader's browser needs neither."""
    for path in assets.rglob("*.css"):
        path.write_text(rcssmin.cssmin(path.read_text(encoding="utf-8")), encoding="utf-8")


def _write(tree: Tree, files: Mapping[str, str | bytes], destination: Path) -> list[Path]:
    """Write a site where nothing of an older one is left."""
    shutil.rmtree(destination, ignore_errors=True)
    for name in _OWN_ASSETS:
        shutil.copytree(PROJECT / "assets" / name, destination / "assets" / name)
    if tree.assets.is_dir():
        shutil.copytree(tree.assets, destination / "assets", dirs_exist_ok=True)
    _shorten(destination / "assets")
    for name, content in files.items():
        path = destination / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return sorted(path for path in destination.rglob("*") if path.is_file())
