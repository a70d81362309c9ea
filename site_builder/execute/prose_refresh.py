"""Prose carried into executed notebooks: an author may improve a caption without executing anything."""

from pathlib import Path
from typing import Any

from site_builder.files import write_if_changed
from site_builder.model import Run
from site_builder.notebook import reader
from site_builder.plan import fingerprint


def refresh(run: Run) -> bool:
    """Carry prose, captions and comments of the source into an executed notebook that is fresh.

    They have no part in the fingerprint, so an author may improve them without an execution; False if the
    executed notebook had them already.
    """
    if _written(run.notebook) == _written(run.executed):
        return False
    import nbformat  # takes longer to load than most builds take

    from site_builder.notebook import prepared

    source = prepared.load(run)
    executed = nbformat.from_dict(reader.load(run.executed))
    done = {position: cell for position, cell in enumerate(executed.cells) if cell.cell_type == "code"}
    coded = [cell for cell in source.cells if cell.cell_type == "code"]
    if [_code(cell) for cell in coded] != [_code(cell) for cell in done.values()]:
        return False  # an empty cell more or less: nothing to carry over safely
    for cell, old in zip(coded, done.values(), strict=True):
        cell.outputs, cell.execution_count = old.outputs, old.execution_count
    source.metadata = executed.metadata
    return write_if_changed(run.executed, nbformat.writes(source) + "\n")


def _written(notebook: Path) -> list[tuple[object, ...]]:
    """All that an author writes into a notebook."""
    found: list[tuple[object, ...]] = []
    for cell in reader.load(notebook)["cells"]:
        metadata = cell.get("metadata", {})
        if reader.INJECTED not in metadata.get("tags", ()):
            parts = (cell.get("cell_type"), reader.text(cell.get("source", "")), cell.get("attachments"))
            found.append((*parts, metadata))
    return found


def _code(cell: Any) -> str:
    return fingerprint.executable(reader.as_cell(0, cell))
