import base64
import csv
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from tests.site_builder.harvest_fixtures import (
    FIGURE,
    PDF,
    PNG,
    RECORD,
    SVG,
    Place,
    cell,
    claim,
    data,
    drawing,
    figure_cell,
    picture,
    rows,
    snapshot,
    table,
    value,
)

from site_builder import reserved
from site_builder.errors import HarvestError
from site_builder.harvest import harvest
from site_builder.model import Harvest
from site_builder.verdict import Verdict
from site_builder.write import artifact_html


def encoded(content: bytes) -> str:
    """A picture as notebooks keep it."""
    return base64.b64encode(content).decode()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def all_of(place: Place) -> dict[str, Harvest]:
    return harvest.harvest_all(place.runs.values(), place.tree, place.site)


def problems(place: Place) -> str:
    with pytest.raises(HarvestError) as caught:
        all_of(place)
    return "\n".join(caught.value.problems)


def test_everything_that_a_notebook_published(place: Place) -> None:
    place.run(
        "demo",
        nbformat.v4.new_markdown_cell("#| label: fig-in-prose"),
        figure_cell("fig-lines", caption="Lines of {network}, \\(x_{network}\\).", alt="Lines of {network}."),
        cell("#| label: lst-step\n#| lst-cap: 'One step.'\n\nstep()  \n"),
        cell("publish.value(1)", value("slope", 4.5, low=4.0, high=5.0, n=9, unit="m", note="bootstrap")),
        cell("#| label: tbl-all\npublish.table()", table("tbl-all", ["a", "b"], [[1, None], ["x", True]])),
        cell("publish.claim()", claim("rises", "untested"), data("fig-lines", ["t", "y"], [[0, 1.5]])),
    )
    found = all_of(place)["demo"]
    figure = found.figures["fig-lines"]
    assert (figure.caption, figure.alt) == ("Lines of resnet18, \\(x_{network}\\).", "Lines of resnet18.")
    assert figure.size == (400, 200)
    assert figure.origin.cell == 2
    assert figure.files["dark.svg"] == Path("figures/demo/fig-lines.dark.svg")
    assert found.listings["lst-step"].code == "step()"
    assert found.listings["lst-step"].caption == "One step."
    slope = found.values["slope"]
    assert (slope.value, slope.low, slope.high, slope.n, slope.unit) == (4.5, 4.0, 5.0, 9, "m")
    assert found.tables["tbl-all"].rows == ((1, None), ("x", True))
    assert found.claims["rises"].verdict is Verdict.UNTESTED
    assert found.data["fig-lines"].columns == ("t", "y")
    assert found.record.seconds == 12.34
    assert found.record.started.isoformat() == "2026-11-20T10:00:00+00:00"


def test_files_of_a_figure(place: Place) -> None:
    place.run(
        "demo", figure_cell("fig-a"), cell("d()", data("fig-a", ["t", "note, y"], [[0, None], [1, "x"]]))
    )
    all_of(place)
    folder = place.tree.figures / "demo"
    assert (folder / "fig-a.pdf").read_bytes() == PDF
    assert (folder / "fig-a.png").read_bytes() == PNG
    light = (folder / "fig-a.svg").read_text()
    assert light.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert 'role="img"' in light
    assert "metadata" not in light
    assert "onset" not in light
    assert (folder / "fig-a.narrow.pdf").read_bytes() == PDF
    assert 'width="150pt"' in (folder / "fig-a.narrow.svg").read_text()
    assert (folder / "fig-a.narrow.dark.svg").is_file()
    assert (folder / "fig-a.csv").read_text() == 't,"note, y"\n0,\n1,x\n'
    assert json.loads((folder / "fig-a.json").read_text())["columns"] == {"t": [0, 1], "note, y": [None, "x"]}


