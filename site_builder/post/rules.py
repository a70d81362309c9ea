"""What al-folio would break without a word, found in a written post: each rule by its name.

Every rule is one row of what was measured in real al-folio sites. A problem begins with its rule's name.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

from site_builder.post import addresses, rules_bibliography, rules_front_matter, rules_html, rules_markdown
from site_builder.post.post_file import Fault, Finding, PostSource

Rule = Callable[[PostSource], Iterator[Fault]]

RULES: Mapping[str, Rule] = {
    "front-matter": rules_front_matter.front_matter,
    "layout": rules_front_matter.layout,
    "title": rules_front_matter.title,
    "description": rules_front_matter.description,
    "json-text": rules_front_matter.json_text,
    "file-name": rules_front_matter.file_name,
    "date": lambda source: rules_front_matter.date(source, dt.date.today()),
    "published": rules_front_matter.published,
    "affiliations": rules_front_matter.affiliations,
    "bibliography": rules_front_matter.bibliography,
    "toc": rules_front_matter.toc,
    "heading-id": rules_front_matter.heading_id,
    "img": rules_front_matter.img,
    "citation-switch": rules_front_matter.citation_switch,
    "styles": rules_front_matter.styles,
    "liquid-in-code": rules_html.liquid_in_code,
    "liquid": rules_html.liquid_outside,
    "include-figure": rules_html.include_figure,
    "raw-closed": rules_html.raw_closed,
    "d-code": rules_html.d_code,
    "d-math": rules_html.d_math,
    "note-first": rules_html.note_first,
    "literal-markdown": rules_html.literal_markdown,
    "markdown-in-html": rules_html.markdown_in_html,
    "asset-url": rules_html.asset_url,
    "bootstrap": rules_html.bootstrap,
    "jquery": rules_html.jquery,
    "layout-class": rules_html.layout_class,
    "bare-angle": rules_html.bare_angle,
    "single-dollar": rules_markdown.single_dollar,
    "money": rules_markdown.money,
    "bare-tex": rules_markdown.bare_tex,
    "dollars-closed": rules_markdown.dollars_closed,
    "pipe": rules_markdown.pipe,
    "math-less": rules_markdown.math_less,
    "math-lines": rules_markdown.math_lines,
    "math-alone": rules_markdown.math_alone,
    "underscores": rules_markdown.underscores,
    "number-line": rules_markdown.number_line,
    "list-start": rules_markdown.list_start,
    "attribute-list": rules_markdown.attribute_list,
    "abbreviation": rules_markdown.abbreviation,
    "emoji": rules_markdown.emoji,
    "line-end": rules_markdown.line_end,
    "code-span": rules_markdown.code_span,
    "table-shape": rules_markdown.table_shape,
    "definition": rules_markdown.definition,
    "table-blank": rules_markdown.table_blank,
}


_MOST = 100
"""Findings of a rule that are told of a post: whoever has more finds the others when these are mended."""


def lint_post(text: str, path: Path, cited: str | None = None) -> list[Finding]:
    """Every finding in a post's ``text``, by line.

    ``path`` is its file in ``_posts``, from which its bibliography is found if ``cited`` does not hold it.
    """
    source = PostSource(path, text, cited)
    findings = [
        Finding(path, source.line(place), f"{name}: {problem}", cure)
        for name, rule in RULES.items()
        for place, problem, cure in islice(rule(source), _MOST)
    ]
    if file := rules_front_matter.cited_file(source):
        findings += [
            replace(one, problem=f"bibliography: {one.problem}")
            for one in rules_bibliography.lint_bibliography(file[1], file[0])
        ]
    return sorted(findings, key=lambda finding: (str(finding.file), finding.line or 0, finding.problem))


def lint_slugs(posts: Iterable[Path]) -> list[Finding]:
    """Posts of one slug: al-folio writes those of a year to one address, and we keep one sidecar for each."""
    by_slug: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(posts):
        by_slug[addresses.slug(path)].append(path)
    return [
        Finding(
            path,
            None,
            f"duplicate-slug: {path.name} and {first.name} both have the slug {slug}",
            "give one of them another slug",
        )
        for slug, (first, *others) in by_slug.items()
        for path in others
    ]
