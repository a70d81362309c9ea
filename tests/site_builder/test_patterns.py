"""No pattern takes the square of what a stranger's notebook, or a long line, gives it to read."""

import time
from collections.abc import Callable

import pytest

from site_builder.harvest import drawing
from site_builder.post import numbers, rules_html, rules_markdown
from site_builder.render import mathematics
from site_builder.write import prose

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
