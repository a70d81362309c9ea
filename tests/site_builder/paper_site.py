"""A site of two posts and two runs, with figures drawn here, for what papers and other sites take from it."""

import datetime as dt
import io
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure as Drawing
from tests.site_builder.alfolio_cases import BIBLIOGRAPHY, post
from tests.site_builder.harvest_fixtures import PNG

from site_builder.model import (
    Author,
    Figure,
    Fingerprint,
    Harvest,
    Origin,
    Resource,
    Run,
    RunRecord,
    Scalar,
    Site,
    Size,
    Table,
    Tree,
    Value,
)
from site_builder.post import sidecar
from site_builder.post.sidecar import ShownFigure, Sidecar

SITE = Site("A site", "D", "https://example.org/base", "", (Author("Ada Löwe", "", "", ""),), {}, ())
ENDINGS = ("svg", "dark.svg", "pdf", "png")
NARROW = ("narrow.svg", "narrow.dark.svg", "narrow.pdf")


def drawing(width: float) -> bytes:
    """A PDF with text, ``width`` inches wide."""
    with mpl.rc_context({"pdf.fonttype": 42}):
        figure = Drawing(figsize=(width, 2.0))
        figure.add_subplot().set(title="Title", xlabel="x")
        file = io.BytesIO()
        figure.savefig(file, format="pdf", metadata={"CreationDate": None})
    return file.getvalue()


def value(run: str, name: str, number: Scalar, low: float | None = None, high: float | None = None) -> Value:
    return Value(name, number, "", low, high, None, "", None, Origin(run, 3, None, ""))


def figure(run: str, label: str, caption: str, wide: bool) -> Figure:
    files = {
        ending: Path("figures") / run / f"{label}.{ending}"
        for ending in (*ENDINGS, *(NARROW if wide else ()))
    }
    return Figure(
        label,
        caption,
        "What it shows",
        files,
        Size(672 if wide else 326, 192),
        Size(326, 192) if wide else None,
        Origin(run, 2, label, "plot()"),
    )


def harvest(run: str, figures: list[Figure], values: list[Value], data: dict[str, Table]) -> Harvest:
    known = Run(run, Path(f"{run}.ipynb"), run, {}, None, (), 60, Resource.CPU, Path(f"executed/{run}.ipynb"))
    record = RunRecord(run, Fingerprint("f", {}), {}, "cpu", {}, dt.datetime(2020, 1, 1, tzinfo=dt.UTC), 1.0)
    by_label = {entry.label: entry for entry in figures}
    return Harvest(known, record, by_label, {}, {v.name: v for v in values}, {}, data, {})


def harvests(effect: float = 4.512345) -> dict[str, Harvest]:
    caption = r"Half of “it” is 50 % of \(a_b < c\) & more: x_1 <y>, σ² − 3 #1"
    numbers = [
        value("run-a", "effect", effect, 4.0, 5.0),
        value("run-a", "tiny_p", -2.1e-9),
        value("run-a", "count", 30),
        value("run-a", "network", "ResNet_18"),
    ]
    first = figure("run-a", "fig-first", caption, wide=True)
    data = Table("fig-first", ("x",), ((1,),), "", first.origin)
    return {
        "run-a": harvest("run-a", [first], numbers, {"fig-first": data}),
        "run-b": harvest("run-b", [figure("run-b", "fig-second", "The second", wide=False)], [], {}),
    }


def shown(run: str, label: str, number: int, caption: str) -> str:
    address = "{{ '/assets/figures/%s/%s.%s' | relative_url }}"
    images = "".join(
        f'<img src="{address % (run, label, ending)}" alt="What it shows" width="1" height="1">'
        for ending in ("svg", "dark.svg")
    )
    links = "".join(f'<a href="{address % (run, label, ending)}" download>x</a>' for ending in ("pdf", "png"))
    return (
        f'<figure id="{label}" class="l-body" data-run="{run}" data-cell="2">\n{images}\n<figcaption>'
        f'<b>Figure {number}.</b> {caption}\n<details class="cite-figure"><summary>Cite</summary>{links}'
        f"</details></figcaption>\n</figure>"
    )


CAPTION = "Half of “it” is 50\u00a0% of \\(a_b < c\\) & more: x_1 <y>, σ² − 3 #1, 10\\(^{-3}\\)"


def posts() -> list[Sidecar]:
    """What the two posts show."""
    first = ShownFigure("fig-first", "run-a", 1, CAPTION)
    again, second = replace(first, caption="Again it"), ShownFigure("fig-second", "run-b", 2, "The second")
    by, version = SITE.authors, "abc123"
    return [
        Sidecar("one", dt.date(2020, 1, 1), "A title", by, version, (first,), (), {"run-a": {}}, {}),
        Sidecar(
            *("two", dt.date(2020, 2, 1), "Größe & Maß", by, version, (again, second), ()),
            *({"run-a": {}, "run-b": {}}, {}),  # type: ignore[arg-type]
        ),
    ]


def build(root: Path) -> Tree:
    """The tree with the two posts, their figures, and one figure that no post shows."""
    tree = Tree(root)
    for folder in (tree.posts, tree.bibliography):
        folder.mkdir(parents=True)
    for run in harvests().values():
        for label, entry in run.figures.items():
            (tree.figures / run.run.id).mkdir(parents=True, exist_ok=True)
            for ending, path in entry.files.items():
                width = 3.4 if ending.startswith("narrow") else entry.size.width / 96
                content = drawing(width) if ending.endswith("pdf") else f"{label}.{ending}".encode()
                content = PNG if ending == "png" else content
                (root / "assets" / path).write_bytes(content)
    (tree.figures / "run-b" / "fig-unused.svg").write_text("<svg/>", encoding="utf-8")
    (tree.bibliography / "cited.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    (tree.bibliography / "unused.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    caption = (
        r"Half of “it” is 50&nbsp;% of \(a_b &lt; c\) &amp; more: x_1 &lt;y&gt;, σ² − 3 #1, 10<sup>−3</sup>"
    )
    first = shown("run-a", "fig-first", 1, caption) + '\n\nSee<d-cite key="a"></d-cite>.'
    second = (
        shown("run-a", "fig-first", 1, "<b>Again</b> it")
        + "\n\n"
        + shown("run-b", "fig-second", 2, "The second")
    )
    version = {"gradlab": "{version: abc123}"}
    (tree.posts / "2020-01-01-one.md").write_text(post(first, runs="[run-a]", **version), encoding="utf-8")
    (tree.posts / "2020-02-01-two.md").write_text(
        post(second, runs="[run-a, run-b]", date="2020-02-01", title='"Größe & Maß"', **version),
        encoding="utf-8",
    )
    for one in posts():
        path = sidecar.path(tree.assets, one.slug)
        path.parent.mkdir(exist_ok=True)
        path.write_text(one.text(), encoding="utf-8")
    return tree
