"""The picture of the rule shows what the rule does."""

from typing import Any

import pytest

from gradlab.notebook import figures
from gradlab.vectors import schematic


def test_the_conserved_map_has_the_variance_of_both_groups():
    example = schematic.Example.drawn(20, 2, 14, 2.0, 0)
    m, n = example.variances
    conserved = example.beta * example.sums[0]
    assert float(conserved.var()) == pytest.approx(m + n)
    assert example.beta > 1


@pytest.mark.parametrize("width", [figures.TWO_COLUMNS, figures.ONE_COLUMN])
def test_the_bars_are_the_variances(width: float):
    example = schematic.Example.drawn(20, 2, 14, 2.0, 0)
    m, n = example.variances
    figure = schematic.conserving(example, width)
    panels: dict[str, Any] = {ax.get_title(loc="center"): ax for ax in figure.axes}
    bars = [bar.get_width() for bar in panels["variance"].patches]
    assert bars == pytest.approx([m, m, m + n, n])
    frames = [frame.get_edgecolor() for frame in panels["20 channels"].patches]
    assert len(frames) == 20
    assert set(frames[:2]).isdisjoint(frames[2:])
