import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from tests.site_builder import harvest_fixtures, pages_site

from site_builder import reserved
from site_builder.errors import BuildError
from site_builder.harvest import harvest
from site_builder.render import run_page
from site_builder.render.mathematics import Typesetter
from site_builder.render.run_page import Cell


@pytest.fixture(scope="module")
def typesetter() -> Iterator[Typesetter]:
    with Typesetter() as opened:
        yield opened


def read(root: Path, typesetter: Typesetter, *more: dict[str, Any]) -> list[Cell]:
    made = pages_site.lay_out(root)
    path = made.tree.executed / "toy-sums.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] += more
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return run_page.read_cells(path, made.harvests["toy-sums"], typesetter, "../")


def code(*outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "source": ["x\n"], "outputs": list(outputs)}


def test_cells_are_numbered_as_the_harvest_numbers_them(tmp_path: Path, typesetter: Typesetter) -> None:
    cells = read(tmp_path, typesetter)
    assert [(cell.number, cell.kind, cell.label) for cell in cells] == [
        (1, "markdown", ""),
        (2, "code", ""),
        (3, "code", "lst-toy"),
        (4, "code", "fig-toy-growth"),
        (5, "code", ""),
        (6, "code", ""),
        (7, "code", ""),
    ]


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
    shown = run_page.read_cells(run.executed, found, typesetter, "../")
    assert [cell.label for cell in shown] == ["", "lst-vgg-16", "tbl-vgg-16"]


def test_a_figure_is_shown_from_the_assets_in_both_schemes(tmp_path: Path, typesetter: Typesetter) -> None:
    page = BeautifulSoup(read(tmp_path, typesetter)[3].html, "html.parser")
    assert [image["src"] for image in page.find_all("img")] == [
        "../assets/figures/toy-sums/fig-toy-growth.svg",
        "../assets/figures/toy-sums/fig-toy-growth.dark.svg",
    ]
    assert [source["srcset"] for source in page.find_all("source")] == [
        "../assets/figures/toy-sums/fig-toy-growth.narrow.svg",
        "../assets/figures/toy-sums/fig-toy-growth.narrow.dark.svg",
    ]
    assert page.select_one("svg") is None
    assert "#| label" not in page.get_text()


def test_a_streams_name_is_one_of_two(tmp_path: Path, typesetter: Typesetter) -> None:
    hostile = '"><script>alert(1)</script>'
    stream = {"output_type": "stream", "name": hostile, "text": "said\n"}
    page = BeautifulSoup(read(tmp_path, typesetter, code(stream))[-1].html, "html.parser")
    assert page.select_one("script") is None
    assert [pre["class"] for pre in page.select("pre.output")] == [["output", "stdout"]]


def test_reserved_characters_of_a_notebook_stand_for_nothing(tmp_path: Path, typesetter: Typesetter) -> None:
    slot = "0".join(reserved.SLOT)
    said = {"output_type": "stream", "name": "stdout", "text": f"{slot} \ue0b0\n"}
    shown = read(tmp_path, typesetter, {"cell_type": "markdown", "source": f"$x$ {slot}"}, code(said))
    typeset = typesetter.fill("".join(cell.html for cell in shown[-2:]))
    assert typeset.count("katex-html") == 1
    assert "\ufffd0\ufffd \ue0b0" in typeset  # a private character, such as a terminal's, is kept


def test_nothing_of_a_notebook_runs(tmp_path: Path, typesetter: Typesetter) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    cells = read(
        tmp_path,
        typesetter,
        {
            "cell_type": "markdown",
            "source": f"{hostile} ![alt](https://example.org/x.png) [a](javascript:alert(1))",
        },
        code({"output_type": "stream", "name": "stdout", "text": hostile}),
        code({"output_type": "display_data", "data": {"text/html": hostile}}),
        code({"output_type": "execute_result", "data": {"application/javascript": hostile}}),
        code({"output_type": "error", "traceback": ["\x1b[31m" + hostile + "\x1b[0m"]}),
        code({"output_type": "display_data", "data": {"image/svg+xml": f"<svg>{hostile}</svg>"}}),
    )
    page = BeautifulSoup("".join(cell.html for cell in cells), "html.parser")
    assert not page.select("script, iframe, object, embed, svg, [onerror], a[href^=javascript]")
    assert all(str(image["src"]).startswith("../assets/") for image in page.find_all("img"))
    assert page.get_text().count("<script>alert(1)</script>") == 5
    assert "\x1b" not in page.get_text()


def test_a_flood_of_text_is_cut(tmp_path: Path, typesetter: Typesetter) -> None:
    cells = read(
        tmp_path, typesetter, code({"output_type": "stream", "name": "stdout", "text": "x" * 2_000_000})
    )
    assert len(cells[-1].html) < run_page.SHOWN_CHARACTERS + 2000
    assert "… and 1,980,000 characters more in the notebook" in cells[-1].html


def test_a_picture_without_a_label_has_its_size(tmp_path: Path, typesetter: Typesetter) -> None:
    png = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAAC0lEQVR4nGNgQAYAAA4AAamRc7EAAAAASUVORK5CYII="
    cells = read(tmp_path, typesetter, code({"output_type": "display_data", "data": {"image/png": png}}))
    image = BeautifulSoup(cells[-1].html, "html.parser").find("img")
    assert image is not None
    assert (image["width"], image["height"]) == ("2", "3")
    assert image["alt"]


@pytest.mark.parametrize("content", ["no json", "[]", '{"nbformat": 4}'])
def test_a_damaged_notebook_is_named(tmp_path: Path, typesetter: Typesetter, content: str) -> None:
    made = pages_site.lay_out(tmp_path)
    path = made.tree.executed / "toy-sums.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BuildError, match=r"toy-sums\.ipynb: not a (whole )?notebook"):
        run_page.read_cells(path, made.harvests["toy-sums"], typesetter, "../")


def test_packed_rows_are_a_line_on_the_page(tmp_path: Path, typesetter: Typesetter) -> None:
    output = {"output_type": "display_data", "metadata": {}, "data": harvest_fixtures.rows("photographs")}
    shown = read(tmp_path, typesetter, code(output))[-1].html
    assert ">photographs: 50,000 rows of 2 columns</pre>" in shown
    assert "QUJD" not in shown
