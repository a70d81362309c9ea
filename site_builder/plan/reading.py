"""What code reads, found in its syntax: imports, scripts, files by literal paths, and what stays unseen.

Nothing is executed, so a path counts if it is a text, a name to which one text is assigned, or joined from
these. A file that the code may write itself is no input: the run would be stale by its own execution.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from site_builder.notebook import python

COMPUTED = "imports modules by names that it computes"
"""What no fingerprint covers, unless the register lists these modules."""
_JOINS = frozenset({"Path", "PurePath", "join", "abspath", "realpath", "expanduser", "str"})
_READS = re.compile(
    r"i?m?read\w*|i?load\w*|\w+_load|open\w*|scan_\w+|genfromtxt|fromfile|parse|exists|is_?file|print"
    r"|File|ZipFile|ExcelFile|Image|SVG"
)
_OPENS_TO_WRITE = re.compile(r"[rbtU]*[wax+][wabxt+]*")
_FILE = re.compile(r"(?!/)[\w ./+-]*\w\.\w+")
_SCRIPT = re.compile(r"(?:^|[\s;&|/])python[\d.]*\s+(?:-[a-zA-Z]\s+)*([\w./-]+\.py)\b")
_INSTALLS = re.compile(r"\b(?:pip|conda|mamba|uv)3?\b.*\binstall\b")
_EXECUTE_PYTHON = frozenset({"time", "timeit", "capture", "prun"})
_SHELLS = frozenset({"bash", "sh", "script", "system", "sx", "!"})
_SETTLED = re.compile(
    r"(GRADLAB|PYTHON|JUPYTER|IPYTHON|MPL|MATPLOTLIB|CUDA|CUBLAS)\w*|\w+_NUM_THREADS|SOURCE_DATE_EPOCH"
    r"|HOME|TORCH_HOME|XDG_CACHE_HOME"
)
"""Environment variables that are the same in every kernel, or say only where inputs lie that have digests."""


@dataclass
class Reading:
    """What code says.

    ``imports`` maps dotted names, with leading dots if relative, to whether the code cannot go on without.
    ``scripts`` it executes and ``files`` it reads, by the paths it gives; ``made`` are files it writes. It
    looks for modules in ``places``, of which "" is an unknown one, or an installation. ``unseen`` says in
    words what no fingerprint covers.
    """

    imports: dict[str, bool] = field(default_factory=dict)
    scripts: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    unseen: set[str] = field(default_factory=set)


def read(body: Iterable[ast.stmt]) -> Reading:
    """What these statements read."""
    reader = _Reader(ast.Module(list(body), []))
    return reader.finished()


class _Reader(ast.NodeVisitor):
    """Walks the syntax, and knows whether what it meets is executed in any case, and whether it is read."""

    def __init__(self, tree: ast.Module) -> None:
        self.found = Reading()
        self._certain, self._reads = True, False
        self._asked: set[str] = set()
        self._set: set[str] = set()
        self._elsewhere: set[str] = set()
        self._known: dict[str, str] = {}
        for name, value in _assigned_once(tree):
            path = self._path(value)
            if path is not None:
                self._known[name] = path
        self.visit(tree)

    def finished(self) -> Reading:
        """All that was found, but for what the code itself writes or sets."""
        self.found.files -= self._elsewhere | self.found.made
        variables = sorted(name for name in self._asked - self._set if not _SETTLED.fullmatch(name))
        self.found.unseen |= {f"reads the environment variable {name}" for name in variables}
        return self.found

    # -- imports ---------------------------------------------------------------------------------

    def _import(self, name: str) -> None:
        self.found.imports[name] = self.found.imports.get(name, False) or self._certain

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._import(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = "." * node.level + (node.module or "")
        self._import(base)
        joint = "" if base.endswith(".") else "."
        # An imported name may be a module. If it is not, and the base is not ours, nothing is added beyond
        # the base, because a package is counted by its first part.
        for alias in node.names:
            self._import(f"{base}{joint}{alias.name}")

    def _perhaps(self, node: ast.AST) -> None:
        """Code that may be passed over, or whose failure may be caught."""
        with self._as(certain=False):
            self.generic_visit(node)

    visit_If = visit_IfExp = visit_Try = visit_TryStar = visit_With = _perhaps
    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _perhaps

    @contextmanager
    def _as(self, certain: bool = True, reads: bool | None = None) -> Iterator[None]:
        before = self._certain, self._reads
        self._certain, self._reads = before[0] and certain, before[1] if reads is None else reads
        yield
        self._certain, self._reads = before

    # -- calls, names and texts ------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> None:
        called, texts = _last(node.func), [one for arg in node.args if (one := _text(arg)) is not None]
        if called in ("run_line_magic", "run_cell_magic", "system", "getoutput"):
            self._magic(*(texts if "magic" in called else ["!", *texts]))
        elif called in _JOINS and self._path(node) is not None:
            self._mention(node)
        else:
            self._note(node, called, texts)
            modes = [*texts[:2], *(_text(word.value) or "" for word in node.keywords if word.arg == "mode")]
            writes = called in ("open", "File", "ZipFile") and any(map(_OPENS_TO_WRITE.fullmatch, modes))
            with self._as(reads=bool(_READS.fullmatch(called)) and not writes):
                self.generic_visit(node)

    def _note(self, node: ast.Call, called: str, texts: list[str]) -> None:
        """Calls that import, change where modules are looked for, or ask the environment."""
        dotted = _dotted(node.func)
        if called in ("import_module", "__import__"):
            if texts:
                self._import(texts[0])
            else:
                self.found.unseen.add(COMPUTED)
        elif called in ("addsitedir", "chdir") or re.fullmatch(r"sys\.path\.(append|insert|extend)", dotted):
            self._look_in(node.args[-1] if node.args else None)
        elif node.args and (called == "getenv" or dotted.endswith("environ.get")):
            self._asked |= self._variable(node.args[0])

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if _last(node.value) == "environ":
            named = self._asked if isinstance(node.ctx, ast.Load) else self._set
            named |= self._variable(node.slice)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        if _last(node.comparators[-1]) == "environ":
            self._asked |= self._variable(node.left)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(_dotted(target) == "sys.path" for target in node.targets):
            self._look_in(None)
        alone = node.targets[0]
        if not (isinstance(alone, ast.Name) and alone.id in self._known):  # else it counts where it is used
            self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if _dotted(node.target) == "sys.path":
            self._look_in(node.value)
        self.generic_visit(node)

    def _look_in(self, folders: ast.expr | None) -> None:
        entries = folders.elts if isinstance(folders, ast.List | ast.Tuple) else [folders]
        self.found.places |= {self._path(entry) or "" for entry in entries}

    def visit_Constant(self, node: ast.Constant) -> None:
        self._mention(node)

    def visit_Name(self, node: ast.Name) -> None:
        self._mention(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not self._mention(node):
            with self._as(reads=False):  # half a path is none
                self.generic_visit(node)

    def _mention(self, node: ast.expr) -> bool:
        """Whether an expression is a path; it is noted by whether it is read here."""
        path = self._path(node)
        if path is not None and _FILE.fullmatch(path):
            (self.found.files if self._reads else self._elsewhere).add(str(PurePosixPath(path)))
        return path is not None

    def _variable(self, node: ast.expr) -> set[str]:
        return {name for name in [self._path(node)] if name}

    def _path(self, node: ast.expr | None) -> str | None:
        """The text or path that an expression is bound to be, None if that is not seen."""
        if isinstance(node, ast.Name):
            return self._known.get(node.id)
        parts: list[ast.expr] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            parts = [node.left, node.right]
        elif isinstance(node, ast.Call) and _last(node.func) in _JOINS:
            parts = node.args
        known = [one for one in map(self._path, parts) if one is not None]
        return str(PurePosixPath(*known)) if parts and len(known) == len(parts) else _text(node)

    # -- magics and shells -----------------------------------------------------------------------

    def _magic(self, name: str = "", line: str = "", body: str = "") -> None:
        """What a magic, or a command of the shell ("!"), executes and reads."""
        words = [word.strip("'\"") for word in line.split()]
        plain = [word for word in words if not word.startswith("-")]
        if name in _SHELLS or name in ("pip", "conda", "mamba", "uv"):
            self._shell(f"{name} {line}\n{body}")
        elif name == "run" and plain:
            if "-m" in words:
                self._import(plain[0])
            else:
                self.found.scripts.add(plain[0])
        elif name in ("load", "loadpy") and plain:
            self.found.files.add(str(PurePosixPath(plain[-1])))
        elif name in ("writefile", "file") and plain:
            self.found.made.add(str(PurePosixPath(plain[0])))
        elif name in ("env", "set_env") and words:
            variable, joint, _ = line.strip().partition("=")
            (self._set if joint or len(words) > 1 else self._asked).add(variable.split()[0])
        elif name == "cd":
            self.found.places.add("".join(plain))
        elif name == "pylab":
            self.found.imports |= {"numpy": True, "matplotlib": True}
        code = body or (line if name in _EXECUTE_PYTHON else "")
        with suppress(SyntaxError), self._as(certain=name in _EXECUTE_PYTHON):
            self.visit(python.tree(code))

    def _shell(self, commands: str) -> None:
        if _INSTALLS.search(commands):
            self.found.places.add("")
            self.found.unseen.add("installs packages while it runs")
        else:
            self.found.unseen.add("runs commands of the shell")
        self.found.scripts |= set(_SCRIPT.findall(commands))


def _assigned_once(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """The names that are assigned once, with what."""
    values: dict[str, list[ast.expr]] = defaultdict(list)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values[node.targets[0].id].append(node.value)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            values[node.id].append(node)
    # An assignment is met twice, as a whole and by its name.
    return ((name, met[0]) for name, met in values.items() if len(met) == 2 and met[0] is not met[1])


def _text(node: ast.AST | None) -> str | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else None


def _dotted(node: ast.expr) -> str:
    """``a.b.c`` as a text; of a call or the like before the last dots nothing is left."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return str(getattr(node, "id", ""))


def _last(node: ast.expr) -> str:
    return _dotted(node).rpartition(".")[2]
