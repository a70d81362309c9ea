r"""Formulas typeset at build time with KaTeX, so that a reader needs no script and no network.

KaTeX comes from the package ``jupyterlab-katex`` (KaTeX and its fonts are MIT licensed), where it is packed
for JupyterLab's module loader; ``_LOADER`` is the small part of that loader it needs. It runs in V8
(``mini-racer``). Each formula is HTML for the eye and MathML for assistive technology, with its TeX as the
MathML annotation.
"""

import html
import re
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from py_mini_racer import JSEvalException, MiniRacer

from site_builder import reserved
from site_builder.errors import PageError

_PACKAGE = "jupyterlab-katex"
_LOADER = """
const self = globalThis, packed = {}, loaded = {};
self.webpackChunk_jupyterlab_katex_extension = {push: ([ids, more]) => Object.assign(packed, more)};
function URL(path) { this.toString = () => path; }
function load(id) {
  if (!(id in loaded)) {
    const module = loaded[id] = {id, exports: {}};
    packed[id].call(module.exports, module, module.exports, load);
  }
  return loaded[id].exports;
}
load.n = found => () => found && found.__esModule ? found.default : found;
load.d = (target, getters) => {
  for (const name in getters) Object.defineProperty(target, name, {enumerable: true, get: getters[name]});
};
load.r = target => Object.defineProperty(target, "__esModule", {value: true});
load.p = load.b = "";
let katex, css;
function find() {
  for (const id in packed) {
    let found;
    try { found = load(id); } catch { continue; }
    for (const thing of [found, found.default, found.Z]) {
      if (thing && thing.renderToString) katex = thing;
      else if (String(thing).includes("@font-face")) css = String(thing);
    }
  }
  return Boolean(katex && css);
}
"""
_FACE = re.compile(
    r"@font-face \{\s*font-family: '(?P<family>\w+)';\s*src: url\((?P<file>\w+\.woff2)\)[^;]*;"
    r"\s*font-weight: (?P<weight>\w+);\s*font-style: (?P<style>\w+);\s*\}"
)
_CHUNK = re.compile(r"\d+\.[0-9a-f]+\.js")
_REFUSED = "#0bad0b"
"""The colour in which KaTeX shows a command that it does not trust, such as a link."""
_SLOT = re.compile("(\\d+)".join(reserved.SLOT))
_DELIMITED = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]|\$\$(.+?)\$\$", re.DOTALL)


class Typesetter:
    """KaTeX, open inside a ``with``. Formulas of a page are kept in slots until its HTML is finished."""

    def __init__(self) -> None:
        self._engine = MiniRacer()
        self._files = _katex_files()
        self._made: dict[tuple[str, bool], str] = {}
        self._held: list[tuple[str, bool]] = []

    def __enter__(self) -> Self:
        try:
            self._load()
        except BaseException:
            self._engine.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.close()

    def _load(self) -> None:
        self._engine.eval(_LOADER)
        for name, path in sorted(self._files.items()):
            if _CHUNK.fullmatch(name):
                self._engine.eval(path.read_text(encoding="utf-8"))
        if not self._engine.eval("find()"):
            raise PageError(f"mathematics: no KaTeX in the installed {_PACKAGE}; reinstall requirements.txt")

    def formula(self, tex: str, display: bool = False) -> str:
        """HTML and MathML of one formula. Raises ``PageError`` with KaTeX's words if it has a mistake."""
        key = (tex.strip(), display)
        if key not in self._made:
            options: dict[str, Any] = {
                "displayMode": display, "throwOnError": True, "strict": False, "errorColor": _REFUSED,
            }  # fmt: skip
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
        self._held.append((tex, display))
        return str(len(self._held) - 1).join(reserved.SLOT)

    def hold_delimited(self, text: str) -> str:
        r"""``text`` with slots for the ``\(..\)``, ``\[..\]`` and ``$$..$$`` in it."""
        return _DELIMITED.sub(
            lambda match: self.hold(match[1] or match[2] or match[3], display=match[2] is not None), text
        )

    def fill(self, page: str) -> str:
        """``page`` with every slot replaced by its formula; a slot that nobody holds, by nothing."""
        return _SLOT.sub(
            lambda match: self.formula(*self._held[int(match[1])]) if self._is_held(match) else "", page
        )

    def _is_held(self, slot: re.Match[str]) -> bool:
        return int(slot[1]) < len(self._held)

    def plain(self, text: str) -> str:
        """``text`` with TeX in place of slots, for titles and descriptions."""
        return _SLOT.sub(lambda match: self._held[int(match[1])][0] if self._is_held(match) else "", text)

    def style_sheet(self) -> tuple[str, dict[str, bytes]]:
        """KaTeX's style sheet and the fonts it names, by file name; both lie in one folder."""
        sheet, fonts = str(self._engine.eval("css")), {}
        for face in _FACE.finditer(sheet):
            bold = "Bold" if face["weight"] == "bold" else ""
            slant = "Italic" if face["style"] == "italic" else ""
            name = f"{face['family']}-{bold + slant or 'Regular'}.woff2"
            fonts[name] = self._files[face["file"]].read_bytes()
            written = (
                f"@font-face{{font-family:{face['family']};src:url({name}) format('woff2');"
                f"font-weight:{face['weight']};font-style:{face['style']};font-display:block}}"
            )
            sheet = sheet.replace(face[0], written)
        sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
        return re.sub(r"\s*\n\s*", "\n", sheet).strip() + "\n", fonts


def _katex_files() -> dict[str, Path]:
    """KaTeX's code and fonts in the installed package, by file name."""
    try:
        listed = metadata.files(_PACKAGE) or []
    except metadata.PackageNotFoundError:
        raise PageError(
            f"mathematics: {_PACKAGE} is not installed: pip install -r requirements.txt"
        ) from None
    return {
        path.name: Path(str(path.locate()))
        for path in listed
        if path.parent.name == "static" and path.suffix in (".js", ".woff2")
    }
