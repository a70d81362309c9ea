"""The source notebook as it goes into a kernel: without outputs, with lasting ids and parameters."""

from typing import Any

import nbformat

from site_builder.errors import ExecutionError
from site_builder.model import Run
from site_builder.notebook import cells, reader

_KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}


def load(run: Run) -> Any:
    """The source notebook, without outputs, with ids that do not change, and with the run's parameters.
    Raises ``ExecutionError`` for options of a cell that are not understood.

    Parameters go into a cell of their own after the one tagged ``parameters``, as papermill does.
    """
    notebook = nbformat.from_dict(reader.load(run.notebook))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict({"language_info": {"name": "python"}, "kernelspec": _KERNELSPEC})
    for position, cell in enumerate(notebook.cells, start=1):
        found = reader.as_cell(position, cell)
        _refuse(run, found)
        cell.source = found.source
        cell.setdefault("id", f"cell-{position}")
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    _inject(notebook, run)
    return notebook


def _refuse(run: Run, cell: reader.Cell) -> None:
    """Raise ``ExecutionError`` for options that are not understood, before an hour is spent on the run."""
    for line, problem in cells.read(cell.source).faults if cell.kind == "code" else ():
        raise ExecutionError(f"{run.id} ({run.notebook.name}), {cell.title}, line {line}: {problem}")


def _inject(notebook: Any, run: Run) -> None:
    if not run.parameters:
        return
    found = [reader.as_cell(i, cell) for i, cell in enumerate(notebook.cells, start=1)]
    place = max(cell.index for cell in found if reader.PARAMETERS in cell.tags)
    code = "\n".join(f"{name} = {value!r}" for name, value in run.parameters.items())
    cell = nbformat.v4.new_code_cell(code, id=reader.INJECTED)
    cell.metadata["tags"] = [reader.INJECTED]
    notebook.cells.insert(place, cell)
