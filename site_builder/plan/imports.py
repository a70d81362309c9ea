"""Which project modules and packages a notebook reaches, found by reading and never by importing.

Imports inside functions count, and so do the ``__init__`` files that an import runs on its way, and a file
beside a module that the module names in a string: a list of classes is as much a cause as code.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from site_builder.errors import BuildError
from site_builder.files import digest

_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Reach:
    """``files`` maps a project file (posix, below the folder) to its digest; ``packages`` are not ours."""

    files: dict[str, str]
    packages: frozenset[str]


@dataclass(frozen=True)
class _Module:
    """What one file says: dotted names it imports (with leading dots if relative), texts, and its digest."""

    imports: frozenset[str]
    texts: frozenset[str]
    digest: str


def reach(sources: Iterable[tuple[str, str]], folder: Path) -> Reach:
    """All that the code of ``sources``, pairs of name and text, imports from ``folder`` or elsewhere."""
    files: dict[str, str] = {}
    packages: set[str] = set()
    waiting = [(name, "") for where, text in sources for name in _imports(_tree(text, where))]
    while waiting:
        name, package = waiting.pop()
        dotted = _absolute(name, package)
        found = list(_resolve(dotted, folder))
        if not found:
            top = dotted.partition(".")[0]
            if top and top not in sys.stdlib_module_names and not name.startswith("."):
                packages.add(top)
        for path in found:
            key = path.relative_to(folder).as_posix()
            if key in files:
                continue
            module = _module(path)
            files[key] = module.digest
            owner = ".".join(path.relative_to(folder).parent.parts)
            waiting += [(imported, owner) for imported in module.imports]
            files |= {
                beside.relative_to(folder).as_posix(): digest(beside.read_bytes())
                for beside in (path.parent / text for text in module.texts)
                if beside.is_file()
            }
    return Reach(files, frozenset(packages))


def _absolute(name: str, package: str) -> str:
    level = len(name) - len(name.lstrip("."))
    if not level:
        return name
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - (level - 1)]
    return ".".join([*kept, *filter(None, name[level:].split("."))])


def _resolve(dotted: str, folder: Path) -> Iterator[Path]:
    """The files that importing ``dotted`` runs: each package's ``__init__`` on the way, then the module."""
    place = folder
    for part in filter(None, dotted.split(".")):
        place = place / part
        if (place / "__init__.py").is_file():
            yield place / "__init__.py"
        elif place.with_name(f"{part}.py").is_file():
            yield place.with_name(f"{part}.py")
            return
        elif not place.is_dir():
            return


def _module(path: Path) -> _Module:
    stat = path.stat()
    return _read_module(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=1024)
def _read_module(path: Path, changed: int, size: int) -> _Module:
    text = path.read_text(encoding="utf-8")
    tree = _tree(text, path.name)
    texts = frozenset(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[\w-]+\.[\w.-]+", node.value)
        and not node.value.endswith(".py")
    )
    return _Module(frozenset(_imports(tree)), texts, digest(meaning(text)))


def _tree(text: str, where: str) -> ast.Module:
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", text))
    except SyntaxError as error:
        raise BuildError(f"{where}, line {error.lineno}: not Python: {error.msg}") from None


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield base
            joint = "" if base.endswith(".") else "."
            # An imported name may be a module. If it is not, and the base is not ours, nothing is added
            # beyond the base, because a package is counted by its first part.
            yield from (f"{base}{joint}{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield node.args[0].value


@lru_cache(maxsize=4096)
def meaning(text: str) -> str:
    """``text`` without comments, docstrings and blank lines: what is left can change a result.

    It is cut out of the text, not printed from a syntax tree, so that every Python version agrees.
    """
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        dropped = _docstring_lines(ast.parse(text), text)
    except (SyntaxError, tokenize.TokenError):
        return text  # a cell with magics: every character counts
    lines = text.split("\n")
    for token in tokens:
        row, column = token.start
        if token.type == tokenize.COMMENT:
            lines[row - 1] = lines[row - 1][:column].rstrip()
        if token.type == tokenize.NL and not lines[row - 1].strip():
            dropped.add(row)
    return "\n".join(line for row, line in enumerate(lines, start=1) if row not in dropped)


def _docstring_lines(tree: ast.Module, text: str) -> set[int]:
    """The lines of docstrings that stand on lines of their own."""
    lines = text.split("\n")
    dropped: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = node.body[0] if node.body else None
        if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant):
            continue
        end = first.end_lineno or first.lineno
        alone = not lines[first.lineno - 1][: first.col_offset].strip()
        if isinstance(first.value.value, str) and alone and lines[end - 1].rstrip().endswith(('"', "'")):
            dropped |= set(range(first.lineno, end + 1))
    return dropped
