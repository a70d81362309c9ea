"""The house style: told apart on a light and on a dark page, and recoloured by the press."""

import itertools
from pathlib import Path

import matplotlib as mpl
import pytest
import yaml
from matplotlib.colors import to_rgb

from gradlab import figures

SITE = Path(__file__).parents[2] / "site.yaml"
PAGES = {"light": figures.PAPER, "dark": "#14171a"}


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("colour", figures.CYCLE)
def test_data_colours_stand_out_on_both_pages(colour, page):
    assert contrast(colour, PAGES[page]) >= 3


def test_colours_differ():
    for a, b in itertools.combinations(figures.CYCLE, 2):
        assert max(abs(x - y) for x, y in zip(to_rgb(a), to_rgb(b), strict=True)) > 0.1


def test_the_site_exchanges_every_theme_colour_for_a_readable_one():
    theme = yaml.safe_load(SITE.read_text())["figure_theme"]
    assert set(theme) == {figures.INK, figures.MUTED, figures.GRID, figures.PAPER}
    assert contrast(theme[figures.INK], theme[figures.PAPER]) >= 7
    assert contrast(theme[figures.MUTED], theme[figures.PAPER]) >= 4.5


def test_fonts_are_embedded_and_identifiers_fixed():
    with mpl.rc_context():
        figures.use_house_style()
        assert mpl.rcParams["pdf.fonttype"] == 42
        assert mpl.rcParams["svg.hashsalt"] == "gradlab"
