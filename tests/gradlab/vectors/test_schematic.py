"""The picture of the rule shows what the rule does."""

from typing import Any

import pytest

from gradlab.vectors import schematic


def test_the_conserved_map_has_the_variance_of_both_groups():
    example = schematic.Example.drawn(20, 2, 14, 2.0, 0)
    m, n = example.variances
    conserved = example.beta * example.sums[0]
    assert float(conserved.var()) == pytest.approx(m + n)
    assert example.beta > 1


def test_the_bars_are_the_variances():
    example = schematic.Example.drawn(20, 2, 14, 2.0, 0)
    m, n = example.variances
    figure = schematic.conserving(example)
    bars: Any = figure.axes[3].patches
    heights = [bar.get_height() for bar in bars]
    assert heights == pytest.approx([m, m, m + n, n])
    assert [ax.get_title() for ax in figure.axes][-1] == "variance"
