from dataclasses import replace

import pytest
import torch

from gradlab.depth import gsc_growth, multilayer, width_effect
from gradlab.depth.multilayer import Setting
from gradlab.depth.width_effect import WidthEffect

SMALL = Setting(depth=5, width=8, inputs=10)


def test_there_is_a_factor_for_each_seed() -> None:
    chosen = multilayer.architecture("batch-tanh")
    single = [gsc_growth.backward_factor(multilayer.trial(chosen, SMALL, seed), 2) for seed in (4, 7)]
    assert width_effect.factors(chosen, SMALL, [4, 7], probes=2) == pytest.approx(single)


def test_other_widths_stand_beside_the_measured_one() -> None:
    chosen = multilayer.architecture("layer-tanh")
    growth = gsc_growth.measure(chosen, SMALL, [0, 1], probes=2)
    found = width_effect.compare(growth, (4, 12), SMALL, [0, 1], probes=2)
    assert sorted(found.factors) == [4, 8, 12]
    assert found.factors[8] == growth.factors
    narrow = replace(SMALL, width=4, dtype=torch.float32)
    assert found.factors[4] == width_effect.factors(chosen, narrow, [0, 1], probes=2)
    assert found.infinite == growth.wide_factor


def test_the_table_goes_from_narrow_to_wide() -> None:
    tanh = WidthEffect("tanh", {100: (1.1, 1.3), 50: (1.0, 1.2), 200: (1.0, 1.0)}, 1.05)
    selu = WidthEffect("SELU", {50: (1.0, 1.0), 100: (1.0, 1.0), 200: (1.25, 1.25)}, 1.3)
    columns, rows = width_effect.table([tanh, selu])
    assert columns[:4] == ["architecture", "width 50", "width 100", "width 200"]
    assert columns[4:] == ["infinite width", "50 against 200 (%)", "low", "high"]
    assert rows[0][:5] == ["tanh", *map(pytest.approx, (1.1, 1.2, 1.0, 1.05))]
    assert [rows[0][5], rows[1][5]] == pytest.approx([10, -20])
    # Two seeds at 0 and 20 per cent: t with one degree of freedom is 12.706, the standard error 10.
    assert rows[0][6:] == pytest.approx([10 - 127.06, 10 + 127.06], rel=1e-4)
    assert rows[1][6:] == pytest.approx([-20, -20])
