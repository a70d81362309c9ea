"""A bibliography that al-folio's reader in the browser can parse: one throw there loses every citation.

That reader is a few lines long, so it is given one form only, the one that the press writes: an entry's head,
its fields and its end each on a line of its own, every value in braces.
"""

import re
from pathlib import Path

from site_builder.post.post_file import Finding, PostSource

_HEAD = re.compile(r"@(?P<type>\w+)\{(?P<key>[^\s,{}=]+),\s*")
_FIELD = re.compile(r"\s*+(?P<name>[A-Za-z][\w-]*+)\s*+=\s*+\{[^{}#\\]*\},?\s*")
_LOST = "every citation of the page is lost, or shown wrongly"
_FORM = "every value in braces on its line: year = {2020}, without braces, # or TeX in it"


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
    """Each line in no form that the reader knows, and each entry without a year or an end."""
    found: list[Finding] = []
    begun, names = 0, set[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        if _HEAD.fullmatch(line) and not begun:
            begun, names = number, set()
        elif begun and (field := _FIELD.fullmatch(line)):
            names.add(field["name"].lower())
        elif begun and line.strip() == "}":
            if "year" not in names:
                found.append(Finding(path, begun, "an entry has no year", "year = {...}"))
            begun = 0
        elif line.strip():
            found.append(Finding(path, number, f"{line.strip()[:60]!r} cannot be read: {_LOST}", _FORM))
    if begun:
        found.append(Finding(path, begun, f"an entry is not closed: {_LOST}", "end it with }"))
    return found
