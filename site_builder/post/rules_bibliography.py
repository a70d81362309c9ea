"""A bibliography that al-folio's reader in the browser can parse: one throw there loses every citation.

That reader is a few lines long, so it is given one form only, the one that the press writes: an entry's head,
its fields and its end each on a line of its own, every value in braces.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from site_builder.post.post_file import Finding, PostSource

_HEAD = re.compile(r"@(?P<type>\w+)\{(?P<key>[^\s,{}=]+),\s*")
_FIELD = re.compile(r"(?P<name>[A-Za-z][\w-]*+)\s*+=\s*+(?P<value>.*?),?")
_NO_ENTRY = {"string": "write each value out", "comment": "delete it", "preamble": "delete it"}
_SAFE = "every value in braces on its line: year = {2020},"
_LOST = "every citation of the page is lost"


def cited_file(source: PostSource) -> tuple[Path, str] | None:
    """The bibliography of a post and its text, None if there is none."""
    found = source.front.get("bibliography")
    if not isinstance(found, str) or "/" in found or not found.endswith(".bib"):
        return None
    path = source.path.parent.parent / "assets" / "bibliography" / found
    if source.cited is not None:
        return path, source.cited
    return (path, path.read_text(encoding="utf-8")) if path.is_file() else None


def keys(text: str) -> set[str]:
    """The citation keys of a .bib."""
    return {head["key"] for line in text.splitlines() if (head := _HEAD.fullmatch(line))}


def lint_bibliography(text: str, path: Path) -> list[Finding]:
    """What the reader would throw at or show wrongly, with its line."""
    found: list[tuple[int, str, str]] = []
    entry, begun, names = "", 0, set[str]()
    for number, line in enumerate([*text.splitlines(), "@end"], start=1):
        if line.startswith("@") and entry:
            found.append((begun, f"the entry {entry} is not closed: {_LOST}", "end it with }"))
            entry = ""
        if head := _HEAD.fullmatch(line):
            entry, begun, names = head["key"], number, set()
        elif line.startswith("@"):
            kind = re.split(r"\W", line[1:])[0].lower()
            if kind in _NO_ENTRY:
                found.append((number, f"@{kind} in a .bib: {_LOST}", _NO_ENTRY[kind]))
        elif line.strip() == "}" and entry:
            if "year" not in names:
                found.append((begun, f"{entry} has no year", "year = {...}"))
            entry = ""
        elif field := _FIELD.fullmatch(line.strip()):
            names.add(field["name"].lower())
            found += [(number, *fault) for fault in _faults(field["name"], field["value"])]
        elif line.strip():
            found.append((number, f"a line in no form that the reader knows: {_LOST}", _SAFE))
    return [Finding(path, *one) for one in sorted(found)]


def _faults(name: str, value: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a field's value, and its cure."""
    if not value.startswith("{"):
        yield f"{name} has a value without braces", _SAFE
    elif not value.endswith("}"):
        yield f"{name} has an unclosed brace", _SAFE
    elif set("{}") & set(value[1:-1]):
        yield f"{name} has braces inside, which are shown", "no braces inside a value"
    if "#" in value:
        yield f"a # in {name}: {_LOST}", "write the value out, %23 in a URL"
    if "\\" in value:
        yield f"TeX in {name} is shown as it stands", "plain UTF-8, as in é"
