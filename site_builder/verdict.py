"""What can become of a claim, in the words of templates, readers and class names."""

from enum import StrEnum
from typing import Self


class Verdict(StrEnum):
    """What became of a claim: the word in templates and class names, the words for a reader, and the sign."""

    HOLDS = "holds", "holds", "✓"
    REFUTED = "refuted", "refuted", "✗"
    UNTESTED = "untested", "not tested here", "?"

    words: str
    sign: str

    def __new__(cls, value: str, words: str, sign: str) -> Self:
        """A verdict with its words and its sign."""
        verdict = str.__new__(cls, value)
        verdict._value_ = value
        verdict.words, verdict.sign = words, sign
        return verdict
