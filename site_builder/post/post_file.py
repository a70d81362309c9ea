"""A post as Jekyll reads it: front matter with its lines, and the body in views that hide what is not text.

Every view has the length and the line breaks of the body, so an offset means the same place in all of them.
What is hidden inside a line becomes ``COVER``, so that the line does not look empty; a hidden block becomes
blank lines.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from site_builder import yaml_text
from site_builder.reserved import COVER

LITERAL = ("figcaption", "center", "d-footnote", "u", "mark", "kbd", "var", "samp", "data", "time", "bdi")
"""Elements whose content kramdown passes on without reading it as markdown."""

_FRONT = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}.*?(?:\{%-?\s*endraw\s*-?%\}|\Z)", re.DOTALL)
# From what is not closed, the end would be looked for in all that follows: the next opening stops that.
_OUTPUT = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}", re.DOTALL)
_CODE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}+|~{3,}+)[^\n`]*\n.*?(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?P<comment><!--(?:(?!<!--).)*?-->)"
    r"|<(?P<element>pre|d-code|code|script|style)\b[^<>]*>(?:(?!<(?P=element)\b).)*?</(?P=element)\s*>"
    r"|(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)"
    r"|(?P<tag>\{%-?\s*(?:end)?raw\s*-?%\})",
    re.DOTALL | re.MULTILINE,
)
_BLOCK = re.compile(
    r"^ {0,3}<(?P<name>figure|div|details|aside|section|table|center|dl|ul|ol|p|blockquote|nav|article|iframe"
    r"|video|header|footer|form|svg|address|fieldset|h[1-6]|d-math)\b",
    re.MULTILINE,
)
_OF_MARKDOWN = re.compile(r"\s*<\w+[^>]*\bmarkdown=\"1\"[^>]*>")
_MATH = re.compile(r"(?<!\\)\$\$((?:(?!\n[ \t]*\n|\$\$).)+?)\$\$", re.DOTALL)
_LITERAL = re.compile(
    rf"<(?P<name>{'|'.join(LITERAL)})\b[^<>]*>(?P<content>(?:(?!<(?P=name)\b).)*?)</(?P=name)\s*>", re.DOTALL
)
_TAG = re.compile(
    r"</?[A-Za-z](?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>|(?<=\])\([^()\s]*(?:\"[^\"]*\")?\)|\{#[^}\n]*\}"
)


@dataclass(frozen=True)
class Finding:
    """One thing `check` found. ``line`` is counted from 1, None where a line makes no sense."""

    file: Path
    line: int | None
    problem: str
    cure: str


@dataclass(frozen=True)
class Span:
    """A stretch of the body: ``kind`` is "fence", "ticks", a comment or the name of an element."""

    start: int
    end: int
    kind: str
    text: str


@dataclass(frozen=True)
class Block:
    """Lines without a blank line between them: the offset of each, and its text."""

    offsets: tuple[int, ...]
    lines: tuple[str, ...]


Fault = tuple[int | tuple[str | int, ...], str, str]
"""What a rule finds: an offset in the body or a key of the front matter, the problem, and its cure."""


def cover(text: str, spans: list[tuple[int, int]], sign: str) -> str:
    """``text`` with ``sign`` in place of everything but line breaks in each span."""
    out, last = [], 0
    for start, end in sorted(spans):
        if start >= last:
            out += [text[last:start], re.sub(r"[^\n]+", lambda line: sign * len(line[0]), text[start:end])]
            last = end
    return "".join([*out, text[last:]])


@dataclass(frozen=True)
class PostSource:
    """A file of ``_posts``. ``front_error`` is None when the front matter is a readable mapping; ``cited`` is
    the text of its bibliography where that is not written yet.
    """

    path: Path
    text: str
    cited: str | None = None

    def __getstate__(self) -> dict[str, Any]:
        """The text and the front matter; views are soon made again."""
        return {
            name: self.__dict__[name] for name in ("path", "text", "cited", "_front") if name in self.__dict__
        }

    @cached_property
    def _front_match(self) -> re.Match[str] | None:
        return _FRONT.match(self.text)

    @cached_property
    def _front(self) -> tuple[Mapping[str, Any], str | None]:
        if self._front_match is None:
            return {}, "the file does not begin with front matter between two lines of ---"
        text = self._front_match["yaml"]
        try:
            front = yaml_text.load(text, yaml_text.DatedLoader)
        except yaml_text.YamlError as damage:
            return {}, f"the front matter is no YAML, line {damage.line + 1}: {damage}"
        if not isinstance(front, dict):
            return {}, "the front matter is not a mapping"
        for line, value in yaml_text.ambiguous(text, yaml_text.DatedLoader):
            cure = f"write '{value}', or true, false or a plain number"
            return {}, f"the front matter, line {line + 1}: readers of YAML disagree on {value}: {cure}"
        return front, None

    @property
    def front(self) -> Mapping[str, Any]:
        """The front matter, empty if it cannot be read."""
        return self._front[0]

    @property
    def front_error(self) -> str | None:
        """Why the front matter cannot be read, or None."""
        return self._front[1]

    def front_line(self, *place: str | int) -> int:
        """The line of a key such as ``"authors", 0, "name"``, or of the nearest one above it."""
        node = (
            yaml_text.compose(self._front_match["yaml"])
            if self._front_match and not self.front_error
            else None
        )
        line = 0
        for step in place:
            if isinstance(node, yaml.MappingNode):
                pairs = {key.value: (key, value) for key, value in node.value}
            elif isinstance(node, yaml.SequenceNode):
                pairs = {index: (value, value) for index, value in enumerate(node.value)}
            else:
                break
            if step not in pairs:
                break
            key, node = pairs[step]
            line = key.start_mark.line + 1
        return line + 1

    @cached_property
    def body(self) -> str:
        """Everything after the front matter."""
        return self.text[self._front_match.end() :] if self._front_match else self.text

    def line(self, place: int | tuple[str | int, ...]) -> int:
        """The line in the file of an offset in the body, or of a key of the front matter."""
        if isinstance(place, tuple):
            return self.front_line(*place)
        begin = self._front_match.end() if self._front_match else 0
        return self.text.count("\n", 0, begin) + self.body.count("\n", 0, place) + 1

    # -- views, each hiding more than the one before ------------------------------------------------

    @cached_property
    def liquid(self) -> str:
        """What Liquid acts on: everything outside ``raw``."""
        return cover(self.body, [match.span() for match in _RAW.finditer(self.body)], " ")

    @property
    def raws(self) -> Iterator[Span]:
        """What stands between Liquid's raw tags, with these."""
        return (Span(*match.span(), "raw", match[0]) for match in _RAW.finditer(self.body))

    @cached_property
    def code(self) -> tuple[Span, ...]:
        """Fences, code spans, and elements that hold code."""
        spans = []
        for match in _CODE.finditer(self.body):
            found = {name: entry for name, entry in match.groupdict().items() if entry}
            kind = found.get("element") or next(iter(found))
            spans.append(Span(match.start(), match.end(), kind, match[0]))
        return tuple(spans)

    @cached_property
    def prose(self) -> str:
        """The body without code, with its HTML and Liquid."""
        inline = [(span.start, span.end) for span in self.code if span.kind in ("ticks", "code")]
        blocks = [(span.start, span.end) for span in self.code if span.kind not in ("ticks", "code")]
        return cover(cover(self.body, inline, COVER), blocks, " ")

    @cached_property
    def literals(self) -> tuple[Span, ...]:
        """The contents of the ``LITERAL`` elements."""
        return tuple(
            Span(match.start("content"), match.end("content"), match["name"], match["content"])
            for match in _LITERAL.finditer(self.prose)
        )

    @cached_property
    def html(self) -> tuple[Span, ...]:
        """Blocks of raw HTML; only the tags of one that says there is markdown in it."""
        spans: list[tuple[int, int]] = []
        passed = 0
        for match in _BLOCK.finditer(self.prose):
            if match.start() < passed:
                continue
            start, passed = match.start(), _closing(self.prose, match)
            if tag := _OF_MARKDOWN.match(self.prose, start):
                spans += [tag.span(), (self.prose.rindex("<", start, passed), passed)]
                passed = tag.end()
            else:
                spans.append((start, passed))
        return tuple(Span(start, end, "html", self.body[start:end]) for start, end in sorted(spans))

    @cached_property
    def _flow(self) -> str:
        inline = [(span.start, span.end) for span in self.literals]
        inline += [match.span() for match in _OUTPUT.finditer(self.prose)]
        return cover(cover(self.prose, inline, COVER), [(span.start, span.end) for span in self.html], " ")

    @cached_property
    def maths(self) -> tuple[Span, ...]:
        """What kramdown takes for mathematics, with its dollars."""
        return tuple(Span(*match.span(), "math", match[1]) for match in _MATH.finditer(self._flow))

    @cached_property
    def markdown(self) -> str:
        """What kramdown reads as text: no code, no raw HTML block, no mathematics, but inline tags."""
        return cover(self._flow, [(span.start, span.end) for span in self.maths], COVER)

    @cached_property
    def words(self) -> str:
        """``markdown`` without inline tags and addresses of links."""
        return cover(self.markdown, [match.span() for match in _TAG.finditer(self.markdown)], COVER)

    @cached_property
    def shown(self) -> str:
        """Every text a reader sees, in raw HTML too, without code, mathematics and tags."""
        hidden = [(span.start, span.end) for span in self.maths]
        hidden += [match.span() for match in _OUTPUT.finditer(self.prose)]
        text = cover(self.prose, hidden, COVER)
        return cover(text, [match.span() for match in _TAG.finditer(text)], COVER)

    @cached_property
    def dollars(self) -> tuple[re.Match[str], ...]:
        """Dollars outside of mathematics; ``<span>$</span>`` is the safe one."""
        found = re.finditer(r"\$+|&#36;", self.shown)
        return tuple(
            one for one in found if self.body[max(0, one.start() - 6) : one.end() + 7] != "<span>$</span>"
        )


def _closing(text: str, opening: re.Match[str]) -> int:
    """Where the element that ``opening`` begins ends."""
    depth = 0
    for tag in re.compile(rf"<(/?){opening['name']}\b[^>]*>").finditer(text, opening.start()):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return len(text)


def blocks(view: str) -> Iterator[Block]:
    """The stretches between blank lines."""
    offset = 0
    gathered: list[tuple[int, str]] = []
    for line in [*view.split("\n"), ""]:
        if line.strip():
            gathered.append((offset, line))
        elif gathered:
            yield Block(tuple(at for at, _ in gathered), tuple(text for _, text in gathered))
            gathered = []
        offset += len(line) + 1
