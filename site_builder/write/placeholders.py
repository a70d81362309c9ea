"""Marks: what stands in a rendered template for everything that the press writes itself.

A template function returns a mark and keeps what it shall become. Only when all templates are rendered
are the marks resolved, so a reference may point forward, also into another post, and the author's own
text can be told from ours.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from site_builder import reserved

_OPEN, _CLOSE = reserved.MARK
_MARK = re.compile(f"{_OPEN}([bi])(\\d+){_CLOSE}")


class Place(StrEnum):
    """Where a mark may stand: alone on its line, or in a sentence."""

    BLOCK = "b"
    INLINE = "i"


@dataclass
class Marks:
    """The marks of one post, by number: the template line each came from, what it becomes, and the words
    that a reader sees of it, where these are known before.
    """

    resolvers: list[tuple[int, Callable[[], str], str]] = field(default_factory=list)

    def add(self, place: Place, line: int, resolve: Callable[[], str], words: str = "") -> str:
        """A new mark."""
        self.resolvers.append((line, resolve, words))
        return f"{_OPEN}{place}{len(self.resolvers) - 1}{_CLOSE}"

    def resolve(self, text: str) -> str:
        """``text`` with each mark replaced, also those inside what a mark becomes."""
        while _MARK.search(text):
            text = _MARK.sub(lambda match: self.resolvers[int(match[2])][1](), text)
        return text

    def words(self, text: str) -> str:
        """``text`` with the words of each mark in its place."""
        return _MARK.sub(lambda match: self.resolvers[int(match[2])][2], text)

    def line_of(self, text: str) -> int | None:
        """The template line of the first mark in ``text``."""
        match = _MARK.search(text)
        return self.resolvers[int(match[2])][0] if match else None


def found(text: str) -> bool:
    """Whether a mark stands in ``text``."""
    return _MARK.search(text) is not None


def alone(text: str) -> str | None:
    """The first line that shares a block mark with other text, or None if there is no such line."""
    for line in text.split("\n"):
        if any(match[1] == Place.BLOCK for match in _MARK.finditer(line)) and not _MARK.fullmatch(
            line.strip()
        ):
            return line
    return None


def spaced(text: str) -> str:
    """A blank line before and after each block mark."""
    before = r"(?:(?<!\n)\n++[ \t]*+|(?<![ \t])[ \t]++)?"
    return re.sub(rf"{before}({_OPEN}b\d+{_CLOSE})[ \t]*\n*", r"\n\n\1\n\n", text)
