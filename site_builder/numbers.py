"""Numbers in sentences and in formulas: Python's format specifications, set as a typesetter would."""

import re

from site_builder.model import Scalar

MINUS = "−"
_EXPONENT = re.compile(r"^(?P<head>[^eE]*)[eE](?P<sign>[+-]?)0*(?P<power>\d+)$")


class NumberError(Exception):
    """A value that its format does not fit; the caller adds where."""


def plain(value: Scalar, spec: str) -> str:
    """``value`` in Python's own notation. Raises ``NumberError`` if ``spec`` does not fit it."""
    if isinstance(value, bool):
        if spec:
            raise NumberError(f"is a truth value; the format {spec!r} needs a number")
        return "yes" if value else "no"
    if value is None:
        raise NumberError("is empty")
    if isinstance(value, str) and spec and not spec.endswith("s"):
        raise NumberError(f"is the text {value!r}; the format {spec!r} needs a number")
    try:
        text = format(value, spec)
    except ValueError as misfit:
        raise NumberError(f"is {value!r}, which the format {spec!r} does not fit: {misfit}") from None
    # Rounding can leave a zero with a sign.
    return text[1:] if re.fullmatch(r"-0(\.0*)?(e\+00)?%?", text) else text


def in_text(value: Scalar, spec: str) -> str:
    """HTML: a proper minus sign, powers of ten as ``2.1 × 10<sup>−9</sup>``."""
    text = plain(value, spec)
    if isinstance(value, str | bool):
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if match := _EXPONENT.match(text):
        power = f"{MINUS if match['sign'] == '-' else ''}{match['power']}"
        return f"{_signed(match['head'])} × 10<sup>{power}</sup>"
    return _signed(text)


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


def in_formula(value: Scalar, spec: str) -> str:
    r"""TeX, and plain digits where they need no TeX: ``2.1 \times 10^{-9}``."""
    text = plain(value, spec)
    if isinstance(value, str | bool):
        return text
    if match := _EXPONENT.match(text):
        power = f"{'-' if match['sign'] == '-' else ''}{match['power']}"
        return f"{match['head']} \\times 10^{{{power}}}"
    return text


def in_table(value: Scalar, spec: str) -> str:
    """Like :func:`in_text`; an empty entry is a dash, a number without a format has four digits."""
    if value is None:
        return "–"
    if not spec and isinstance(value, float):
        spec = ".4g"
    return in_text(value, spec)
