"""YAML that people write, read in one way everywhere: by the core schema of YAML 1.2.

PyYAML alone reads YAML 1.1, where ``1e-3`` is a text, ``off`` is false, ``012`` is ten, ``1:30`` is ninety.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"
_CORE = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    ("merge", "<<", ["<"]),
)
"""What a plain scalar is, by its pattern and first characters; the first that fits, else it is a text."""
_BASES = {"0o": 8, "0x": 16}


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The core schema, in which a key that stands twice is a problem instead of a silent loss."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (PyYAML's own, on each class)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping; raises for a key that it has already."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str | int | float | bool | None):
                if key in seen:
                    again = f"{key}: stands twice"
                    raise yaml.constructor.ConstructorError(None, None, again, key_node.start_mark)
                seen.add(key)
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


class DatedLoader(Loader):
    """The same, where what looks like a date is one."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


def _integer(loader: Any, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    return int(text, _BASES.get(text[:2], 10))


def know_core(kind: type[Any]) -> None:
    """Let a loader, or a dumper, take plain scalars for what the core schema takes them."""
    for name, pattern, first in _CORE:
        kind.add_implicit_resolver(_TAG + name, re.compile(rf"(?:{pattern})\Z"), first)


know_core(Loader)
know_core(DatedLoader)
_DATES = [entry for entry in yaml.SafeLoader.yaml_implicit_resolvers["2"] if entry[0] == f"{_TAG}timestamp"]
DatedLoader.add_implicit_resolver(*_DATES[0], list("0123456789"))
Loader.add_constructor(f"{_TAG}int", _integer)
DatedLoader.add_constructor(f"{_TAG}int", _integer)


class YamlError(Exception):
    """What is wrong with a text, and in which of its lines, counted from 1."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.line = line


def load(text: str, loader: type[Any] = Loader) -> Any:
    """What ``text`` says. Raises ``YamlError``."""
    try:
        content = yaml.load(text, loader)
        if _is_endless(content):
            raise ValueError("it has entries in entries without end")
        return content
    except yaml.YAMLError as damage:
        mark = getattr(damage, "problem_mark", None)
        what = getattr(damage, "problem", None) or str(damage)
        raise YamlError(what, mark.line + 1 if mark else 1) from None
    except (
        ValueError,
        RecursionError,
    ) as damage:  # a date or number that there is not, or no end of brackets
        raise YamlError(str(damage), 1) from None


def _is_endless(content: Any) -> bool:
    """Whether few lines stand for more than a person writes: brackets in brackets, or aliases of aliases."""
    waiting, count = [(content, 0)], 0
    while waiting:
        entry, depth = waiting.pop()
        count += 1
        if depth > 50 or count > 100_000:
            return True
        inside = entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else ()
        waiting += [(one, depth + 1) for one in inside]
    return False


def compose(text: str, loader: type[Any] = Loader) -> yaml.Node | None:
    """The nodes of a ``text`` that can be read, with their lines."""
    node: yaml.Node | None = yaml.compose(text, loader)
    return node


def ambiguous(text: str, loader: type[Any] = Loader) -> Iterator[tuple[int, str]]:
    """Line and text of each plain scalar that YAML 1.1, as Jekyll reads it, takes for something else."""
    waiting = [compose(text, loader)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.ScalarNode) and not node.style and _differs(node):
            yield node.start_mark.line + 1, node.value


def _differs(node: yaml.ScalarNode) -> bool:
    older: str = _OLDER.resolve(yaml.ScalarNode, node.value, (True, False))
    return older != node.tag or (node.tag == f"{_TAG}int" and bool(re.match(r"[-+]?0\d", node.value)))


_OLDER: Any = yaml.resolver.Resolver()


def read(path: Path, name: str, problems: list[str]) -> dict[Any, Any] | None:
    """The mapping in a YAML file; None, with a problem, if it is absent or damaged."""
    try:
        content = load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(f"{name}: there is no such file")
        return None
    except UnicodeDecodeError as damage:
        problems.append(f"{name}: not UTF-8 text: {damage}")
        return None
    except YamlError as damage:
        problems.append(f"{name}, line {damage.line}: not YAML: {damage}")
        return None
    if not isinstance(content, dict):
        problems.append(f"{name}: is empty, or no mapping")
        return None
    return content
