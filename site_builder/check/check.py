"""Check: the last step. What would be wrong for a reader, here and in an al-folio site, with its cure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from site_builder.check import links, rules
from site_builder.errors import CheckError
from site_builder.model import Finding, Site, Tree

_JINJA = re.compile(r"\[\[.*?\]\]|\[%.*?%\]|\[#.*?#\]")
_WRITTEN = re.compile(r"\w{2,}")


def check_site(tree: Tree, site: Site, destination: Path) -> list[Finding]:
    """All findings in the posts and in the pages built below ``destination``, by file and line.

    A finding names the template's file and line where its text can be found there.
    """
    posts = sorted(tree.posts.glob("*.md"))
    findings = rules.lint_slugs(posts)
    for path in posts:
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


def describe(finding: Finding, root: Path) -> str:
    """``file:line: problem; cure: ...`` with the file as seen from ``root``."""
    file = finding.file.relative_to(root) if finding.file.is_relative_to(root) else finding.file
    place = f"{file}:{finding.line}" if finding.line else str(file)
    return f"{place}: {finding.problem}; cure: {finding.cure}"


def template_of(tree: Tree, post: Path) -> Path | None:
    """The template a post was written from, None for a post written by hand."""
    template = tree.post_templates / f"{post.name}.j2"
    return template if template.is_file() else None


def traced(findings: Iterable[Finding], post: Path, text: str, template: Path | None) -> list[Finding]:
    """The findings of ``post`` with the template's file and line, where the same text stands there."""
    if template is None:
        return list(findings)
    shown, written = text.split("\n"), template.read_text(encoding="utf-8").split("\n")
    patterns = [_pattern(line) for line in written]
    moved = []
    for finding in findings:
        line = shown[finding.line - 1] if finding.file == post and finding.line else ""
        place = _place(line, patterns, written)
        moved.append(finding if place is None else replace(finding, file=template, line=place))
    return moved


def _pattern(line: str) -> re.Pattern[str] | None:
    """What a template's line can become in the post; None if too little of it stays as it is."""
    pieces = [" ".join(piece.split()) for piece in _JINJA.split(line)]
    if not any(_WRITTEN.search(piece) for piece in pieces):
        return None
    return re.compile(".*?".join(map(re.escape, pieces)))


def _place(line: str, patterns: Sequence[re.Pattern[str] | None], written: Sequence[str]) -> int | None:
    wanted = " ".join(line.split())
    if not wanted:
        return None
    for number, text in enumerate(written, start=1):
        if " ".join(text.split()) == wanted:
            return number
    for number, pattern in enumerate(patterns, start=1):
        if pattern is not None and pattern.fullmatch(wanted):
            return number
    # A key of the front matter is written anew by the press: its name is what stays.
    if key := re.match(r"([a-z_]+):", line):
        for number, text in enumerate(written, start=1):
            if text.startswith(key[0]):
                return number
            if number > 1 and text.rstrip() == "---":
                break
    return None


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
