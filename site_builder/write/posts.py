"""Posts: templates and harvests in, ``_posts/<date>-<slug>.md`` out, with their .bib and their record.

Templates are rendered first, all of them, with marks where the press writes; then the marks are resolved,
so that a reference may point forward or into another post; then everything is written.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from site_builder import authors, files
from site_builder.errors import PostError, choices, gathered
from site_builder.memo import Memo
from site_builder.model import Harvest, RunPlan, Site, Tree
from site_builder.post import addresses, bibliography, citation, headings, rules, run_facts, template_lines
from site_builder.post.sidecar import MadeClaim, Sidecar
from site_builder.states import state
from site_builder.together import in_threads
from site_builder.write import (
    appendix,
    artifact_html,
    claim_records,
    editions,
    front_matter,
    placeholders,
    post_files,
    prose,
    scope,
    templating,
)
from site_builder.write.draft import Draft, Shelf
from site_builder.write.editions import Edition
from site_builder.write.front_matter import FrontMatter, FrontMatterError
from site_builder.write.in_sentences import NAMES, Functions
from site_builder.write.kept_posts import KeptPosts, Surface, Written
from site_builder.write.prose import Prose

_FILE = re.compile(r"(\d{4}-\d{2}-\d{2})-([a-z0-9]+(?:-[a-z0-9]+)*)\.md\.j2")


@dataclass
class _Post:
    """A post between its template and its file."""

    template: Path
    date: dt.date
    draft: Draft
    front: FrontMatter
    prose: Prose
    edition: Edition
    elsewhere: dict[str, list[Surface]] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return f"{self.date}-{self.draft.slug}.md"

    @property
    def surface(self) -> Surface:
        """What others may refer to, with where the theme puts the post, below the base URL."""
        labels = {label: numbered.name for label, numbered in self.draft.labels.items()}
        address = addresses.in_theme(self.date, self.draft.slug)
        return Surface(self.draft.slug, address, self.front.title, labels)

    def sidecar(self) -> Sidecar:
        """What the post shows, once its marks are resolved."""
        draft, records = self.draft, {sentence.record: sentence.claim for sentence in self.draft.sentences}
        return Sidecar(
            slug=draft.slug,
            date=self.date,
            title=self.front.title,
            authors=self.front.authors,
            version=self.edition.version,
            figures=tuple(sorted(draft.figures.values(), key=lambda shown: shown.number)),
            claims=tuple(
                MadeClaim(
                    claim.origin.run,
                    claim.name,
                    record,
                    tuple(sentence.id for sentence in draft.sentences if sentence.record == record),
                )
                for record, claim in records.items()
            ),
            runs=self.edition.runs,
            results=dict(sorted(self.edition.results.items())),
        )


def write_posts(
    tree: Tree,
    site: Site,
    harvests: Mapping[str, Harvest],
    plans: Iterable[RunPlan],
    news: Callable[[str], None] = lambda line: None,
) -> list[Sidecar]:
    """Write every post and what belongs to it; what each shows, oldest first.

    ``news`` is told, a line each, which published results differ from the last build's. Raises
    ``PostError`` with the first problem of each template; then nothing was written.
    """
    known = {plan.run.id: plan for plan in plans}
    kept = KeptPosts(tree, site, known)
    source = tree.root / "templates" / "references.bib"
    references = Memo(tree.cache).get("references-all", state(source), partial(bibliography.load, source))
    press = _Press(tree, site, Shelf(tree.experiments, site, harvests, known, references), kept)
    made, written = press.run()
    for line in (line for post, _ in made for line in post.edition.news):
        news(artifact_html.plain(line))

    def write(one: tuple[_Post, str]) -> None:
        post, text = one
        cited = bibliography.minimal(references, post.draft.keys)
        post_files.write(tree, post.file, text, post.sidecar(), post.edition.changes, cited)

    in_threads(write, made)
    now = {one.template: Written(one.file, one.surface, one.elsewhere, one.sidecar()) for one, _ in made}
    in_order = dict(sorted({**written, **now}.items()))
    post_files.tidy(tree, {one.file: one.surface.slug for one in in_order.values()})
    kept.keep(now)
    return [one.shown for one in in_order.values()]


class _Press:
    """All posts of one build, because references go from one to another."""

    def __init__(self, tree: Tree, site: Site, shelf: Shelf, kept: KeptPosts) -> None:
        self.tree, self.site, self.shelf, self.kept = tree, site, shelf, kept
        self.assets = tree.assets
        self.jinja = templating.environment(
            tree.post_templates, NAMES, Memo(tree.cache).place("compiled-posts")
        )
        self.posts: list[_Post] = []
        self.surfaces: list[Surface] = []
        self.troubled: list[_Post] = []
        self.incomplete = False

    def run(self) -> tuple[list[tuple[_Post, str]], dict[Path, Written]]:
        """The posts that have to be written, with their texts, and by template what is written already.

        Raises ``PostError`` with the problems of all templates.
        """
        templates = sorted(self.tree.post_templates.glob("*.j2"))
        written = self.kept.find(templates)
        self.posts, problems = gathered([one for one in templates if one not in written], self._draft)
        surfaces = {post.template: post.surface for post in self.posts}
        surfaces |= {template: kept.surface for template, kept in written.items()}
        self.surfaces = [surfaces[template] for template in sorted(surfaces)]
        if moved := [one for one, kept in written.items() if self._points_elsewhere(kept)]:
            again, more = gathered(moved, self._draft)
            self.posts, problems = [*self.posts, *again], [*problems, *more]
            written = {one: kept for one, kept in written.items() if one not in moved}
        self.incomplete, self.troubled = bool(problems), [one for one in self.posts if one.draft.problems]
        finished, unfinished = gathered(self.posts, lambda post: (post, self._finish(post)))
        files = [*(post.file for post in self.posts), *(kept.file for kept in written.values())]
        problems = [*problems, *unfinished, *self._lint(finished, files)]
        if problems:
            raise PostError("\n".join(problems))
        return finished, written

    def _others(self, slug: str, label: str) -> list[Surface]:
        return [one for one in self.surfaces if one.slug != slug and label in one.labels]

    def _points_elsewhere(self, kept: Written) -> bool:
        """Whether a reference of a written post leads to something else by now."""
        return any(self._others(kept.surface.slug, label) != found for label, found in kept.elsewhere.items())

    def _lint(self, finished: Iterable[tuple[_Post, str]], files: Iterable[str]) -> Iterator[str]:
        """What al-folio would break, before anything is written."""
        findings = rules.lint_slugs(self.tree.posts / file for file in files)
        for post, text in finished:
            path = self.tree.posts / post.file
            cited = bibliography.minimal(self.shelf.references, post.draft.keys)
            findings += template_lines.traced(rules.lint_post(text, path, cited), path, text, post.template)
        return (template_lines.describe(one, self.tree.root) for one in findings)

    # -- from a template to a draft -------------------------------------------------------------

    def _draft(self, template: Path) -> _Post:
        shown = template.relative_to(self.tree.root).as_posix()
        match = _FILE.fullmatch(template.name)
        try:
            date = dt.date.fromisoformat(match[1]) if match else None
        except ValueError:
            date = None
        if match is None or date is None:
            raise PostError(f"{shown}: a template is named <date>-<slug>.md.j2, the slug in a-z, 0-9 and '-'")
        draft = Draft(shown, match[2], self.shelf)
        functions = Functions(
            draft,
            self.assets,
            work=lambda: self._work(post),
            edition=lambda: post.edition,
            link=lambda label, line: draft.tried(lambda: self._link(post, label, line)),
        )
        source = files.read_text(template, shown, PostError)
        with draft.failing_together():
            text = templating.render(self.jinja, template.name, shown, functions.names())
            front = self._front(draft, text, date)
            fail = _failing(draft, source)
            if line := placeholders.alone(front.body):
                raise fail(line, "figures, tables, listings and equations stand on lines of their own")
            safe = prose.safe(placeholders.spaced(front.body), fail)
            scope.refuse(draft, front.body)
        claim_records.use_others(draft)
        edition = editions.edition(self.assets, draft.slug, draft.results, draft.harvests, self.shelf.plans)
        post = _Post(template, date, draft, front, safe, edition)
        return post

    def _front(self, draft: Draft, text: str, date: dt.date) -> FrontMatter:
        try:
            front = front_matter.read(text, self.site.authors)
        except FrontMatterError as problem:
            draft.fail(str(problem), problem.line)
        draft.cover = front.cover and draft.covered(*front.cover, front.cover_line)
        if placeholders.found(text[: len(text) - len(front.body)]):
            draft.fail("value(), cite() and the like cannot stand in front matter: use number()", 1)
        return front

    # -- what is known only at the end ----------------------------------------------------------

    def _work(self, post: _Post) -> citation.Work:
        front = post.front
        return citation.work(
            self.site, post.draft.slug, post.date, front.title, front.authors, post.edition.version
        )

    def _link(self, post: _Post, label: str, line: int) -> str:
        """A reference: to a label or section of this post, or to a label of exactly one other."""
        if label in post.draft.labels:
            return f'<a class="ref" href="#{label}">{post.draft.labels[label].name}</a>'
        for heading in post.prose.headings:
            if heading.id == label:
                return f'<a class="ref" href="#{label}">{escape(heading.text)}</a>'
        others = post.elsewhere[label] = self._others(post.draft.slug, label)
        if len(others) == 1:
            place = f"{{{{ '{others[0].address}' | relative_url }}}}#{label}"
            name, title = others[0].labels[label], escape(others[0].title)
            return f'<a class="ref" href="{place}">{name} of “{title}”</a>'
        if others:
            names = " and ".join(other.slug for other in others)
            raise PostError(f"{post.draft.shown}:{line}: {label!r} is in several other posts: {names}")
        if self.incomplete or any(other is not post for other in self.troubled):
            return ""  # the label may be in a post that has problems of its own
        known = {*post.draft.labels, *(heading.id for heading in post.prose.headings)}
        elsewhere = {
            known for other in self.surfaces if other.slug != post.draft.slug for known in other.labels
        }
        more = f"; in other posts, {choices(elsewhere, label)}" if elsewhere else ""
        raise PostError(f"{post.draft.shown}:{line}: no label {label!r}; {choices(known, label)}{more}")

    def _finish(self, post: _Post) -> str:
        """The whole file."""
        with post.draft.failing_together():
            body = post.draft.marks.resolve(post.prose.text).strip()
        post.draft.refuse()
        notices = [
            artifact_html.block("stale", run=run, sentence=sentence)
            for run, harvest in post.draft.harvests.items()
            if run in self.shelf.plans
            and (sentence := run_facts.stale_notice(self.shelf.plans[run], harvest))
        ]
        sections = [
            *notices,
            body,
            *appendix.sections(post.draft, post.prose, post.edition, self._work(post)),
        ]
        return front_matter.write(_data(post, self.site)) + "\n" + "\n\n".join(sections) + "\n"


def _failing(draft: Draft, source: str) -> Callable[[str, str], PostError]:
    """Errors for snippets of the rendered text, with the line of the template that they came from."""

    def fail(snippet: str, problem: str) -> PostError:
        line = draft.marks.line_of(snippet) or template_lines.place(snippet, source)
        return PostError(f"{draft.shown}{f':{line}' if line else ''}: {problem}")

    return fail


def _data(post: _Post, site: Site) -> dict[str, Any]:
    """The front matter of the file."""
    author, draft = post.front.data, post.draft
    data: dict[str, Any] = {"layout": "distill"}
    data |= {key: author[key] for key in ("title", "description", "date")}
    if days := [run_facts.day(harvest) for harvest in draft.harvests.values()]:
        data["last_updated"] = max(days)
    data["authors"] = authors.written(post.front.authors)
    if draft.keys:
        data["bibliography"] = f"{draft.slug}.bib"
    if toc := headings.contents(post.prose.headings):
        data["toc"] = toc
    data |= {key: entry for key, entry in {**site.switches, **author}.items() if key not in data}
    data |= front_matter.of_cover(draft.cover, site) if draft.cover else {}
    data |= front_matter.for_feed(draft.cover, draft.figures.values(), draft.harvests)
    found = {"runs": sorted(draft.harvests), "gradlab": {"version": post.edition.version}}
    return data | found | {"_styles": artifact_html.styles()}
