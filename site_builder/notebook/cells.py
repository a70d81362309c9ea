"""A cell of a notebook: its options, its code, and parameters filled into text.

Options are lines ``#| key: value``, or ``# | key: value`` as black writes them, at the head of a cell, where
only blank lines, comments and cell magics may stand beside them. Together they are YAML.
"""

import ast
import io
import re
import textwrap
import tokenize
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from site_builder.errors import choices
from site_builder.notebook import python
from site_builder.notebook.formulas import FORMULA

TEXTS = ("label", "fig-cap", "fig-alt", "lst-cap", "tbl-cap")
"""The options that the press shows; those of Quarto and Jupyter Book that concern display change nothing."""
_QUARTOS = frozenset(
    (
        *("fig-width", "fig-height", "fig-format", "fig-dpi", "fig-align", "fig-pos", "fig-env", "fig-link"),
        *("fig-scap", "fig-asp", "fig-column", "fig-responsive", "fig-cap-location"),
        *("tbl-colwidths", "tbl-column", "tbl-pos", "tbl-cap-location"),
    )
)
_LINE = re.compile(r"#(?P<black> ?)\| ?(?P<text>.*)")
_KEY = re.compile(r"\s*[A-Za-z][\w.-]*\s*:(?:\s|$)|\s*#")
_BELOW = re.compile(rf"# ?\|\s*(?:{'|'.join(TEXTS)})\s*:")
_PLAIN = re.compile(
    r"""(?P<key>[A-Za-z][\w.-]*):[ ]+
    (?P<text>(?:\{[A-Za-z_][\w.-]*\}|[^\s'"|>\[\]{}&*!%@`#?,-]) .*?)
    (?P<note>\s+\#.*)?""",
    re.VERBOSE,
)
"""A text of one line that is not quoted; it may begin with a field."""
_FIELD = re.compile(r"\{([A-Za-z_][\w.-]*)\}")


@dataclass(frozen=True)
class Options:
    """What a cell asks for, the ``TEXTS`` as texts of one line, and the lines that are not options.

    ``faults`` are what cannot be understood, each with its line in the cell, counted from 1.
    """

    asked: Mapping[str, Any]
    code: str
    faults: tuple[tuple[int, str], ...]


def options(source: str) -> Mapping[str, Any]:
    """What a cell asks for; nothing if that is no YAML."""
    return read(source).asked


def code(source: str) -> str:
    """The cell as a reader shall see it: without its options and outer blank lines."""
    return read(source).code


@lru_cache(maxsize=4096)
def read(source: str) -> Options:
    """The options of a cell, and its code."""
    lines = [line.rstrip() for line in source.splitlines()]
    head = _head(lines)
    kept = (line for place, line in enumerate(lines) if place not in head)
    asked, faults = _parsed(head)
    faults += [
        (place + 1, "options stand at the head of a cell, before its code")
        for place, line in enumerate(lines)
        if place not in head and _BELOW.match(line) and _is_comment(lines, place)
    ]
    return Options(asked, "\n".join(kept).strip("\n"), tuple(faults))


def _is_comment(lines: list[str], place: int) -> bool:
    """Whether that line, which begins with ``#``, is no part of a text in several lines."""
    text = "\n".join(line for line in lines if not line.startswith("%"))
    with suppress(SyntaxError, tokenize.TokenError):
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        return any(token.type == tokenize.COMMENT and token.string == lines[place] for token in tokens)
    return True


def _head(lines: list[str]) -> dict[int, str]:
    """The YAML in the lines of a cell, by the places of these; a comment in the form of a table is none."""
    found: dict[int, str] = {}
    first = next(
        (place for place, line in enumerate(lines) if line and not line.startswith(("#", "%%"))), len(lines)
    )
    matches = {place: _LINE.fullmatch(line) for place, line in enumerate(lines[:first])}
    for _, group in groupby(matches.items(), key=lambda pair: pair[1] is not None):
        block = {place: match for place, match in group if match}
        opening = next(iter(block.values()), None)
        if opening and (not opening["black"] or _KEY.match(opening["text"])):
            found |= {place: match["text"] for place, match in block.items()}
    return found


