import math

import numpy as np
import pytest
import torch

from gradlab.depth import diluted_growth, dilution, gradient_scale, mean_field, multilayer
from gradlab.depth.diluted_growth import Grown
from gradlab.depth.multilayer import Setting
from gradlab.statistics.paired import Interval

SMALL = Setting(depth=4, width=10, inputs=12)
LAYER_TANH = multilayer.architecture("layer-tanh")


def test_hidden_inputs_are_what_a_layer_below_makes_of_noise() -> None:
    found = diluted_growth.hidden(LAYER_TANH, SMALL, seed=3)
    generator = torch.Generator().manual_seed(3)
    longer = multilayer.draw(LAYER_TANH, generator, depth=5, width=10)
    few, many = (multilayer.noise(rows, 10, generator) for rows in (12, diluted_growth.FRESH))
    assert found.network.depths == [0, 1, 2, 3, 4]
    torch.testing.assert_close(found.inputs, longer.states(few)[1])
    torch.testing.assert_close(found.fresh, longer.states(many)[1])
    torch.testing.assert_close(found.network.states(found.inputs)[-1], longer.states(few)[-1])


def test_the_factor_is_a_slope_without_the_output() -> None:
    drawn = diluted_growth.hidden(LAYER_TANH, SMALL, seed=3)
    diluted = dilution.dilute(drawn.network, 1.0, drawn.inputs)
    profile = gradient_scale.backward_profile(diluted.states, drawn.inputs, False, 2, drawn.generator)
    slope = np.polyfit(range(4), profile.gsc[:4].log().numpy(), 1)[0]
    found = diluted_growth.factor(LAYER_TANH, 1.0, SMALL, seed=3, probes=2)
    assert found == pytest.approx(math.exp(-slope))


def test_growing_takes_a_factor_for_each_seed() -> None:
    found = diluted_growth.grow(LAYER_TANH, 2.0, SMALL, [1, 5], probes=2)
    single = [diluted_growth.factor(LAYER_TANH, 2.0, SMALL, seed, 2) for seed in (1, 5)]
    np.testing.assert_allclose(found.factors, single)
    np.testing.assert_allclose(found.excess, [dilution.excess(factor) for factor in single])
    assert found.mean_excess.mean == pytest.approx(sum(found.excess) / 2)


def test_the_theory_divides_the_excess_of_the_closed_form() -> None:
    chosen = multilayer.architecture("batch-relu")
    plain, diluted = (Grown(chosen, k, np.array([1.1, 1.2])) for k in (0.0, 3.0))
    assert plain.theory == pytest.approx(1 / (math.pi - 1))  # pi / (pi - 1) - 1
    assert diluted.theory == pytest.approx(plain.theory / 10)
    assert diluted_growth.wide_excess(LAYER_TANH) == mean_field.base(LAYER_TANH) ** 2 - 1


def test_wide_layers_return_their_dilution() -> None:
    setting = Setting(depth=3, width=200, inputs=200)
    found = diluted_growth.recover(LAYER_TANH, 2.0, setting, [0, 1])
    assert found.measured.mean == pytest.approx(2, rel=0.02)
    assert found.nonlinear_share.mean == pytest.approx(1 / 5, rel=0.02)
    assert abs(found.error) < 2


def test_the_error_is_in_per_cent_of_k() -> None:
    share = Interval(0.2, 0.1, 0.3, 2)
    assert diluted_growth.Recovery(2.0, Interval(2.1, 2, 2.2, 2), share).error == pytest.approx(5)


def test_divisors_are_geometric_means_of_ratios_between_seeds() -> None:
    plain = Grown(LAYER_TANH, 0.0, np.array([math.sqrt(1.5), math.sqrt(2)]))
    diluted = Grown(LAYER_TANH, 1.0, np.array([math.sqrt(1.25), math.sqrt(1.25)]))
    found = diluted_growth.divide(plain, diluted, depth=10)
    # Excesses of 0.5 and 1 against 0.25, squared factors of 1.5 and 2 against 1.25.
    assert found.excess.mean == pytest.approx(math.sqrt(2 * 4))
    assert found.gradient.mean == pytest.approx((1.2 * 1.6) ** 0.25)
    assert found.whole.mean == pytest.approx((1.2 * 1.6) ** 2.5)
    assert (found.k, found.due) == (1.0, 2.0)
    relative = found.relative(Interval(2.2, 2, 2.4, 7))
    assert (relative.mean, relative.low, relative.high) == pytest.approx((1.1, 1.0, 1.2))
    assert relative.n == 7


def test_the_table_has_divisors_beside_what_fresh_inputs_say() -> None:
    plain, diluted = (Grown(LAYER_TANH, k, np.array([1.2, 1.3]) - k / 10) for k in (0.0, 0.5))
    divisors = diluted_growth.divide(plain, diluted, depth=4)
    recovery = diluted_growth.Recovery(0.5, Interval(0.51, 0.5, 0.52, 2), Interval(0.8, 0.7, 0.9, 2))
    columns, rows = diluted_growth.table([divisors], [recovery])
    assert dict(zip(columns, rows[0], strict=True)) == {
        "nonlinear part": "layer-tanh",
        "k": 0.5,
        "k² + 1": 1.25,
        "k on fresh inputs": 0.51,
        "excess divided by": divisors.excess.mean,
        "low": divisors.excess.low,
        "high": divisors.excess.high,
        "GSC per layer divided by": divisors.gradient.mean,
        "GSC over all layers divided by": divisors.whole.mean,
    }


def test_data_have_a_row_for_each_dilution() -> None:
    plain, diluted = (Grown(LAYER_TANH, k, np.array([1.0, 2.0]) + k) for k in (0.0, 1.0))
    columns = diluted_growth.columns([plain, diluted])
    assert columns["nonlinear part"] == ["layer-tanh", "layer-tanh"]
    assert columns["k"] == [0.0, 1.0]
    assert columns["excess"] == pytest.approx([(0 + 3) / 2, (3 + 8) / 2])
    assert columns["excess, theory"] == [plain.theory, diluted.theory]
    assert columns["GSC per layer"] == pytest.approx([1.5, 2.5])
