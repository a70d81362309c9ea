"""An author's markdown made safe for kramdown and Liquid, or refused with its line and a cure.

The text comes with marks in place of everything that the press emits itself (see ``marks``), so that
only what the author wrote is looked at. Code, formulas and raw HTML are set apart first; what is left
is prose.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from site_builder import reserved
from site_builder.model import Heading
from site_builder.post import headings
from site_builder.write import placeholders

Fail = Callable[[str, str], Exception]
"""Makes the error for a snippet of the text and what is wrong with it."""

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_HTML = re.compile(
    r"^ {0,3}(?:<!--|</?(?:address|article|aside|blockquote|details|div|dl|fieldset|figure|footer|form|"
    r"h[1-6]|header|hr|iframe|link|main|nav|ol|p|pre|script|section|style|summary|svg|table|template|ul)\b)",
    re.IGNORECASE,
)
_VERBATIM = re.compile(r"^ {0,3}<(script|style|pre)\b", re.IGNORECASE)
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_FORMULA = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
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

    def run(self, text: str) -> Prose:
        text = self._blocks(_RAW.sub(lambda match: self.keep(match[0]), text))
        text = _CODE.sub(lambda match: self.keep(hide_liquid(match[0])), text)
        text = _FORMULA.sub(lambda match: self._formula(match, text), text)
        text = re.sub(rf"(?<=\S)[ \t]*\n[ \t]*{reserved.JOINT}", " ", text).replace(reserved.JOINT, "")
        text = "\n".join(self._line(line) for line in text.split("\n"))
        text = re.sub(r"\n{3,}", "\n\n", self._apart(text))
        return Prose(self._restored(text), tuple(self.found))

    # -- setting apart --------------------------------------------------------------------------

    def _blocks(self, text: str) -> str:
        """Fenced code and blocks of raw HTML are kept as they stand."""
        lines, out = text.split("\n"), []
        while lines:
            length = _fenced(lines) or _html(lines)
            if not length:
                out.append(lines.pop(0))
                continue
            block, lines = lines[:length], lines[length:]
            if _FENCE.match(block[0]):
                fenced = "\n".join(block)
                guarded = f"{{% raw %}}\n{fenced}\n{{% endraw %}}" if _LIQUID.search(fenced) else fenced
                out.append(self.keep(guarded))
            else:
                out.append(self.keep("\n".join(block)))
        return "\n".join(out)

    def _formula(self, match: re.Match[str], text: str) -> str:
        """A display formula gets blank lines round it, an inline one stays on one line."""
        if placeholders.found(match[1]):
            raise self.fail(match[0], "value(), ref() and the like cannot stand in a formula: use number()")
        if "\n\n" in match[1]:
            return match[0]  # no formula: a $$ was not closed, which the rules of posts find
        tex = safe_tex(match[1])
        before = text[: match.start()].rsplit("\n", 1)[-1]
        after = text[match.end() :].split("\n", 1)[0]
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
            if any(title.heading.id == other.id for other in self.found):
                raise self.fail(line, f"a second heading with the id {title.heading.id!r}")
            self.found.append(title.heading)
            return title.line
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


def _fenced(lines: list[str]) -> int:
    opening = _FENCE.match(lines[0])
    if opening is None:
        return 0
    for place, line in enumerate(lines[1:], start=2):
        closing = _FENCE.match(line)
        if closing and closing[1].startswith(opening[1]) and not line.strip(" `~"):
            return place
    return len(lines)


def _html(lines: list[str]) -> int:
    if _HTML.match(lines[0]) is None:
        return 0
    verbatim = _VERBATIM.match(lines[0])
    for place, line in enumerate(lines, start=1):
        if verbatim and f"</{verbatim[1].lower()}>" in line.lower():
            return place
        if not verbatim and not line.strip():
            return place - 1
    return len(lines)


def safe_tex(tex: str) -> str:
    """TeX that neither kramdown nor Liquid misreads, as far as that can be mended."""
    tex = re.sub(r"\s*(?<!\\)([<>])\s*", r" \1 ", tex)
    tex = re.sub(r"(?<!\\)%", r"\\%", tex)
    while "{{" in tex:
        tex = tex.replace("{{", "{ {")
    return tex
