"""A YAML file that people write, read with its problems in words."""

from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice is a problem instead of a silent loss."""

    twice: list[str]

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str | int | float | bool | None) and key in seen:
                self.twice.append(f"{key}: stands twice, again in line {key_node.start_mark.line + 1}")
            elif isinstance(key, str | int | float | bool | None):
                seen.add(key)
        return super().construct_mapping(node, deep)


def read(path: Path, name: str, problems: list[str]) -> dict[Any, Any] | None:
    """The mapping in a YAML file; None, with a problem, if it is absent or damaged."""
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(f"{name}: there is no such file")
        return None
    except (UnicodeDecodeError, yaml.YAMLError) as damage:
        problems.append(f"{name}: not UTF-8 text: {damage}")
        return None
    loader.twice = []
    try:
        content = loader.get_single_data()
    except yaml.MarkedYAMLError as damage:
        line = damage.problem_mark.line + 1 if damage.problem_mark else 1
        problems.append(f"{name}, line {line}: not YAML: {damage.problem}")
        return None
    problems.extend(f"{name}: {entry}" for entry in loader.twice)
    if not isinstance(content, dict):
        problems.append(f"{name}: is empty, or no mapping")
        return None
    return content
