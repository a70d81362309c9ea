"""What a cell printed, as HTML: as it stood on a terminal in the end, in colours that both schemes show."""

import re

from markupsafe import Markup
from nbconvert.filters.ansi import ansi2html, strip_ansi

from site_builder.notebook.printed import settled
from site_builder.post.elements import inside, parse

SHOWN_CHARACTERS = 20_000
"""How much of one text output a page shows; the notebook has the rest."""
_LINK = re.compile(
    r"\x1b\]8;[^;\x07\x1b]*;(https?://[^\s\x07\x1b]+)(?:\x07|\x1b\\)(.*?)\x1b\]8;;(?:\x07|\x1b\\)", re.DOTALL
)
"""A link of a terminal, in text that is escaped already: its quotes are none of HTML's."""
_COMMAND = re.compile(
    r"\x1b(?:\][^\x07\x1b\n]*(?:\x07|\x1b\\)|\](?:\d+;)*;?|[ -/]+.|[^\[\]]|\[(?![0-9;?]*[@-~]))"
)
_CONTROL = re.compile(r"[\x00-\x06\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]")
"""What is seen of no terminal; ends of commands and of lines are left."""
_STYLE = re.compile(r'style="[^"]*"')
"""A colour without a name; in escaped text no quote is left that could look like it."""
_FAILED = re.compile(r"-+> \d")
"""The line of a frame at which it was left, as IPython marks it."""


def to_html(text: str) -> Markup:
    """The text of a terminal, with links and colours."""
    shown = str(ansi2html(_CONTROL.sub("", settled(text))))
    shown = _STYLE.sub(
        lambda match: match[0].replace("background-color", "--back").replace("color", "--hue"), shown
    )
    if "\x1b]8;" in shown:
        # The colours of a terminal may change in the middle of a link: parsing brings the elements in order.
        linked = _LINK.sub(r'<a href="\1" rel="noopener noreferrer">\2</a>', shown)
        shown = inside(parse(f"<pre>{_COMMAND.sub('', linked)}</pre>")[0])
    return Markup(re.sub("[\x07\x1b]", "", _COMMAND.sub("", shown)))


def block(text: str, kind: str, name: str) -> Markup:
    """A box with the text of a terminal, ``name`` being what a screen reader says of it."""
    text = settled(text).rstrip("\n")
    if (more := len(text) - SHOWN_CHARACTERS) > 0:
        text = f"{text[:SHOWN_CHARACTERS]}\n… and {more:,} characters more in the notebook"
    return boxed(to_html(text), kind, name)


def traceback(parts: list[str], name: str) -> Markup:
    """A box with a traceback, in which the line that failed is marked in every frame."""
    lines = "\n".join(parts)[-SHOWN_CHARACTERS:].rstrip("\n").split("\n")
    shown = [
        Markup("<mark>{}</mark>").format(to_html(line)) if _FAILED.match(strip_ansi(line)) else to_html(line)
        for line in lines
    ]
    return boxed(Markup("\n").join(shown), "error", name)


def boxed(content: Markup, kind: str, name: str) -> Markup:
    """Preformatted ``content`` in a box."""
    pre = '<pre class="output {}" tabindex="0" role="group" aria-label="{}">{}</pre>'
    return Markup(pre).format(kind, name, content)
