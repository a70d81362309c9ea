"""Damaged and hostile input: a fixed part of what ``make fuzz`` tries, and what it counts as harm."""

import re
from pathlib import Path

import pytest
from tests.tools import mutations

ROOT = Path(__file__).resolve().parents[2]


def test_damaged_and_hostile_inputs_are_built_or_refused_in_words(capsys):
    assert mutations.main(["--count", "140", "--seed", "18"]) == 0, capsys.readouterr().out


def test_an_input_is_made_anew_from_its_number(tmp_path):
    tree = mutations.lay_out(tmp_path / "tree")
    mutations._sound(tree)
    root = tree.root
    inputs = [mutations.made(root, 1, number) for number in range(42)]
    assert inputs == [mutations.made(root, 1, number) for number in range(42)]
    assert len({one.content for one in inputs}) > 35


@pytest.mark.parametrize(
    ("body", "harm"),
    [
        ("<p onclick='x()'>", "p onclick="),
        ("<a href=' JavaScript:x()'>a</a>", "a href="),
        ("<a href='data:text/html,x'>a</a>", "a href="),
        ("<script>alert(1)</script>", "a script "),
        ("<script src='https://example.org/x.js'></script>", "a script from "),
        ("<div style='position:fixed'>a</div>", "div style="),
        ("<iframe></iframe>", "<iframe>"),
    ],
)
def test_what_counts_as_harm(tmp_path, body, harm):
    (tmp_path / "page.html").write_text(f"<html><body>{body}</body></html>")
    assert [line.startswith(f"page.html: {harm}") for line in mutations.harms(tmp_path)] == [True]


def test_the_workflows_run_what_they_name_and_nothing_that_is_moved():
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = path.read_text()
        used = re.findall(r"uses: (\S+)", text)
        assert used
        assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one) for one in used), used
        assert text.count("persist-credentials: false") == text.count("actions/checkout@")
    assert "cancel-in-progress: true" not in text
