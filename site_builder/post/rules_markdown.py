"""Mathematics and markdown in a post's body: one rule for each way in which kramdown misreads them."""

import re
from collections.abc import Iterator

from site_builder.post.post_file import Fault, PostSource, Span, blocks

_DELIMITER = re.compile(r"^[ >]*\|?[ ]*:?-+:?[ ]*(?:\|[ ]*:?-+:?[ ]*)*\|?[ ]*$")
_ITEM = re.compile(r"^[ >]*(?:[-*+]|\d+\.)[ \t]+")
_NUMBER = re.compile(r"^ {0,3}\d+\.[ \t]")


def money(source: PostSource) -> Iterator[Fault]:
    """Money is typeset as mathematics, and neither a backslash nor an entity helps."""
    for match in _dollars(source):
        if re.match(r"\d", source.body[match.end() :]) and len(match[0]) == 1:
            yield match.start(), "a dollar before a number is typeset", "<span>$</span>, or USD"


def single_dollar(source: PostSource) -> Iterator[Fault]:
    """Single dollars mean nothing to kramdown, so what stands between them is markdown."""
    for match in _dollars(source):
        if len(match[0]) == 1 and not re.match(r"\d", source.body[match.end() :]):
            yield (
                match.start(),
                "between single dollars kramdown reads markdown, not mathematics",
                "$$x$$, inline too",
            )


def bare_tex(source: PostSource) -> Iterator[Fault]:
    """Kramdown takes the backslash of these away, and the formula becomes words in brackets."""
    for match in re.finditer(r"\\[(\[]", source.words):
        yield match.start(), f"{match[0]} loses its backslash", "$$x$$"


def dollars_closed(source: PostSource) -> Iterator[Fault]:
    """Dollars in pairs that no other pair answers."""
    literal = [(span.start, span.end) for span in source.literals]
    for match in _dollars(source):
        if len(match[0]) > 1 and not any(start <= match.start() < end for start, end in literal):
            yield match.start(), "a $$ without its partner", "close it before the blank line"


def _dollars(source: PostSource) -> Iterator[re.Match[str]]:
    """Dollars outside of mathematics; ``<span>$</span>`` is the safe one."""
    for match in re.finditer(r"\$+|&#36;", source.shown):
        around = source.body[max(0, match.start() - 6) : match.end() + 7]
        if around != "<span>$</span>":
            yield match


def pipe(source: PostSource) -> Iterator[Fault]:
    """A line with ``|`` becomes a row of a table, in a formula too; real tables have a delimiter row."""
    for span in source.maths:
        if "|" in span.text:
            yield (
                span.start + 2 + span.text.index("|"),
                "a | in a formula makes its line a table",
                r"\lvert, \rvert, \Vert or \mid",
            )
    for block in blocks(source.words):
        if any("|" in line and _DELIMITER.match(line) for line in block.lines):
            continue
        for offset, line in zip(block.offsets, block.lines, strict=True):
            if found := re.search(r"(?<!\\)\|", line):
                yield offset + found.start(), "a | makes the line a table", "&#124;, or put it into code"


def math_less(source: PostSource) -> Iterator[Fault]:
    """The browser reads ``a<b`` in a display as the beginning of a tag."""
    for span in source.maths:
        if match := re.search(r"<(?=[A-Za-z/!])", span.text):
            yield (
                span.start + 2 + match.start(),
                "a < before a letter is taken for a tag and lost",
                r"\lt, or spaces",
            )


def math_lines(source: PostSource) -> Iterator[Fault]:
    """A display stands on its own lines with blank lines around."""
    for span in source.maths:
        before, after = _around(source, span)
        alone = not before[-1].strip() and not after[0].strip()
        if alone and (before[-2].strip() or after[1].strip()):
            yield (
                span.start,
                "a display without blank lines around is set inline",
                "a blank line before and after",
            )
        elif span.text.startswith("\n") and not alone:
            yield span.start, "a display shares its line with text", "give it lines of its own"


def math_alone(source: PostSource) -> Iterator[Fault]:
    """An inline formula with no words beside it becomes a display."""
    for span in source.maths:
        before, after = _around(source, span)
        item = _ITEM.fullmatch(before[-1])
        paragraph = not (before[-1].strip() or before[-2].strip() or after[1].strip())
        if not after[0].strip() and (item or (paragraph and "\n" not in span.text)):
            yield (
                span.start,
                "an inline formula alone is set as a display",
                "add words, or put the $$ of a display on lines of their own",
            )


def _around(source: PostSource, span: Span) -> tuple[list[str], list[str]]:
    """The line before and what precedes the formula on its own; what follows it and the next line."""
    before = ["", *source.body[: span.start].split("\n")]
    after = [*source.body[span.end :].split("\n", 2), ""]
    return before[-2:], after[:2]


def underscores(source: PostSource) -> Iterator[Fault]:
    """Names such as ``__init__`` turn bold."""
    for match in re.finditer(r"(?<![\w*\\])__(?=\w)[^\n]*?\w__(?!\w)", source.words):
        yield match.start(), f"{match[0]} becomes bold", "backticks round a name, ** for bold"


def number_line(source: PostSource) -> Iterator[Fault]:
    """A line that begins with a number and a dot begins a list, in the middle of a paragraph too."""
    for block in blocks(source.words):
        listed = bool(_ITEM.match(block.lines[0]))
        for place, (offset, line) in enumerate(zip(block.offsets, block.lines, strict=True)):
            if (match := _NUMBER.match(line)) and (len(match[0].strip()) > 3 or (place and not listed)):
                yield (
                    offset,
                    f"a line beginning {match[0].strip()!r} begins a list",
                    f"{match[0].strip()[:-1]}\\. or another break",
                )


def table_blank(source: PostSource) -> Iterator[Fault]:
    """A table begins a block, or it is text."""
    for block in blocks(source.words):
        for place, line in enumerate(block.lines):
            if "|" in line and _DELIMITER.match(line) and place > 1 and "|" not in block.lines[place - 2]:
                yield (
                    block.offsets[place - 1],
                    "a table without a blank line before it is no table",
                    "a blank line before it",
                )
                break
