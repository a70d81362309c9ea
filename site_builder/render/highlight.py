"""Code on a page: highlighted by Pygments, foldable when long, with classes that both schemes colour."""

import html

FOLDED_FROM = 26
"""Listings of at least this many lines show their beginning until they are opened."""


def block(code: str, language: str, name: str = "Code") -> str:
    """A block of code, ``name`` being what a screen reader says of it; an unknown language is shown plain.

    The switch that unfolds a long one is an element that works without a script.
    """
    from pygments import highlight as pygmentize
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    code = code.strip("\n")
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
        spans = pygmentize(code, lexer, HtmlFormatter(nowrap=True)).rstrip("\n")
    except ClassNotFound:
        spans = html.escape(code)
    lines = code.count("\n") + 1
    fold = ""
    if lines >= FOLDED_FROM:
        fold = f'<details class="fold"><summary>All {lines} lines</summary></details>'
    label = html.escape(name, quote=True)
    opening = f'<pre tabindex="0" role="group" aria-label="{label}">'
    kind = html.escape(language, quote=True)
    code_too = f'<code class="language-{kind}">{spans}</code>'
    return f'<div class="code">{fold}{opening}{code_too}</pre></div>'
