"""Liquid in a post, as Jekyll resolves it: ``raw`` and ``relative_url``, and nothing else.

A post that needs more of Liquid would render differently in the two places where it is read.
"""

import re
from pathlib import PurePath

from site_builder.errors import PageError
from site_builder.post import addresses

_LIQUID = re.compile(
    r"""
    (?:(?<!\s)\s++(?=\{[%{]-))? (?:
      \{%-?\s*raw\s*(?P<dash>-)?%\} (?P<raw>.*?) \{%-?\s*endraw\s*-?%\} (?(dash)\s*)
      | \{\{-?\s* (?P<address>'[^']*'|"[^"]*") \s*\|\s*relative_url\s* (?:-\}\}\s*|\}\})
      | \{%-?\s* (?P<tag>\w*)
      | \{\{-?\s* (?:(?:'[^']*'|"[^"]*")\s*\|\s*(?P<filter>\w+) | (?P<name>[^\s.|}]*))
    )""",
    re.VERBOSE | re.DOTALL,
)
"""What Liquid acts on; a dash inside its signs takes the space outside them away, that of raw's end none."""


def resolve(text: str, file: PurePath, up: str = "", first_line: int = 1) -> str:
    """``text`` of ``file`` with its Liquid resolved for a page that lies below the site's root by ``up``.

    ``up`` is "" or a number of "../". An address of a post in the theme spells out our page.
    """

    def resolved(match: re.Match[str]) -> str:
        if match["raw"] is not None:
            return match["raw"]
        if match["address"] is not None:
            address = addresses.IN_THEME.sub(r"blog/\g<year>/\g<slug>/index.html", match["address"][1:-1], 1)
            return up + address.lstrip("/")
        said = f"{match['name']!r} is undefined"
        for kind, word in (("tag", "unexpected tag"), ("filter", "unknown filter")):
            said = said if match[kind] is None else f"{word} {match[kind]!r}"
        line = text.count("\n", 0, match.start()) + first_line
        raise PageError(
            f"{file.name}:{line}: Liquid: {said}; known: raw, relative_url (code belongs inside raw)"
        )

    return _LIQUID.sub(resolved, text)