def test_pictures_in_data_become_files(place: Place) -> None:
    first, second = picture(0), picture(200)
    numbers = data("fig-a", ["t", "picture", "u"], [[0, first, None], [1, second, "x"]])
    place.run("demo", figure_cell("fig-a"), figure_cell("fig-a-1"), cell("d()", numbers))
    found = all_of(place)["demo"]
    folder = place.tree.figures / "demo"
    assert (folder / "fig-a.1.png").read_bytes() == base64.b64decode(first)
    assert (folder / "fig-a.2.png").read_bytes() == base64.b64decode(second)
    assert (folder / "fig-a-1.png").read_bytes() == (folder / "fig-a.png").read_bytes() == PNG
    assert found.data["fig-a"].rows == ((0, "fig-a.1.png", None), (1, "fig-a.2.png", "x"))
    assert (folder / "fig-a.csv").read_text() == "t,picture,u\n0,fig-a.1.png,\n1,fig-a.2.png,x\n"
    columns = json.loads((folder / "fig-a.json").read_text())["columns"]
    assert columns["picture"] == ["fig-a.1.png", "fig-a.2.png"]


def test_no_cell_of_a_spreadsheet_is_a_formula(place: Place) -> None:
    entries = ["=1+1", "+1", "-1", "@A1", "\tx", "\rx", "a\r=1", "a=1", -1, None]
    place.run("demo", figure_cell("fig-a"), cell("x", data("fig-a", ["=n"], [[one] for one in entries])))
    all_of(place)
    with (place.tree.figures / "demo" / "fig-a.csv").open(newline="") as sheet:
        told = [row[0] for row in csv.reader(sheet)]
    assert told == ["'=n", "'=1+1", "'+1", "'-1", "'@A1", "'\tx", "'\nx", "a\n=1", "a=1", "-1", ""]


def test_pictures_that_are_no_longer_published_go(place: Place) -> None:
    rows = [[picture(grey)] for grey in (0, 1, 2)]
    for some in (rows, rows[:1]):
        place.run("demo", figure_cell("fig-a"), cell("d()", data("fig-a", ["picture"], some)))
        (place.tree.figures / "demo").mkdir(parents=True, exist_ok=True)
        (place.tree.figures / "demo" / "fig-a.theirs.png").write_bytes(b"theirs")
        all_of(place)
    left = {path.name for path in (place.tree.figures / "demo").glob("*.png")}
    assert left == {"fig-a.png", "fig-a.1.png", "fig-a.theirs.png"}


@pytest.mark.parametrize(
    ("damaged", "problem"),
    [
        ("", "row 2 has no picture"),
        (None, "row 2 has no picture"),
        (7, "row 2 has a damaged png: "),
        ("no base64!", "row 2 has a damaged png: "),
        (encoded(PDF), "row 2 has a damaged png: it does not begin as one"),
        (picture(0)[:-8], "row 2 has a damaged png: it ends too early"),
    ],
)
def test_pictures_in_data_that_cannot_be_published(place: Place, damaged: Any, problem: str) -> None:
    rows = [[1, picture(0)], [2, damaged]]
    place.run("demo", figure_cell("fig-a"), cell("d()", data("fig-a", ["t", "picture"], rows)))
    assert problems(place).startswith(f"demo.ipynb, cell 2: data of 'fig-a': {problem}")
    assert not place.tree.figures.exists()


def test_dark_svg_exchanges_what_the_house_style_marked(place: Place) -> None:
    svg = SVG.replace("</svg>", '<g id="theme-3"><use xlink:href="#ffffff"/><text>#1b1f24</text></g></svg>')
    place.run("demo", figure_cell("fig-a", drawing(svg=svg)))
    all_of(place)
    dark = (place.tree.figures / "demo" / "fig-a.dark.svg").read_text()
    assert 'style="fill: #14171a; stroke: #e6e9ed"' in dark
    assert 'fill="#a2abb5" style="stroke:#0b77b8"' in dark
    assert '<g id="line2d_1"><path d="M 0 0 L 9 9" style="fill: none; stroke: #d8dee4"' in dark
    assert 'href="#ffffff" /><text>#1b1f24</text>' in dark


