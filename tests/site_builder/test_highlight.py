import pytest
from bs4 import BeautifulSoup

from site_builder.render import highlight

CODE = "def f(x: int) -> str:\n\n    return f\"{x} < {{y}} & 'z'\"  # why\n"


@pytest.mark.parametrize("language", ["python", "no-such-language", "bash"])
def test_code_reads_as_it_was_written(language: str) -> None:
    block = BeautifulSoup(highlight.block(CODE, language), "html.parser")
    assert block.pre is not None
    assert block.pre.get_text() == CODE.rstrip("\n")


def test_python_is_coloured() -> None:
    assert '<span class="k">def</span>' in highlight.block(CODE, "python")
    assert "<span" not in highlight.block(CODE, "no-such-language")


@pytest.mark.parametrize(
    ("lines", "folded"), [(highlight.FOLDED_FROM - 1, False), (highlight.FOLDED_FROM, True)]
)
def test_a_long_listing_can_be_folded_without_a_script(lines: int, folded: bool) -> None:
    block = highlight.block("\n".join("x = 1" for _ in range(lines)), "python")
    assert (f"<summary>All {lines} lines</summary>" in block) is folded


def test_a_block_can_be_reached_and_has_a_name() -> None:
    block = highlight.block(CODE, "python", 'Listing "1"')
    assert '<pre tabindex="0" role="group" aria-label="Listing &quot;1&quot;">' in block
