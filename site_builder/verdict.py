"""What can become of a claim, in the words of templates, readers and class names.

A claim holds if the interval of every effect lies where its rule asks, and is refuted if that of some effect
lies wholly on the other side; between the two it is undecided.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Verdict(StrEnum):
    """What became of a claim: the word in templates and class names, the words for a reader, and the sign."""

    HOLDS = "holds", "holds", "✓"
    REFUTED = "refuted", "refuted", "✗"
    UNDECIDED = "undecided", "undecided", "?"
    UNTESTED = "untested", "not tested here", "○"

    words: str
    sign: str

    def __new__(cls, value: str, words: str, sign: str) -> Self:
        """A verdict with its words and its sign."""
        verdict = str.__new__(cls, value)
        verdict._value_ = value
        verdict.words, verdict.sign = words, sign
        return verdict


@dataclass(frozen=True)
class Effect:
    """What a claim is about: an estimate, its interval if it has one, and ``p`` after Holm's correction."""

    what: str
    value: float
    low: float | None
    high: float | None
    n: int
    p: float | None
