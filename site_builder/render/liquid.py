"""Liquid in a post, as Jekyll resolves it: ``raw`` and ``relative_url``, and nothing else.

A post that needs more of Liquid would render differently in the two places where it is read.
"""

from collections.abc import Callable
from pathlib import PurePath

from liquid import Environment, StrictUndefined
from liquid.exceptions import LiquidError

from site_builder.errors import PageError
from site_builder.post import addresses

_TAGS = ("content", "output", "illegal")
"""The library's names for plain text, ``{{ }}`` and anything else; ``raw`` is known to its lexer."""


def resolve(text: str, file: PurePath, up: str = "", first_line: int = 1) -> str:
    """``text`` of ``file`` with its Liquid resolved for a page that lies below the site's root by ``up``.

    ``up`` is "" or a number of "../". An address of a post in the theme spells out our page.
    """
    environment = Environment(undefined=StrictUndefined)
    environment.tags = {name: tag for name, tag in environment.tags.items() if name in _TAGS}
    environment.filters.clear()
    environment.add_filter("relative_url", _relative(up))
    try:
        return str(environment.from_string(text).render())
    except LiquidError as wrong:
        start = wrong.token.start_index if wrong.token else 0
        line = text.count("\n", 0, start) + first_line
        said = str(wrong).splitlines()[0]
        raise PageError(
            f"{file.name}:{line}: Liquid: {said}; known: raw, relative_url (code belongs inside raw)"
        ) from None


def _relative(up: str) -> Callable[[object], str]:
    def relative_url(address: object) -> str:
        text = addresses.IN_THEME.sub(r"blog/\g<year>/\g<slug>/index.html", str(address), count=1)
        return up + text.lstrip("/")

    return relative_url
