"""Footnotes as markdown writes them, ``[^name]``: in a post each is the element that al-folio shows as one.

Kramdown's own footnotes would be numbered beside those, from 1 again.
"""

import re
from collections.abc import Callable

from markdown_it import MarkdownIt

from site_builder.errors import choices

_WORDS = re.compile(
    r"^\[\^(?P<name>[^\]\s]+)\]:[ \t]*(?P<words>.*(?:\n(?![ \t]*(?:\n|\[\^)).+)*)\n?", re.MULTILINE
)
_MARK = re.compile(r"\[\^(?P<name>[^\]\s]+)\]")


def as_elements(text: str, fail: Callable[[str, str], Exception], keep: Callable[[str], str]) -> str:
    """``text`` with the words of each footnote where its mark stands, set apart by ``keep``.

    Raises what ``fail`` makes of a snippet and a problem: for a mark without words, and words without a mark.
    """
    notes = {note["name"]: note["words"] for note in _WORDS.finditer(text)}
    reader = MarkdownIt("commonmark", {"typographer": True}).enable("smartquotes")
    marked = set()

    def element(mark: re.Match[str]) -> str:
        if (name := mark["name"]) not in notes:
            raise fail(mark[0], f"no words [^{name}]: for this footnote; {choices(notes, name)}")
        marked.add(name)
        # No markdown is read inside the element.
        return keep(f"<d-footnote>{reader.renderInline(' '.join(notes[name].split()))}</d-footnote>")

    text = _MARK.sub(element, _WORDS.sub("", text))
    if unused := [name for name in notes if name not in marked]:
        raise fail(f"[^{unused[0]}]:", f"no [^{unused[0]}] in the text for the words of this footnote")
    return text
