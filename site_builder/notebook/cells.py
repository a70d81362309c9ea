"""A cell of a notebook: its options (``#| key: value``), its code, and parameters filled into text."""

import ast
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from site_builder.notebook import python
from site_builder.notebook.formulas import FORMULA

_OPTION = re.compile(r"^#\|\s*([A-Za-z][\w-]*)\s*:\s*(.*?)\s*$")
_FIELD = re.compile(r"\{([A-Za-z_][\w.-]*)\}")


def options(source: str) -> dict[str, str]:
    """The leading option comments of a cell; a value may stand in quotes."""
    found: dict[str, str] = {}
    for line in source.splitlines():
        if not line.strip():
            continue
        match = _OPTION.match(line)
        if match is None:
            break
        key, value = match.groups()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[key] = value
    return found


def code(source: str) -> str:
    """The cell as a reader shall see it: without its leading option comments and outer blank lines."""
    lines = source.splitlines()
    start = 0
    while start < len(lines) and (not lines[start].strip() or _OPTION.match(lines[start])):
        start += 1
    return "\n".join(line.rstrip() for line in lines[start:]).strip("\n")


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
