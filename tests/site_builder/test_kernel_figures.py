"""Figures as a kernel draws them: two widths of one figure, and what is wrong with them."""

import base64
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.legend_handler import HandlerBase
from tests.tools import text_sizes

from site_builder import kernel_figures
from site_builder.kernel_figures import layout
from site_builder.kernel_figures.faults import beyond, crowded, same_in_grey

PRINTED = 7.0
"""Points: the least size of text in print."""


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The kernel's own settings with coarser PNGs, drawn sooner, and no figure of another test."""
    monkeypatch.setitem(kernel_figures._SAVED, "savefig.dpi", 40)
    (tmp_path / "matplotlibrc").write_text(kernel_figures.STYLE, encoding="utf-8")
    with mpl.rc_context():
        mpl.rcParams.update(mpl.rc_params_from_file(tmp_path / "matplotlibrc", use_default_template=True))
        mpl.rcParams["backend"] = "agg"
        yield
    plt.close("all")


def lines(rows: int = 1, columns: int = 3, **more: Any) -> Any:
    """A figure with a line, labels and a legend, as an author would draw it."""
    figure, grid = plt.subplots(rows, columns, squeeze=False, **more)
    for axes in grid.flat:
        for name, dash in (("first", "-"), ("second", "--")):
            axes.plot([1, 2, 3], [1, 4, 9], dash, label=name)
        axes.set(title="A title", xlabel="steps")
    for axes in grid[:, 0]:
        axes.set_ylabel("loss")
    grid[0, 0].legend()
    return figure


def pdf(entry: str) -> bytes:
    return base64.b64decode(entry)


def box(axes: Any) -> Any:
    return axes.get_window_extent().transformed(axes.figure.dpi_scale_trans.inverted())


@pytest.mark.parametrize("style", [[], "default", "ggplot", "bmh", {"savefig.bbox": "tight"}])
def test_text_is_legible_at_both_widths_in_any_style(style: Any) -> None:
    plt.style.use(style)
    figure = lines(figsize=(10, 4))
    figure.axes[0].set(yscale="log", ylim=(1e-3, 1e3))
    shown = kernel_figures.bundle(figure)
    narrow = shown[kernel_figures.MIME]["narrow"]
    for drawing, width in ((shown["application/pdf"], 7.0), (narrow["pdf"], 3.4)):
        content = pdf(drawing)
        assert f"/MediaBox [ 0 0 {width * 72:g} ".encode() in content
        assert min(text_sizes.of_pdf(content)) >= PRINTED
        assert text_sizes.fonts(content) == {"Type0", "CIDFontType2"}  # TrueType, embedded
    for svg in (shown["image/svg+xml"], narrow["svg"]):
        assert max(text_sizes.of_svg(svg)) * 4 / 3 >= 12
    assert shown[kernel_figures.MIME]["problems"] == []


def test_panels_side_by_side_are_stacked_and_put_back() -> None:
    figure = lines(sharey=True)
    figure.draw_without_rendering()
    before = [box(axes).bounds for axes in figure.axes]
    with layout.stacked(figure):
        figure.draw_without_rendering()
        assert figure.get_figwidth() == layout.NARROW
        boxes = [box(axes) for axes in figure.axes]
        assert boxes[0].y0 > boxes[1].y1 > boxes[1].y0 > boxes[2].y1
        assert len({round(one.x0, 2) for one in boxes}) == 1
        assert [axes.get_ylabel() for axes in figure.axes] == ["loss"] * 3
        assert [axes.get_xlabel() for axes in figure.axes] == ["", "", "steps"]
        assert all(axes.yaxis.get_tick_params()["labelleft"] for axes in figure.axes)
    figure.draw_without_rendering()
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "", ""]
    assert [axes.get_xlabel() for axes in figure.axes] == ["steps"] * 3
    assert not figure.axes[1].yaxis.get_tick_params()["labelleft"]
    assert np.allclose([box(axes).bounds for axes in figure.axes], before, atol=0.05)


def test_a_panel_with_an_axis_of_its_own_gets_no_label_of_another() -> None:
    figure = lines()
    figure.axes[2].set_ylabel("density")
    with layout.stacked(figure):
        assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "", "density"]


def test_crowded_tick_labels_are_turned() -> None:
    figure = lines(1, 1)
    axes = figure.axes[0]
    axes.set_xticks(np.linspace(1, 3, 12))
    with layout.stacked(figure):
        figure.draw_without_rendering()
        assert {label.get_rotation() for label in axes.get_xticklabels()} == {90}
    figure.draw_without_rendering()
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {0}


