r"""LaTeX of a post's results: a macro for each figure and value, and an error that names what is missing.

``\gradlabvalue{run/name}`` prints a number, ``\gradlabinterval{run/name}`` its interval, and
``\gradlabfigure[width]{label}`` a picture with caption and label inside the author's own float: that of its
two drawings whose text can be read at this width. The names
are looked up as control sequences, so any letter, digit, hyphen, underscore or slash may stand in them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from site_builder.errors import BuildError
from site_builder.files import PROJECT
from site_builder.model import Scalar, Value
from site_builder.notebook.formulas import FORMULA, denied
from site_builder.post import citation, numbers
from site_builder.post.sidecar import ShownFigure

_ACCENTED = frozenset("ßæœøåłđıÆŒØÅŁ")
_SIGNS = {
    "<": r"\ensuremath{<}", ">": r"\ensuremath{>}", "|": r"\ensuremath{\vert}", '"': r"{\char34}",
    "·": r"\ensuremath{\cdot}", "→": r"\ensuremath{\to}", "≈": r"\ensuremath{\approx}",
    "∞": r"\ensuremath{\infty}",
    "≠": r"\ensuremath{\ne}", "√": r"\ensuremath{\surd}", "∈": r"\ensuremath{\in}", "ℓ": r"\ensuremath{\ell}",
    "\u202f": "~", "\u2009": r"\,", "‖": r"\ensuremath{\Vert}",
    **dict.fromkeys("✓✔", "yes"), **dict.fromkeys("✗✘", "no"), "\ufe0f": "",
}  # fmt: skip
_PREAMBLE = PROJECT / "templates" / "paper" / "preamble.tex"


class CannotSet(BuildError):
    """A sign that LaTeX has no letter for."""


def text(words: str, where: str) -> str:
    r"""Plain words with ``\(...\)`` as LaTeX. Raises ``CannotSet`` for a sign without a letter, and
    ``BuildError`` for a formula that does more than typeset.
    """
    if command := denied(words):
        raise BuildError(f"{where}: {command!r} has no place in a formula: it does more than typeset")
    out = []
    for piece in FORMULA.split(words):
        if FORMULA.fullmatch(piece):
            out.append(piece)
            continue
        # What citation.tex writes for a special sign is mathematics between dollars, so the rest is
        # replaced in its result sign by sign.
        out += [_sign(sign, where) for sign in citation.tex(piece)]
    return "".join(out)


def _sign(sign: str, where: str) -> str:
    if sign in _SIGNS:
        return _SIGNS[sign]
    if sign.isascii():
        return sign
    name = unicodedata.name(sign, "")
    if greek := re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", name):
        letter = greek[2].lower().replace("lamda", "lambda")
        return rf"\ensuremath{{\{letter if greek[1] == 'SMALL' else letter.capitalize()}}}"
    base = unicodedata.normalize("NFKD", sign)
    if len(base) == 1 and base.isascii():
        return rf"\textsuperscript{{{base}}}" if "SUPERSCRIPT" in name else base
    if sign in _ACCENTED or base[0].isascii():
        return sign
    raise CannotSet(
        f"{where}: LaTeX cannot set {sign!r} ({name.lower() or 'unnamed'}); write it in \\(...\\)"
    )


def number(value: Scalar, where: str) -> str:
    """A published value with four significant digits, whole numbers whole."""
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return text("" if value is None else numbers.plain(value, ""), where)
    spec = ".4g" if isinstance(value, float) else "d"
    return rf"\ensuremath{{{numbers.in_formula(value, spec)}}}"


def value_macros(name: str, value: Value) -> Iterable[str]:
    """The definitions for one value and, where it has one, its interval."""
    yield _define("value", name, number(value.value, f"value {name}"))
    if value.low is not None and value.high is not None:
        low, high = (numbers.in_formula(end, ".4g") for end in (value.low, value.high))
        yield _define("interval", name, rf"\ensuremath{{[{low}, {high}]}}")


def figure_macro(shown: ShownFigure, wide: str, narrow: str) -> Iterator[str]:
    r"""The definition for one figure, its PDFs below ``\gradlabroot``."""
    label = shown.label
    yield _define(
        "figure",
        label,
        rf"\centering\gradlab@picture{{{wide}}}{{{narrow}}}"
        rf"\caption{{{text(shown.caption, f'the caption of {label}')}}}"
        rf"\label{{{label.replace('-', ':', 1)}}}",
    )


def _define(kind: str, name: str, meaning: str) -> str:
    return rf"\expandafter\gdef\csname gradlab@{kind}@{name}\endcsname{{{meaning}}}"


def macros(
    values: Mapping[str, Value],
    figures: Iterable[tuple[ShownFigure, str, str]],
    root: str,
    told: Callable[[str], None],
) -> str:
    r"""A file of macros; ``root`` is the default of ``\gradlabroot``, "" or ending in a slash.

    What LaTeX cannot set has no macro: ``told`` hears which, and the file has a comment in its place.
    """
    made: list[Callable[[], Iterable[str]]] = [partial(value_macros, *item) for item in values.items()]
    made += [partial(figure_macro, *figure) for figure in figures]
    lines: list[str] = []
    for one in made:
        try:
            lines += one()
        except CannotSet as problem:
            told(f"no LaTeX macro: {problem}")
            lines.append(f"% no macro: {problem}")
    return (
        _PREAMBLE.read_text(encoding="utf-8").replace("@ROOT@", root)
        + "\n".join([*lines, r"\makeatother"])
        + "\n"
    )
