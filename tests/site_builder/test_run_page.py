"""Pages of runs: what a reader sees of each kind of output, and that nothing in them runs or is fetched."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from tests.site_builder import harvest_fixtures, pages_site

from site_builder import reserved
from site_builder.errors import BuildError, PageError
from site_builder.harvest import harvest
from site_builder.render import run_page, terminal
from site_builder.render.mathematics import Typesetter

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAAC0lEQVR4nGNgQAYAAA4AAamRc7EAAAAASUVORK5CYII="
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><script>alert(1)</script></svg>'
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def typesetter() -> Iterator[Typesetter]:
    with Typesetter() as opened:
        yield opened


def cells(html: str) -> list[Tag]:
    return list(BeautifulSoup(html, "html.parser").select("section.cell"))


def read(
    root: Path, typesetter: Typesetter, *more: dict[str, Any], notebooks: dict[str, str] | None = None
) -> list[Tag]:
    made = pages_site.lay_out(root)
    path = made.tree.executed / "toy-sums.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] += more
    path.write_text(json.dumps(notebook), encoding="utf-8")
    page = run_page.read_cells(path, made.harvests["toy-sums"], typesetter, "../", notebooks or {})
    return cells(typesetter.fill(page))


def code(*outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": ["x\n"], "outputs": list(outputs)}


def markdown(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, **more}


def shown(**data: Any) -> dict[str, Any]:
    """A displayed object; of a MIME type, "_" stands for its slash."""
    forms = {kind.replace("_", "/", 1).replace("_", "-"): content for kind, content in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": forms}


def printed(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def test_cells_are_numbered_as_the_harvest_numbers_them(tmp_path: Path, typesetter: Typesetter) -> None:
    found = read(tmp_path, typesetter)
    labels = {cell["id"]: cell.select_one(".cell-label") for cell in found}
    assert [str(cell["id"]) for cell in found] == [f"cell-{number}" for number in range(1, 8)]
    assert {str(key): label.text for key, label in labels.items() if label} == {
        "cell-3": "lst-toy",
        "cell-4": "fig-toy-growth",
    }
    assert ["cell-markdown" in cell["class"] for cell in found] == [True] + 6 * [False]


def test_a_label_is_the_one_that_the_harvest_gave(tmp_path: Path, typesetter: Typesetter) -> None:
    place = harvest_fixtures.Place(tmp_path)
    defaults = harvest_fixtures.cell('seed, model = 3, ""\nmodel = "VGG 16"')
    defaults.metadata["tags"] = ["parameters"]
    table = harvest_fixtures.table("tbl-vgg-16", ["x"], [[1]])
    run = place.run(
        "demo",
        defaults,
        harvest_fixtures.cell("#| label: lst-{model}\nstep()"),
        harvest_fixtures.cell("#| label: tbl-{model}\nshow()", table),
        parameters={},
    )
    found = harvest.harvest_all([run], place.tree, place.site)["demo"]
    page = cells(run_page.read_cells(run.executed, found, typesetter, "../", {}))
    assert [[label.text for label in cell.select(".cell-label")] for cell in page] == [
        [],
        ["lst-vgg-16"],
        ["tbl-vgg-16"],
    ]


def test_a_figure_is_shown_from_the_assets_in_both_schemes(tmp_path: Path, typesetter: Typesetter) -> None:
    cell = read(tmp_path, typesetter)[3]
    assert [image["src"] for image in cell.find_all("img")] == [
        "../assets/figures/toy-sums/fig-toy-growth.svg",
        "../assets/figures/toy-sums/fig-toy-growth.dark.svg",
    ]
    assert [source["srcset"] for source in cell.find_all("source")] == [
        "../assets/figures/toy-sums/fig-toy-growth.narrow.svg",
        "../assets/figures/toy-sums/fig-toy-growth.narrow.dark.svg",
    ]
    assert [figure["id"] for figure in cell.select("figure")] == ["fig-toy-growth"]
    assert cell.select_one("svg") is None
    assert "#| label" not in cell.get_text()


def test_a_figure_that_is_shown_twice_has_its_id_once(tmp_path: Path, typesetter: Typesetter) -> None:
    place = harvest_fixtures.Place(tmp_path)
    drawing = harvest_fixtures.drawing()
    run = place.run("demo", harvest_fixtures.figure_cell("fig-a", drawing, drawing))
    found = harvest.harvest_all([run], place.tree, place.site)["demo"]
    (cell,) = cells(run_page.read_cells(run.executed, found, typesetter, "../", {}))
    assert [figure.get("id") for figure in cell.select("figure")] == ["fig-a", None]


def test_a_streams_name_is_one_of_two(tmp_path: Path, typesetter: Typesetter) -> None:
    cell = read(tmp_path, typesetter, code(printed("said\n", '"><script>alert(1)</script>')))[-1]
    assert cell.select_one("script") is None
    assert [pre["class"] for pre in cell.select("pre.output")] == [["output", "stdout"]]


def test_a_stream_that_was_interrupted_is_one(tmp_path: Path, typesetter: Typesetter) -> None:
    cell = read(tmp_path, typesetter, code(printed("a\n"), printed("b\n"), printed("c", "stderr")))[-1]
    assert [pre.text for pre in cell.select("pre.output")] == ["a\nb", "c"]


def test_reserved_characters_of_a_notebook_stand_for_nothing(tmp_path: Path, typesetter: Typesetter) -> None:
    slot = "0".join(reserved.SLOT)
    found = read(tmp_path, typesetter, markdown(f"$x$ {slot}"), code(printed(f"{slot} \ue0b0\n")))[-2:]
    assert len(found[0].select(".katex-html")) == 1
    assert "\ufffd0\ufffd \ue0b0" in found[1].text  # a private character, such as a terminal's, is kept


# -- what is hostile ---------------------------------------------------------------------------------

ACTIVE = [
    HOSTILE,
    '<svg onload=alert(1)><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<iframe src=https://example.org></iframe><object data=x></object><embed src=x>",
    '<a href="javascript:alert(1)">a</a><a href=" JaVa\tscript:alert(1)">b</a>',
    '<a href="data:text/html,x">c</a><a href="vbscript:x">d</a><a href="//example.org">e</a>',
    '<form action="https://example.org"><button formaction="javascript:alert(1)">send</button></form>',
    '<div style="position:fixed;inset:0;background:url(https://example.org/x.png);z-index:9">over</div>',
    "<style>body{display:none}@import 'https://example.org/x.css';</style><link rel=stylesheet href=//e.org>",
    '<img src="https://example.org/x.png" srcset="https://example.org/y.png 2x" alt="far">',
    '<table background="https://example.org/x.png"><tr><td background=//e.org/x.png>cell</td></tr></table>',
    '<p id="content" class="skip">taken</p><div class="skip">b</div>',
    '<code class="skip">a</code><a id="cell-1" name="claim">taken</a>',
    '<meta http-equiv=refresh content="0;url=https://example.org"><base href="https://example.org/">',
    '<details ontoggle=alert(1) open><summary onclick="alert(1)">s</summary>d</details>',
    '<img src="data:text/html;base64,PHNjcmlwdD4=" alt="no picture">',
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    f'<img src="data:image/png;base64,{PNG}" onload="alert(1)" style="position:fixed" width="9999" alt="in">',
    "<video src=https://example.org/v.mp4 poster=//e.org/p.png></video><audio src=x autoplay></audio>",
]  # fmt: skip


@pytest.mark.parametrize("hostile", ACTIVE)
@pytest.mark.parametrize("way", ["cell", "html", "markdown", "latex", "printed", "plain", "error", "script"])
def test_nothing_of_a_notebook_runs_or_is_fetched(
    tmp_path: Path, typesetter: Typesetter, hostile: str, way: str
) -> None:
    made = {
        "cell": markdown(
            hostile + f"\n\n{hostile} ![alt](https://example.org/x.png) [a](javascript:alert(1))"
        ),
        "html": code(shown(text_html=hostile)),
        "markdown": code(shown(text_markdown=hostile + " ![alt](//example.org/x.png)")),
        "latex": code(shown(text_latex=hostile)),
        "printed": code(printed(hostile), printed(f"\x1b]8;;javascript:alert(1)\x07{hostile}\x1b]8;;\x07")),
        "plain": code(shown(text_plain=f"\x1b[31m{hostile}\x1b[0m")),
        "error": code({"output_type": "error", "traceback": ["\x1b[31m----> 1 " + hostile + "\x1b[0m"]}),
        "script": code(shown(application_javascript=hostile)),
    }[way]
    cell = read(tmp_path, typesetter, made)[-1]
    assert_harmless(cell)
    assert {one["id"] for one in cell.select("[id]")} & {"content", "cell-1", "claim"} == set()
    if way in ("latex", "printed", "plain", "error"):
        assert hostile in cell.text.replace("\u200b", "")


def assert_harmless(cell: Tag) -> None:
    assert not cell.select(
        "script, style, iframe, object, embed, svg, math:not(.katex math), form, button, link"
    )
    assert not cell.select("meta, base, input, video, audio, [background], [srcset]:not(picture source)")
    assert not [one for one in cell.find_all(True) for name in one.attrs if name.startswith("on")]
    for element in cell.select("[style]"):
        assert set(str(element["style"]).replace(" ", "").split(":")[0::2]) <= {
            "text-align",
            "font-weight",
            "--hue",
        }
    assert not cell.select(".skip")
    for image in cell.select("img"):
        assert str(image["src"]).startswith(("../assets/", "data:image/"))
        assert image["width"] != "9999"
    for link in cell.select("a[href]"):
        assert str(link["href"]).startswith(("#", "https://example.org", "../assets/"))


def test_a_drawing_is_a_picture_in_which_nothing_runs(tmp_path: Path, typesetter: Typesetter) -> None:
    cell = read(tmp_path, typesetter, code(shown(**{"image_svg+xml": SVG, "text_plain": "<Figure>"})))[-1]
    (image,) = cell.select("img")
    assert cell.select_one("svg, script") is None
    assert base64.b64decode(str(image["src"]).removeprefix("data:image/svg+xml;base64,")).decode() == SVG
    assert (image["width"], image["height"]) == ("40", "20")


# -- what is shown -----------------------------------------------------------------------------------

FRAME = """<div><style scoped>.dataframe td { color: red }</style>
<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>name</th><th>score</th>
</tr></thead><tbody><tr><th>0</th><td>first</td><td>1.5</td></tr>
<tr><th>1</th><td>costs $5</td><td>NaN</td></tr></tbody></table><p>2 rows × 2 columns</p></div>"""
HEADS = """<table><thead><tr><th></th><th></th><th colspan="2">of both</th></tr>
<tr><th></th><th></th><th>n</th><th>who</th></tr></thead><tbody>
<tr><th rowspan="2">a</th><th>x</th><td>1,000</td><td>me</td></tr><tr><th>y</th><td>−2</td><td>you</td></tr>
</tbody></table>"""


def test_a_frame_of_pandas_is_a_table_with_its_numbers_to_the_right(
    tmp_path: Path, typesetter: Typesetter
) -> None:
    cell = read(tmp_path, typesetter, code(shown(text_html=FRAME, text_plain="   name  score\n0 ...")))[-1]
    (box,) = cell.select("div.table-scroll[tabindex][role=region][aria-label]")
    rows = [[entry.text for entry in row.select("th, td")] for row in box.select("tr")]
    assert rows == [["", "name", "score"], ["0", "first", "1.5"], ["1", "costs $5", "NaN"]]
    assert [entry.text for entry in box.select(".number")] == ["score", "1.5", "NaN"]
    assert "2 rows × 2 columns" in cell.text
    assert "color: red" not in cell.text
    assert not cell.select("pre.output")


def test_heads_over_several_columns_or_rows_leave_numbers_in_their_columns(
    tmp_path: Path, typesetter: Typesetter
) -> None:
    cell = read(tmp_path, typesetter, code(shown(text_html=HEADS)))[-1]
    assert [entry.text for entry in cell.select(".number")] == ["n", "1,000", "−2"]


def test_heads_of_frames_have_formulas_and_money_is_none(tmp_path: Path, typesetter: Typesetter) -> None:
    html = (
        "<table><caption>at $\\alpha=5$</caption><tr><th>$M$</th><th>$31 or $135</th><th>$5-$10</th>"
        r"<th>$\nosuch$</th></tr><tr><td>$31 a share, or $135 million</td></tr></table>"
    )
    cell = read(tmp_path, typesetter, code(shown(text_html=html)))[-1]
    assert [tex["data-tex"] for tex in cell.select(".formula")] == [r"\alpha=5", "M"]
    assert [entry.text for entry in cell.select("th")[1:]] == ["$31 or $135", "$5-$10", r"$\nosuch$"]
    assert cell.select_one("td").text == "$31 a share, or $135 million"


def test_formulas_in_a_table_of_markdown(tmp_path: Path, typesetter: Typesetter) -> None:
    source = "| | $\\mathbf{d}_{12}$ |\n|---|---|\n| a | $x_1$ and $y_1$ |"
    for made in (markdown(source), code(shown(text_markdown=source))):
        cell = read(tmp_path / made["cell_type"], typesetter, made)[-1]
        assert [tex["data-tex"] for tex in cell.select("table .formula")] == [
            r"\mathbf{d}_{12}",
            "x_1",
            "y_1",
        ]
        assert [len(row.select("th, td")) for row in cell.select("tr")] == [2, 2]


def test_latex_and_markdown_are_typeset(tmp_path: Path, typesetter: Typesetter) -> None:
    found = read(
        tmp_path,
        typesetter,
        code(shown(text_latex=r"so $\int x\,dx$ & more", text_plain="<IPython.core.display.Latex object>")),
        code(shown(text_latex="\\begin{align}a&=b\\\\c&<d\\end{align}", text_plain="<... object>")),
        code(
            shown(
                text_markdown="# Head\n\n**bold** $x<y$", text_plain="<IPython.core.display.Markdown object>"
            )
        ),
        markdown("text $$a$$ more\n\n\\begin{equation}\nb\n\\end{equation}\n\nit costs $5 and $6"),
    )[-4:]
    assert [tex["data-tex"] for cell in found for tex in cell.select(".formula")] == [
        r"\int x\,dx",
        r"\begin{align}a&=b\\c&<d\end{align}",
        "x<y",
        "a",
        "\\begin{equation} b \\end{equation}",
    ]
    assert [len(cell.select("div.equation > div.formula")) for cell in found] == [0, 1, 0, 2]
    assert "so " in found[0].text
    assert " & more" in found[0].text
    assert [head.name for head in found[2].select("h1, h2")] == ["h2"]
    assert found[2].strong is not None
    assert "object>" not in "".join(cell.text for cell in found)
    assert "it costs $5 and $6" in found[3].text
    assert not [one for cell in found for one in cell.select("p:empty")]


def test_a_formula_that_cannot_be_typeset_is_its_tex_or_the_authors_to_mend(
    tmp_path: Path, typesetter: Typesetter
) -> None:
    cell = read(tmp_path / "a", typesetter, code(shown(text_latex=r"$\nosuch{x}$", text_plain="x")))[-1]
    assert [part.text for part in cell.select("code")][1:] == [r"\nosuch{x}"]
    with pytest.raises(PageError, match=r"toy-sums\.ipynb, cell 8: formula .*nosuch"):
        read(tmp_path / "b", typesetter, markdown(r"See $\nosuch{x}$."))


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        (
            {"text_html": "<script>draw()</script><div id=x></div>", "text_plain": "Chart(3 rows)"},
            "Chart(3 rows)",
        ),
        (
            {"text_html": "<style>p{}</style><p>in a frame of its own</p>", "text_plain": "Model(a=1)"},
            "Model(a=1)",
        ),
        (
            {
                "application_vnd.jupyter.widget-view+json": {"model_id": "1"},
                "text_plain": "IntSlider(value=3)",
            },
            "IntSlider(value=3)\n(a widget, as it was when it was shown first)",
        ),
        (
            {
                "text_html": "<b>bold</b><script>1</script>",
                "text_plain": "<IPython.core.display.HTML object>",
            },
            None,
        ),
        (
            {
                "text_html": "<iframe src=//e.org></iframe>",
                "text_plain": "<IPython.lib.display.IFrame at 0x7f1>",
            },
            "(text/html: not shown here)",
        ),
        ({"application_javascript": "alert(1)"}, "(application/javascript: not shown here)"),
        ({}, "(empty: not shown here)"),
        (
            {"application_json": {"é": [1]}, "text_plain": "<IPython.core.display.JSON object>"},
            '{\n "é": [\n  1\n ]\n}',
        ),
        ({"text_plain": "<__main__.Thing object at 0x7f>"}, "<__main__.Thing object at 0x7f>"),
        ({"image_png": "no picture", "text_plain": "an array"}, "an array"),
    ],
)
def test_where_little_would_be_left_another_form_is_shown(
    tmp_path: Path, typesetter: Typesetter, forms: dict[str, Any], expected: str | None
) -> None:
    cell = read(tmp_path, typesetter, code(shown(**forms)))[-1]
    assert [pre.text for pre in cell.select("pre.output")] == ([expected] if expected else [])
    assert bool(cell.select(".output-rich")) is (expected is None)


def test_hidden_parts_of_html_stay_hidden(tmp_path: Path, typesetter: Typesetter) -> None:
    html = '<p>seen</p><p hidden>a</p><div style="color:red; display: none">b</div><p style="color:red">c</p>'
    cell = read(tmp_path, typesetter, code(shown(text_html=html)))[-1]
    assert [part.text for part in cell.select(".output-rich p, .output-rich div")] == ["seen", "c"]


def test_colours_of_html_are_hues_that_both_schemes_show(tmp_path: Path, typesetter: Typesetter) -> None:
    html = (
        '<pre><span style="color: #008080; font-weight: bold">a</span>'
        '<i style="background-color:rgb(1, 2, 3)">b</i>'
        '<b style="color:transparent;background-color:url(https://e.org)">c</b></pre>'
    )
    cell = read(tmp_path, typesetter, code(shown(text_html=html)))[-1]
    assert [one["style"] for one in cell.select("[style]")] == [
        "--hue:#008080;font-weight:bold",
        "--back:rgb(1,2,3)",
    ]


def test_pictures_have_their_size_and_the_text_that_the_cell_gives(
    tmp_path: Path, typesetter: Typesetter
) -> None:
    described = code(shown(image_png=PNG)) | {"source": "#| fig-alt: A dot.\nshow()"}
    attached = markdown("![pic](attachment:my%20pic.png)", attachments={"my pic.png": {"image/png": PNG}})
    found = read(tmp_path, typesetter, code(shown(image_png=PNG)), described, attached)[-3:]
    images = [image for cell in found for image in cell.select("img")]
    assert [(image["width"], image["height"]) for image in images] == [("2", "3")] * 3
    assert [image["alt"] for image in images] == [
        "Output 1 of cell 8, a picture without a description",
        "A dot.",
        "pic",
    ]


def test_a_missing_attachment_is_named(tmp_path: Path, typesetter: Typesetter) -> None:
    cell = read(tmp_path, typesetter, markdown("See ![a pic](attachment:pic.png)."))[-1]
    assert "See [image: a pic]." in cell.text


def test_links_lead_to_places_of_the_notebook_and_to_pages_of_other_runs(
    tmp_path: Path, typesetter: Typesetter
) -> None:
    source = (
        "## Below it\n\n[a](#Below-it) [b](second.ipynb) [c](./second.ipynb#Part-two) [d](third.ipynb) "
        "[e](data.csv) [f](https://example.org/x) ![picture](images/b.png) <a name='old'></a>[g](#old)"
    )
    cell = read(tmp_path, typesetter, markdown(source), notebooks={"second.ipynb": "two.html"})[-1]
    assert {link.text: link["href"] for link in cell.select("a[href]:not(.cell-number)")} == {
        "a": "#in-Below-it",
        "b": "two.html",
        "c": "two.html#in-Part-two",
        "f": "https://example.org/x",
        "g": "#in-old",
    }
    assert [one["id"] for one in cell.select("[id]")] == ["in-Below-it", "in-old"]
    assert "d e f [image: picture]" in cell.text.replace("\n", "")


def test_an_id_stands_once(tmp_path: Path, typesetter: Typesetter) -> None:
    found = read(tmp_path, typesetter, markdown("# Results"), markdown("# Results"))
    assert [one["id"] for cell in found for one in cell.select("h2[id]")][-1:] == ["in-Results"]
    assert len({str(one["id"]) for cell in found for one in cell.select("[id]")}) == sum(
        len(cell.select("[id]")) for cell in found
    )


def test_lists_of_tasks_and_code_are_those_of_jupyter(tmp_path: Path, typesetter: Typesetter) -> None:
    cell = read(tmp_path, typesetter, markdown("- [x] done\n- [ ] open\n\n```python\nx = 1\n```"))[-1]
    assert [entry.text.strip() for entry in cell.select("li")] == ["☑ done", "☐ open"]
    assert cell.select_one("div.code code.language-python .mi") is not None


# -- terminals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", '<span class="ansi-red-fg">red</span>'),
        ("\x1b[1;32mok\x1b[0m", '<span class="ansi-green-intense-fg ansi-bold">ok</span>'),
        ("\x1b[38;5;208mo\x1b[0m", '<span style="--hue: rgb(255,135,0)">o</span>'),
        ("\x1b[48;2;1;2;3mo\x1b[0m", '<span style="--back: rgb(1,2,3)">o</span>'),
        (" 10%\r 50%\r100%\n", "100%\n"),
        ("done\r\nnext\r\n", "done\nnext\n"),
        ("1%\x08\x082%\x08\x083%", "3%"),
        ("\x08\x08a", "a"),
        ("\x1b[2K\x1b[?25lx\x1b(B\x1b]0;title\x07y\x00\x9bz", "xyz"),
        ("a<b & \x07c", "a&lt;b &amp; c"),
        (
            "\x1b]8;id=1;https://example.org/?a=1&b=2\x1b\\see\x1b]8;;\x1b\\.",
            '<a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer">see</a>.',
        ),
        (
            "\x1b[31m\x1b]8;;http://e.org\x07a\x1b[32mb\x1b]8;;\x07c\x1b[0m",
            '<span class="ansi-red-fg"><a href="http://e.org" rel="noopener noreferrer">a</a></span>',
        ),
        ("\x1b]8;;javascript:alert(1)\x07a\x1b]8;;\x07", "a"),
        ("\x1b]8;;file:///home/me\x07a\x1b]8;;\x07", "a"),
        ("cut \x1b[3", "cut "),
        ("before \x1b]8;;words after\nmore", "before words after\nmore"),
        ('<p style="color: rgb(1,2,3)">', "&lt;p style=&#34;color: rgb(1,2,3)&#34;&gt;"),
        (f"{'x' * 9}\n{'y' * 90_000}{chr(8) * 90_000}z", "xxxxxxxxx\nz"),
    ],
)
def test_a_terminal_is_read_as_it_stood_in_the_end(text: str, expected: str) -> None:
    shown = terminal.to_html(text)
    assert shown.startswith(expected)
    assert not {"\x1b", "\x07", "\x08", "\r"} & set(shown)


def test_the_failed_line_of_every_frame_is_marked(tmp_path: Path, typesetter: Typesetter) -> None:
    trace = [
        "\x1b[31m----------\x1b[39m",
        "\x1b[31mKeyError\x1b[39m  Traceback",
        "File tool.py:5\n      4 x = 1\n\x1b[32m----> \x1b[39m\x1b[32m5\x1b[39m d[x]\n",
        "\nThe above exception was the direct cause of the following exception:\n",
        "Cell In[1], line 12\n     11 a\n\x1b[32m---> 12\x1b[39m load(\x1b[33m'<b>'\x1b[39m)\n     13 b",
        "\x1b[31mValueError\x1b[39m: no",
    ]
    cell = read(tmp_path, typesetter, code({"output_type": "error", "traceback": trace}))[-1]
    assert [mark.text for mark in cell.select("pre.error mark")] == ["----> 5 d[x]", "---> 12 load('<b>')"]
    assert cell.select_one("mark .ansi-green-fg") is not None
    bare = code({"output_type": "error", "ename": "E", "evalue": "said", "traceback": []})
    assert read(tmp_path, typesetter, bare)[-1].select("pre.error")[0].text == "E: said"


# -- what is long ------------------------------------------------------------------------------------


def test_a_flood_of_text_is_cut(tmp_path: Path, typesetter: Typesetter) -> None:
    cell = read(tmp_path, typesetter, code(printed("x" * 2_000_000)))[-1]
    assert len(str(cell)) < terminal.SHOWN_CHARACTERS + 2000
    assert "… and 1,980,000 characters more in the notebook" in cell.text


@pytest.mark.parametrize(("lines", "folded"), [(100, []), (101, ["All 101 lines"])])
def test_more_than_a_hundred_lines_are_folded(
    tmp_path: Path, typesetter: Typesetter, lines: int, folded: list[str]
) -> None:
    cell = read(tmp_path, typesetter, code(printed("x\n" * lines)))[-1]
    assert [one.text for one in cell.select(".folded > details.fold:has(+ pre.output) > summary")] == folded


def test_a_long_table_is_folded_and_an_enormous_one_is_its_text(
    tmp_path: Path, typesetter: Typesetter
) -> None:
    row = "<tr><td>1</td></tr>"
    long = code(shown(text_html=f"<table>{row * 120}</table>", text_plain="120 rows"))
    endless = code(shown(text_html=f"<table>{row * 30_000}</table>", text_plain="30,000 rows"))
    found = read(tmp_path, typesetter, long, endless)[-2:]
    assert [one.text for one in found[0].select("details.fold:has(+ .table-scroll)")] == ["All 120 rows"]
    assert [pre.text for pre in found[1].select("pre.output")] == ["30,000 rows"]


# -- our own records ---------------------------------------------------------------------------------


def test_published_records_are_tables_and_statements(tmp_path: Path, typesetter: Typesetter) -> None:
    place = harvest_fixtures.Place(tmp_path)
    table = harvest_fixtures.table(
        "tbl-a", ["who", r"rate \(a<b\)"], [["me & you", 0.123456], ["none", None]]
    )
    values = [
        harvest_fixtures.value("one", 1.5, low=1.0, high=2.0, n=5, note="95 %"),
        harvest_fixtures.value("two", 2),
    ]
    run = place.run(
        "demo",
        harvest_fixtures.cell(
            "publish()", *values, table, harvest_fixtures.claim("grows", "holds", slope=1.5)
        ),
    )
    found = harvest.harvest_all([run], place.tree, place.site)["demo"]
    (cell,) = cells(typesetter.fill(run_page.read_cells(run.executed, found, typesetter, "../", {})))
    rows = [[entry.text for entry in row.select("td")] for row in cell.select("table.run-values tbody tr")]
    assert rows == [["one", "1.5", "1 to 2", "5", "95 %"], ["two", "2", "", "", ""]]
    assert [
        [entry.text for entry in row.select("td")] for row in cell.select("figure.table-figure tbody tr")
    ] == [
        ["me & you", "0.1235"],
        ["none", "–"],
    ]
    assert [tex["data-tex"] for tex in cell.select("th .formula")] == ["a<b"]
    statement = cell.select_one(".ledger .statement")
    assert statement is not None
    assert "holds" in statement.text
    assert not cell.select("pre.output")


def test_packed_rows_are_a_line_on_the_page(tmp_path: Path, typesetter: Typesetter) -> None:
    output = {"output_type": "display_data", "metadata": {}, "data": harvest_fixtures.rows("photographs")}
    cell = read(tmp_path, typesetter, code(output))[-1]
    assert [line.text for line in cell.select("p.record")] == ["photographs: 50,000 rows of 2 columns"]
    assert "QUJD" not in str(cell)


@pytest.mark.parametrize("content", ["no json", "[]", '{"nbformat": 4}'])
def test_a_damaged_notebook_is_named(tmp_path: Path, typesetter: Typesetter, content: str) -> None:
    made = pages_site.lay_out(tmp_path)
    path = made.tree.executed / "toy-sums.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BuildError, match=r"toy-sums\.ipynb: not a (whole )?notebook"):
        run_page.read_cells(path, made.harvests["toy-sums"], typesetter, "../", {})


def test_only_who_writes_the_page_of_a_run_imports_nbconvert() -> None:
    say = "import sys, site_builder.build, site_builder.render.pages; print('nbconvert' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", say], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"


ENDLESS = {
    "elements in each other": ("<div>" * 300 + "x", "HTML of more than 200 elements in each other"),
    "environments": (r"\begin{a}" * 200, "more than 100 formulas of TeX are begun and not ended"),
    "displays": (r"\\[" * 200, "more than 100 formulas of TeX are begun and not ended"),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_what_is_begun_without_end_is_refused_with_its_cell(tmp_path, typesetter, kind):
    source, problem = ENDLESS[kind]
    endless = {"cell_type": "markdown", "metadata": {}, "source": source}
    with pytest.raises(PageError, match=rf"^toy-sums\.ipynb, cell \d+: {problem}"):
        read(tmp_path, typesetter, endless)


def test_what_is_begun_and_ended_many_times_is_shown(tmp_path, typesetter):
    source = "\n\n".join([r"\begin{aligned}x\end{aligned}", r"\\[y\\]", "<div><b>z</b></div>"] * 150)
    shown = read(tmp_path, typesetter, {"cell_type": "markdown", "metadata": {}, "source": source})[-1]
    assert len(shown.select("b")) == 150
    assert len(shown.select(".equation")) == 300


def test_elements_without_ends_do_not_multiply(tmp_path, typesetter):
    """HTML's own rules would open each of these again in each paragraph after it: some 180,000."""
    source = "".join(f"<p><b id=a{number}>x" for number in range(600))
    shown = read(tmp_path, typesetter, {"cell_type": "markdown", "metadata": {}, "source": source})[-1]
    assert len(shown.select("b")) <= 600


def test_signs_that_no_tree_takes_are_left_out(tmp_path, typesetter):
    source = "[a\x07b](nowhere.html) <a href='x&#7;'>c&#7;d</a> \uffff"
    shown = read(tmp_path, typesetter, {"cell_type": "markdown", "metadata": {}, "source": source})[-1]
    assert shown.get_text().split()[1:] == ["ab", "cd"]


def test_an_output_that_is_no_tex_is_not_typeset_to_its_end(typesetter, monkeypatch):
    asked: list[str] = []
    real = typesetter.formula

    def formula(tex: str, display: bool) -> str:
        asked.append(tex)
        return str(real(tex, display))

    monkeypatch.setattr(typesetter, "formula", formula)
    shown = run_page._latex(typesetter, "$" * 5000)
    assert len(asked) == 20
    assert shown.endswith("$" * 4000)
