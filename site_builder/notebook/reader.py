"""A notebook's file as plain data, read in one place: its cells with their outputs, and its parameters."""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from site_builder import reserved
from site_builder.errors import BuildError
from site_builder.notebook import cells, machine_paths, python

PARAMETERS = "parameters"
INJECTED = "injected-parameters"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
"""The MIME type of what a widget looks like, which only scripts of other people can show."""
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""The colours of a terminal, in what a cell printed or raised."""

_ESCAPED = re.compile(r"\\ufd[de]", re.IGNORECASE)
"""A reserved character as JSON may write it."""


@dataclass(frozen=True)
class Cell:
    """A cell. ``index`` is counted from 1, as in all messages; a source notebook has no ``outputs``.
    ``attachments`` are pictures of a Markdown cell, by name and MIME type.
    """

    index: int
    kind: str
    source: str
    tags: tuple[str, ...]
    outputs: tuple[Mapping[str, Any], ...] = ()
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """How a message names the cell."""
        label = cells.options(self.source).get("label")
        return f"cell {self.index} ({label})" if label else f"cell {self.index}"

    @property
    def skipped(self) -> bool:
        """Whether it is shown and not executed: by Jupyter's tag, or by Quarto's option."""
        return "skip-execution" in self.tags or self._says("eval", "false")

    @property
    def may_raise(self) -> bool:
        """Whether an error of it is shown and the next cell executed."""
        return "raises-exception" in self.tags or self._says("error", "true")

    @property
    def failed(self) -> bool:
        """Whether it raised an error that it may not raise."""
        return not self.may_raise and any(output["output_type"] == "error" for output in self.outputs)

    def _says(self, option: str, value: str) -> bool:
        return str(cells.options(self.source).get(option)).lower() == value

    @property
    def bundles(self) -> tuple[Mapping[str, Any], ...]:
        """The MIME bundles of what the cell displayed, in their order."""
        return tuple(output["data"] for output in self.outputs if "data" in output)


def load(path: Path, strangers: bool = False) -> dict[str, Any]:
    """The notebook as JSON; a file that is none is a ``BuildError`` that names it.

    One that may be a ``strangers`` has none of the characters that are reserved, see ``reserved``, and its
    outputs name no folder of a machine.
    """
    try:
        text = path.read_text(encoding="utf-8")
        notebook = json.loads(text)
        # To look through the whole text is cheap, and to look into each string is not.
        if strangers and (reserved.ANY.search(text) or _ESCAPED.search(text)):
            notebook = reserved.replaced(notebook)
    except FileNotFoundError:
        raise BuildError(f"{path.name}: there is no such notebook") from None
    except (OSError, ValueError, RecursionError) as damage:
        raise BuildError(f"{path.name}: not a whole notebook: {damage}") from damage
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise BuildError(
            f"{path.name}: not a notebook of format 4, as Jupyter writes since 2015: it has no list of cells"
        )
    if strangers:
        with suppress(AttributeError, TypeError):  # whoever reads the cells says that one is none
            machine_paths.neutralise(notebook, path.absolute().parents[2])
    return notebook


def read(path: Path) -> tuple[Cell, ...]:
    """The cells of the notebook at ``path``."""
    return _cells(path, load(path))


def source(path: Path) -> tuple[Cell, ...]:
    """The cells of a notebook that is to be executed. ``BuildError`` if its kernel is none of Python's."""
    notebook = load(path)
    python.refuse_other_languages(path.name, notebook)
    return _cells(path, notebook)


def executed(path: Path) -> tuple[Mapping[str, Any], tuple[Cell, ...]]:
    """Metadata and cells of an executed notebook, which may be a stranger's."""
    notebook = load(path, strangers=True)
    metadata = notebook.get("metadata")
    if not isinstance(metadata, dict):
        raise BuildError(f"{path.name}: not a whole notebook: it has no metadata")
    return metadata, _cells(path, notebook)


def _cells(path: Path, notebook: Mapping[str, Any]) -> tuple[Cell, ...]:
    found = []
    for number, cell in enumerate(notebook["cells"], start=1):
        try:
            found.append(as_cell(number, cell))
        except (AttributeError, TypeError, KeyError, ValueError):
            raise BuildError(f"{path.name}: not a whole notebook: cell {number} is no cell") from None
    return tuple(found)


def as_cell(number: int, cell: Any) -> Cell:
    """One JSON cell. Raises an Attribute-, Type-, Key- or ``ValueError`` if it is none."""
    kind, source = str(cell["cell_type"]), text(cell.get("source", ""))
    tags = tuple(cell.get("metadata", {}).get("tags", ()))
    if kind == "code" and (asked := cells.options(source).get("tags")):
        tags += tuple(map(str, asked)) if isinstance(asked, list) else (str(asked),)
    outputs = tuple(cell.get("outputs", ()))
    for output in outputs:
        output["output_type"], dict(output.get("data", {}))
    attachments = {
        name: {kind: text(content) for kind, content in forms.items()}
        for name, forms in cell.get("attachments", {}).items()
    }
    return Cell(number, kind, source, tags, outputs, attachments)


def text(entry: Any) -> str:
    """A text that the format may have cut into lines."""
    return "".join(map(str, entry)) if isinstance(entry, list) else str(entry)


def code_cells(found: Sequence[Cell]) -> list[Cell]:
    """The cells that are code and not empty, without parameters that an execution injected."""
    return [
        cell for cell in found if cell.kind == "code" and cell.source.strip() and INJECTED not in cell.tags
    ]


def parameter_names(found: Sequence[Cell]) -> list[str]:
    """What the cell tagged ``parameters`` assigns, in its order; empty if there is no such cell."""
    return [name for cell in found if PARAMETERS in cell.tags for name in cells.assignments(cell.source)]
