import math

import numpy as np
import pytest
import torch
from scipy import stats

from gradlab.depth import gradient_scale, gsc_growth, mean_field, multilayer
from gradlab.depth.gradient_scale import Profile
from gradlab.depth.gsc_growth import Growth
from gradlab.depth.multilayer import Setting

SMALL = Setting(depth=6, width=8, inputs=10)


def exponential(name: str, bases: list[float], depth: int = 4) -> Growth:
    """Profiles that grow by a factor per layer, one factor for each seed, and raw gains of twice the GSC."""
    chosen = multilayer.architecture(name)
    depths = tuple(range(0, depth + 1, chosen.skip or 1))
    profiles = []
    for base in bases:
        gsc = torch.tensor([base**layer for layer in depths], dtype=torch.float64)
        profiles.append(Profile(2 * gsc, gsc))
    return Growth(chosen, depths, tuple(profiles))


def test_profiles_use_the_generator_of_the_trial() -> None:
    for name in ("batch-relu", "layer-tanh-skip"):
        chosen = multilayer.architecture(name)
        generator = torch.Generator().manual_seed(5)
        network = multilayer.draw(chosen, generator, depth=6, width=8)
        rows = multilayer.noise(10, 8, generator)
        whole = name == "batch-relu"
        for ours, theirs in (
            (gsc_growth.forward, gradient_scale.forward_profile),
            (gsc_growth.backward, gradient_scale.backward_profile),
        ):
            twin = torch.Generator()
            twin.set_state(generator.get_state())
            expected = theirs(network.states, rows, whole, 3, twin)
            found = ours(multilayer.trial(chosen, SMALL, seed=5), 3)
            torch.testing.assert_close(found.gsc, expected.gsc)
            torch.testing.assert_close(found.jacobian, expected.jacobian)


def test_the_backward_factor_is_a_slope_without_the_step_at_the_inputs() -> None:
    chosen = multilayer.architecture("layer-tanh")
    profile = gsc_growth.backward(multilayer.trial(chosen, SMALL, seed=2), 3)
    slope = np.polyfit(range(1, 7), profile.gsc[1:].log().numpy(), 1)[0]
    factor = gsc_growth.backward_factor(multilayer.trial(chosen, SMALL, seed=2), 3)
    assert factor == pytest.approx(math.exp(-slope))


def test_both_directions_see_the_growth_of_a_wide_network() -> None:
    chosen, setting = multilayer.architecture("batch-relu"), Setting(10, 150, 150)
    found = gsc_growth.measure(chosen, setting, [0, 1], probes=2)
    backward = gsc_growth.backward_factor(multilayer.trial(chosen, setting, 0), 2)
    assert found.factor.mean == pytest.approx(mean_field.base(chosen), rel=0.03)
    assert backward == pytest.approx(mean_field.base(chosen), rel=0.03)


def test_means_and_intervals_over_seeds() -> None:
    bases = [1.1, 1.2, 1.4]
    growth = exponential("tanh", bases)
    assert growth.factor.mean == pytest.approx(sum(bases) / 3)
    logs = 4 * np.log(bases)
    low, high = stats.t.interval(0.95, 2, loc=logs.mean(), scale=stats.sem(logs))
    total = growth.total
    assert [total.mean, total.low, total.high] == pytest.approx(np.exp([logs.mean(), low, high]))
    assert growth.raw_gain.mean == pytest.approx(2 * total.mean)
    assert [interval.mean for interval in growth.curve] == pytest.approx(
        [math.exp(logs.mean() / 4) ** layer for layer in range(5)]
    )


def test_each_half_has_its_own_factor() -> None:
    gsc = torch.tensor([1, 1.5, 1.5**2, 1.5**2 * 1.1, 1.5**2 * 1.1**2])
    profile = Profile(gsc, gsc)
    plain = Growth(multilayer.architecture("tanh"), (0, 1, 2, 3, 4), (profile, profile))
    assert plain.lower_half.mean == pytest.approx(1.5)
    assert plain.upper_half.mean == pytest.approx(1.1)
    residual = Growth(multilayer.architecture("batch-relu-skip"), (0, 2, 4, 6, 8), (profile, profile))
    assert residual.lower_half.mean == pytest.approx(math.sqrt(1.5))
    assert residual.upper_half.mean == pytest.approx(math.sqrt(1.1))


def test_an_infinitely_wide_network_grows_by_the_closed_form() -> None:
    growth = exponential("batch-relu", [1.2, 1.2], depth=12)
    assert len(growth.wide) == 13
    assert growth.wide_factor == pytest.approx(math.sqrt(math.pi / (math.pi - 1)), rel=1e-5)


def test_measuring_takes_a_profile_for_each_seed() -> None:
    chosen = multilayer.architecture("batch-relu-skip")
    found = gsc_growth.measure(chosen, SMALL, [3, 9], probes=2)
    assert found.depths == (0, 2, 4, 6)
    assert len(found.profiles) == 2
    alone = gsc_growth.forward(multilayer.trial(chosen, SMALL, 9), 2)
    torch.testing.assert_close(found.profiles[1].gsc, alone.gsc)


def test_the_table_begins_with_the_largest_gsc() -> None:
    slow, fast = exponential("relu", [1.01, 1.03]), exponential("batch-relu", [1.2, 1.3])
    columns, rows = gsc_growth.table([slow, fast])
    first = dict(zip(columns, rows[0], strict=True))
    assert [row[0] for row in rows] == ["batch-ReLU", "ReLU"]
    assert first["GSC"] == fast.total.mean
    assert first["factor"] == pytest.approx(1.25)
    assert (first["factor low"], first["factor high"]) == (fast.factor.low, fast.factor.high)
    assert first["GSC, infinite width"] == mean_field.expected_gsc(fast.architecture, 4)[-1]
    assert first["raw gain"] == pytest.approx(2 * fast.total.mean)


def test_data_have_a_row_for_each_state() -> None:
    found = [exponential("relu", [1.1, 1.1], depth=2), exponential("batch-relu-skip", [1.2, 1.2], depth=2)]
    columns = gsc_growth.layer_columns(found)
    assert columns["architecture"] == ["ReLU"] * 3 + ["batch-ReLU, skip"] * 2
    assert columns["layer"] == [0, 1, 2, 0, 2]
    assert columns["gsc"] == pytest.approx([1, 1.1, 1.21, 1, 1.44])
    assert columns["infinite width"] == [*found[0].wide, *found[1].wide]


def test_factors_are_in_their_order() -> None:
    fast, slow = exponential("batch-relu", [1.2, 1.3]), exponential("relu", [1.01, 1.03])
    columns = gsc_growth.factor_columns([fast, slow])
    assert columns["architecture"] == ["ReLU", "batch-ReLU"]
    assert columns["factor"] == pytest.approx([1.02, 1.25])
    assert columns["high"] == [slow.factor.high, fast.factor.high]
