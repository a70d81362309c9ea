"""A bibliography that al-folio's reader in the browser can parse: one throw there loses every citation."""

import re
from collections.abc import Iterator
from pathlib import Path

from site_builder.model import Finding

_ENTRY = re.compile(r"^[ \t]*@(?P<type>\w+)[ \t]*[{(][ \t]*(?P<key>[^\s,{}=]*)", re.MULTILINE)
_FIELD = re.compile(r"[\s,]*(?P<name>[A-Za-z][\w-]*)\s*=\s*")
_SAFE = "every value in braces: year = {2020}"


def keys(text: str) -> set[str]:
    """The citation keys of a .bib."""
    return {match["key"] for match in _ENTRY.finditer(text) if match["type"].lower() not in _NO_ENTRY}


_NO_ENTRY = {
    "string": "write each value out",
    "comment": "delete it",
    "preamble": "delete it",
}


def lint_bibliography(text: str, path: Path) -> list[Finding]:
    """What the reader would throw at or show wrongly, with its line."""
    findings = []
    for offset, problem, cure in sorted(_faults(text)):
        findings.append(Finding(path, text.count("\n", 0, offset) + 1, problem, cure))
    return findings


def _faults(text: str) -> Iterator[tuple[int, str, str]]:
    for match in re.finditer("#", text):
        yield (
            match.start(),
            "a # in a .bib: every citation of the page is lost",
            "write the value out, %23 in a URL",
        )
    for match in re.finditer(r"\\", text):
        yield match.start(), "TeX in a .bib is shown as it stands", "plain UTF-8, as in é"
    entries = list(_ENTRY.finditer(text))
    for match, following in zip(entries, [*entries[1:], None], strict=True):
        end = following.start() if following else len(text)
        kind = match["type"].lower()
        if kind in _NO_ENTRY:
            yield match.start(), f"@{kind} in a .bib: every citation of the page is lost", _NO_ENTRY[kind]
        else:
            yield from _entry(text, match, end)


def _entry(text: str, entry: re.Match[str], end: int) -> Iterator[tuple[int, str, str]]:
    """Faults of the entry that reaches to ``end``, where the next one begins."""
    position, names = entry.end(), set()
    while field := _FIELD.match(text, position, end):
        names.add(field["name"].lower())
        if text[field.end() : field.end() + 1] != "{":
            bare = re.compile(r"\"[^\"]*\"|[^,\n}]*").match(text, field.end(), end)
            position = bare.end() if bare else end
            yield field.start("name"), f"{field['name']} of {entry['key']} has a value without braces", _SAFE
            continue
        closed = _closing(text, field.end(), end)
        swallowed = re.compile(r"\n\s*\w+\s*=\s*\{").search(text, field.end(), closed or end)
        if closed is None or swallowed:
            yield field.start("name"), f"{field['name']} of {entry['key']} has an unclosed brace", _SAFE
            return
        if "{" in text[field.end() + 1 : closed]:
            yield (
                field.start("name"),
                f"{field['name']} of {entry['key']} has braces inside, which are shown",
                "no braces inside a value",
            )
        position = closed + 1
    if not re.compile(r"[\s,]*[})]").match(text, position, end):
        yield entry.start(), f"the entry {entry['key']} is not closed", "end it with }"
    if "year" not in names:
        yield entry.start(), f"{entry['key']} has no year", "year = {...}"


def _closing(text: str, start: int, end: int) -> int | None:
    depth = 0
    for position in range(start, end):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return None
