"""Check: the last step. What would be wrong for a reader, here and in an al-folio site, with its cure."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from site_builder import files
from site_builder.check import links
from site_builder.errors import CheckError
from site_builder.memo import Memo
from site_builder.model import Site, Tree
from site_builder.post import addresses, rules
from site_builder.post.post_file import Finding
from site_builder.post.template_lines import describe, template_of, traced


def check_posts(tree: Tree, linted: Collection[str] = ()) -> list[Finding]:
    """The findings in the posts; those ``linted`` were looked at before they were written.

    A finding names the template's file and line where its text can be found there.
    """
    posts = sorted(tree.posts.glob("*.md"))
    findings = rules.lint_slugs(posts)
    for path in [path for path in posts if path.name not in linted]:
        text = files.read_text(path)
        findings += traced(rules.lint_post(text, path), path, text, template_of(tree, path))
    return findings


def check_pages(tree: Tree, site: Site, destination: Path) -> list[Finding]:
    """The findings in the pages built below ``destination``, traced in the same way."""
    origins = [
        (addresses.slug(path), path, template_of(tree, path)) for path in sorted(tree.posts.glob("*.md"))
    ]
    found = links.check_pages(destination, site.url, Memo(tree.cache))
    return [_traced_page(finding, needle, origins, destination) for finding, needle in found]


def refuse(findings: Sequence[Finding], root: Path) -> None:
    """Raise ``CheckError`` with every finding, if there is one."""
    if findings:
        unique = dict.fromkeys(findings)
        by_place = sorted(unique, key=lambda found: (str(found.file), found.line or 0, found.problem))
        raise CheckError(describe(finding, root) for finding in by_place)


def _traced_page(
    finding: Finding, needle: str, origins: Sequence[tuple[str, Path, Path | None]], destination: Path
) -> Finding:
    """A page's finding, moved to the post or template line that holds what it is about, the ``needle``."""
    page = finding.file.relative_to(destination)
    if page.parts[0] == "v":  # no template of today holds what a tag does
        return finding
    parts = page.with_suffix("").parts
    for slug, post, template in origins:
        if not any(part == slug or part.endswith(f"-{slug}") for part in parts):
            continue
        for file in (template, post):
            lines = file.read_text(encoding="utf-8").split("\n") if file else []
            for number, line in enumerate(lines, start=1):
                if file and needle in line:
                    return replace(finding, file=file, line=number)
    return finding