def test_more_columns_than_rows_are_turned() -> None:
    figure = lines(2, 4, sharex=True, sharey="row")
    with layout.stacked(figure):
        figure.draw_without_rendering()
        boxes = [box(axes) for axes in figure.axes]
        # The first of the upper row stands beside the first of the lower one.
        assert boxes[0].y0 == pytest.approx(boxes[4].y0)
        assert boxes[0].x1 < boxes[4].x0
        assert boxes[1].y1 < boxes[0].y0
        assert figure.get_figheight() <= 8.5


@pytest.mark.parametrize("columns", [5, 9])
def test_a_long_row_becomes_no_taller_than_a_column(columns: int) -> None:
    figure = lines(1, columns, sharey=True)
    with layout.stacked(figure):
        assert figure.get_figheight() <= 8.5


def test_a_legend_that_is_too_wide_gets_fewer_columns() -> None:
    figure = lines(1, 1)
    figure.axes[0].get_legend().remove()
    handles = [plt.Line2D([], [], linestyle=dash) for dash in ("-", "--", ":", "-.", "-")]
    legend = figure.legend(
        handles, [f"a long name, {i}" for i in range(5)], loc="outside upper center", ncols=5
    )
    with layout.stacked(figure):
        figure.draw_without_rendering()
        assert legend.get_window_extent().width <= figure.bbox.width
        texts = [text.get_window_extent() for text in legend.get_texts()]
        assert len({round(text.y0) for text in texts}) > 1
        assert beyond(figure) == []
    assert len(legend._legend_handle_box.get_children()) == 5


def test_an_authors_own_narrow_figure_is_taken() -> None:
    wide: Any = lines()
    wide.narrow = lines(3, 1, figsize=(3.4, 5))
    plt.close(wide.narrow)
    narrow = kernel_figures.bundle(wide)[kernel_figures.MIME]["narrow"]
    assert b"/MediaBox [ 0 0 244.8 360 ]" in pdf(narrow["pdf"])


def test_a_figure_of_one_column_of_panels_keeps_its_height() -> None:
    with layout.stacked(lines(6, 1, figsize=(7, 8))) as left:
        assert left == []
        assert plt.gcf().get_figheight() == 8


def test_a_wide_figure_keeps_room_for_its_panels() -> None:
    figure = lines(1, 6, figsize=(20, 3))
    with layout.fitted(figure):
        assert tuple(figure.get_size_inches()) == (7.0, 1.5)
    assert tuple(figure.get_size_inches()) == (20, 3)


def test_a_figure_is_as_it_was_after_a_failure() -> None:
    figure = lines(figsize=(10, 4))
    figure.axes[0].set_title(r"$\frac{$")
    with pytest.raises(ValueError, match="frac"):
        kernel_figures.bundle(figure)
    assert tuple(figure.get_size_inches()) == (10, 4)


def test_a_figure_without_a_layout_engine_keeps_its_own_layout() -> None:
    figure, axes = plt.subplots(1, 2, layout="none")
    figure.colorbar(axes[0].imshow([[0, 1], [1, 0]]))
    figure.subplots_adjust(left=0.3)
    first = kernel_figures.bundle(figure)
    axes[0].set_title("")
    figure.stale = True
    assert kernel_figures.bundle(figure)["image/png"] == first["image/png"]


@pytest.mark.parametrize("spec", ["mosaic", "nested", "uneven", "by hand"])
def test_what_cannot_be_stacked_is_said(spec: str) -> None:
    if spec == "mosaic":
        figure, _ = plt.subplot_mosaic("AAB;CCB")
    elif spec == "nested":
        figure = plt.figure()
        for part in figure.subfigures(1, 2):
            part.subplots()
    elif spec == "uneven":
        figure, _ = plt.subplots(1, 2, width_ratios=[4, 1])
    else:
        figure = lines(1, 2)
        figure.axes[1].set_position([0.6, 0.2, 0.3, 0.5])
    problems = kernel_figures.bundle(figure)[kernel_figures.MIME]["problems"]
    assert any(problem.startswith("its panels are no plain grid") for problem in problems)


def test_twins_stay_with_their_panels() -> None:
    figure = lines(sharey=True)
    twins = [axes.twinx() for axes in figure.axes]
    with layout.stacked(figure):
        figure.draw_without_rendering()
        assert [axes.get_ylabel() for axes in figure.axes[:3]] == ["loss"] * 3
        assert [box(twin).bounds for twin in twins] == [box(axes).bounds for axes in figure.axes[:3]]


def test_polar_axes_and_formulas_are_left_as_they_are() -> None:
    figure, axes = plt.subplots(subplot_kw={"projection": "polar"})
    axes.set_title(r"A long title with a formula, $\alpha = \sum_i x_i + y$, that would be broken in two")
    with layout.stacked(figure):
        assert not axes.title.get_wrap()
        assert {label.get_rotation() for label in axes.get_xticklabels()} == {0}


