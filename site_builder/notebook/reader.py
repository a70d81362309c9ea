"""A notebook's source file as plain data: its cells, and the parameters that its tagged cell sets."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from site_builder.errors import BuildError
from site_builder.notebook import cells

PARAMETERS = "parameters"
INJECTED = "injected-parameters"


@dataclass(frozen=True)
class Cell:
    """A cell of a source notebook. ``index`` is counted from 1, as in all messages."""

    index: int
    kind: str
    source: str
    tags: tuple[str, ...]

    @property
    def title(self) -> str:
        """How a message names the cell."""
        label = cells.options(self.source).get("label")
        return f"cell {self.index} ({label})" if label else f"cell {self.index}"


def load(path: Path) -> dict[str, Any]:
    """The notebook as JSON; a file that is none is a ``BuildError`` that names it."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BuildError(f"{path.name}: there is no such notebook") from None
    except (OSError, ValueError) as damage:
        raise BuildError(f"{path.name}: not a whole notebook: {damage}") from damage
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise BuildError(f"{path.name}: not a notebook of format 4: it has no list of cells")
    return notebook


def read(path: Path) -> tuple[Cell, ...]:
    """The cells of the notebook at ``path``."""
    return tuple(as_cell(number, cell) for number, cell in enumerate(load(path)["cells"], start=1))


def as_cell(number: int, cell: Any) -> Cell:
    """One JSON cell; its source may be a text or a list of lines."""
    source = cell.get("source", "")
    text = "".join(source) if isinstance(source, list) else str(source)
    tags = tuple(cell.get("metadata", {}).get("tags", ()))
    return Cell(number, str(cell.get("cell_type", "")), text, tags)


def code_cells(found: Sequence[Cell]) -> list[Cell]:
    """The cells that are code and not empty, without parameters that an execution injected."""
    return [
        cell for cell in found if cell.kind == "code" and cell.source.strip() and INJECTED not in cell.tags
    ]


def parameter_names(found: Sequence[Cell]) -> list[str]:
    """What the cell tagged ``parameters`` assigns, in its order; empty if there is no such cell."""
    return [name for cell in found if PARAMETERS in cell.tags for name in cells.assignments(cell.source)]