def _parsed(head: Mapping[int, str]) -> tuple[dict[str, Any], list[tuple[int, str]]]:
    if not head:
        return {}, []
    from site_builder import yaml_text  # takes longer to load than a build with nothing to do

    lines = [head.get(place, "") for place in range(max(head) + 1)]
    text = "\n".join(map(_quoted, textwrap.dedent("\n".join(lines)).split("\n")))
    try:
        loaded, node = yaml_text.load(text), yaml_text.compose(text)
    except yaml_text.YamlError as damage:
        line = min(damage.line, max(head) + 1)
        return {}, [(line, f"options are not YAML: {damage} (a text may need quotes)")]
    if not isinstance(loaded, dict):
        return {}, [(min(head) + 1, "options are lines of the form #| key: value")]
    asked: dict[str, Any] = {str(key): value for key, value in loaded.items()}
    faults = []
    for key_node, value_node in node.value if node else ():
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in TEXTS:
            asked[key] = _text(value_node)
        faults += [(line, problem) for problem in _problems(key, asked.get(key))]
    return {key: value for key, value in asked.items() if key not in TEXTS or value is not None}, faults


def _quoted(line: str) -> str:
    """A text with a colon or a field in it, which a sentence may have, in the quotes that YAML wants."""
    match = _PLAIN.fullmatch(line)
    if match is None or not (re.search(r":(?:\s|$)", match["text"]) or match["text"].startswith("{")):
        return line
    return f"{match['key']}: '{match['text'].replace(chr(39), chr(39) * 2)}'{match['note'] or ''}"


def _text(node: Any) -> str | None:
    """A text of one line; None if the node holds no text."""
    parts = node.value
    if isinstance(parts, list) and len(parts) == 1 and node.id == "sequence":
        parts = parts[0].value
    if not isinstance(parts, str):
        return None
    return "" if node.tag.endswith(":null") else " ".join(parts.split())


def _problems(key: str, value: Any) -> Iterator[str]:
    """What is wrong with an option that YAML can read."""
    if key in TEXTS:
        if value is None:
            yield f"{key} is no text"
    elif key not in _QUARTOS:
        from difflib import get_close_matches  # few cells have other options

        plain = re.sub("[_.]", "-", key.lower())
        if plain.startswith(("fig-", "lst-", "tbl-")) or get_close_matches(plain, TEXTS, 1, 0.75):
            yield f"unknown option {key!r}; {choices(TEXTS, plain)}"


def for_kernel(source: str) -> str:
    """The cell as it is executed: a magic for the whole cell has to come first, so options before it go."""
    without = code(source)
    return without if without.startswith("%%") else source


def assignments(source: str) -> dict[str, ast.expr | None]:
    """What the lines of a cell assign, by name, in their order; empty if it is not Python."""
    try:
        body = python.tree(source).body
    except SyntaxError:
        return {}  # its own execution will say so, with line and text
    found: dict[str, ast.expr | None] = {}
    for statement in body:
        found |= dict.fromkeys(targets(statement), getattr(statement, "value", None))
    return found


def targets(statement: ast.stmt) -> list[str]:
    """The plain names that a statement assigns, with or without an annotation."""
    assigned = getattr(statement, "targets", []) if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        assigned = [statement.target]
    return [target.id for target in assigned if isinstance(target, ast.Name)]


def defaults(source: str) -> dict[str, Any]:
    """The literals that a cell of parameters assigns, by name; what is computed is left out."""
    found: dict[str, Any] = {}
    for name, value in assignments(source).items():
        if value is not None:
            with suppress(ValueError, TypeError):
                found[name] = ast.literal_eval(value)
    return found


def fill_text(text: str, known: Mapping[str, Any]) -> str:
    r"""``{name}`` replaced by what is known under that name: a parameter of the run, or a value it published.

    Other braces stay, and so does everything inside ``\(...\)``, where braces belong to TeX.
    """
    pieces = FORMULA.split(text)
    return "".join(
        piece if FORMULA.fullmatch(piece) else _FIELD.sub(lambda m: str(known.get(m[1], m[0])), piece)
        for piece in pieces
    )


def unfilled(text: str) -> list[str]:
    """The names in braces that :func:`fill_text` left as they are."""
    return [
        name
        for piece in FORMULA.split(text)
        if not FORMULA.fullmatch(piece)
        for name in _FIELD.findall(piece)
    ]


def fill_label(label: str, parameters: Mapping[str, Any]) -> str:
    """Like :func:`fill_text`, with each parameter in the characters that a label may have."""
    slugs = {name: re.sub(r"[^a-z0-9]+", "-", str(value).lower()) for name, value in parameters.items()}
    return fill_text(label, slugs)
