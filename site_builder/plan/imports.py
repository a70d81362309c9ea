"""Which project files and packages a notebook reaches, found by reading and never by importing.

Imports inside functions count, and so do the ``__init__`` files that an import runs on its way, a file beside
a module that the module names in a string, and one that is opened by name: a list of classes is as much a
cause as code. But what may be passed over, or fail and be caught, need not be installed.
"""

import ast
import io
import os
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from site_builder.errors import BuildError
from site_builder.files import digest
from site_builder.notebook import python, reader
from site_builder.plan.reading import Reading, read

_NO_PACKAGES = sys.stdlib_module_names | {"__main__"}


@dataclass(frozen=True)
class _Module:
    """What one file says: all that it reads, texts in it that may name files beside it, and its digest."""

    reading: Reading
    texts: frozenset[str]
    digest: str


@dataclass(frozen=True)
class Reach:
    """What was met, by paths below the folder: digests of ``files`` with code and of ``data`` that is read,
    and the names of data that are ``absent``.

    ``packages`` are not ours, and nothing goes without the ``required`` ones. ``unseen`` tells what no
    fingerprint covers, and ``elsewhere`` whether modules may be where nobody sees them.
    """

    files: dict[str, str]
    data: dict[str, str]
    absent: frozenset[str]
    packages: frozenset[str]
    required: frozenset[str]
    unseen: frozenset[str]
    elsewhere: bool


def reach(sources: Iterable[tuple[str, str]], folder: Path) -> Reach:
    """All that the code of ``sources``, pairs of name and text, imports or reads.

    The sources are the cells of one notebook. Raises ``BuildError`` for what is not Python.
    """
    walk = _Walk(folder)
    walk.start(sources)
    return walk.reached()


class _Walk:
    """The way from code to the files that it reaches; one that was optional at first may be met again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._roots = [folder]
        self._files: dict[str, str] = {}
        self._data: dict[str, str] = {}
        self._absent: set[str] = set()
        self._packages: dict[str, bool] = {}
        self._met: dict[Path, bool] = {}
        self._made: set[str] = set()
        self._unseen: set[str] = set()
        self._elsewhere = False
        self._waiting: list[tuple[Reading, str, bool]] = []

    def start(self, cells: Iterable[tuple[str, str]]) -> None:
        """Begin with the cells of a notebook, which share their names."""
        body = [statement for where, text in cells for statement in _tree(text, where).body]
        self._waiting.append((read(body), "", True))

    def reached(self) -> Reach:
        """Go all the way, and say what was met."""
        while self._waiting:
            self._add(*self._waiting.pop())
        return Reach(
            self._files,
            {name: one for name, one in self._data.items() if name not in self._files},
            frozenset(self._absent),
            frozenset(self._packages),
            frozenset(name for name, certain in self._packages.items() if certain),
            frozenset(self._unseen),
            self._elsewhere,
        )

    def _add(self, reading: Reading, owner: str, certain: bool) -> None:
        """Follow what one text says; ``owner`` is the package in which it stands."""
        self._made |= reading.made
        self._unseen |= reading.unseen
        for place in sorted(reading.places):
            found = (self._folder / place).resolve()
            if place and found.is_dir() and found.is_relative_to(self._folder.resolve()):
                self._roots.append(self._folder / place)
            else:
                self._elsewhere = True
        for script in sorted(reading.scripts):
            self._script(script)
        for name in sorted(reading.files):
            present = {key: digest(path.read_bytes()) for key, path in self._file(name)}
            self._data |= present
            self._absent |= set() if present else {name}
        for name, needed in reading.imports.items():
            self._module(name, owner, certain and needed)

    def _file(self, name: str) -> Iterator[tuple[str, Path]]:
        """The first file of this name in the folders where it may be, if the code does not make it itself."""
        for root in self._roots:
            path = Path(os.path.normpath(root / name))
            if path.is_file() and path.is_relative_to(self._folder) and name not in self._made:
                yield path.relative_to(self._folder).as_posix(), path
                return

    def _script(self, name: str) -> None:
        """What ``%run`` executes: a notebook, or a module, whose ending may be left out."""
        for key, path in [*self._file(name), *self._file(f"{name}.py")][:1]:
            if path.suffix == ".ipynb" and key not in self._files:
                code = reader.code_cells(reader.read(path))
                self._files[key] = digest("\n".join(meaning(cell.source) for cell in code))
                self.start((f"{path.name}, {cell.title}", cell.source) for cell in code)
            elif path.suffix == ".py":
                self._follow(path, "", certain=True)

    def _module(self, name: str, owner: str, certain: bool) -> None:
        dotted = _absolute(name, owner)
        top = dotted.partition(".")[0]
        if f"{top}.py" in self._made:
            return
        found = next(filter(None, (list(_resolve(dotted, root)) for root in self._roots)), [])
        if not found and top and top not in _NO_PACKAGES and not name.startswith("."):
            self._packages[top] = self._packages.get(top, False) or certain
        for path in found:
            self._follow(path, ".".join(path.relative_to(self._folder).parent.parts), certain)

    def _follow(self, path: Path, owner: str, certain: bool) -> None:
        if self._met.get(path, False) or (path in self._met and not certain):
            return
        self._met[path] = certain
        module = _module(path)
        self._files[path.relative_to(self._folder).as_posix()] = module.digest
        self._files |= {
            beside.relative_to(self._folder).as_posix(): digest(beside.read_bytes())
            for beside in (path.parent / text for text in module.texts)
            if beside.is_file()
        }
        self._waiting.append((module.reading, owner, certain))


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
    return _Module(read(tree.body), texts, digest(meaning(text)))


def _tree(text: str, where: str) -> ast.Module:
    try:
        return python.tree(text)
    except SyntaxError as error:
        raise BuildError(f"{where}, line {error.lineno or 1}: not Python: {error.msg}") from None


@lru_cache(maxsize=4096)
def meaning(text: str) -> str:
    """``text`` without comments, docstrings and blank lines: what is left can change a result.

    It is cut out of the text, not printed from a syntax tree, so that every Python version agrees.
    """
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        dropped = _docstring_lines(ast.parse(text), text)
    except (SyntaxError, tokenize.TokenError, MemoryError, RecursionError):
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
