"""Harvest: executed notebooks in, figures, listings, values, tables and claims out.

Everything is read before anything is written, and the problems of all notebooks are reported together.
Only pictures and our own records are taken from a notebook's outputs: HTML, scripts and streams stay
where they are.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from site_builder import files
from site_builder.errors import BuildError, HarvestError, choices
from site_builder.harvest import pictures, written
from site_builder.harvest.drawing import DrawingError
from site_builder.memo import Memo
from site_builder.model import (
    Claim,
    Figure,
    Harvest,
    Listing,
    Origin,
    Run,
    RunRecord,
    Site,
    Table,
    Tree,
    Value,
)  # fmt: skip
from site_builder.notebook import captions, cells, published, reader, run_record
from site_builder.states import state
from site_builder.together import in_threads

_LABEL = re.compile(r"(fig|lst|tbl)-[a-z0-9]+(?:-[a-z0-9]+)*")
_PREFIXES = ("fig-", "lst-", "tbl-")


def harvest_all(
    runs: Iterable[Run], tree: Tree, site: Site, told: Callable[[str], None] | None = None
) -> dict[str, Harvest]:
    """The harvests of all runs that were executed, by run id. ``runs`` is the whole register.

    Raises ``HarvestError`` with every problem of every notebook; then nothing was written. If somebody is to
    be ``told``, runs with problems are left out. Figures of runs and labels that are gone are removed.
    """
    registered, memo = list(runs), Memo(tree.cache)
    readings = [_kept(memo, run, tree, site) for run in registered if run.executed.is_file()]
    if told:
        for one in [one for one in readings if one.problems]:
            told(f"run {one.run.id} has no page: {one.problems[0]}")
        readings = [one for one in readings if not one.problems]
    problems = [problem for reading in readings for problem in reading.problems]
    problems += _clashes(readings)
    if problems:
        raise HarvestError(problems)
    _write(tree, readings)
    written.tidy(tree, {one.run.id: sorted(one.files) for one in readings}, {run.id for run in registered})
    for reading in readings:
        if not reading.kept:
            without = replace(reading, files=dict.fromkeys(reading.files), kept=True)
            memo.keep(_thing(reading.run), [reading.read, state(tree.figures / reading.run.id)], without)
    return {reading.run.id: reading.harvest() for reading in readings}


def _clashes(readings: Iterable["_Reading"]) -> Iterator[str]:
    owners: dict[str, _Reading] = {}
    for reading in readings:
        for label, origin in reading.labels.items():
            if label in owners:
                other = owners[label]
                yield (
                    f"{reading.where(origin)}: label {label!r} is already used by "
                    f"{other.where(other.labels[label])}; labels are one namespace over all runs"
                )
            owners.setdefault(label, reading)


@dataclass
class _Reading:
    """A notebook while it is read: what was found, the files to write, and what is wrong.

    ``read`` is the state in which it was read; if it is ``kept``, an earlier build wrote its files, and they
    have no content here.
    """

    run: Run
    read: list[object] = field(default_factory=list)
    kept: bool = False
    record: RunRecord | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    data: dict[str, Table] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    labels: dict[str, Origin] = field(default_factory=dict)
    files: dict[str, bytes | None] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def where(self, origin: Origin) -> str:
        return f"{self.run.executed.name}, cell {origin.cell}"

    def problem(self, origin: Origin, problem: str) -> None:
        self.problems.append(self._told(origin, problem))

    def notice(self, origin: Origin, notice: str) -> None:
        self.notices.append(self._told(origin, notice))

    def _told(self, origin: Origin, what: str) -> str:
        label = f" ({origin.label})" if origin.label else ""
        return f"{self.where(origin)}{label}: {what}"

    def claim_label(self, label: str, origin: Origin) -> bool:
        """Enter a label of this run; False, with a problem, if it is taken."""
        if label in self.labels:
            self.problem(origin, f"label {label!r} is already used by cell {self.labels[label].cell}")
            return False
        self.labels[label] = origin
        return True

    def harvest(self) -> Harvest:
        assert self.record is not None
        return Harvest(
            self.run, self.record, self.figures, self.listings, self.values, self.tables, self.data,
            self.claims, tuple(self.notices),
        )  # fmt: skip


def _kept(memo: Memo, run: Run, tree: Tree, site: Site) -> _Reading:
    """What is in a notebook, from before if nobody touched it or the figures that were taken from it."""
    read = [run, site.figure_theme, state(run.executed)]
    kept: _Reading | None = memo.find(_thing(run), [read, state(tree.figures / run.id)])
    return kept or replace(_read(run, site), read=read)


def _thing(run: Run) -> str:
    return f"harvest/{run.id}"


def _read(run: Run, site: Site) -> _Reading:
    reading = _Reading(run)
    again = f"execute it again: make experiments RUN={run.id}"
    try:
        metadata, found = reader.executed(run.executed)
        reading.record = run_record.from_metadata(metadata.get(run_record.KEY))
    except BuildError as damage:
        reading.problems.append(f"{damage}; {again}")
        return reading
    except run_record.DamagedRecord as damage:
        reading.problems.append(f"{run.executed.name}: {damage}; {again}")
        return reading
    reading.parameters = reading.record.parameters
    for cell in found:
        if cell.kind == "code":
            if reader.PARAMETERS in cell.tags:
                # The register may leave parameters at the values that the notebook gives them.
                reading.parameters = cells.defaults(cell.source) | dict(reading.parameters)
            _cell(reading, site, cell)
    _pair_data(reading)
    return reading


def _cell(reading: _Reading, site: Site, cell: reader.Cell) -> None:
    options = cells.options(cell.source)
    parameters = reading.parameters
    label = options.get("label")
    if label is not None:
        label = cells.fill_label(label, parameters)
    origin = Origin(reading.run.id, cell.index, label, cell.source)
    if cell.failed:
        reading.problem(origin, f"the cell failed; execute it again: make experiments RUN={reading.run.id}")
    tables = {
        name for bundle in cell.bundles if published.MIME in bundle for name in _take(reading, origin, bundle)
    }
    known = {name: value.value for name, value in reading.values.items()} | dict(parameters)
    inert = {name: captions.inert(value) for name, value in known.items()}
    texts = {
        key: cells.fill_text(captions.delimited(options.get(key, "")), inert)
        for key in ("fig-cap", "lst-cap", "tbl-cap")
    }
    texts["fig-alt"] = cells.fill_text(options.get("fig-alt", ""), known)
    drawings = pictures.distinct([bundle for bundle in cell.bundles if pictures.is_drawing(bundle)])
    for line, problem in cells.read(cell.source).faults:
        reading.problem(origin, f"line {line}: {problem}")
    for key, text in texts.items():
        _check_caption(reading, origin, key, text)
        for name in cells.unfilled(text):
            unknown = f"is no parameter and no value published before; {choices(known, name)}"
            reading.notice(origin, f"{key}: {{{name}}} {unknown}")
    if label is None:
        return
    if not label.startswith(_PREFIXES):
        reading.problem(origin, f"label {label!r} has no known prefix; {choices(_PREFIXES, label)}")
    elif not _LABEL.fullmatch(label):
        reading.problem(origin, f"label {label!r} is unsafe: lower-case letters, digits and single '-' only")
    elif label.startswith("fig-"):
        _figure(reading, site, origin, drawings, texts)
    elif label.startswith("lst-"):
        if reading.claim_label(label, origin):
            reading.listings[label] = Listing(label, texts["lst-cap"], cells.code(cell.source), origin)
    elif label not in tables:
        reading.problem(origin, f"label {label!r}, but the cell publishes no table of that name")
    elif texts["tbl-cap"]:
        reading.tables[label] = replace(reading.tables[label], caption=texts["tbl-cap"])


def _check_caption(reading: _Reading, origin: Origin, key: str, text: str) -> None:
    for problem in captions.faults(text):
        reading.problem(origin, f"{key}: {problem}")


def _figure(
    reading: _Reading, site: Site, origin: Origin, drawings: list[Any], texts: Mapping[str, str]
) -> None:
    label = origin.label or ""
    if not drawings:
        reading.problem(origin, "a label on a cell that draws no figure")
        return
    if len(drawings) > 1:
        reading.problem(origin, f"{len(drawings)} figures under one label; draw each in a cell of its own")
        return
    missing = [key for key in ("fig-cap", "fig-alt") if not texts[key].strip()]
    if missing:
        reading.problem(origin, f"the figure has no {' and no '.join(missing)}")
    try:
        drawn = pictures.pictures(drawings[0], site.figure_theme)
    except DrawingError as damage:
        reading.problem(origin, f"the figure {damage}")
        return
    for notice in drawn.notices:
        reading.notice(origin, notice)
    if missing or not reading.claim_label(label, origin):
        return
    folder = PurePosixPath("figures") / reading.run.id
    paths = {ending: Path(folder / f"{label}.{ending}") for ending in drawn.files}
    reading.figures[label] = Figure(
        label, texts["fig-cap"], texts["fig-alt"], paths, drawn.size, drawn.narrow, origin
    )
    reading.files |= {f"{label}.{ending}": content for ending, content in drawn.files.items()}


def _take(reading: _Reading, origin: Origin, bundle: Any) -> list[str]:
    """Enter the record of one output; its name, if it was a good one."""
    try:
        kind, item = published.read(bundle[published.MIME], origin)
    except published.RecordError as wrong:
        reading.problem(origin, str(wrong))
        return []
    if item is None:
        return []
    shelves: dict[str, dict[str, Any]] = {
        "value": reading.values, "table": reading.tables, "data": reading.data, "claim": reading.claims,
    }  # fmt: skip
    kept = shelves[kind]
    if item.name in kept:
        reading.problem(
            origin, f"a second {kind} named {item.name!r}; the first is in cell {kept[item.name].origin.cell}"
        )
        return []
    if isinstance(item, Table) and kind == "table":
        if not (_LABEL.fullmatch(item.name) and item.name.startswith("tbl-")):
            reading.problem(origin, f"table {item.name!r}: a table's name is a label, tbl-... in lower case")
            return []
        if not reading.claim_label(item.name, origin):
            return []
        item = replace(item, caption=captions.delimited(item.caption))
        _check_caption(reading, origin, f"the caption of {item.name!r}", item.caption)
    kept[item.name] = item
    return [item.name]


def _pair_data(reading: _Reading) -> None:
    for name, item in list(reading.data.items()):
        if name not in reading.figures:
            reading.problem(
                item.origin, f"data of an unknown figure {name!r}; {choices(reading.figures, name)}"
            )
            continue
        try:
            named, shown = pictures.data_pictures(item)
        except DrawingError as damage:
            reading.problem(item.origin, f"data of {name!r}: {damage}")
            continue
        reading.data[name] = named
        reading.files |= shown
        reading.files |= {f"{name}.{e}": content for e, content in pictures.data_files(named).items()}


def _write(tree: Tree, readings: Iterable[_Reading]) -> None:
    content = {
        tree.figures / reading.run.id / name: content
        for reading in readings
        for name, content in reading.files.items()
        if content is not None
    }
    in_threads(lambda path: files.write_if_changed(path, content[path]), content)
