"""Liquid in a post, as Jekyll resolves it: ``raw`` and ``relative_url``, and nothing else.

A post that needs more would render differently in the two places where it is read: rules refuse it before.
"""

import re

from site_builder.post import addresses

_LIQUID = re.compile(
    r"""
    (?:(?<!\s)\s++(?=\{[%{]-))? (?:
      \{%-?\s*raw\s*(?P<dash>-)?%\} (?P<raw>.*?) \{%-?\s*endraw\s*-?%\} (?(dash)\s*)
      | \{\{-?\s* (?P<address>'[^']*'|"[^"]*") \s*\|\s*relative_url\s* (?:-\}\}\s*|\}\})
    )""",
    re.VERBOSE | re.DOTALL,
)
"""What Liquid acts on; a dash inside its signs takes the space outside them away, that of raw's end none."""


def resolve(text: str, up: str = "") -> str:
    """``text`` with its Liquid resolved for a page that lies below the site's root by ``up``.

    ``up`` is "" or a number of "../". An address of a post in the theme spells out our page.
    """

    def resolved(match: re.Match[str]) -> str:
        if match["raw"] is not None:
            return match["raw"]
        address = addresses.IN_THEME.sub(r"blog/\g<year>/\g<slug>/index.html", match["address"][1:-1], 1)
        return up + address.lstrip("/")

    return _LIQUID.sub(resolved, text)
