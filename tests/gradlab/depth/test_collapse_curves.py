import math
from typing import Any

import pytest

from gradlab.depth import collapse_curves, domain_collapse, multilayer
from gradlab.depth.collapse_curves import Collapse
from gradlab.depth.multilayer import ARCHITECTURES, Setting
from gradlab.statistics.paired import Interval

SMALL = Setting(depth=4, width=8, inputs=20)


def around(mean: float) -> Interval:
    return Interval(mean, mean / 2, mean * 2, 3)


def collapse(name: str, *last: float) -> Collapse:
    """Two layers, ones and then the measures of the last."""
    curves: Any = [(around(1), around(measure)) for measure in last]
    return Collapse(ARCHITECTURES[name], (1, 2), *curves)


def test_measures_are_means_over_seeds_layer_by_layer() -> None:
    chosen = ARCHITECTURES["tanh"]
    found = collapse_curves.measure(chosen, SMALL, [3, 8])
    trials = [multilayer.trial(chosen, SMALL, seed) for seed in (3, 8)]
    one, other = (domain_collapse.domains(trial.network, trial.inputs) for trial in trials)
    assert found.layers == (1, 2, 3, 4)
    for layer in range(4):
        a, b = one[layer], other[layer]
        assert found.spread[layer].mean == pytest.approx(math.sqrt(a.spread * b.spread))
        assert found.sign_diversity[layer].mean == pytest.approx((a.sign_diversity + b.sign_diversity) / 2)
        assert found.unexplained[layer].mean == pytest.approx(math.sqrt(a.unexplained * b.unexplained))


def test_residual_networks_are_measured_where_blocks_begin() -> None:
    assert collapse_curves.measure(ARCHITECTURES["layer-tanh-skip"], SMALL, [0, 1]).layers == (1, 3)


def test_curves_go_by_the_names_of_measures() -> None:
    found = collapse("relu", 0.1, 0.2, 0.3)
    assert [found.curve(name)[-1].mean for name in collapse_curves.MEASURES] == [0.1, 0.2, 0.3]


def test_the_table_begins_with_the_most_linear() -> None:
    columns, rows = collapse_curves.table([collapse("selu", 0.9, 0.4, 0.1), collapse("relu", 0.5, 0.3, 0.02)])
    assert [row[0] for row in rows] == ["ReLU", "SELU"]
    assert dict(zip(columns, rows[0], strict=True)) == {
        "architecture": "ReLU",
        "spread": 0.5,
        "sign diversity": 0.3,
        "diversity low": 0.15,
        "diversity high": 0.6,
        "not explained": 0.02,
        "not explained low": 0.01,
        "not explained high": 0.04,
    }


def test_data_have_a_row_for_each_layer() -> None:
    assert collapse_curves.columns([collapse("selu", 0.9, 0.4, 0.1), collapse("relu", 0.5, 0.3, 0.02)]) == {
        "architecture": ["SELU", "SELU", "ReLU", "ReLU"],
        "layer": [1, 2, 1, 2],
        "spread": [1, 0.9, 1, 0.5],
        "sign_diversity": [1, 0.4, 1, 0.3],
        "unexplained": [1, 0.1, 1, 0.02],
    }
