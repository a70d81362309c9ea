r"""LaTeX of a post's results: a macro for each figure and value, and an error that names what is missing.

``\gradlabvalue{run/name}`` prints a value as the post does, ``\gradlabinterval`` its interval and
``\gradlabunit`` its unit; ``\gradlabraw``, ``\gradlablow``, ``\gradlabhigh`` and ``\gradlabn`` are digits.
``\gradlabfigure[width]{label}`` is a picture with caption and label inside the author's own float: that of
its two drawings whose text can be read at this width. The names are looked up as control sequences, so any
letter, digit, hyphen, underscore or slash may stand in them.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from site_builder.errors import BuildError
from site_builder.files import PROJECT
from site_builder.model import Scalar, Value, is_number
from site_builder.notebook.formulas import denied
from site_builder.post import numbers, tex
from site_builder.post.numbers import NumberError
from site_builder.post.sidecar import ShownFigure

_PREAMBLE = PROJECT / "templates" / "paper" / "preamble.tex"
_ASIAN = r"\def\gradlab@asian{}"


class CannotSet(BuildError):
    """A sign that LaTeX has no letter for."""


@dataclass(frozen=True)
class Result:
    """A value as a paper takes it: the formats in which a post prints it and its interval, None if none does,
    and why its run is stale ("" while it is fresh).
    """

    name: str
    value: Value
    format: str | None = None
    interval_format: str | None = None
    stale: str = ""


@dataclass(frozen=True)
class Picture:
    r"""A figure as a paper takes it, its drawings for two columns and for one below ``\gradlabroot``."""

    shown: ShownFigure
    alt: str
    wide: str
    narrow: str
    stale: str = ""


def text(words: str, where: str) -> str:
    r"""Plain words with ``\(...\)`` as LaTeX. Raises ``CannotSet`` for a sign without a letter, and
    ``BuildError`` for a formula that does more than typeset.
    """
    if command := denied(words):
        raise BuildError(f"{where}: {command!r} has no place in a formula: it does more than typeset")

    def cannot(sign: str) -> str:
        name = unicodedata.name(sign, "unnamed").lower()
        raise CannotSet(f"{where}: LaTeX cannot set {sign!r} ({name}); write it in \\(...\\)")

    return tex.text(words, cannot)


def number(value: Scalar, form: str | None, where: str) -> str:
    """A published value in a format; without one a number has four significant digits, or is whole."""
    if not is_number(value):
        return text("" if value is None else numbers.plain(value, form or ""), where)
    return rf"\ensuremath{{{_formula(value, form)}}}"


def _formula(value: float, form: str | None) -> str:
    usual = ".4g" if isinstance(value, float) else "d"
    try:
        digits = numbers.in_formula(value, usual if form is None else form)
    except NumberError:
        digits = numbers.in_formula(value, usual)
    for sign, command in {"%": r"\%", ",": "{,}", "_": r"\_"}.items():
        digits = digits.replace(sign, command)
    return digits


def value_macros(result: Result) -> Iterator[str]:
    """The line that defines all that there is of one value."""
    value, where = result.value, f"value {result.name}"
    interval = ""
    if value.low is not None and value.high is not None:
        form = result.format if result.interval_format is None else result.interval_format
        low, high = (_formula(end, form) for end in (value.low, value.high))
        interval = rf"\ensuremath{{[{low}, {high}]}}"
    parts = (
        *(result.name, number(value.value, result.format, where)),
        str(value.value) if is_number(value.value) else number(value.value, None, where),
        *(text(value.unit, where), *map(_digits, (value.n, value.low, value.high)), interval),
    )
    yield from _stale(result.stale)
    yield r"\gradlab@set" + "".join(f"{{{part}}}" for part in parts)


def _stale(reason: str) -> list[str]:
    return [f"% From a run that is stale: {reason}"] if reason else []


def _digits(number: float | None) -> str:
    return "" if number is None else str(number)


def figure_macro(picture: Picture) -> Iterator[str]:
    """The definition for one figure."""
    label, words = picture.shown.label, ""
    with suppress(CannotSet):
        words = rf"\gradlab@described{{{text(picture.alt, label)}}}"
    yield from _stale(picture.stale)
    yield (
        rf"\gradlab@put{{figure}}{{{label}}}"
        rf"{{\centering\gradlab@picture{{{picture.wide}}}{{{picture.narrow}}}{words}"
        rf"\caption{{{text(picture.shown.caption, f'the caption of {label}')}}}"
        rf"\label{{{label.replace('-', ':', 1)}}}}}"
    )


def macros(
    results: Iterable[Result],
    pictures: Iterable[Picture],
    root: str,
    told: Callable[[str], None],
    beside: str = "",
) -> str:
    r"""A file of macros; ``root`` is the default of ``\gradlabroot``, "" or ending in a slash, and ``beside``
    a bibliography whose signs have to be set, too.

    What LaTeX cannot set has no macro: ``told`` hears which, and the file has a comment in its place. What is
    of a stale run is named by comments, and by a warning whenever the file is read.
    """
    results, pictures = list(results), list(pictures)
    made: list[Callable[[], Iterable[str]]] = [partial(value_macros, one) for one in results]
    made += [partial(figure_macro, picture) for picture in pictures]
    lines: list[str] = []
    for one in made:
        try:
            lines += one()
        except CannotSet as problem:
            told(f"no LaTeX macro: {problem}")
            lines.append(f"% no macro: {problem}")
    if any(tex.ASIAN in line for line in (*lines, beside)):
        lines.append(_ASIAN)
    names = [*((one.name, one.stale) for one in results), *((one.shown.label, one.stale) for one in pictures)]
    if stale := [name for name, reason in names if reason]:
        listed = r"\MessageBreak ".join(stale)
        lines.append(rf"\@latex@warning@no@line{{gradlab: from stale runs:\MessageBreak {listed}}}")
    preamble = _PREAMBLE.read_text(encoding="utf-8").replace("@ROOT@", root)
    return preamble + "\n".join([*lines, r"\gradlabrestore"]) + "\n"
