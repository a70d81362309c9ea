"""Mathematics and markdown in a post's body: one rule for each way in which kramdown misreads them."""

import re
from collections.abc import Iterator

from site_builder.post.post_file import Fault, PostSource, Span, blocks

_DELIMITER = re.compile(r"^[ >]*+\|?+[ ]*+:?-++:?[ ]*+(?:\|[ ]*+:?-++:?[ ]*+)*+\|?+[ ]*$")
_ITEM = re.compile(r"^[ >]*(?:[-*+]|\d+\.)[ \t]+")
_FENCE_OF_MORE = re.compile(r"[ \t]*[`~]{3,}+[ \t]*\S++[ \t]+\S[^\n]*")
_NUMBER = re.compile(r"^ {0,3}\d+\.[ \t]")


def money(source: PostSource) -> Iterator[Fault]:
    """Money is typeset as mathematics, and neither a backslash nor an entity helps."""
    for match in source.dollars:
        if source.body[match.end() : match.end() + 1].isdecimal() and len(match[0]) == 1:
            yield match.start(), "a dollar before a number is typeset", "<span>$</span>, or USD"


def single_dollar(source: PostSource) -> Iterator[Fault]:
    """Single dollars mean nothing to kramdown, so what stands between them is markdown."""
    for match in source.dollars:
        if len(match[0]) == 1 and not source.body[match.end() : match.end() + 1].isdecimal():
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
    for match in source.dollars:
        if len(match[0]) > 1 and not any(start <= match.start() < end for start, end in literal):
            yield match.start(), "a $$ without its partner", "close it before the blank line"


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
    for match in re.finditer(r"__(?<![\w*\\]__)(?=\w)[^\n]*?\w__(?!\w)", source.words):
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


def list_start(source: PostSource) -> Iterator[Fault]:
    """Kramdown numbers every list from one, and knows no number with a bracket."""
    last = 0
    for block in blocks(source.words):
        if not _ITEM.match(block.lines[0]) and not block.lines[0].startswith((" ", "\t")):
            last = 0
        for offset, line in zip(block.offsets, block.lines, strict=True):
            if match := re.match(r" {0,3}(\d+)\.[ \t]", line):
                if int(match[1]) != 1 and not last:
                    yield offset, f"a list that begins with {match[1]} is numbered from 1", "<ol start=...>"
                last = int(match[1])
        if match := re.match(r"[ >]*\d+\)[ \t]", block.lines[0]):
            yield block.offsets[0], f"{match[0].strip()!r} begins no list", "1. for a list, 1\\) for text"


def attribute_list(source: PostSource) -> Iterator[Fault]:
    """Kramdown gives what stands before or after these attributes, or an extension of its own."""
    for match in re.finditer(r"\{::?[^}\n]*\}|\{:/\}", source.words):
        yield match.start(), f"{match[0]} is kramdown's own", 'HTML, as in <p class="note">'


def abbreviation(source: PostSource) -> Iterator[Fault]:
    """Kramdown explains the word wherever it stands."""
    for match in re.finditer(r"^ {0,3}\*\[[^\]\n]+\]:", source.words, re.MULTILINE):
        yield match.start(), f"{match[0]} is kramdown's own", '<abbr title="Hyper Text">HT</abbr>'


def emoji(source: PostSource) -> Iterator[Fault]:
    """The theme makes pictures of their names."""
    for match in re.finditer(r":(?<![\w:]:)(?:[a-z][a-z0-9_+-]*:|[+-]1:)(?![\w:])", source.words):
        yield match.start(), f"{match[0]} becomes a picture in al-folio", "the sign itself, as in 🚀"


def line_end(source: PostSource) -> Iterator[Fault]:
    """Two backslashes break a line for kramdown."""
    for match in re.finditer(r"\\\\$", source.words, re.MULTILINE):
        yield match.start(), "two backslashes at the end of a line are a break", "two spaces, or <br>"


def code_span(source: PostSource) -> Iterator[Fault]:
    """A space after a single backtick makes it a backtick; a fence takes one word."""
    for span in source.code:
        if span.kind == "ticks" and re.match(r"`\s", span.text):
            yield span.start, "a backtick before a space is no code", "no space inside the backticks"
        if span.kind == "fence" and (match := _FENCE_OF_MORE.match(span.text)):
            yield span.start, f"{match[0].strip()!r} begins no block of code", "the language alone"


def table_shape(source: PostSource) -> Iterator[Fault]:
    """A table has a head, one delimiter row, and no row that is longer."""
    for block in blocks(source.words):
        rows = [len(re.findall(r"(?<!\\)\|", line.strip(" >").strip("|"))) for line in block.lines]
        found = [n for n, line in enumerate(block.lines) if "|" in line and _DELIMITER.match(line)]
        if found and (found[0] == 0 or len(found) > 1):
            problem, cure = "a table has one delimiter row, below its head", "a table for each part"
            yield block.offsets[found[-1]], problem, cure
        elif found and (long := [n for n, row in enumerate(rows) if n > found[0] and row > rows[found[0]]]):
            problem = "the row has more cells than the head of its table"
            yield block.offsets[long[0]], problem, "empty cells in the head: | a | |"


def definition(source: PostSource) -> Iterator[Fault]:
    """A line that begins with a colon defines what stands in the line before it, and no more."""
    for block in blocks(source.words):
        defines = [bool(re.match(r" {0,3}:[ \t]+\S", line)) for line in block.lines]
        if any(defines) and (first := defines.index(True)) > 1:
            yield block.offsets[first], "several terms before one definition", "a definition below each term"


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
