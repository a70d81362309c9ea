"""No pattern takes the square of what a stranger's notebook, or a long line, gives it to read."""

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from site_builder.harvest import drawing
from site_builder.notebook import captions
from site_builder.post import numbers, post_file, rules, rules_html, rules_markdown
from site_builder.post.post_file import PostSource
from site_builder.render import markdown, mathematics
from site_builder.write import placeholders, prose

LONG = 200_000


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (drawing._FUNCTION.findall, "-"),
        (drawing._FUNCTION.findall, "a "),
        (lambda text: numbers.in_text(text, ""), " "),
        (lambda text: numbers.in_text(text, ""), "\n "),
        (mathematics._DELIMITED.findall, "\\("),
        (mathematics._DELIMITED.findall, "\\["),
        (mathematics._DELIMITED.findall, "$$"),
        (prose.safe_tex, " "),
        (lambda text: list(rules_html._TAG.finditer(f"<a{text}")), "-"),
        (rules_markdown._DELIMITER.search, " "),
        (rules_markdown._DELIMITER.search, "-|"),
        (post_file._CODE.findall, "<!--"),
        (post_file._CODE.findall, "<pre>"),
        (post_file._OUTPUT.findall, "{{ "),
        (post_file._LITERAL.findall, "<u>"),
        (placeholders.spaced, " "),
        (placeholders.spaced, "\n "),
        (lambda text: list(rules_markdown.code_span(PostSource(Path("a.md"), text))), "~"),
        (lambda text: list(captions.faults(text)), "["),
    ],
)
def test_long_text_takes_time_that_is_linear(read: Callable[[str], object], text: str) -> None:
    began = time.process_time()
    read(text * (LONG // len(text)) + "x")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a \n\n b", "a b"), (" \n", " "), ("\u2028", " "), ("a  b", "a  b"), ("a \t\r\n", "a ")],
)
def test_a_break_of_lines_with_the_blanks_around_it_is_a_space(text: str, shown: str) -> None:
    assert numbers.in_text(text, "") == shown


@pytest.mark.parametrize(
    ("tex", "safe"), [("a<b", "a < b"), ("a  <  b", "a < b"), ("< <", " <  < "), (r"\< a", r"\< a")]
)
def test_signs_of_html_in_a_formula_stand_alone(tex: str, safe: str) -> None:
    assert prose.safe_tex(tex) == safe


class Sought(str):
    """A text that counts how often something is looked for to its end."""

    times = 0

    def find(self, *sought: Any) -> int:
        Sought.times += 1
        return super().find(*sought)


def test_the_end_of_a_formula_is_looked_for_from_its_beginning_only() -> None:
    text = Sought("a$$x$$" + "@" * 100)
    for place in range(len(text)):
        markdown._only_double(SimpleNamespace(src=text, pos=place), True)  # type: ignore[arg-type]
    assert Sought.times == 2


def test_a_rule_tells_a_hundred_of_its_findings() -> None:
    found = rules.lint_post("---\ntitle: a\n---\n\n" + "costs $5 or $6.\n" * 500, Path("a.md"))
    assert sum(one.problem.startswith("money:") for one in found) == 100


@pytest.mark.parametrize(
    ("before", "after"),
    [("a B b", "a|b"), ("a\n \nB\n\nb", "a\n |b"), ("\n\n  B", "|"), (" \t B", "|"), ("a\n\n\nB", "a|")],
)
def test_a_blank_line_stands_round_a_block_mark(before: str, after: str) -> None:
    mark = f"{placeholders._OPEN}b1{placeholders._CLOSE}"
    assert placeholders.spaced(before.replace("B", mark)) == after.replace("|", f"\n\n{mark}\n\n")
