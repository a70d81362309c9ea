"""The figures that this project publishes, in each place where they are read."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.tools import text_sizes

from site_builder.kernel_figures import MIME
from site_builder.kernel_figures.layout import NARROW, WIDE
from site_builder.notebook import reader

ROOT = Path(__file__).resolve().parents[2]
PX = 96 / 72
"""CSS px in a point: a page shows a drawing at its own size."""
FIGURES: list[dict[str, Any]] = json.loads(
    (ROOT / "assets/figures/figures.json").read_text(encoding="utf-8")
)["figures"]
IN_POSTS = [entry for entry in FIGURES if not entry["label"].startswith("fig-cover-")]
"""Covers are scaled: what of them is legible is tested where they are drawn."""
EXECUTED = sorted((ROOT / "_experiments/executed").glob("*.ipynb"))


def named(entry: dict[str, Any]) -> str:
    return str(entry["label"])


@pytest.mark.parametrize("entry", FIGURES, ids=named)
def test_a_figure_has_the_files_of_each_place_and_no_more(entry: dict[str, Any]) -> None:
    wide, narrow = ("svg", "dark.svg", "pdf", "png"), ("narrow.svg", "narrow.dark.svg", "narrow.pdf")
    assert sorted(entry["files"]) == sorted((*wide, *narrow))


@pytest.mark.parametrize("entry", IN_POSTS, ids=named)
def test_text_on_a_page_has_11_to_13_px(entry: dict[str, Any]) -> None:
    for ending in ("svg", "narrow.svg"):
        sizes = text_sizes.of_svg((ROOT / entry["files"][ending]).read_text(encoding="utf-8"))
        assert [size for size in sizes if not 11 <= size * PX <= 13] == []


@pytest.mark.parametrize("entry", IN_POSTS, ids=named)
def test_text_in_print_has_7_pt_in_fonts_that_may_be_embedded(entry: dict[str, Any]) -> None:
    for ending, inches in (("pdf", WIDE), ("narrow.pdf", NARROW)):
        pdf = (ROOT / entry["files"][ending]).read_bytes()
        assert f"/MediaBox [ 0 0 {inches * 72:g} ".encode() in pdf
        assert min(text_sizes.of_pdf(pdf)) >= 7
        assert text_sizes.fonts(pdf) == {"Type0", "CIDFontType2"}


@pytest.mark.parametrize("path", EXECUTED, ids=lambda path: str(path.stem))
def test_nothing_is_cut_off_missing_or_told_apart_by_colour_alone(path: Path) -> None:
    _, cells = reader.executed(path)
    drawn = [bundle[MIME] for cell in cells for bundle in cell.bundles if MIME in bundle]
    # A run that only measures has no figure.
    assert len(drawn) == sum("#| label: fig-" in cell.source for cell in cells)
    assert [problem for one in drawn for problem in one["problems"]] == []