def test_a_narrow_figure_that_changes_is_drawn_again() -> None:
    wide: Any = lines()
    wide.narrow = lines(3, 1, figsize=(3.4, 5))
    first = kernel_figures.bundle(wide)[kernel_figures.MIME]
    wide.narrow.axes[0].set_title("Another")
    assert kernel_figures.bundle(wide)[kernel_figures.MIME] != first


def test_an_authors_filter_makes_no_error_of_a_warning() -> None:
    figure = lines(1, 1)
    figure.axes[0].set_title("\U0001f9ea")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kernel_figures.bundle(figure)["image/png"]


def test_a_figure_of_one_column_is_drawn_once() -> None:
    assert kernel_figures.bundle(lines(1, 1, figsize=(3.4, 2)))[kernel_figures.MIME]["narrow"] == {}


def test_a_figure_that_did_not_change_is_the_same_when_shown_again() -> None:
    figure = lines()
    first = kernel_figures.bundle(figure)
    assert kernel_figures.bundle(figure) is first
    figure.axes[0].set_title("Another")
    assert kernel_figures.bundle(figure)["image/svg+xml"] != first["image/svg+xml"]


def test_two_drawings_of_the_same_are_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    first, second = (kernel_figures.bundle(lines()) for _ in range(2))
    assert first == second


def test_what_leaves_the_canvas_is_reported() -> None:
    figure = lines(1, 1)
    figure.text(0.99, 0.5, "a word that reaches out")
    figure.text(0.5, -0.1, "below")
    found = beyond(figure)
    assert any("'a word that reaches out' reaches" in line and "right edge" in line for line in found)
    assert any("'below' reaches" in line and "lower edge" in line for line in found)
    assert beyond(lines(1, 1)) == []


def test_missing_glyphs_are_reported() -> None:
    figure = lines(1, 1)
    figure.axes[0].set_title("\U0001f9ea")
    (problem,) = kernel_figures.bundle(figure)[kernel_figures.MIME]["problems"]
    assert problem.startswith("Glyph 129514")
    assert "missing from font" in problem


def entries(*looks: dict[str, Any]) -> Any:
    figure, axes = plt.subplots()
    for place, look in enumerate(looks):
        axes.plot([0, 1], [place, 1], label=f"line {place}", **look)
    axes.legend()
    return figure


@pytest.mark.parametrize(
    ("looks", "alike"),
    [
        (({"color": "#0b77b8"}, {"color": "#d5581d"}), True),
        (({"color": "#0b77b8"}, {"color": "#d5581d", "linestyle": "--"}), False),
        (({"color": "#0b77b8", "marker": "o"}, {"color": "#d5581d", "marker": "s"}), False),
        (({"color": "black"}, {"color": "#b0b0b0"}), False),
    ],
)
def test_what_only_a_colour_tells_apart_is_reported(looks: tuple[dict[str, Any], ...], alike: bool) -> None:
    found = same_in_grey(entries(*looks))
    wanted = ["'line 0' and 'line 1' look the same in grey: give each a dash or a marker of its own"]
    assert found == (wanted if alike else [])


def test_tick_labels_on_each_other_are_reported() -> None:
    figure, axes = plt.subplots(figsize=(3.4, 2))
    axes.barh([f"category {i}" for i in range(40)], range(40))
    tidy = lines(1, 1)
    for one in (figure, tidy):
        one.draw_without_rendering()
    (problem,) = crowded(figure)
    assert problem.startswith("the tick labels 'category 0' and 'category 1' lie on each other in the ")
    assert crowded(tidy) == []


def test_a_strange_legend_loses_no_figure() -> None:
    figure, axes = plt.subplots()

    class Word(HandlerBase):
        def create_artists(self, *arguments: Any) -> list[Any]:
            return [plt.Text(0, 0, "w")]

    axes.legend([plt.Line2D([], [])] * 2, ["one", "two"], handler_map={plt.Line2D: Word()})
    assert kernel_figures.bundle(figure)[kernel_figures.MIME]["problems"] == []


def test_error_bars_and_hollow_patches_are_told_apart_by_their_shapes() -> None:
    figure, axes = plt.subplots()
    axes.scatter([0], [1], marker="o", label="dot")
    axes.scatter([0], [2], marker="s", label="square")
    for colour, marker in (("#0b77b8", "o"), ("#d5581d", "s")):
        axes.errorbar([0, 1], [1, 2], [0.1, 0.1], color=colour, marker=marker, label=marker)
    axes.bar(0, 1, color="#0b77b8", label="filled")
    axes.bar(1, 1, facecolor="none", edgecolor="#d5581d", label="hollow")
    axes.legend()
    assert same_in_grey(figure) == []
