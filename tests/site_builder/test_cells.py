"""Options of cells are YAML, wherever black, Quarto and Jupyter Book put them."""

from typing import Any

import pytest
from tests.site_builder.tiny_site import TinySite

from site_builder.errors import ExecutionError
from site_builder.notebook import cells, prepared

FOLDED = """\
#| label: fig-one
#| fig-cap: >
#|   A caption that is long,
#|   so it has two lines.
#| fig-alt: |
#|   A line
#|
#|   rises.
draw()
"""


@pytest.mark.parametrize(
    ("source", "asked", "code"),
    [
        (
            FOLDED,
            {
                "label": "fig-one",
                "fig-cap": "A caption that is long, so it has two lines.",
                "fig-alt": "A line rises.",
            },
            "draw()",
        ),
        ("# | label: fig-a\n# | fig-cap: A.\ndraw()", {"label": "fig-a", "fig-cap": "A."}, "draw()"),
        ("# |label: fig-a\n#|fig-cap: A.\ndraw()", {"label": "fig-a", "fig-cap": "A."}, "draw()"),
        ("# | fig-cap: >-\n# |   One\n# |   two.\ndraw()", {"fig-cap": "One two."}, "draw()"),
        ("#| label: fig-a # which\n#| # a note\ndraw()", {"label": "fig-a"}, "draw()"),
        ("#| fig-cap: 'It''s # 1'\ndraw()", {"fig-cap": "It's # 1"}, "draw()"),
        ('#| fig-cap: "A \\"quote\\""\ndraw()', {"fig-cap": 'A "quote"'}, "draw()"),
        ("#| fig-cap: Two panels: left and right # why\nx", {"fig-cap": "Two panels: left and right"}, "x"),
        ("#| fig-cap: {model}: all's well\nx", {"fig-cap": "{model}: all's well"}, "x"),
        ("#| label: fig-{model}\nx", {"label": "fig-{model}"}, "x"),
        ("#| fig-cap: 2024\nx", {"fig-cap": "2024"}, "x"),
        ("#| tbl-cap:\n#|   - A table\nx", {"tbl-cap": "A table"}, "x"),
        ("\n\n# by Ada\n\n#| label: fig-a\nx", {"label": "fig-a"}, "# by Ada\n\nx"),
        ("%%time\n#| label: fig-a\nx", {"label": "fig-a"}, "%%time\nx"),
        ("#| label: fig-a\n%%capture out\nx", {"label": "fig-a"}, "%%capture out\nx"),
        ("#| echo: false\n#| tags: [a, b]\nx", {"echo": False, "tags": ["a", "b"]}, "x"),
        ("# | a | b |\n# |---|---|\nx", {}, "# | a | b |\n# |---|---|\nx"),
        ("x = '''\n#| label: fig-a\n'''", {}, "x = '''\n#| label: fig-a\n'''"),
    ],
)
def test_options_are_read_as_yaml(source: str, asked: dict[str, Any], code: str) -> None:
    found = cells.read(source)
    assert (dict(found.asked), found.code, found.faults) == (asked, code, ())


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        ("#| label: fig-a\n#| fig-cap: *Bold* first\nx", 2, "not YAML"),
        ("%%time\n\n#| label: fig-a\n#| label: fig-b\nx", 4, "label: stands twice"),
        ("#| label fig-a\nx", 1, "of the form #| key: value"),
        ("#| fig-cap: [One, Two]\nx", 1, "fig-cap is no text"),
        ("#| lable: fig-a\nx", 1, "'lable'; nearest of 5: label, "),
        ("#| fig_cap: A\nx", 1, "'fig_cap'; nearest of 5: fig-cap, "),
        ("#| fig-captoin: A\nx", 1, "nearest of 5: fig-cap, fig-alt, "),
        ("x = 1\n#| label: fig-a\nx", 2, "at the head of a cell"),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(source: str, line: int, problem: str) -> None:
    [(found, told)] = cells.read(source).faults
    assert found == line
    assert problem in told


@pytest.mark.parametrize(
    "option",
    [
        *("echo: false", "warning: false", "output: asis", "include: true", "eval: true", "error: true"),
        *("fig-width: 6", "fig-align: center", "code-fold: true", "tbl-colwidths: [60, 40]", "column: page"),
        *("tags: [hide-input]", "classes: wide", "layout-ncol: 2", "mystnb: {image: {width: 9}}", "cache: 1"),
    ],
)
def test_options_of_quarto_and_jupyter_book_pass(option: str) -> None:
    assert cells.read(f"#| {option}\nx").faults == ()


def _first_cell(content: dict[str, Any], source: str) -> None:
    content["cells"][1]["source"] = source + "\n" + "".join(content["cells"][1]["source"])


def test_a_run_with_a_faulty_option_is_refused_before_it_starts(tiny: TinySite) -> None:
    tiny.edit("passing", lambda content: _first_cell(content, "#| lst-cap: 'half"))
    run = tiny.configuration().runs["passing"]
    with pytest.raises(ExecutionError, match=r"passing \(passing.ipynb\), cell 2, line \d: options are not"):
        prepared.load(run)


def test_tags_may_stand_among_the_options(tiny: TinySite) -> None:
    def move(content: dict[str, Any]) -> None:
        [cell] = [one for one in content["cells"] if "parameters" in one["metadata"].get("tags", ())]
        cell["metadata"], cell["source"] = {}, "# | tags: [parameters]\n" + "".join(cell["source"])

    tiny.edit("passing", move)
    assert tiny.configuration().runs["passing"].parameters == {"count": 4}
