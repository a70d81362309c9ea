"""From a line of a written post back to the line of the template that it came from."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from site_builder.model import Tree
from site_builder.post.post_file import Finding

_JINJA = re.compile(r"\[\[.*?\]\]|\[%.*?%\]|\[#.*?#\]")
_WRITTEN = re.compile(r"\w{2,}")


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
    shown, source = text.split("\n"), template.read_text(encoding="utf-8")
    moved = []
    for finding in findings:
        line = shown[finding.line - 1] if finding.file == post and finding.line else ""
        found = place(line, source)
        moved.append(finding if found is None else replace(finding, file=template, line=found))
    return moved


@cache
def _pattern(line: str) -> re.Pattern[str] | None:
    """What a template's line can become in the post; None if too little of it stays as it is."""
    pieces = [" ".join(piece.split()) for piece in _JINJA.split(line)]
    if not any(_WRITTEN.search(piece) for piece in pieces):
        return None
    return re.compile(".*?".join(map(re.escape, pieces)))


def place(line: str, source: str) -> int | None:
    """The line of the template ``source`` that became ``line`` of a post, None if that cannot be told."""
    wanted, written = " ".join(line.split()), source.split("\n")
    if not wanted:
        return None
    for number, text in enumerate(written, start=1):
        if " ".join(text.split()) == wanted:
            return number
    for number, text in enumerate(written, start=1):
        pattern = _pattern(text)
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
