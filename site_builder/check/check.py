"""Check: the last step. What would be wrong for a reader, here and in an al-folio site, with its cure."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from site_builder.check import links
from site_builder.errors import CheckError
from site_builder.model import Finding, Site, Tree
from site_builder.post import rules
from site_builder.post.template_lines import describe, template_of, traced


def check_site(tree: Tree, site: Site, destination: Path, linted: Collection[str] = ()) -> list[Finding]:
    """All findings in the posts and in the pages built below ``destination``, by file and line.

    A finding names the template's file and line where its text can be found there. The posts ``linted`` were
    looked at before they were written.
    """
    posts = sorted(tree.posts.glob("*.md"))
    findings = rules.lint_slugs(posts)
    for path in [path for path in posts if path.name not in linted]:
        text = path.read_text(encoding="utf-8")
        findings += traced(rules.lint_post(text, path), path, text, template_of(tree, path))
    origins = [(path.stem[11:], path, template_of(tree, path)) for path in posts]
    for fault in links.check_pages(destination, site.url):
        findings.append(_traced_page(fault, origins, destination))
    unique = dict.fromkeys(findings)
    return sorted(unique, key=lambda found: (str(found.file), found.line or 0, found.problem))


def refuse(findings: Sequence[Finding], root: Path) -> None:
    """Raise ``CheckError`` with every finding, if there is one."""
    if findings:
        raise CheckError(describe(finding, root) for finding in findings)


def _traced_page(
    fault: links.PageFault, origins: Sequence[tuple[str, Path, Path | None]], destination: Path
) -> Finding:
    """A page's finding, moved to the post or template line that holds what it is about."""
    parts = fault.finding.file.relative_to(destination).with_suffix("").parts
    for slug, post, template in origins:
        if not any(part == slug or part.endswith(f"-{slug}") for part in parts):
            continue
        for file in (template, post):
            lines = file.read_text(encoding="utf-8").split("\n") if file else []
            for number, line in enumerate(lines, start=1):
                if file and fault.needle in line:
                    return replace(fault.finding, file=file, line=number)
    return fault.finding
