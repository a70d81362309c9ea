r"""Formulas typeset at build time with KaTeX, so that a reader needs no script and no network.

KaTeX 0.16 and its fonts (MIT licensed) come from the package ``djangocms-katex``, which carries KaTeX's
release as it is; its Django code is never imported. KaTeX runs in V8 (``mini-racer``). Each formula is HTML
for the eye and MathML for assistive technology, with its TeX as the MathML annotation.
"""

import html
import re
from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import Any, Self, TypeVar

from site_builder import machine, reserved
from site_builder.errors import PageError
from site_builder.files import digest
from site_builder.memo import Memo

_Made = TypeVar("_Made")

_PACKAGE = "djangocms-katex"
_FOLDER = "djangocms_katex/static/djangocms_katex/vendor/katex"
_CURE = "pip install --no-deps -r site_builder/requirements-katex.txt"
_FONT = re.compile(r"src:url\(fonts/(?P<name>[\w-]+\.woff2)\)[^;}]*")
"""Where a font is in KaTeX's style sheet: woff2 first, then older formats that no browser needs any more."""
_REFUSED = "#0bad0b"
"""The colour in which KaTeX shows a command that it does not trust, such as a link."""
_SLOT = re.compile("([0-9a-f]+)".join(reserved.SLOT))
_FIGURE = re.compile(r'<figure\b[^>]*\bid="([^"]+)"[^>]*\bdata-run="([^"]+)" data-cell="([^"]+)"')
_DELIMITED = re.compile(r"\\\(((?:(?!\\\().)+?)\\\)|\\\[((?:(?!\\\[).)+?)\\\]|\$\$(.+?)\$\$", re.DOTALL)


class Typesetter:
    """KaTeX, open inside a ``with``. Formulas of a page are kept in slots until its HTML is finished.

    Formulas that ``memo`` has from before are not typeset again: KaTeX starts with the first new one.
    """

    def __init__(self, memo: Memo | None = None) -> None:
        _, self._folder = machine.carried(_PACKAGE, _FOLDER, _CURE)
        self._memo = memo
        self._made: dict[tuple[str, bool], str] = {}
        self._held: dict[str, tuple[str, bool]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "_engine" in self.__dict__:
            self._engine.close()

    @cached_property
    def _engine(self) -> Any:
        from py_mini_racer import MiniRacer

        engine = MiniRacer()
        try:
            engine.eval((self._folder / "katex.min.js").read_text(encoding="utf-8"))
        except BaseException:
            engine.close()
            raise
        return engine

    def remembered(self, thing: str, read: object, make: Callable[[], _Made]) -> _Made:
        """What ``make`` gives, from before if ``read`` is as it was, with the formulas it holds in slots."""

        def made() -> tuple[_Made, dict[str, tuple[str, bool]]]:
            outer, self._held = self._held, {}
            try:
                return make(), self._held
            finally:
                self._held = outer | self._held

        result, held = self._memo.get(thing, read, made) if self._memo else made()
        self._held |= held
        return result

    def formula(self, tex: str, display: bool = False) -> str:
        """HTML and MathML of one formula. Raises ``PageError`` with KaTeX's words if it has a mistake."""
        key = (tex.strip(), display)
        if key not in self._made:
            options: dict[str, Any] = {
                "displayMode": display, "throwOnError": True, "strict": False, "errorColor": _REFUSED,
            }  # fmt: skip
            from py_mini_racer import JSEvalException

            try:
                made = str(self._engine.call("katex.renderToString", key[0], options))
            except JSEvalException as wrong:
                said = next(line for line in str(wrong).splitlines() if "ParseError" in line)
                raise PageError(f"formula {key[0]!r}: {said.partition('error: ')[2]}") from None
            if _REFUSED in made:
                raise PageError(f"formula {key[0]!r}: links, pictures and HTML have no place in a formula")
            element = "div" if display else "span"
            focus = ' tabindex="0"' if display else ""
            tex_too = html.escape(key[0], quote=True).replace("\n", " ")
            self._made[key] = f'<{element} class="formula"{focus} data-tex="{tex_too}">{made}</{element}>'
        return self._made[key]

    def hold(self, tex: str, display: bool = False) -> str:
        """A slot that stands for the formula and passes through markdown and HTML parsers unharmed."""
        name = digest(f"{display} {tex}")
        self._held[name] = (tex, display)
        return name.join(reserved.SLOT)

    def hold_delimited(self, text: str, escaped: bool = False) -> str:
        r"""``text``, or HTML if it is ``escaped``, with slots for its ``\(..\)``, ``\[..\]``, ``$$..$$``."""

        def held(match: re.Match[str]) -> str:
            tex = match[1] or match[2] or match[3]
            return self.hold(html.unescape(tex) if escaped else tex, display=match[2] is not None)

        return _DELIMITED.sub(held, text)

    def fill(self, page: str, name: str = "") -> str:
        """``page`` with every slot replaced by its formula; a slot that nobody holds, by nothing.

        The formulas of a page with a ``name`` are kept for when it is made again.
        """
        wanted = dict.fromkeys(self._held[slot] for slot in _SLOT.findall(page) if slot in self._held)
        thing = f"formulas/{name}"
        kept = self._memo.find(thing, self._folder) if wanted and name and self._memo else None
        self._made |= kept or {}
        found: dict[tuple[str, bool], str] = {}
        for tex, display in wanted:
            try:
                found[tex.strip(), display] = self.formula(tex, display)
            except PageError as wrong:
                raise PageError(f"{self._place(page, (tex, display), name)}{wrong}") from None
        if found and name and self._memo and found != kept:
            self._memo.keep(thing, self._folder, found)
        return _SLOT.sub(
            lambda match: self.formula(*self._held[match[1]]) if match[1] in self._held else "", page
        )

    def _place(self, page: str, formula: tuple[str, bool], name: str) -> str:
        """Where a page first has this formula: of what was published, the cell it comes from."""
        slot = next(match.start() for match in _SLOT.finditer(page) if self._held.get(match[1]) == formula)
        around = _FIGURE.findall(page[:slot].rpartition("</figure>")[2])
        cell = "{1}.ipynb, cell {2} ({0}): ".format(*around[-1]) if around else ""
        return (f"{name}: " if name else "") + cell

    def plain(self, text: str) -> str:
        """``text`` with TeX in place of slots, for titles and descriptions."""
        return _SLOT.sub(lambda match: self._held.get(match[1], ("", False))[0], text)

    def style_sheet(self) -> tuple[str, dict[str, bytes]]:
        """KaTeX's style sheet and the fonts it names, by file name; both lie in one folder."""
        sheet = (self._folder / "katex.min.css").read_text(encoding="utf-8")
        names = [face["name"] for face in _FONT.finditer(sheet)]
        fonts = {name: (self._folder / "fonts" / name).read_bytes() for name in names}
        return _FONT.sub(r'src:url(\g<name>) format("woff2")', sheet), fonts
