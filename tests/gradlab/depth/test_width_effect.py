from dataclasses import replace

import pytest
import torch

from gradlab.depth import gsc_growth, multilayer, width_effect
from gradlab.depth.multilayer import Setting
from gradlab.depth.width_effect import WidthEffect
from gradlab.statistics.paired import Interval

SMALL = Setting(depth=5, width=8, inputs=10)


def around(mean: float) -> Interval:
    return Interval(mean, mean - 0.1, mean + 0.1, 2)


def test_the_factor_is_a_mean_over_seeds() -> None:
    chosen = multilayer.architecture("batch-tanh")
    single = [gsc_growth.backward_factor(multilayer.trial(chosen, SMALL, seed), 2) for seed in (4, 7)]
    found = width_effect.factor(chosen, SMALL, [4, 7], probes=2)
    assert found.mean == pytest.approx(sum(single) / 2)
    assert found.n == 2


def test_other_widths_stand_beside_the_measured_one() -> None:
    chosen = multilayer.architecture("layer-tanh")
    growth = gsc_growth.measure(chosen, SMALL, [0, 1], probes=2)
    found = width_effect.compare(growth, (4, 12), SMALL, [0, 1], probes=2)
    assert sorted(found.factors) == [4, 8, 12]
    assert found.factors[8] == growth.factor
    narrow = replace(SMALL, width=4, dtype=torch.float32)
    assert found.factors[4] == width_effect.factor(chosen, narrow, [0, 1], probes=2)
    assert found.infinite == growth.wide_factor


def test_the_table_goes_from_narrow_to_wide() -> None:
    tanh = WidthEffect("tanh", {100: around(1.2), 50: around(1.1), 200: around(1.0)}, 1.05)
    selu = WidthEffect("SELU", {50: around(1.0), 100: around(1.0), 200: around(1.25)}, 1.3)
    columns, rows = width_effect.table([tanh, selu])
    assert columns == [
        "architecture", "width 50", "width 100", "width 200", "infinite width", "50 against 200 (%)",
    ]  # fmt: skip
    assert rows[0][:5] == ["tanh", 1.1, 1.2, 1.0, 1.05]
    assert [rows[0][5], rows[1][5]] == pytest.approx([10, -20])
