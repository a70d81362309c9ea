"""Compare: which published results two commits do not share, as Markdown for whoever reviews a change."""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from site_builder import files, history
from site_builder.model import Tree, is_number
from site_builder.notebook import cells, published, reader, run_record

OLD_FORM = "a record of an older form"
"""What stands for a verdict that was not yet one of four words."""
_MARKUP = re.compile(r"[\\`*_{}\[\]<>()#!|~$&:]")
_Things = Mapping[tuple[str, str], str]
"""What a reader sees of results, by run and name."""


@dataclass(frozen=True)
class Results:
    """All results of one commit; of figures, tables and data the text is a digest of what they show."""

    values: dict[tuple[str, str], str] = field(default_factory=dict)
    claims: dict[tuple[str, str], str] = field(default_factory=dict)
    figures: dict[tuple[str, str], str] = field(default_factory=dict)
    tables: dict[tuple[str, str], str] = field(default_factory=dict)
    data: dict[tuple[str, str], str] = field(default_factory=dict)


def compare(tree: Tree, old: str, new: str) -> str:
    """What moved from commit ``old`` to ``new``; ``BuildError`` if one is unknown or cannot be read."""
    before, after = (_results(tree, history.commit(tree.root, name)) for name in (old, new))
    parts = [
        *_section("Values", before.values, after.values),
        *_section("Claims", before.claims, after.claims),
        *_changed("Figures", before.figures, after.figures, "drawn otherwise"),
        *_changed("Tables", before.tables, after.tables, "other entries"),
        *_changed("Data of figures", before.data, after.data, "other numbers"),
    ]
    head = f"## Results from {_text(old)} to {_text(new)}"
    return "\n".join([head, "", *(parts or ["No published result moved."])]) + "\n"


def _results(tree: Tree, commit: str) -> Results:
    folder = tree.executed.relative_to(tree.root)
    found = Results()
    with tempfile.TemporaryDirectory(prefix="compare-") as place:
        history.lay_out(tree.root, commit, [folder.as_posix()], Path(place))
        for path in sorted((Path(place) / folder).glob("*.ipynb")):
            _take(found, path)
    return found


def _take(found: Results, path: Path) -> None:
    run = path.stem
    metadata, its_cells = reader.executed(path)
    parameters = (metadata.get(run_record.KEY) or {}).get("parameters") or {}
    for cell in its_cells:
        if reader.PARAMETERS in cell.tags:
            parameters = cells.defaults(cell.source) | parameters
        label = cells.fill_label(str(cells.options(cell.source).get("label") or ""), parameters)
        if cell.kind == "code" and label.startswith("fig-"):
            drawn = [bundle for bundle in cell.bundles if published.MIME not in bundle]
            found.figures[run, label] = _digest(drawn)
        for record in (bundle[published.MIME] for bundle in cell.bundles if published.MIME in bundle):
            name = run, str(record["name"])
            if record["kind"] == "value":
                found.values[name] = _measured(record)
            elif record["kind"] == "claim":
                found.claims[name] = str(record.get("verdict", OLD_FORM))
            elif record["kind"] in ("table", "data"):
                shelf = found.tables if record["kind"] == "table" else found.data
                shelf[name] = _digest({key: entry for key, entry in record.items() if key != "caption"})


def _digest(content: object) -> str:
    return files.digest(json.dumps(content, sort_keys=True))


def _measured(record: Mapping[str, Any]) -> str:
    """A value with unit, interval and sample size, as far as it has them."""
    text = f"{_number(record['value'])} {record.get('unit') or ''}".strip()
    if record.get("low") is not None:
        text += f" ({_number(record['low'])} to {_number(record['high'])})"
    return text if record.get("n") is None else f"{text}, n = {record['n']}"


def _number(value: object) -> str:
    return f"{value:.6g}" if is_number(value) and isinstance(value, float) else str(value)


def _section(title: str, before: _Things, after: _Things) -> Iterator[str]:
    rows = [
        (run, name, before.get((run, name), "–"), after.get((run, name), "–"))
        for run, name in sorted({*before, *after})
        if before.get((run, name)) != after.get((run, name))
    ]
    if rows:
        yield from (f"### {title}", "", "| run | name | before | after |", "|---|---|---|---|")
        yield from (f"| {' | '.join(map(_text, row))} |" for row in rows)
        yield ""


def _changed(title: str, before: _Things, after: _Things, otherwise: str) -> Iterator[str]:
    kinds = {
        "new": after.keys() - before.keys(),
        "gone": before.keys() - after.keys(),
        otherwise: {one for one in before.keys() & after.keys() if before[one] != after[one]},
    }
    lines = [f"- {kind}: {_names(which)}" for kind, which in kinds.items() if which]
    if lines:
        yield from (f"### {title}", "", *lines, "")


def _names(which: Iterable[tuple[str, str]]) -> str:
    return ", ".join(_text(f"{run}/{name}") for run, name in sorted(which))


def _text(words: str) -> str:
    """Text that is nothing but text to a reader of Markdown, and mentions nobody on GitHub."""
    safe = _MARKUP.sub(lambda sign: f"\\{sign[0]}", " ".join(words.split()))
    return safe.replace("@", "@\u2060")
