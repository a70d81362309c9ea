import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_hex

from gradlab.depth import curves
from gradlab.depth.multilayer import ARCHITECTURES
from gradlab.notebook import figures
from gradlab.notebook.direct_labels import EndLabel
from gradlab.statistics.paired import Interval


def test_every_architecture_has_a_colour_and_residual_ones_are_dashed() -> None:
    assert curves.COLOURS.keys() == ARCHITECTURES.keys()
    assert curves.look("batch-relu") == {"color": figures.VERMILION, "linestyle": "-"}
    assert curves.look("batch-relu-skip") == {"color": figures.VERMILION, "linestyle": "--"}


def test_looks_tell_all_architectures_apart() -> None:
    assert len({tuple(curves.look(name).values()) for name in ARCHITECTURES}) == len(ARCHITECTURES)


def test_a_curve_has_its_means_on_a_band() -> None:
    figure, ax = plt.subplots()
    curve = [Interval(1, 0.5, 2, 3), Interval(4, 3, 6, 3)]
    curves.draw_curve(ax, [0, 2], curve, curves.look("layer-tanh-skip"), linewidth=3)
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_xydata(), [[0, 1], [2, 4]])
    assert (line.get_linestyle(), line.get_linewidth()) == ("--", 3)
    (band,) = ax.collections
    corners = {tuple(point) for point in band.get_paths()[0].vertices.tolist()}
    assert corners == {(0, 0.5), (0, 2), (2, 3), (2, 6)}
    assert to_hex(band.get_facecolor()[0]) == figures.GREEN
    plt.close(figure)


def test_a_label_bears_the_title() -> None:
    label = curves.end_label("selu", 2.5)
    assert label == EndLabel("SELU", 2.5, figures.AMBER)
