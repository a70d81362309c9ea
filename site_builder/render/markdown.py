"""Markdown as kramdown reads it in an al-folio site, with CommonMark's parser and its plugins.

Raw HTML passes through, ``$$`` is the only mathematics that authors write, headings carry ``{#id}``, and
quotes, dashes and dots become typographic as kramdown makes them.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from site_builder.post import emphasis
from site_builder.render import highlight
from site_builder.render.mathematics import Typesetter

_HEADING_ID = re.compile(r"[ \t]*\{#([A-Za-z][\w-]*)\}[ \t]*$")
_NOTE = re.compile(r"<d-footnote\b[^>]*>.*?</d-footnote\s*>", re.DOTALL)
_SIGNS = (("---", "—"), ("--", "–"), ("...", "…"))
_YEARS = re.compile(r"(?<!\w)'(?=\d\ds?\b)")


def to_html(text: str, typesetter: Typesetter) -> str:
    """HTML of ``text``, with slots of ``typesetter`` for its formulas."""
    reader = MarkdownIt("commonmark", {"html": True, "typographer": True, "highlight": _fenced})
    reader.enable(["table", "strikethrough", "smartquotes"])
    reader.use(dollarmath_plugin, allow_labels=False, allow_digits=False, double_inline=True)
    reader.inline.ruler.at("math_inline", _only_double)
    reader.use(footnote_plugin).use(deflist_plugin).use(tasklists_plugin)
    reader.inline.ruler.at("emphasis", emphasis.signs)
    reader.inline.ruler.before("html_inline", "note", _note)
    reader.core.ruler.push("heading_ids", _heading_ids)
    reader.core.ruler.before("smartquotes", "kramdown_signs", _signs)
    reader.core.ruler.after("smartquotes", "kramdown_quotes", _quotes)
    for name, display in (("math_inline", False), ("math_inline_double", False), ("math_block", True)):
        reader.add_render_rule(name, _formula(typesetter, display))
    return str(reader.render(text))


def _note(state: StateInline, silent: bool) -> bool:
    """A ``d-footnote`` as it stands: kramdown reads no markdown in it."""
    match = _NOTE.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = match[0]
    state.pos = match.end()
    return True


def _only_double(state: StateInline, silent: bool) -> bool:
    """Two dollars delimit a formula; a single one is a dollar to kramdown."""
    if not state.src.startswith("$$", state.pos):
        return False
    end = state.src.find("$$", state.pos + 2)
    if end <= state.pos + 2:
        return False
    if not silent:
        state.push("math_inline", "math", 0).content = state.src[state.pos + 2 : end]
    state.pos = end + 2
    return True


def _formula(typesetter: Typesetter, display: bool) -> Callable[..., str]:
    def render(_: Any, tokens: Sequence[Token], place: int, *__: Any) -> str:
        slot = typesetter.hold(tokens[place].content, display)
        return f'<div class="equation">{slot}</div>\n' if display else slot

    return render


def _fenced(code: str, language: str, _: Any) -> str:
    # markdown-it leaves a result that begins with "<pre" as it is, and wraps any other in pre and code.
    return f"<pre{highlight.block(code, language or 'text').partition('<pre')[2].removesuffix('</div>')}"


def _heading_ids(state: StateCore) -> None:
    """The ``{#id}`` at the end of a heading, as its id."""
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        if opening.type != "heading_open" or not inline.children:
            continue
        last = inline.children[-1]
        if last.type == "text" and (match := _HEADING_ID.search(last.content)):
            opening.attrSet("id", match[1])
            last.content = last.content[: match.start()]


def _signs(state: StateCore) -> None:
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "text":
                for written, shown in _SIGNS:
                    child.content = child.content.replace(written, shown)
                child.content = _YEARS.sub("’", child.content)


def _quotes(state: StateCore) -> None:
    """A quotation mark without a partner becomes typographic too."""
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "text":
                opened = re.sub(r"(?:(?<=\s)|^)\"", "“", child.content.replace("'", "’"))
                child.content = opened.replace('"', "”")
