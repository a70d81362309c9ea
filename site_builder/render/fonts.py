"""The fonts of our pages, cut down to the signs that posts are written with; others come from the system's.

Source Serif Pro and Source Sans Pro (SIL Open Font License) come from packages that carry Adobe's files as
they are and are never imported. The licence reserves the name "Source" for the whole fonts, so the parts have
another.
"""

from functools import partial
from io import BytesIO
from pathlib import Path

from site_builder import machine
from site_builder.files import PROJECT, digest
from site_builder.memo import Memo
from site_builder.render.site_files import Made

_CURE = "pip install -r site_builder/requirements.txt"
_FACES = {
    "serif-400": ("serif", "Regular"),
    "serif-400-italic": ("serif", "It"),
    "serif-600": ("serif", "Semibold"),
    "sans-400": ("sans", "Regular"),
    "sans-400-italic": ("sans", "It"),
    "sans-600": ("sans", "Semibold"),
}
"""File names of the parts, as ``assets/css/fonts.css`` asks for them, with family and style of the whole."""
_SIGNS = (
    "U+20-7E,U+A0-FF,"  # Latin
    "U+106-107,U+10C-10D,U+11A-11B,U+131,U+141-144,U+150-153,U+158-161,U+16E-171,U+178,U+17D-17E,"  # names
    "U+2BC,U+2C6-2C7,U+2DC,U+384-3CE,"  # Greek
    "U+2010-2015,U+2018-201F,U+2020-2022,U+2026,U+202F,U+2030,U+2032-2033,U+2039-203A,U+2044,U+20AC,U+2122,"
    "U+2070-209F,U+2190-2193,U+2200-22FF,U+25CB,U+2713,U+2717"  # mathematics and marks
)
_FEATURES = ("kern", "liga", "ccmp", "locl", "mark", "mkmk", "tnum")
_KEPT_NAMES = (0, 1, 2, 3, 4, 6, 13, 14)
"""Which entries of a font's name table stay: copyright, licence, and those that no font may lack."""


def made() -> dict[str, Made]:
    """The files of the fonts and of their licences by their names in the site.

    They depend on nothing of the site, so they are kept beside the press, once for all trees.
    """
    memo = Memo(PROJECT / ".cache")
    files: dict[str, Made] = {}
    for family in ("serif", "sans"):
        name = f"font-source-{family}-pro"
        version, folder = machine.carried(name, f"{name.replace('-', '_')}/files", _CURE)
        licence = (folder / "LICENSE.txt").read_bytes()
        files[f"assets/fonts/LICENSE-{family}.txt"] = Made.of(licence)
        for name, (of, style) in _FACES.items():
            if of == family:
                whole = folder / f"Source{family.title()}Pro-{style}.ttf"
                read = digest(repr((version, style, _SIGNS, _FEATURES, _KEPT_NAMES)))
                make = partial(memo.get, f"fonts/{name}", read, partial(_part, whole))
                files[f"assets/fonts/{name}.woff2"] = Made(read, make)
    return files


def _part(whole: Path) -> bytes:
    """WOFF2 of what our pages need of a font."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(
        layout_features=list(_FEATURES), name_IDs=list(_KEPT_NAMES), obfuscate_names=True, hinting=False
    )
    part = subset.Subsetter(options)
    part.populate(unicodes=subset.parse_unicodes(_SIGNS))
    with TTFont(whole, recalcTimestamp=False) as font:
        part.subset(font)
        font.flavor = "woff2"
        written = BytesIO()
        font.save(written)
    return written.getvalue()