def text_in(colour: str, gid: str) -> str:
    return SVG.replace("</svg>", f'<g id="{gid}"><g style="fill: {colour}"><path d="M 0 0"/></g></g></svg>')


def drawn(style: str, gid: str = "line2d_2", more: str = "") -> str:
    return SVG.replace("</svg>", f'<g id="{gid}">{more}<path d="M 0 0" style="{style}"/></g></svg>')


@pytest.mark.parametrize(
    ("svg", "themed"),
    [
        (SVG, True),
        (text_in("#0b77b8", "text_1"), True),
        (text_in("#1b1f24", "theme-3"), True),
        (text_in("#000000", "text_1"), False),
        (text_in("#1b1f24", "text_1"), False),
        (SVG.replace("theme-", "patch_"), False),
        (drawn("fill: none; stroke: #000000"), False),
        (drawn("stroke: #0b77b8"), False),  # what has no fill is black
        (drawn("fill: #ffe9b0; stroke: none"), False),
        (drawn("fill: #ffe9b0; stroke: none; opacity: 0.2"), True),
        (drawn("fill: none; stroke: #000000", "theme-3"), True),
        (drawn("fill: none; stroke: #000000", "axes_1", '<image href="data:image/png;base64,AAAA"/>'), True),
        (SVG.replace("</svg>", '<g id="text_1"><path d="M 0 0"/></g></svg>'), False),
    ],
)
def test_what_would_not_be_legible_on_a_dark_page_stands_on_a_card(
    place: Place, svg: str, themed: bool
) -> None:
    place.run("demo", figure_cell("fig-a", drawing(svg=svg)))
    found = all_of(place)["demo"]
    assert ("dark.svg" in found.figures["fig-a"].files) is themed
    assert (place.tree.figures / "demo" / "fig-a.dark.svg").exists() is themed
    said = "demo.ipynb, cell 1 (fig-a): it is not in the house style's colours alone, so on a dark page"
    assert [notice.startswith(said) for notice in found.notices] == ([] if themed else [True])


@pytest.mark.parametrize(
    "fine",
    [
        '<path style="fill: url( #a )" clip-path="url(#b)" transform="rotate(-90) matrix(1 0 0 1 0 0)"/>',
        "<style>*{stroke-linejoin: round; stroke-linecap: butt}</style>",
        '<filter id="f"><feComposite in="SourceGraphic" operator="arithmetic" k2="1"/></filter>',
        '<g id="a\\b"/>',
    ],
)
def test_what_drawings_have_is_published(place: Place, fine: str) -> None:
    place.run("demo", figure_cell("fig-a", drawing(svg=SVG.replace("<g ", f"{fine}<g ", 1))))
    assert "fig-a" in all_of(place)["demo"].figures


def test_what_the_kernel_found_wrong_is_told_with_cell_and_label(place: Place) -> None:
    bundle = drawing()
    bundle[FIGURE]["problems"] = ["the text 'loss' reaches 0.20 in beyond the left edge"]
    place.run("demo", figure_cell("fig-a", bundle))
    assert all_of(place)["demo"].notices == (
        "demo.ipynb, cell 1 (fig-a): the text 'loss' reaches 0.20 in beyond the left edge",
    )


def test_a_figure_of_another_kernel_has_one_width(place: Place) -> None:
    bundle = drawing()
    del bundle[FIGURE]
    small = {
        mime: entry
        for mime, entry in drawing(svg=SVG.replace('"300pt"', '"240pt"')).items()
        if mime != FIGURE
    }
    place.run("demo", figure_cell("fig-a", bundle), figure_cell("fig-b", small))
    found = all_of(place)["demo"]
    assert found.figures["fig-a"].narrow is None
    assert found.notices == (
        "demo.ipynb, cell 1 (fig-a): it is drawn at one width, so its text is small on a phone and in a "
        "column",
    )


