"""What al-folio would break without a word, found in a written post: each rule by its name.

Every rule is one row of what was measured in real al-folio sites. A problem begins with its rule's name.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from site_builder import alfolio_body, alfolio_head, alfolio_html
from site_builder.model import Finding
from site_builder.post.post_file import PostSource

Rule = Callable[[PostSource], Iterator[Finding]]

RULES: Mapping[str, Rule] = {
    "front-matter": alfolio_head.front_matter,
    "layout": alfolio_head.layout,
    "title": alfolio_head.title,
    "json-text": alfolio_head.json_text,
    "file-name": alfolio_head.file_name,
    "date": lambda source: alfolio_head.date(source, dt.date.today()),
    "published": alfolio_head.published,
    "affiliations": alfolio_head.affiliations,
    "bibliography": alfolio_head.bibliography,
    "toc": alfolio_head.toc,
    "heading-id": alfolio_head.heading_id,
    "img": alfolio_head.img,
    "citation-switch": alfolio_head.citation_switch,
    "styles": alfolio_head.styles,
    "liquid-in-code": alfolio_html.liquid_in_code,
    "liquid": alfolio_html.liquid_outside,
    "include-figure": alfolio_html.include_figure,
    "raw-closed": alfolio_html.raw_closed,
    "d-code": alfolio_html.d_code,
    "d-math": alfolio_html.d_math,
    "note-first": alfolio_html.note_first,
    "literal-markdown": alfolio_html.literal_markdown,
    "asset-url": alfolio_html.asset_url,
    "bootstrap": alfolio_html.bootstrap,
    "jquery": alfolio_html.jquery,
    "layout-class": alfolio_html.layout_class,
    "bare-angle": alfolio_html.bare_angle,
    "single-dollar": alfolio_body.single_dollar,
    "money": alfolio_body.money,
    "dollars-closed": alfolio_body.dollars_closed,
    "pipe": alfolio_body.pipe,
    "math-less": alfolio_body.math_less,
    "math-lines": alfolio_body.math_lines,
    "math-alone": alfolio_body.math_alone,
    "underscores": alfolio_body.underscores,
    "number-line": alfolio_body.number_line,
    "table-blank": alfolio_body.table_blank,
}


def lint_post(text: str, path: Path) -> list[Finding]:
    """Every finding in a post's ``text``, by line.

    ``path`` is the file in ``_posts``, from which the bibliography beside it is found.
    """
    source = PostSource(path, text)
    findings = [
        replace(finding, problem=f"{name}: {finding.problem}")
        for name, rule in RULES.items()
        for finding in rule(source)
    ]
    return sorted(findings, key=lambda finding: (str(finding.file), finding.line or 0, finding.problem))


def lint_slugs(posts: Iterable[Path]) -> list[Finding]:
    """Posts that would be written to one address, ``/blog/year/slug/``."""
    address: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(posts):
        address[f"/blog/{path.stem[:4]}/{path.stem[11:]}/"].append(path)
    return [
        Finding(
            path,
            None,
            f"duplicate-slug: {path.name} and {first.name} are both written to {where}",
            "give one of them another slug",
        )
        for where, (first, *others) in address.items()
        for path in others
    ]
