import math

import pytest
from scipy import stats

from gradlab.depth import domain_collapse, gsc_growth, multilayer, tradeoff
from gradlab.depth.multilayer import ARCHITECTURES, Architecture, Setting, Trial
from gradlab.depth.tradeoff import Place
from gradlab.statistics.paired import Interval

SMALL = Setting(depth=10, width=8, inputs=130)


def place(title: str, share: float, factor: float) -> Place:
    return Place(
        Architecture(title, "tanh"),
        Interval(share, share / 2, share * 2, 3),
        Interval(factor, factor - 0.1, factor + 0.1, 3),
    )


@pytest.mark.parametrize("name", ["layer-tanh", "layer-tanh-skip"])
def test_both_sides_are_measured_on_one_draw(name: str) -> None:
    share, factor = tradeoff.both_sides(multilayer.trial(ARCHITECTURES[name], SMALL, 4))
    trial = multilayer.trial(ARCHITECTURES[name], SMALL, 4)
    states = dict(zip(trial.network.depths, trial.network.states(trial.inputs), strict=True))
    upper = [domain_collapse.affine_residual(states[layer], states[layer + 2]) for layer in (4, 6, 8)]
    assert share == pytest.approx(sum(upper) / 3)
    few = Trial(trial.network, trial.inputs[:100], trial.generator)
    assert factor == gsc_growth.backward_factor(few, 2)


def test_a_place_has_a_geometric_and_an_arithmetic_mean() -> None:
    chosen = ARCHITECTURES["layer-tanh"]
    (a, b), (c, d) = (tradeoff.both_sides(multilayer.trial(chosen, SMALL, seed)) for seed in (1, 6))
    found = tradeoff.place(chosen, SMALL, [1, 6])
    assert found.share.mean == pytest.approx(math.sqrt(a * c))
    assert found.factor.mean == pytest.approx((b + d) / 2)


def test_the_floor_ratio_is_one_where_growth_is_all_that_is_nonlinear() -> None:
    # The grey line of the figure: (1 + share) ** (1 / 4) per layer.
    assert place("a", 0.2, 1.2**0.25).floor_ratio == pytest.approx(1)
    assert place("a", 0.2, 1.4**0.25).floor_ratio == pytest.approx(2)


def test_the_family_has_larger_weights() -> None:
    family = tradeoff.tanh_family([1.2, 2.0])
    assert family["tanh-1.2"] == Architecture("tanh, gain 1.2", "tanh", gain=1.2)
    assert family["tanh-2"] == Architecture("tanh, gain 2", "tanh", gain=2.0)


def test_the_correlation_is_one_of_ranks() -> None:
    places = [place("a", 1e-4, 1.0), place("b", 1e-3, 1.1), place("c", 0.1, 1.15), place("d", 0.3, 1.12)]
    expected = stats.pearsonr([1, 2, 3, 4], [1, 2, 4, 3]).statistic
    assert tradeoff.rank_correlation(places) == pytest.approx(expected)


def test_data_have_a_row_for_each_architecture() -> None:
    columns = tradeoff.columns([place("a", 0.1, 1.0), place("b", 0.2, 1.5)])
    assert columns["architecture"] == ["a", "b"]
    assert columns["not explained"] == [0.1, 0.2]
    assert columns["factor"] == [1.0, 1.5]
    assert columns["factor, low"] == pytest.approx([0.9, 1.4])
    assert columns["factor, high"] == pytest.approx([1.1, 1.6])