def test_a_figure_that_a_cell_shows_twice_is_published_once(place: Place) -> None:
    place.run("demo", figure_cell("fig-a", drawing(), drawing()))
    assert list(all_of(place)["demo"].figures) == ["fig-a"]


def test_the_date_of_an_execution_changes_no_file(place: Place) -> None:
    place.run("demo", figure_cell("fig-a", drawing("2020-01-01")))
    all_of(place)
    before = snapshot(place.tree.figures)
    place.run("demo", figure_cell("fig-a", drawing("2021-02-02")), seconds=99.0)
    all_of(place)
    assert snapshot(place.tree.figures) == before


def test_a_caption_cannot_stand_for_a_mark_of_the_press(place: Place) -> None:
    mark = "b0".join(reserved.MARK)
    place.run("demo", figure_cell("fig-a", caption=f"A {mark} line."))
    assert all_of(place)["demo"].figures["fig-a"].caption == "A \ufffdb0\ufffd line."


@pytest.mark.parametrize(
    ("caption", "shown"),
    [
        ("$5 and $10, from $200 million to $700", "$5 and $10, from $200 million to $700"),
        (r"At $\beta = 0.9$ and \(x\).", r"At \(\beta = 0.9\) and \(x\)."),
        (r"In `$x$` and \$y\$", r"In `$x$` and \$y\$"),
        (r"Of $x_{network}$, {network}", r"Of \(x_{network}\), resnet18"),
        ("write me@example.org or [a, b]", "write me@example.org or [a, b]"),
    ],
)
def test_dollars_in_a_caption_are_mathematics_or_money(place: Place, caption: str, shown: str) -> None:
    place.run("one", figure_cell("fig-a", caption=caption), cell("t()", table("tbl-a", ["x"], [[1]], shown)))
    found = all_of(place)["one"]
    assert found.figures["fig-a"].caption == shown
    assert found.tables["tbl-a"].caption == shown


def test_a_parameter_in_a_caption_is_no_markup(place: Place) -> None:
    said = figure_cell("fig-a", caption="By **{name}** of {network}", alt="{network}")
    place.run("one", cell("v()", value("name", "a*b*c")), said, parameters={"network": "$5 `x` $6"})
    figure = all_of(place)["one"].figures["fig-a"]
    shown = artifact_html.caption(figure.caption)
    assert shown == "By <strong>a&#42;b&#42;c</strong> of <span>$</span>5 &#96;x&#96; <span>$</span>6"
    assert figure.alt == "$5 `x` $6"


def test_a_table_takes_the_caption_of_its_cell(place: Place) -> None:
    place.run("one", cell("#| label: tbl-a\n#| tbl-cap: Of $x$\nt()", table("tbl-a", ["x"], [[1]], "")))
    assert all_of(place)["one"].tables["tbl-a"].caption == r"Of \(x\)"


def test_labels_take_parameters(place: Place) -> None:
    place.run("one", figure_cell("fig-{network}"), parameters={"network": "ResNet_18"})
    place.run("two", figure_cell("fig-{network}"), parameters={"network": "vgg16"})
    found = all_of(place)
    assert list(found["one"].figures) == ["fig-resnet-18"]
    assert list(found["two"].figures) == ["fig-vgg16"]


def test_only_pictures_and_records_are_taken(place: Place) -> None:
    page = {"text/html": "<script>alert(1)</script>", "text/plain": "<table>"}
    place.run("demo", figure_cell("fig-a", page, drawing()))
    assert list(all_of(place)["demo"].figures) == ["fig-a"]
    written = b"".join(content for content, _ in snapshot(place.tree.figures).values())
    assert b"alert" not in written


