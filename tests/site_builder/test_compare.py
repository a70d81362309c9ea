"""What moved between two commits, as whoever reviews a change reads it."""

import json
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from tests.site_builder import tiny_site
from tests.site_builder.tiny_site import TinySite, commit

from site_builder.__main__ import main
from site_builder.compare import compare
from site_builder.errors import BuildError

CLAIM = {
    "kind": "claim", "name": "it-falls", "statement": "It falls.", "criterion": "below 0", "effects": [],
    "evidence": "exploratory",
}  # fmt: skip
TABLE = {"kind": "table", "name": "tbl-steps", "columns": ["step"], "caption": ""}


@pytest.fixture
def tiny(tmp_path: Path) -> TinySite:
    tiny = tiny_site.lay_out(tmp_path / "tiny")
    rate = {**tiny_site.value("rate", 0.25), "low": 0.2, "high": 0.3, "n": 5, "unit": "s"}
    gone = tiny_site.value("gone", 1)
    tiny.pretend("passing", rate, gone, {**CLAIM, "verdict": "holds"}, {**TABLE, "rows": [[1]]})
    commit(tiny, "one")
    rate |= {"value": 0.5, "low": 0.4, "high": 0.6}
    odd = {**tiny_site.value("odd", 0), "value": "<b>@all</b> | `x` [y](https://z)"}
    tiny.pretend("passing", rate, odd, {**CLAIM, "verdict": "refuted"}, {**TABLE, "rows": [[2]]})
    commit(tiny, "two")
    return tiny


def read(markdown: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(markdown))


def test_values_come_with_their_intervals_and_claims_with_their_verdicts(tiny):
    html = read(compare(tiny.tree, "one", "two"))
    rate = "<td>0.25 s (0.2 to 0.3), n = 5</td>\n<td>0.5 s (0.4 to 0.6), n = 5</td>"
    assert rate in html
    assert "<td>it-falls</td>\n<td>holds</td>\n<td>refuted</td>" in html
    assert "<td>gone</td>\n<td>1</td>\n<td>–</td>" in html
    assert "<li>other entries: passing/tbl-steps</li>" in html


def test_what_a_notebook_published_is_text_and_mentions_nobody(tiny):
    html = read(compare(tiny.tree, "one", "two"))
    assert "&lt;b&gt;@\u2060all&lt;/b&gt; | `x` [y](https://z)" in html


def test_figures_are_new_gone_or_drawn_otherwise(tiny):
    def draw(picture: str, *labels: str) -> None:
        path = tiny.plans()["passing"].run.executed
        notebook = json.loads(path.read_text())
        shown = [{"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}]
        code = {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": shown}
        notebook["cells"] += [{**code, "id": one, "source": f"#| label: {one}\n"} for one in labels]
        path.write_text(json.dumps(notebook))

    draw("AAAA", "fig-kept", "fig-gone", "fig-redrawn")
    commit(tiny, "three")
    tiny.pretend("passing")
    draw("AAAA", "fig-kept", "fig-new")
    draw("BBBB", "fig-redrawn")
    commit(tiny, "four")
    html = read(compare(tiny.tree, "three", "four"))
    assert "<li>new: passing/fig-new</li>" in html
    assert "<li>gone: passing/fig-gone</li>" in html
    assert "<li>drawn otherwise: passing/fig-redrawn</li>" in html
    assert "fig-kept" not in html


def test_nothing_moved_is_said(tiny, capsys):
    assert main(["--root", str(tiny.tree.root), "compare", "two"]) == 0
    assert "No published result moved." in capsys.readouterr().out


@pytest.mark.parametrize("name", ["nowhere", "--output=x"])
def test_what_is_no_commit_is_named(tiny, name):
    with pytest.raises(BuildError, match=f"'{name}' is no commit of tiny"):
        compare(tiny.tree, name, "two")
