"""Small executed notebooks and sites built in code, for the tests of harvest and posts."""

import base64
import datetime as dt
import struct
import textwrap
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat

from site_builder.model import Author, Fingerprint, Resource, Run, RunPlan, Site, State, Tree

RECORD = "application/vnd.gradlab.record+json"
THEME = {"#1b1f24": "#e6e9ed", "#59636e": "#a2abb5", "#d8dee4": "#343b43", "#ffffff": "#14171a"}
SVG = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
  "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="300pt" height="150pt" viewBox="0 0 300 150"
     xmlns="http://www.w3.org/2000/svg" version="1.1">
 <metadata>
  <date>DATE</date>
 </metadata>
 <!-- onset = 0.5, #1b1f24 -->
 <g id="theme-1"><path d="M 0 0 L 9 9" style="fill: #FFFFFF; stroke: #1b1f24"/></g>
 <g id="theme-2"><path d="M 0 0 L 9 9" fill="#59636e" style="stroke:#0b77b8"/></g>
 <g id="line2d_1"><path d="M 0 0 L 9 9" style="fill: none; stroke: #d8dee4"/></g>
</svg>
"""
FIGURE = "application/vnd.gradlab.figure+json"
PNG = b"\x89PNG\r\n\x1a\n" + b"png" + b"IEND\xaeB`\x82"
PDF = b"%PDF-1.4\n%%EOF\n"


def drawing(date: str = "2020-01-01", svg: str = SVG) -> dict[str, Any]:
    """The MIME bundle of one drawn figure; ``date`` is the part that a second execution changes."""
    return {
        "image/svg+xml": svg.replace("DATE", date),
        "application/pdf": base64.b64encode(PDF).decode(),
        "image/png": base64.b64encode(PNG).decode(),
        "text/plain": "<Figure>",
        FIGURE: {
            "narrow": {"svg": svg.replace('"300pt"', '"150pt"'), "pdf": base64.b64encode(PDF).decode()},
            "problems": [],
        },
    }


def value(name: str, number: Any, **more: Any) -> dict[str, Any]:
    empty = {"unit": "", "low": None, "high": None, "n": None, "note": "", "tolerance": None}
    return {RECORD: {"kind": "value", "name": name, "value": number, **empty, **more}}


def table(
    name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], caption: str = "A table."
) -> dict[str, Any]:
    return {RECORD: {"kind": "table", "name": name, "columns": columns, "rows": rows, "caption": caption}}


def data(name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], **told: Any) -> dict[str, Any]:
    return {RECORD: {"kind": "data", "name": name, "columns": columns, "rows": rows, "caption": "", **told}}


MAP_COLUMNS = (
    *("photograph", "class", "layer", "quantile", "density"),
    *("x0", "y0", "x1", "y1", "side", "picture"),
)
MAPS = {
    **{"kind": "compare", "subject": "photograph", "title": "class", "layer": "layer", "vary": "quantile"},
    **{"value": "density", "left": "not conserved", "right": "conserved"},
    **{"box": ["x0", "y0", "x1", "y1", "side"]},
    **{"value_note": "Of an even map it is 1.", "note": "The frame in the picture is the object’s box."},
}
"""What an author asks for to compare the pictures of ``map_rows``."""
MAPS_TOLD = {"names": {"density": "density inside the box"}}
TILE_COLUMNS = (
    *(
        "net",
        "list",
        "share",
        "sure",
        "own_mean",
        "own_low",
        "own_high",
        "rest_mean",
        "rest_low",
        "rest_high",
    ),
    *("picture", "ant: raw", "bee: raw", "ant: fine", "bee: fine"),
)
TILES = {
    **{"kind": "tiles", "choose": ["net", "list", "share"], "estimates": ["own", "rest"]},
    **{"looks": ["own", "the rest"], "layers": ["raw", "fine"], "above": ["thing", "plain"], "same": "sure"},
    "note": "Choose.",
}
TILES_TOLD: dict[str, Any] = {
    "names": {"own_mean": "gain"},
    "looks": {
        "own": {"colour": "#118a63", "dashes": [1.2, 1.2]},
        "the rest": {"colour": "#b0609a", "dashes": [6, 1.5, 1.2, 1.5]},
    },
    "interval": "95 % t interval",
}
SUMS = {
    **{"kind": "vector-sum", "groups": ["large vectors", "small vectors"], "symbols": ["H", "L"]},
    **{"dimensions": ["dim1", "dim2"], "counts": [10, 100]},
    **{"entries": ["small entries", "large entries"], "deviations": [0.1, 1]},
}
SUM_COLUMNS = ("vector", "dim1", "dim2")
SUM_ROWS = (("H", 0.1, 2), ("L", 1, 0.3), ("total", 1.1, 2.3))
SUM_LOOKS: dict[str, dict[str, Any]] = {
    "H": {"colour": "#0b77b8", "dashes": []},
    "L": {"colour": "#d5581d", "dashes": [5, 1.5]},
    "total": {"colour": "#1b1f24", "dashes": [2.5, 1.5]},
}
SUMS_TOLD = {"names": {"dim1": "Dim 1", "dim2": "Dim 2"}, "looks": SUM_LOOKS}
MAP_CLASSES = {
    "a.JPEG": "goldfish",
    "b.JPEG": "bow & tie as they are worn with a dinner jacket",
    "c.JPEG": "goldfish",
}
SIDE = 8


def picture(grey: int, side: int = SIDE) -> str:
    """A whole PNG of one grey, as a notebook publishes it."""
    head = struct.pack(">2I5B", side, side, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes([grey]) * side) * side)
    chunks = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


def tile_rows() -> list[tuple[Any, ...]]:
    """Two nets, one of which has a list that the other has not; each row has a grey of its own."""
    cases = [("deep", "upper", 0.1), ("deep", "upper", 0.3), ("deep", "all", 0.1), ("flat", "upper", 0.3)]
    none = [None] * 9
    rows: list[tuple[Any, ...]] = [
        (net, *none, picture(grey), 1.0, 2.0, 1.0, 2.0) for net, grey in (("deep", 200), ("flat", 201))
    ]
    for i, case in enumerate(cases):
        own, rest = (0.1 * i, 0.1 * i - 0.05, 0.1 * i + 0.05), (0.2, 0.1, 0.3)
        rows.append((*case, case[0] == "flat", *own, *rest, picture(20 * i), 1 + i, 2 + i, 3 + i, 4.5))
    return rows


def map_rows() -> list[tuple[Any, ...]]:
    """Three photographs with their maps at three quantiles; each row has a density and a grey of its own."""
    return list(_map_rows())


def _map_rows() -> Iterator[tuple[Any, ...]]:
    maps = [(layer, q) for q in (0.05, 0.1, 0.3) for layer in ("not conserved", "conserved")]
    shown = [("photograph", None), ("plain", None), *maps]
    for place, (name, kind) in enumerate(MAP_CLASSES.items()):
        for row, (layer, quantile) in enumerate(shown):
            density = None if layer == "photograph" else 1.05 + place + row / 9
            box = (1 + place, 2, 5, 8, SIDE)
            yield (name, kind, layer, quantile, density, *box, picture(20 * row + 10 * place))


SCANS = {
    **{"kind": "compare", "subject": "scan", "title": "patient", "layer": "method", "vary": "dose"},
    **{"value": "error", "left": "raw", "right": "2"},
}
SCAN_COLUMNS = ("picture", "error", "dose", "method", "patient", "scan")


def scan_rows() -> list[tuple[Any, ...]]:
    """Pictures of another science: a layer that is a number, one without a value, and no box."""
    shown = ((9, None, None, "raw"), (8, 0.5, 30, 2), (7, 0.25, 10, 2))
    return [
        (picture(grey), error, dose, method, f"patient {scan}", scan)
        for scan in (7, 8)
        for grey, error, dose, method in shown
    ]


def claim(
    name: str,
    verdict: str,
    criterion: str = "the slope is above 1",
    evidence: str = "exploratory",
    **effects: Any,
) -> dict[str, Any]:
    """A claim about ``effects``, numbers by name, or mappings with what an effect has beside its value."""
    about = {name: found if isinstance(found, dict) else {"value": found} for name, found in effects.items()}
    if not about and verdict != "untested":
        about = {"slope": {"value": 1.5, "low": 1.25, "high": 1.75, "n": 10}}
    whole = [{"what": name, "low": None, "high": None, "n": 1, "p": None} | e for name, e in about.items()]
    record = {"kind": "claim", "name": name, "statement": f"{name} is so", "verdict": verdict}
    return {RECORD: record | {"effects": whole, "criterion": criterion, "evidence": evidence}}


def rows(name: str, size: int = 9) -> dict[str, Any]:
    """Packed rows, as a run publishes them for those that need it."""
    record = {"kind": "rows", "name": name, "columns": ["density", "class"], "payload": "QUJD" * size}
    return {RECORD: record, "text/plain": f"{name}: 50,000 rows of 2 columns"}


def cell(source: str, *bundles: Mapping[str, Any]) -> Any:
    outputs = [nbformat.v4.new_output("display_data", data=dict(bundle)) for bundle in bundles]
    return nbformat.v4.new_code_cell(textwrap.dedent(source).strip("\n"), outputs=outputs)


def figure_cell(
    label: str, *bundles: Mapping[str, Any], caption: str = "A line.", alt: str = "A line rises."
) -> Any:
    return cell(
        f"#| label: {label}\n#| fig-cap: {caption}\n#| fig-alt: {alt}\nplot(x)", *(bundles or (drawing(),))
    )


def record(run: str, **more: Any) -> dict[str, Any]:
    return {
        "run": run,
        "fingerprint": {"digest": "0123456789abcdef", "parts": {"code": "aa", "data/digits": "dd11"}},
        "parameters": {"network": "resnet18", "seed": 3},
        "device": "cpu, 2 cores",
        "versions": {"numpy": "2.4.6"},
        "started": "2026-11-20T10:00:00+00:00",
        "seconds": 12.34,
    } | more


class Place:
    """A project in a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.tree = Tree(root)
        self.site = Site(
            title="Gradient notes",
            description="",
            url="https://example.org",
            repository="",
            authors=(Author("Ada Lovelace", "", "Analytical Engines", ""),),
            figure_theme=THEME,
            data_folders=(),
        )
        self.runs: dict[str, Run] = {}
        for folder in (self.tree.executed, self.tree.post_templates):
            folder.mkdir(parents=True)

    def run(self, name: str, *cells: Any, **more: Any) -> Run:
        """An executed notebook with these cells; ``more`` goes into the run record."""
        run = self.register(name)
        notebook = nbformat.v4.new_notebook(cells=list(cells), metadata={"gradlab": record(name, **more)})
        for position, entry in enumerate(notebook.cells):
            entry["id"] = f"cell-{position}"
        nbformat.write(notebook, run.executed)
        return run

    def register(self, name: str, **more: Any) -> Run:
        path = self.tree.experiments / f"{name}.ipynb"
        executed = self.tree.executed / f"{name}.ipynb"
        run = Run(name, path, f"The run {name}", {}, "digits", (), 60, Resource.CPU, executed)
        run = replace(run, **more)
        self.runs[name] = run
        return run

    def plan(
        self, name: str, state: State = State.FRESH, *reasons: str, blocked: tuple[str, ...] = ()
    ) -> RunPlan:
        return RunPlan(self.runs[name], Fingerprint("0", {}), state, reasons, blocked, None)

    def template(self, slug: str, body: str, title: str = "A post", date: str = "2026-11-21") -> Path:
        path = self.tree.post_templates / f"{date}-{slug}.md.j2"
        head = f"---\ntitle: {title}\ndescription: What it says.\ndate: {date}\ntags: [tests]\n---\n"
        path.write_text(head + textwrap.dedent(body).lstrip("\n"), encoding="utf-8")
        return path

    def references(self, text: str) -> None:
        (self.tree.root / "templates" / "references.bib").write_text(text, encoding="utf-8")


def snapshot(root: Path) -> dict[str, tuple[bytes, int]]:
    """Content and time of change of every file below ``root`` that is not hidden."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.relative_to(root).as_posix().startswith(".")
    }


NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
