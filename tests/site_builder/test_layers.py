"""The rooms of the press, in the order in which data meets them: an import points to an earlier room."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PRESS = Path(__file__).resolve().parents[2] / "site_builder"
SHARED = (
    "endings",
    "reserved",
    "errors",
    "yaml_text",
    "files",
    "history",
    "states",
    "memo",
    "machine",
    "together",
    "verdict",
    "model",
    "web_address",
    "authors",
)
"""For every room, and each needs only those before it or none."""
ROOMS = (
    "kernel_figures",
    "notebook",
    "plan",
    "execute",
    "harvest",
    "post",
    "write",
    "render",
    "check",
    "deliver",
)
COMMANDS = ("build", "versions", "status", "new", "serve", "verify", "compare", "__main__")
ORDER = {
    name: place
    for place, names in enumerate((SHARED, *((room,) for room in ROOMS), COMMANDS))
    for name in names
}
"""From the top of the list to its end: what a module may import stands no later than itself."""
IN_KERNEL = "kernel_figures"
NOT_OURS = ("gradlab", "torch", "torchvision", "numpy", "matplotlib")


def modules() -> dict[str, ast.Module]:
    """Every module by its dotted name below the press."""
    found = {}
    for path in sorted(PRESS.rglob("*.py")):
        parts = path.relative_to(PRESS).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = ast.parse(
            path.read_text(encoding="utf-8")
        )
    return found


def imported(name: str, tree: ast.Module) -> Iterator[str]:
    """The dotted names that a module imports, in functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0 or name.startswith(IN_KERNEL), (
                "only what is copied for a kernel is relative"
            )
            module = f"site_builder.{IN_KERNEL}.{node.module}" if node.level else node.module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def arrows() -> dict[str, set[str]]:
    """Which modules of the press each module imports."""
    known = modules()
    found: dict[str, set[str]] = {}
    for name, tree in known.items():
        below = {
            target.removeprefix("site_builder.")
            for target in imported(name, tree)
            if target.startswith("site_builder.")
        }
        # What is imported from a module is no module itself.
        found[name] = {target if target in known else target.rpartition(".")[0] for target in below} - {""}
    return found


def room(name: str) -> str:
    return name.partition(".")[0]


def test_every_module_has_a_room() -> None:
    assert {room(name) for name in modules() if name} == set(ORDER)


def test_no_arrow_leads_to_a_later_room() -> None:
    back = [
        f"{name} -> {target}"
        for name, targets in arrows().items()
        for target in targets
        if ORDER[room(target)] > ORDER[room(name)]
    ]
    assert back == []


def test_there_is_no_circle() -> None:
    try:
        TopologicalSorter(arrows()).prepare()
    except CycleError as circle:
        pytest.fail(f"a circle of imports: {' -> '.join(circle.args[1])}")


def test_the_press_needs_nothing_of_the_laboratory() -> None:
    found = [
        f"{name}: {target}"
        for name, tree in modules().items()
        for target in imported(name, tree)
        if room(target) in NOT_OURS and not (room(name) == IN_KERNEL and room(target) == "matplotlib")
    ]
    assert found == []


def test_no_file_is_longer_than_300_lines() -> None:
    scripts = (PRESS.parent / "assets" / "js").glob("*.js")
    paths = [*PRESS.rglob("*.py"), *scripts]
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {name: length for name, length in lengths.items() if length > 300} == {}
