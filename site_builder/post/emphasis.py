"""Emphasis as kramdown reads it, for readers of CommonMark.

CommonMark looks at punctuation on both sides, and so finds none in ``是**“重点”**的``; kramdown wants only
that no space follows the signs that begin it or precedes those that end it, and keeps ``_`` out of words.
"""

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.emphasis import tokenize


def stars(state: StateInline, silent: bool) -> bool:
    """The rule for ``*`` and ``**`` alone."""
    return state.src[state.pos] == "*" and signs(state, silent)


def signs(state: StateInline, silent: bool) -> bool:
    """The rule for stars and underscores."""
    start, known = state.pos, len(state.delimiters)
    if not tokenize(state, silent):
        return False
    before, after = state.src[max(0, start - 1) : start], state.src[state.pos : state.pos + 1]
    line = state.src[start] == "_"
    for found in state.delimiters[known:]:
        found.open = bool(after.strip()) and not (line and (before.isalpha() or before == "-"))
        found.close = bool(before.strip()) and not (line and after.isalnum())
    return True
