"""Numbers in sentences and in formulas: Python's format specifications, set as a typesetter would."""

import re

from site_builder.model import Scalar
from site_builder.verdict import Effect

MINUS = "−"
_ACTIVE = re.compile(
    r"(?:(?<!\s)[^\S\n\r\x0b\x0c\x85\u2028\u2029]++)?+[\n\r\x0b\x0c\x85\u2028\u2029]\s*+|[&<>\"'`*_{}\[\]()#|~:^$=!\\]"
)
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
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
    if re.search(r"\d{3}", spec):
        raise NumberError(f"has the format {spec!r}; nobody reads more than 99 digits")
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
        return _ACTIVE.sub(_inert, text)
    if match := _EXPONENT.match(text):
        if match["power"] == "0":
            return _signed(match["head"])
        power = f"{MINUS if match['sign'] == '-' else ''}{match['power']}"
        return f"{_signed(match['head'])} × 10<sup>{power}</sup>"
    return _signed(text)


def _inert(match: re.Match[str]) -> str:
    """A sign as HTML that no reader of markdown, Liquid or TeX acts on; a space for a line break.

    Dollars and backslashes would still be typeset, because mathematics is looked for in the finished page:
    an element of their own keeps them from what they would begin.
    """
    sign = match[0]
    if sign.isspace():
        return " "
    if sign == "$":
        return "<span>$</span>"
    return "<span>&#92;</span>" if sign == "\\" else _NAMED.get(sign, f"&#{ord(sign)};")


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


def in_formula(value: Scalar, spec: str) -> str:
    r"""TeX, and plain digits where they need no TeX: ``2.1 \times 10^{-9}``."""
    if isinstance(value, str):
        raise NumberError(f"is the text {value!r}; only a number can stand in a formula")
    text = plain(value, spec)
    if match := _EXPONENT.match(text):
        if match["power"] == "0":
            return match["head"]
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


def effect(found: Effect) -> str:
    """An estimate with its interval, sample size and corrected p-value, as far as it has them."""
    text = in_table(found.value, "")
    if found.low is not None and found.high is not None:
        text += f" ({in_table(found.low, '')} to {in_table(found.high, '')})"
    if found.n > 1:
        text += f", n = {found.n:,}"
    return text if found.p is None else f"{text}, p = {in_text(found.p, '.2g')} after Holm"
