"""The seal of an executed notebook: digests of its code and of each output, taken when it was executed.

What a slip of the hand or a merge changed afterwards is found and named. Who forges a result can renew the
seal; only another execution tells (:mod:`site_builder.verify`).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from site_builder.files import digest
from site_builder.notebook import reader, run_record
from site_builder.plan import fingerprint

_SEAL = "seal"
_LENGTH = 12
_MOST = 4


def put(notebook: Any) -> None:
    """Seal a notebook that has its run record; what it says of itself is sealed too."""
    record = notebook["metadata"][run_record.KEY]
    # A line for each cell, so that the file of a notebook stays short.
    cells = [" ".join(_of_cell(cell)) for cell in _coded(notebook)]
    record[_SEAL] = {"record": _of_record(record), "cells": cells}


def broken(executed: Path) -> tuple[str, ...]:
    """What of the whole executed notebook at that path is not as it was sealed, in words."""
    notebook = reader.load(executed)
    record = notebook["metadata"][run_record.KEY]
    seal = record.get(_SEAL)
    if not isinstance(seal, Mapping) or not isinstance(seal.get("cells"), list):
        return ("its results were not sealed when it was executed",)
    found = [*_differences(_coded(notebook), seal["cells"])]
    if seal.get("record") != _of_record(record):
        found.append("the record of its execution")
    more = [f"{len(found) - _MOST} more"] if len(found) > _MOST else []
    named = ", ".join([*found[:_MOST], *more])
    return (f"changed by hand or by a merge since its execution: {named}",) if found else ()


def _differences(cells: list[reader.Cell], sealed: list[Any]) -> Iterator[str]:
    if len(cells) != len(sealed):
        yield f"it has {len(cells)} code cells for {len(sealed)}"
        return
    for cell, entry in zip(cells, sealed, strict=True):
        now, were = _of_cell(cell), str(entry).split()
        if len(now) != len(were):
            yield f"the outputs of {cell.title}"
            continue
        for place, (one, was) in enumerate(zip(now, were, strict=True)):
            if one != was:
                yield f"output {place} of {cell.title}" if place else f"the code of {cell.title}"


def _coded(notebook: Any) -> list[reader.Cell]:
    cells = [reader.as_cell(place, cell) for place, cell in enumerate(notebook["cells"], start=1)]
    return [cell for cell in cells if cell.kind == "code"]


def _of_cell(cell: reader.Cell) -> list[str]:
    """The digest of what its code computes, and one of each output."""
    return [_digest(fingerprint.executable(cell)), *map(_of_output, cell.outputs)]


def _of_output(output: Mapping[str, Any]) -> str:
    """The same whether texts are whole or cut into lines: libraries of notebooks differ in that."""
    kept = {key: _whole(entry) for key, entry in output.items() if key != "execution_count"}
    if isinstance(kept.get("data"), Mapping):
        kept["data"] = {mime: _whole(entry) for mime, entry in kept["data"].items()}
    return _digest(kept)


def _whole(entry: Any) -> Any:
    cut = isinstance(entry, list) and all(isinstance(line, str) for line in entry)
    return reader.text(entry) if cut else entry


def _of_record(record: Mapping[str, Any]) -> str:
    return _digest({key: entry for key, entry in record.items() if key != _SEAL})


def _digest(content: Any) -> str:
    return digest(json.dumps(content, sort_keys=True), _LENGTH)
