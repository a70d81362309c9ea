"""Addresses that a page may lead to: those of the web, and of no script or file."""

import re

PATTERN = r"https?://[^\s/?#\\]+([/?#]\S*)?"
_MAIL = r"mailto:[^\s@]+@\S+"


def problem(address: str, mail: bool = False) -> str:
    """What is wrong with an address that people wrote, "" if nothing; ``mail`` may be written to, too."""
    if re.fullmatch(f"{PATTERN}|{_MAIL}" if mail else PATTERN, address):
        return ""
    return f"{address[:60]!r} is no address such as https://example.org/blog"
