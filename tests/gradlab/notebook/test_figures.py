"""The house style: told apart on a light and on a dark page, and recoloured by the press."""

import io
import itertools
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
import yaml
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from gradlab.notebook import figures

SITE = Path(__file__).parents[3] / "site.yaml"
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


def svg_of(figure):
    file = io.StringIO()
    figure.savefig(file, format="svg")
    return file.getvalue()


def marked_groups(root):
    return [group for group in root.iter() if group.get("id", "").startswith(figures.MARK)]


def colours_in(groups):
    text = " ".join(ElementTree.tostring(group, encoding="unicode") for group in groups)
    return set(re.findall(r"#[0-9a-f]{6}\b", text))


def test_what_is_drawn_in_theme_colours_is_marked_and_nothing_else(house):
    figure, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], color=figures.BLUE, label="data")
    ax.axhline(0.5, color=figures.MUTED)
    ax.set(title="A title", xlabel="x")
    ax.annotate("here", (0.2, 0.2), xytext=(0.5, 0.1), arrowprops={"arrowstyle": "-", "color": figures.INK})
    ax.legend()
    root = ElementTree.fromstring(svg_of(figure))
    groups = marked_groups(root)
    assert len({group.get("id") for group in groups}) == len(groups)
    assert colours_in(groups) <= {figures.INK, figures.MUTED, figures.GRID}
    inside = {part for group in groups for part in group.iter()}
    alone = [part for part in root.iter() if part not in inside and not len(part)]
    assert colours_in(alone) == {figures.BLUE}


def test_colours_that_stand_for_numbers_are_not_marked(house):
    figure, (mesh, points) = plt.subplots(1, 2)
    shown = mesh.pcolormesh([[0.0, 1.0], [0.5, 0.2]], cmap="gray")
    mesh.text(0.5, 0.5, "over a mesh", color=figures.INK)
    points.scatter([0, 1], [0, 1], c=[0, 1], cmap="gray")
    figure.colorbar(shown, ax=mesh)
    svg = svg_of(figure)
    groups = marked_groups(ElementTree.fromstring(svg))
    assert figures.PAPER in svg
    assert figures.PAPER not in colours_in(groups)
    texts = [group for group in ElementTree.fromstring(svg).iter() if group.get("id", "").startswith("text_")]
    assert len(texts) == 1  # the one that was chosen to be seen over the mesh


def test_a_figure_of_another_style_has_no_marks():
    with mpl.rc_context():
        mpl.rcParams["backend"] = "agg"
        figure, ax = plt.subplots()
        ax.plot([0, 1], color=figures.INK)
        assert marked_groups(ElementTree.fromstring(svg_of(figure))) == []
        plt.close(figure)


def test_both_widths_are_one_figure(house):
    def draw(width):
        figure, _ = plt.subplots(figsize=(width, 2))
        return figure

    wide: Any = figures.at_both_widths(draw)
    assert wide.get_figwidth() == figures.TWO_COLUMNS
    assert wide.narrow.get_figwidth() == figures.ONE_COLUMN
    assert plt.get_fignums() == [wide.number]


def test_every_colour_has_dashes_and_a_marker_of_its_own():
    assert len(set(figures.DASHES.values())) == len(figures.DASHES)
    assert len(set(figures.MARKERS.values())) == len(figures.MARKERS)
    assert set(figures.CYCLE) < set(figures.DASHES)
    assert figures.look(figures.BLUE) == {"color": figures.BLUE, "linestyle": "-"}
    assert figures.look(figures.GREEN, marker=True)["marker"] == "^"
    assert figures.look(figures.GREEN)["linestyle"] == (0, figures.DASHES[figures.GREEN])
