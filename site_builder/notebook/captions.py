r"""Captions as authors write them: text with formulas, emphasis, code and links to whole addresses.

Formulas stand between ``\(`` and ``\)`` or between dollars.
"""

import re
from collections.abc import Iterator

from site_builder.notebook import formulas

_DOLLARS = re.compile(
    r"(?P<apart>\\\((?:(?!\\\().)*?\\\)|`[^`]*`|\\\$)|\$(?=[^\s$])(?P<tex>(?:\\.|[^$\\])+)(?<!\s)\$(?![\d$])",
    re.DOTALL,
)
_OF_A_POST = re.compile(
    r"\[(?:[^\]]*[\s;-])?@[\w:.-]+[^\]]*\]|\[[^\]]*\]\((?:\.{0,2}/)*[\w./-]+\.(?:ipynb|md|qmd|html?)(?:#[^)\s]*)?\)"
)
"""A citation, and a link to a file of the project."""


_LONGEST = 5_000
"""Characters; beyond that some readers of markdown take the square of a text's length."""


def delimited(text: str) -> str:
    r"""A caption with its formulas between ``\(`` and ``\)``.

    As in Pandoc, no space follows the dollar that opens one or precedes that which closes it, which no digit
    follows: "$5 and $10" is money.
    """
    return _DOLLARS.sub(lambda match: match["apart"] or rf"\({match['tex']}\)", text)


def inert(value: object) -> str:
    """A parameter or a value as a caption shows it: whole numbers as in a text, and no sign is markup."""
    shown = f"{value:,}" if type(value) is int else str(value)
    return re.sub(r"[\\*`\[\]$]", r"\\\g<0>", shown)


def faults(text: str) -> Iterator[str]:
    """What has no place in a caption, which is shown in posts and papers."""
    if len(text) > _LONGEST:
        yield f"it has {len(text):,} characters, and a caption at most {_LONGEST:,}"
        return
    if command := formulas.denied(text):
        yield f"{command!r} has no place in a formula: it does more than typeset"
    if found := _OF_A_POST.search(text):
        cure = 'write it in the post, in a sentence or in caption="..."'
        yield f"{found[0]} can only be resolved in a post: {cure}"
