"""What a terminal would show in the end, for executions and for pages alike."""

import pytest

from site_builder.notebook.printed import settled


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("10 %\r100 %\n", "100 %\n"),
        ("a longer text\rshort", "short"),
        ("half\r", "half"),
        ("one\r\ntwo\r\r\n", "one\ntwo\n"),
        ("abc\b\bde", "ade"),
        ("\b\bab\n\bc", "ab\nc"),
        ("ab\r\bc", "c"),
    ],
)
def test_what_was_taken_back_or_written_over_is_gone(text: str, left: str) -> None:
    assert settled(text) == left


def test_many_backspaces_are_read_once() -> None:
    assert settled("a" * 300_000 + "\b" * 300_000) == ""
