r"""Plain text as LaTeX that pdflatex sets in any font encoding, in a document as in a bibliography.

Only ASCII is written, but for Chinese, Japanese and Korean and for what has no command: BibTeX cuts names and
titles between bytes, and biber reads commands as the letters that they stand for.
"""

import logging
import re
import unicodedata
from collections.abc import Callable
from functools import cache

from site_builder.notebook.formulas import FORMULA

ASIAN = r"\gradlabcjk"
"""The command round a run of Chinese, Japanese or Korean: a font of the CJK package, and the signs."""
PROVIDED = (
    rf"\providecommand{{{ASIAN}}}[2]"
    r"{\ifcsname CJK*\endcsname\begin{CJK*}{UTF8}{#1}#2\end{CJK*}\else#2\fi}"
)
"""Its definition, for a file that cannot count on another; without the package the signs stand alone."""

_OWN = {
    "<": r"\ensuremath{<}", ">": r"\ensuremath{>}", "|": r"\ensuremath{\vert}", '"': r"{\char34}",
    # BibTeX counts braces that a backslash stands before.
    "{": r"\textbraceleft{}", "}": r"\textbraceright{}",
    "“": "``", "”": "''", "’": "'", "‘": "`", "–": "--", "—": "---", "…": r"\ldots{}",
    "\u2011": "-", "−": "$-$", "×": r"$\times$", "·": r"\ensuremath{\cdot}", "→": r"\ensuremath{\to}",
    "√": r"\ensuremath{\surd}", "\u202f": "~", "\u2009": r"\,", "\ufe0f": "",
    **dict.fromkeys("✓✔", "yes"), **dict.fromkeys("✗✘", "no"),
}  # fmt: skip
_T1 = re.compile(r"\\(?:quot\w+base|guil\w+|[dD][jJhH]|th|TH|ng|NG|k\b)")
"""Commands of that encoding only, which every LaTeX knows, though it may not be the document's."""
_LETTERS = re.compile(
    "[\u0020-\u017f\u01cd-\u0233\u1e00-\u1eff\u0391-\u03c9\u2010-\u2044\u20ac\u2100-\u214f"
    "\u2190-\u2195\u21a6\u21d0-\u21d5\u2200-\u228b\u2295-\u22a5\u22c0-\u22c5\u2308-\u230b\u27e8\u27e9"
    "\U0001d538-\U0001d550]"
)
"""Latin and Greek, and the signs of sentences and formulas. Of others the library knows commands of packages
that need not be there, as it does for some of these."""
_ELSEWHERE = re.compile(
    r"\\(?:math(?:scr|frak)|nument|text(?:hvlig|nrleg)|rightangle|i+nt\b|(?:surf|vol|clw)integral|homothetic"
    r"|lazysinv|approxnotequal|tildetrpl|allequal|estimates|starequal|not(?:less|greater))|^\\acute"
)
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0331": "b",
    "\u0326": "c",
}  # fmt: skip
_FONTS = {"gbsn": "gb2312", "bsmi": "big5", "min": "euc_jp", "mj": "euc_kr"}
"""Fonts of the CJK package, and the codecs that hold the signs which they have."""
_RUN = re.compile(r"([\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60]+)")


def text(words: str, cannot: Callable[[str], str] = lambda sign: sign) -> str:
    r"""``words``, in which ``\(...\)`` is a formula already; ``cannot`` says what stands for a sign that has
    no command: without it the sign does, which biber and LuaLaTeX read.
    """
    pieces = FORMULA.split(unicodedata.normalize("NFC", words))
    return "".join(piece if place % 2 else _plain(piece, cannot) for place, piece in enumerate(pieces))


def _plain(words: str, cannot: Callable[[str], str]) -> str:
    return "".join(
        _asian(piece, cannot) if place % 2 else "".join(_sign(sign) or cannot(sign) for sign in piece)
        for place, piece in enumerate(_RUN.split(words.replace("\ufe0f", "")))
    )


def _asian(run: str, cannot: Callable[[str], str]) -> str:
    for font, codec in _FONTS.items():
        try:
            run.encode(codec)
        except UnicodeEncodeError:
            continue
        return f"{ASIAN}{{{font}}}{{{run}}}"
    return "".join(_asian(sign, cannot) for sign in list(run)) if len(run) > 1 else cannot(run)


@cache
def _sign(sign: str) -> str | None:
    if sign in _OWN:
        return _OWN[sign]
    kind, _, place = unicodedata.decomposition(sign).partition(" ")
    signs = [_sign(chr(int(code, 16))) for code in place.split()] if kind[:1] == "<" else []
    if kind in ("<super>", "<sub>") and None not in signs:
        return rf"\text{kind[1:-1]}script{{{''.join(map(str, signs))}}}"
    if kind == "<fraction>" and len(signs) == 3:
        return rf"\ensuremath{{\frac{{{signs[0]}}}{{{signs[2]}}}}}"
    command = _encoder()(sign) if _LETTERS.fullmatch(sign) else sign
    if _T1.match(command):
        return rf"{{\fontencoding{{T1}}\selectfont{command}}}"
    if command.isascii() and not _ELSEWHERE.search(command):
        # An accent and its letter: BibTeX takes them for one sign only between braces.
        return f"{{{command}}}" if len(command) > 2 and command[-1] != "}" else command
    base, *marks = list(unicodedata.normalize("NFD", sign))
    below = _sign(base) if marks else None
    for mark in marks:
        below = (
            rf"{{\{_ACCENTS[mark]}{{{below}}}}}"
            if below and mark in _ACCENTS and "math" not in below
            else None
        )
    return below


@cache
def _encoder() -> Callable[[str], str]:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

    # Asked for single signs only; what it does not know stays, and it need not say so.
    logging.getLogger("pylatexenc.latexencode").setLevel(logging.CRITICAL)
    made = UnicodeToLatexEncoder(
        unknown_char_policy="keep", replacement_latex_protection="braces-after-macro"
    )
    return lambda sign: str(made.unicode_to_latex(sign))