def test_packed_rows_are_read_past_and_shown_nowhere(place: Place) -> None:
    place.run("demo", cell("x", rows("photographs", 1_000_000), value("slope", 4.5)))
    place.run("plain", cell("x", value("slope", 4.5)))
    packed, plain = (all_of(place)[name] for name in ("demo", "plain"))
    shelves = ("figures", "listings", "tables", "data", "claims", "notices")
    assert all(getattr(packed, shelf) == getattr(plain, shelf) for shelf in shelves)
    assert packed.values.keys() == plain.values.keys()
    assert "QUJD" not in repr(packed)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ([figure_cell("fig-a", alt="")], "cell 1 (fig-a): the figure has no fig-alt"),
        (
            [figure_cell("fig-a", caption=r"So \(\input{/etc/passwd}\).")],
            r"cell 1 (fig-a): fig-cap: '\\input' has no place in a formula",
        ),
        (
            [cell("t()", table("tbl-a", ["x"], [[1]], r"\(\openout3=x\)"))],
            r"the caption of 'tbl-a': '\\openout' has no place in a formula",
        ),
        (
            [figure_cell("fig-a", caption=r"A $\input{x}$ b")],
            r"cell 1 (fig-a): fig-cap: '\\input' has no place in a formula",
        ),
        (
            [figure_cell("fig-a", caption="As in [see @key2020].")],
            "demo.ipynb, cell 1 (fig-a): fig-cap: [see @key2020] can only be resolved in a post",
        ),
        (
            [cell("t()", table("tbl-a", ["x"], [[1]], "As [there](./other.ipynb#part)."))],
            "cell 1: the caption of 'tbl-a': [there](./other.ipynb#part) can only be resolved in a post",
        ),
        ([cell("#| fig-cap: [a\nx")], "demo.ipynb, cell 1: line 1: options are not YAML"),
        ([cell("x = 1\n\n#| label: fig-a\nx")], "demo.ipynb, cell 1: line 3: options stand at the head"),
        ([figure_cell("fig-a", caption="")], "cell 1 (fig-a): the figure has no fig-cap"),
        ([figure_cell("fig-a", alt="", caption="")], "the figure has no fig-cap and no fig-alt"),
        ([cell("#| label: fig-a\nx")], "cell 1 (fig-a): a label on a cell that draws no figure"),
        (
            [figure_cell("fig-a", drawing(), drawing(svg=SVG.replace("M 0 0", "M 1 1")))],
            "2 figures under one label",
        ),
        ([figure_cell("fig-a"), figure_cell("fig-a")], "label 'fig-a' is already used by cell 1"),
        ([cell("#| label: table-a\nx")], "no known prefix; known: fig-, lst-, tbl-"),
        ([figure_cell("fig-../../x")], "label 'fig-../../x' is unsafe"),
        ([figure_cell("fig-{unknown}")], "label 'fig-{unknown}' is unsafe"),
        ([cell("#| label: tbl-a\nx")], "the cell publishes no table of that name"),
        ([cell("x", {RECORD: {"kind": "mood"}})], "unknown kind of record 'mood'; nearest of 5: "),
        (
            [cell("x", {RECORD: {"kind": "value", "name": "a"}})],
            "value 'a' lacks value, unit, low, high, n, note",
        ),
        ([cell("x", {RECORD: {"kind": "rows", "name": "a"}})], "rows 'a' lacks columns"),
        ([cell("x", rows("../a"))], "rows has an unsafe name '../a'"),
        ([cell("x", {RECORD: [1]})], "a record is a mapping, not list"),
        ([cell("x", value("../a", 1))], "value has an unsafe name '../a'"),
        ([cell("x", value("a", [1]))], "value 'a' is a list"),
        ([cell("x", value("a", 1, low="0"))], "value 'a': low is '0', not a number"),
        (
            [cell("x", value("a", 1)), cell("x", value("a", 2))],
            "cell 2: a second value named 'a'; the first is in cell 1",
        ),
        ([cell("x", claim("a", "holds", criterion=" "))], "claim 'a' has no criterion"),
        (
            [cell("x", claim("a", "yes"))],
            "claim 'a': no verdict 'yes'; nearest of 4: holds, refuted, undecided",
        ),
        (
            [cell("x", claim("a", "untested", slope=1))],
            "claim 'a': a verdict is about one effect or more, untested about none",
        ),
        (
            [cell("x", claim("a", "holds", slope={"value": "much"}))],
            "claim 'a': 'slope': value is 'much', not a number",
        ),
        ([cell("x", value("a", 1, low=2, high=3))], "value 'a' is 1, outside of its interval from 2 to 3"),
        ([cell("x", value("a", 1, low=0))], "value 'a' has one bound of an interval and not the other"),
        ([cell("x", value("a", 1, n=-3))], "value 'a': n is -3; a sample has one entry or more"),
        ([cell("x", value("a", 1, n=2.5))], "value 'a': n is 2.5; a sample has one entry or more"),
        ([cell("x", value("a", 1, n=True))], "value 'a': n is True; a sample has one entry or more"),
        ([cell("x", value("a", 1, tolerance=-1))], "value 'a': its tolerance is -1, less than nothing"),
        ([cell("x", value("a", float("nan")))], "value 'a' is nan; a number that is not finite"),
        ([cell("x", value("a", 10**400))], "; a number that is not finite"),
        ([cell("x", table("tbl-a", ["a"], [[float("inf")]]))], "'tbl-a', an entry is inf; a number that"),
        (
            [cell("x", {RECORD: claim("a", "holds")[RECORD] | {"statement": " "}})],
            "claim 'a' has no statement",
        ),
        (
            [cell("x", claim("a", "holds", slope={"value": 1, "low": 2, "high": 3}))],
            "claim 'a': 'slope' is 1, outside of its interval from 2 to 3",
        ),
        (
            [cell("x", claim("a", "holds", slope={"value": 1, "n": 0}))],
            "claim 'a': 'slope': n is 0; a sample",
        ),
        (
            [cell("x", claim("a", "holds", slope={"value": 1, "p": 2}))],
            "claim 'a': 'slope': p is 2, no probability",
        ),
        (
            [cell("x", claim("a", "holds", slope={"size": 1}))],
            "claim 'a': an effect is a mapping with what, value, low, high, n, p, not ",
        ),
        ([cell("x", table("tbl-a", ["a", "b"], [[1]]))], "table 'tbl-a': row 1 has 1 entries, not 2"),
        ([cell("x", table("results", ["a"], [[1]]))], "table 'results': a table's name is a label"),
        (
            [figure_cell("fig-a"), cell("x", data("fig-b", ["t"], [[1]]))],
            "data of an unknown figure 'fig-b'; known: fig-a",
        ),
    ],
)
def test_what_an_author_can_get_wrong(place: Place, cells: list[Any], problem: str) -> None:
    place.run("demo", *cells)
    found = problems(place)
    assert problem in found
    assert found.startswith("demo.ipynb, cell ")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"application/pdf": None},
            "the figure has no pdf: let make experiments execute the notebook, whose kernel draws all three",
        ),
        ({"image/png": None, "image/svg+xml": None}, "the figure has no svg and no png"),
        ({"image/png": "!!"}, "the figure has a damaged png"),
        ({"application/pdf": "AAAA"}, "the figure has a damaged pdf: it does not begin as one"),
        ({"application/pdf": encoded(PDF[:-6])}, "the figure has a damaged pdf: it ends too early"),
        ({"image/png": encoded(PNG[:-4])}, "the figure has a damaged png: it ends too early"),
        ({"image/svg+xml": "<svg"}, "the figure has a damaged svg"),
        ({"image/svg+xml": SVG.replace('"300pt"', '"3.0.0pt"')}, "without a width in pt, px, in, cm or mm"),
        (
            {"image/svg+xml": SVG.replace("<g ", "<g>" * 2000 + "</g>" * 2000 + "<g ", 1)},
            "nested too deeply",
        ),
        ({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"}, "without a width"),
        (
            {"image/png": "!!", "image/svg+xml": None, "application/pdf": None},
            "elsewhere write %config InlineBackend.figure_formats = ['svg', 'pdf', 'png'] in place of "
            "figure_format = 'retina'",
        ),
        ({FIGURE: {"narrow": {"svg": SVG}}}, "the figure has a damaged narrow drawing"),
        ({FIGURE: {"narrow": {"svg": SVG, "pdf": "AAAA"}}}, "the figure has a damaged narrow pdf"),
        *(
            ({"image/svg+xml": SVG.replace("<path", f"{foreign}<path", 1)}, problem)
            for foreign, problem in (
                ("<script/>", "a <script> in it"),
                ('<s:script xmlns:s="http://www.w3.org/1999/xhtml"/>', "a <script> in it"),
                ("<foreignObject/>", "a <foreignObject> in it"),
                ("<style>@import 'a.css';</style>", "a rule in it that could load something"),
                ("<style><title/>@import 'a.css';</style>", "whose style sheet holds other elements"),
                ("<style>a{fill:image-set('https://a.example/b' 1x)}</style>", "could load something"),
                ("<style>a{fill:ur/**/l(https://a.example/b)}</style>", "could load something"),
                ("<style>a{fill:src('https://a.example/b')}</style>", "could load something"),
                ('<path onload="x()"/>', "the attribute 'onload' in it"),
                ('<path fill="url(https://a.example/b#c)"/>', "could load something"),
                ('<path style="fill: url( //a.example/b )"/>', "could load something"),
                ('<image href="https://a.example/b.png"/>', "a link in it, to 'https://a.example/b.png'"),
                ('<use href="data:image/svg+xml,x"/>', "a link in it"),
            )
        ),
        (
            {"image/svg+xml": '<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG[SVG.index("<svg") :]},
            "the figure has a damaged svg",
        ),
    ],
)
def test_pictures_that_cannot_be_published(place: Place, change: dict[str, Any], problem: str) -> None:
    bundle = {mime: content for mime, content in (drawing() | change).items() if content is not None}
    place.run("demo", figure_cell("fig-a", bundle))
    assert problem in problems(place)


def test_problems_of_all_notebooks_come_together_and_nothing_is_written(place: Place) -> None:
    place.run("one", figure_cell("fig-a"), cell("x", value("v", [1])))
    place.run("two", figure_cell("fig-b", alt=""), figure_cell("fig-a"))
    found = problems(place).splitlines()
    assert [line.split(",")[0] for line in found] == ["one.ipynb", "two.ipynb", "two.ipynb"]
    assert "two.ipynb, cell 2: label 'fig-a' is already used by one.ipynb, cell 1" in found[-1]
    assert not place.tree.figures.exists()


def test_damaged_notebooks(place: Place) -> None:
    place.run("cut", cell("x")).executed.write_text('{"cells": [')
    place.run("bare", cell("x"), fingerprint=None)
    place.run("failed", cell("x"))
    broken = place.runs["failed"].executed
    notebook = nbformat.read(broken, as_version=4)
    notebook.cells[0].outputs = [nbformat.v4.new_output("error", ename="E", evalue="", traceback=[])]
    nbformat.write(notebook, broken)
    found = problems(place)
    assert "cut.ipynb: not a whole notebook" in found
    assert "make experiments RUN=cut" in found
    assert "bare.ipynb: its run record is not whole" in found
    assert "failed.ipynb, cell 1: the cell failed" in found


def test_figures_that_nothing_draws_any_more_are_removed_if_they_are_ours(place: Place) -> None:
    place.run("one", figure_cell("fig-a"), figure_cell("fig-b"))
    place.run("two", figure_cell("fig-c"))
    all_of(place)
    ours, foreign = place.tree.figures / "one", place.tree.figures / "one" / "by-hand.png"
    foreign.write_bytes(PNG)
    place.run("one", figure_cell("fig-a"))
    del place.runs["two"]
    all_of(place)
    assert sorted(path.name for path in ours.iterdir()) == [
        "by-hand.png", "fig-a.dark.svg", "fig-a.narrow.dark.svg", "fig-a.narrow.pdf", "fig-a.narrow.svg",
        "fig-a.pdf", "fig-a.png", "fig-a.svg",
    ]  # fmt: skip
    assert not (place.tree.figures / "two").exists()
    assert list(json.loads((place.tree.figures / "harvested.json").read_text())) == ["one"]


def test_a_registered_run_that_is_not_executed_keeps_its_figures(place: Place) -> None:
    place.run("one", figure_cell("fig-a"))
    all_of(place)
    place.runs["one"].executed.unlink()
    assert all_of(place) == {}
    assert (place.tree.figures / "one" / "fig-a.svg").is_file()


def test_one_run_alone(place: Place) -> None:
    run = place.run("one", figure_cell("fig-a"))
    assert list(harvest.harvest_all([run], place.tree, place.site)["one"].figures) == ["fig-a"]
    assert (place.tree.figures / "one" / "fig-a.png").is_file()
    bad = place.run("two", figure_cell("fig-b", alt=""))
    with pytest.raises(HarvestError, match="no fig-alt"):
        harvest.harvest_all([bad], place.tree, place.site)


def test_a_caption_may_name_a_parameter_that_the_register_leaves_alone(tmp_path):
    place = Place(tmp_path)
    settings = cell("count = 150\nhalf = count // 2\nnetwork = 'none'")
    settings.metadata["tags"] = ["parameters"]
    run = place.run("one", settings, figure_cell("fig-a", caption="{count} of {network}, {half}."))
    found = harvest.harvest_all([run], place.tree, place.site)["one"]
    # The run's own parameter wins over the notebook's default; what is computed stays as it stands.
    assert found.figures["fig-a"].caption == "150 of resnet18, {half}."


def test_a_caption_may_say_a_value_that_was_published_before_and_no_later_one(tmp_path):
    place = Place(tmp_path)
    published = cell("publish()", value("photographs", 1493), value("network", "another"))
    figure = figure_cell("fig-a", caption="{photographs} of {network}, {later}.")
    run = place.run("one", published, figure, cell("publish()", value("later", 2)))
    found = harvest.harvest_all([run], place.tree, place.site)["one"]
    # A parameter of the same name wins: the label took it as well.
    assert found.figures["fig-a"].caption == "1,493 of resnet18, {later}."


def test_a_name_in_braces_that_nobody_knows_is_told(tmp_path):
    place = Place(tmp_path)
    figure = figure_cell("fig-a", caption=r"Over {n-seeds} seeds and {missing} more, \(x_{n}\).")
    run = place.run("one", cell("publish()", value("n-seeds", 5)), figure)
    found = harvest.harvest_all([run], place.tree, place.site)["one"]
    assert found.figures["fig-a"].caption == r"Over 5 seeds and {missing} more, \(x_{n}\)."
    (notice,) = found.notices
    assert "fig-cap: {missing} is no parameter and no value published before" in notice


def test_a_cell_of_parameters_may_hold_annotations_and_magics(tmp_path):
    place = Place(tmp_path)
    settings = cell("count: int = 150\nfirst = second = 2")
    magic = cell("%time count = 3")
    for one in (settings, magic):
        one.metadata["tags"] = ["parameters"]
    run = place.run("one", settings, magic, figure_cell("fig-a", caption="{count}, {first}, {second}."))
    assert harvest.harvest_all([run], place.tree, place.site)["one"].figures["fig-a"].caption == "150, 2, 2."


def test_a_damaged_index_removes_nothing_that_is_not_ours(place: Place) -> None:
    kept = place.tree.assets / "keep.txt"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("theirs")
    index = {"..": ["keep.txt"], "gone": ["../../keep.txt", "..", ""], "odd": 5}
    place.tree.figures.mkdir(parents=True, exist_ok=True)
    (place.tree.figures / "harvested.json").write_text(json.dumps(index))
    harvest.harvest_all([], place.tree, place.site)
    assert kept.read_text() == "theirs"
