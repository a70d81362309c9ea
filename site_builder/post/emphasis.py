"""Emphasis by stars as kramdown reads it, for readers of CommonMark.

CommonMark looks at punctuation on both sides, and so finds none in ``是**“重点”**的``; kramdown wants only
that no space follows the stars that begin it and none precedes those that end it.
"""

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.emphasis import tokenize


def stars(state: StateInline, silent: bool) -> bool:
    """The rule for ``*`` and ``**``."""
    start, known = state.pos, len(state.delimiters)
    if state.src[start] != "*" or not tokenize(state, silent):
        return False
    before, after = state.src[max(0, start - 1) : start], state.src[state.pos : state.pos + 1]
    for found in state.delimiters[known:]:
        found.open, found.close = bool(after.strip()), bool(before.strip())
    return True


def stars_and_lines(state: StateInline, silent: bool) -> bool:
    """The same, and emphasis by underscores as CommonMark has it."""
    return stars(state, silent) or (state.src[state.pos] == "_" and tokenize(state, silent))
