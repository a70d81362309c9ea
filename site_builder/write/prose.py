"""An author's markdown made safe for kramdown and Liquid, or refused with its line and a cure.

The text comes with marks in place of everything that the press emits itself (see ``placeholders``), so that
only what the author wrote is looked at. Code, formulas and raw HTML are set apart first; what is left
is prose.
"""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from site_builder import reserved
from site_builder.post import headings
from site_builder.post.headings import Heading
from site_builder.post.post_file import PostSource, Span
from site_builder.write import footnotes, placeholders

Fail = Callable[[str, str], Exception]
"""Makes the error for a snippet of the text and what is wrong with it."""

_LIQUID = re.compile(r"\{\{|\{%")
_TABLE = re.compile(r"^ {0,3}\|.*\|\s*$")
_SCROLLING = (
    '<div class="table-scroll" tabindex="0" role="region" '
    'aria-label="Table without a number, {}" markdown="1">'
)
_KEPT = "{}".join(reserved.KEPT)
_KEPT_MARK = re.compile("(\\d+)".join(reserved.KEPT))


@dataclass(frozen=True)
class Prose:
    """Safe markdown and its headings."""

    text: str
    headings: tuple[Heading, ...]


def safe(text: str, fail: Fail) -> Prose:
    """``text`` in a form that kramdown and Liquid show as meant; raises what ``fail`` makes otherwise."""
    return _Scan(fail).run(text)


def hide_liquid(text: str) -> str:
    """``text`` between Liquid's raw tags if it holds anything that Liquid would take for its own."""
    return f"{{% raw %}}{text}{{% endraw %}}" if _LIQUID.search(text) else text


class _Scan:
    def __init__(self, fail: Fail) -> None:
        self.fail = fail
        self.kept: list[str] = []
        self.found: list[Heading] = []
        self.tables = 0

    def keep(self, text: str) -> str:
        self.kept.append(text)
        return _KEPT.format(len(self.kept) - 1)

    def _in_element(self, element: str) -> str:
        """Keep an element in which kramdown reads no markdown: neither in its formulas and its code."""

        def inside(match: re.Match[str]) -> str:
            kept = self.kept[int(match[1])]
            text = kept.removeprefix("{% raw %}").removesuffix("{% endraw %}")
            if text.startswith("$$"):
                return rf"\({html.escape(text[2:-2])}\)"
            code = html.escape(text.strip("`").strip(), quote=False)
            return hide_liquid(f"<code>{code}</code>") if text.startswith("`") else match[0]

        return self.keep(_KEPT_MARK.sub(inside, element))

    def run(self, text: str) -> Prose:
        text = self._set_apart(PostSource(Path("template"), f"\n{text}"))
        text = footnotes.as_elements(text, self.fail, self._in_element)
        text = re.sub(rf"(?<=\S)[ \t]*\n[ \t]*{reserved.JOINT}", " ", text).replace(reserved.JOINT, "")
        text = "\n".join(self._line(line) for line in text.split("\n"))
        text = re.sub(r"\n{3,}", "\n\n", self._apart(text))
        return Prose(self._restored(text).removeprefix("\n"), tuple(self.found))

    def _set_apart(self, source: PostSource) -> str:
        """The body with what is no prose kept aside: code, raw HTML, formulas."""
        spans = [*source.raws, *source.code, *source.html, *source.maths]
        out, last = [], 0
        for span in sorted(spans, key=lambda span: (span.start, -span.end)):
            if span.start >= last and span.kind != "tag":
                out += [source.body[last : span.start], self._kept(span, source.body)]
                last = span.end
        return "".join([*out, source.body[last:]])

    def _kept(self, span: Span, body: str) -> str:
        if span.kind == "math":
            return self._formula(span, body)
        if span.kind == "ticks":
            return self.keep(hide_liquid(span.text))
        if span.kind == "fence" and _LIQUID.search(span.text):
            return self.keep(f"{{% raw %}}\n{span.text}\n{{% endraw %}}")
        return self.keep(span.text)

    def _formula(self, span: Span, body: str) -> str:
        """A display formula gets blank lines round it, an inline one stays on one line."""
        whole = body[span.start : span.end]
        if placeholders.found(whole):
            raise self.fail(whole, "value(), ref() and the like cannot stand in a formula: use number()")
        tex = safe_tex(whole[2:-2])
        before = body[: span.start].rpartition("\n")[2]
        after = body[span.end :].partition("\n")[0]
        if not before.strip() and not after.strip():
            return "\n\n" + self.keep(f"$$\n{tex.strip()}\n$$") + "\n\n"
        inline = self.keep("$$" + " ".join(tex.split()) + "$$")
        # A line that begins with $$ could be taken for a display: it is joined to the one before.
        return inline if before.strip() else reserved.JOINT + inline

    # -- prose ----------------------------------------------------------------------------------

    def _restored(self, text: str) -> str:
        while _KEPT_MARK.search(text):
            text = _KEPT_MARK.sub(lambda match: self.kept[int(match[1])], text)
        return text

    def _line(self, line: str) -> str:
        if title := headings.titled(self._restored(line)):
            written, heading = title
            if any(heading.id == other.id for other in self.found):
                raise self.fail(line, f"a second heading with the id {heading.id!r}")
            self.found.append(heading)
            return written
        return re.sub(r"^( {0,3}\d{3,})\.(?=\s)", r"\1\\.", line)

    def _apart(self, text: str) -> str:
        """A heading gets a blank line on both sides, a table a box in which it scrolls on a narrow page.

        Kramdown reads the table inside only because the box asks for it; CommonMark because of blank lines.
        """
        out: list[str] = []
        within = False
        for line in [*text.split("\n"), ""]:
            table = bool(_TABLE.match(line))
            if table and not within:
                self.tables += 1
                out += ["", _SCROLLING.format(self.tables), ""]
            elif within and not table:
                out += ["", "</div>", ""]
            elif headings.LINE.match(line) or (out and headings.LINE.match(out[-1])):
                out.append("")
            within = table
            out.append(line)
        return "\n".join(out[:-1])


def safe_tex(tex: str) -> str:
    """TeX that neither kramdown nor Liquid misreads, as far as that can be mended."""
    tex = re.sub(r"(?:(?<!\s)\s++)?+(?<!\\)([<>])\s*+", r" \1 ", tex)
    tex = re.sub(r"(?<!\\)%", r"\\%", tex)
    while "{{" in tex:
        tex = tex.replace("{{", "{ {")
    return tex
