"""Headings of a post: the ids that an al-folio table of contents will link to, and that table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LINE = re.compile(r"^(#{1,6})[ \t]+(.+?)(?:[ \t]*\{#([A-Za-z][\w-]*)\})?[ \t]*#*[ \t]*$")


@dataclass(frozen=True)
class Heading:
    """An entry of the table of contents."""

    id: str
    text: str
    level: int


def slug(text: str) -> str:
    """Liquid's ``slugify``: lower case, every run of other signs than letters and digits a hyphen."""
    letters = re.sub(r"[^\w]+|_+", "-", text.lower())
    return re.sub(r"-+", "-", letters).strip("-")


def name(text: str) -> str:
    """A heading's text without markdown marks, as the table of contents prints it."""
    bare = re.sub(r"\$\$(.*?)\$\$", r"\1", text)
    bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", bare)
    bare = re.sub(r"<[^>]*>", "", bare)
    return re.sub(r"[`*]", "", bare).strip()


def titled(line: str) -> tuple[str, Heading] | None:
    """The emitted form of a markdown heading line, with its entry, or None if the line is none.

    An author's id stays. Where it is not what the theme's table of contents will link to, an empty
    element with that id goes in front of the text.
    """
    match = LINE.match(line)
    if match is None:
        return None
    marks, text, wanted = match.groups()
    linked = slug(name(text))
    identity = wanted or linked
    if not identity:
        return None
    alias = f'<span id="{linked}"></span>' if linked and linked != identity else ""
    return f"{marks} {alias}{text} {{#{identity}}}", Heading(identity, name(text), len(marks))


def contents(headings: Sequence[Heading]) -> list[dict[str, object]]:
    """``toc`` of the front matter: ``##`` as entries, ``###`` below them as subsections."""
    entries: list[dict[str, object]] = []
    for heading in headings:
        if heading.level == 2:
            entries.append({"name": heading.text})
        elif heading.level == 3 and entries:
            below = entries[-1].setdefault("subsections", [])
            assert isinstance(below, list)
            below.append({"name": heading.text})
    return entries
