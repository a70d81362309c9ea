"""Source code of the project's own objects, found without importing them."""

import ast
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from site_builder.errors import choices
from site_builder.notebook import cells
from site_builder.plan import inputs

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class SourceError(Exception):
    """Why an object was not found; the caller adds where it was asked for."""


@dataclass(frozen=True)
class Source:
    """An object's code, its module's path below the experiments folder, and its first line."""

    name: str
    module: str
    line: int
    code: str


def find(experiments: Path, dotted: str) -> Source:
    """The code of ``dotted``, for example "gradlab.filtering.hooks.Partition.set"."""
    parts = dotted.split(".")
    if not all(part.isidentifier() for part in parts):
        raise SourceError(f"{dotted!r} is not the dotted name of an object")
    for split in range(len(parts) - 1, 0, -1):
        path = experiments.joinpath(*parts[:split])
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return _object(experiments, file, parts[split:], dotted)
    near = choices(inputs.modules(experiments), dotted)
    raise SourceError(f"{dotted!r} is in no module of the project; {near}")


def _object(experiments: Path, file: Path, names: list[str], dotted: str) -> Source:
    text = file.read_text(encoding="utf-8")
    body = ast.parse(text).body
    node: Any = None
    for name in names:
        known = _defined(body)
        if name not in known:
            raise SourceError(f"{dotted!r}: {file.name} has no {name!r}; {choices(known, name)}")
        node = known[name]
        body = node.body if isinstance(node, ast.ClassDef) else []
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    code = textwrap.dedent("\n".join(text.splitlines()[first - 1 : node.end_lineno]))
    return Source(names[-1], file.relative_to(experiments).as_posix(), first, code)


def _defined(body: list[ast.stmt]) -> dict[str, Any]:
    """What statements define or assign, by name: the last of each stays."""
    found: dict[str, Any] = {}
    for node in body:
        named = [node.name] if isinstance(node, _Definition) else cells.targets(node)
        found |= dict.fromkeys(named, node)
    return found
