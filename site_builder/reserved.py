"""Characters that stand for something inside the press: Unicode's noncharacters, meant for no text.

A text that holds one all the same would be taken for a mark of the press. So authors' files with one are
refused (see :mod:`site_builder.files`), and in executed notebooks, which may be a stranger's, it is replaced.
"""

import re
from typing import Any

MARK = ("\ufdd0", "\ufdd1")
"""Round a mark in a rendered template."""
KEPT = ("\ufdd2", "\ufdd3")
"""Round the number of a stretch of markdown that is set apart."""
JOINT = "\ufdd4"
"""Before a formula that has to follow the line before it."""
SLOT = ("\ufdd5", "\ufdd6")
"""Round the number of a formula that is typeset when its page is finished."""
COVER = "\ufdd7"
"""In place of what a view of a post hides inside a line."""
ANY = re.compile("[\ufdd0-\ufdef]")


def replaced(thing: Any) -> Any:
    """``thing``, a text or JSON, with U+FFFD in place of each reserved character in its texts."""
    if isinstance(thing, str):
        return ANY.sub("\ufffd", thing)
    if isinstance(thing, dict):
        return {key: replaced(entry) for key, entry in thing.items()}
    if isinstance(thing, list):
        return [replaced(entry) for entry in thing]
    return thing
