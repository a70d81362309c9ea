import math

import numpy as np
import pytest
import torch

from gradlab.depth import multilayer, skip_connections
from gradlab.depth.gradient_scale import Profile
from gradlab.depth.gsc_growth import Growth
from gradlab.depth.multilayer import Setting
from gradlab.depth.skip_connections import BlockDilution

RESIDUAL = multilayer.architecture("batch-relu-skip")


def ending_at(name: str, *totals: float) -> Growth:
    """One step, and a GSC over it for each seed."""
    chosen = multilayer.architecture(name)
    gsc = [torch.tensor([1.0, total], dtype=torch.float64) for total in totals]
    return Growth(chosen, (0, chosen.skip or 1), tuple(Profile(one, one) for one in gsc))


def test_blocks_are_measured_on_the_inputs_of_their_seed() -> None:
    setting = Setting(depth=6, width=8, inputs=10)
    found = skip_connections.block_dilution(RESIDUAL, setting, [2, 3])
    assert found.squares.shape == (2, 3)
    assert found.numbers == [1, 2, 3]
    trial = multilayer.trial(RESIDUAL, setting, 3)
    states = trial.network.states(trial.inputs)
    for block in range(3):
        ratio = states[block].square().sum() / (states[block + 1] - states[block]).square().sum()
        assert found.squares[1, block] == pytest.approx(float(ratio))


def test_wide_blocks_are_diluted_by_their_number() -> None:
    """Each branch adds a mean square of one to the stream, which begins with one."""
    found = skip_connections.block_dilution(RESIDUAL, Setting(8, 200, 200), [0, 1])
    assert [interval.mean for interval in found.by_block] == pytest.approx([1, 2, 3, 4], rel=0.1)
    assert found.slope.mean == pytest.approx(1, abs=0.15)


def test_means_of_blocks_and_the_slope_are_over_seeds() -> None:
    found = BlockDilution(RESIDUAL, np.array([[1.0, 2.0, 3.0], [1.0, 4.0, 7.0]]))
    assert [interval.mean for interval in found.by_block] == pytest.approx([1, 3, 5])
    assert [interval.n for interval in found.by_block] == [2, 2, 2]
    assert found.slope.mean == pytest.approx((1 + 3) / 2)


def test_a_plain_network_has_no_blocks() -> None:
    with pytest.raises(ValueError, match="'ReLU' has no skip connections"):
        skip_connections.block_dilution(multilayer.architecture("relu"), Setting(2, 4, 5), [0])


def test_the_reduction_pairs_seeds() -> None:
    plain, residual = ending_at("batch-relu", 10.0, 40.0), ending_at("batch-relu-skip", 5.0, 5.0)
    found = skip_connections.reduction(plain, residual)
    assert found.mean == pytest.approx(math.sqrt(2 * 8))
    assert found.n == 2


def test_data_have_the_states_of_networks_and_then_the_blocks() -> None:
    plain, residual = ending_at("batch-relu", 10.0, 40.0), ending_at("batch-relu-skip", 5.0, 5.0)
    blocks = BlockDilution(RESIDUAL, np.array([[1.0, 2.0], [3.0, 4.0]]))
    columns = skip_connections.columns([plain, residual], blocks)
    assert columns["architecture"] == ["batch-ReLU"] * 2 + ["batch-ReLU, skip"] * 4
    assert columns["quantity"] == ["GSC"] * 4 + ["k squared of the block above"] * 2
    assert columns["layer"] == [0, 1, 0, 2, 0, 2]
    assert columns["mean"] == pytest.approx([1, 20, 1, 5, 2, 3])
    assert columns["low"][1] == plain.total.low
    assert columns["high"][-1] == blocks.by_block[-1].high
