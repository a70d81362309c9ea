"""Notebooks ask, call and show: their cells are short, and what they measure is in the library."""

import ast
import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "_experiments").glob("*.ipynb"))
CELL = 20
"""Lines of source that a code cell may have, with its options, comments and blank lines."""
FUNCTION = 8
"""Lines that a function may have which a cell defines, with its decorators."""


def too_long(path: Path) -> list[str]:
    """A line for each cell and each function that is too long, with the cell's number and first line."""
    found = []
    for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"], start=1):
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        lines = source.splitlines()
        place = f"{path.name}, cell {number} ({(lines or [''])[0]!r})"
        if len(lines) > CELL:
            found.append(f"{place}: {len(lines)} lines, {CELL} at most")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                size = (node.end_lineno or first) - first + 1
                if size > FUNCTION:
                    found.append(f"{place}: function {node.name} of {size} lines, {FUNCTION} at most")
    return found


def notebook(folder: Path, *cells: str) -> Path:
    """A notebook of code cells after one cell of prose, which is not counted."""
    prose = {"cell_type": "markdown", "source": ["word\n"] * 50}
    code = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    path = folder / "small.ipynb"
    path.write_text(json.dumps({"cells": [prose, *code]}), encoding="utf-8")
    return path


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_and_their_functions_are_short(path: Path) -> None:
    assert not too_long(path), "\n".join(too_long(path))


def test_a_long_cell_is_named_with_its_first_line(tmp_path: Path) -> None:
    fits, long = "x = 1\n" * CELL, "#| label: fig-a\n" + "x = 1\n" * CELL
    assert too_long(notebook(tmp_path, fits, long)) == [
        "small.ipynb, cell 3 ('#| label: fig-a'): 21 lines, 20 at most"
    ]


def test_a_long_function_is_named_with_its_cell(tmp_path: Path) -> None:
    fits = "def f(x):\n" + "    x += 1\n" * (FUNCTION - 1)
    inside = "class A:\n    @staticmethod\n    def g(x):\n" + "        x += 1\n" * (FUNCTION - 1)
    assert too_long(notebook(tmp_path, fits, inside)) == [
        "small.ipynb, cell 3 ('class A:'): function g of 9 lines, 8 at most"
    ]
