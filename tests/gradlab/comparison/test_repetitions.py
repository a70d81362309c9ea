"""Further trainings: trained and measured in one place, and what their differences say together."""

from pathlib import Path

import numpy as np
import pytest

from gradlab.comparison import engine, repetition_effects, repetition_figures, repetitions
from gradlab.comparison.arms import PLAIN, Arm, Selection
from gradlab.comparison.repetition_effects import GAIN, RANDOM_GAIN, TO_PLAIN, Repetitions
from gradlab.comparison.repetitions import Design
from gradlab.comparison.table import Measurements, heading
from gradlab.photographs.recipes import RECIPES, Cycle, Recipe

DESIGN = Design("resnet18", "tiny-imagenet-30", 64, 1, 2, (0.1,), (0.3,), batch=10)


@pytest.fixture
def one_step(miniature: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe of one step."""
    monkeypatch.setitem(RECIPES, "resnet18", Recipe("resnet18", (Cycle(((1, 32),), 0.01),), batch=40))
    monkeypatch.setattr(engine, "FOLDER", tmp_path / "shards")
    repetitions._in_memory.cache_clear()


def test_a_seed_is_trained_and_measured(one_step):
    first, again, other = (repetitions._repeat(DESIGN, seed) for seed in (3, 3, 4))
    table = Measurements(first)
    assert len(table) == 30
    assert table.filterings == ("upper", "last30")
    assert Arm("upper", 0.1, Selection.RANDOM).conserved() in table.arms
    assert np.isfinite(table.of(PLAIN, "density")).all()
    column = heading(PLAIN, "density")
    np.testing.assert_array_equal(first[column], again[column])
    assert not np.array_equal(first[column], other[column])


def test_larger_photographs_are_trained_at_larger_stages():
    small, large = (Design("resnet18", "tiny-imagenet-30", side, 1, 2, (0.1,)).recipe for side in (64, 128))
    assert small == RECIPES["resnet18"]
    assert [large.side(epoch) for epoch in range(large.epochs)] == [
        2 * small.side(epoch) for epoch in range(small.epochs)
    ]


def columns(shift: float, seed: int) -> dict[str, np.ndarray]:
    """A training whose conserved density lies ``shift`` above the other and 0.5 below the plain one."""
    generator = np.random.default_rng(seed)
    noise = 0.01 * generator.normal(size=40)
    arm, random = Arm("upper", 0.1), Arm("upper", 0.1, Selection.RANDOM)
    density = {
        PLAIN: np.full(40, 2.0),
        arm: 1.5 - shift + noise,
        arm.conserved(): np.full(40, 1.5),
        random: np.full(40, 1.0),
        random.conserved(): np.full(40, 1.25),
    }
    found = {"photograph": np.arange(40).astype(str), "class": np.arange(40) // 4, "correct": np.ones(40)}
    found["box_share"] = np.full(40, 0.5)
    for one, values in density.items():
        found[heading(one, "density")] = values
        found[heading(one, "pointing")] = (values > 1.4).astype(float)
    return found


@pytest.fixture
def two() -> Repetitions:
    return Repetitions({f"seed{seed}": Measurements(columns(0.2, seed)) for seed in (1, 2)})


def test_differences_have_their_sign_and_their_interval(two):
    gain = two.means["density, q = 0.1: conserved minus not"]
    assert gain.mean == pytest.approx(0.2, abs=0.01)
    assert gain.low < 0.2 < gain.high
    assert (gain.n, gain.trainings, gain.classes) == (80, 2, 10)
    assert two.means["mass, q = 0.1: conserved minus not"].mean == pytest.approx(gain.mean / 2)
    assert two.means[repetition_effects.name("density", 0.1, TO_PLAIN)].mean == -0.5
    assert two.means[repetition_effects.name("density", 0.1, RANDOM_GAIN)].mean == 0.25
    assert two.means[repetition_effects.name("pointing", 0.1, GAIN)].mean == 1.0
    assert [one.mean for one in two.of_each[repetition_effects.name("density", 0.1, GAIN)]] == [
        pytest.approx(0.2, abs=0.01)
    ] * 2
    assert two.plain("density").mean == 2.0


def test_tables_put_metrics_side_by_side(two):
    heads, rows = repetition_effects.table(two)
    assert heads[:6] == ["Comparison", "q", "density", "density, 95 % low", "density, 95 % high", "mass"]
    assert [row[0] for row in rows] == list(repetition_effects.COMPARISONS)
    heads, rows = repetition_effects.list_table(two, [0.1])
    assert rows[0][:2] == ["upper modules", 0.1]
    p = rows[0][heads.index("density, p")]
    assert isinstance(p, float)
    assert p < 0.001


def test_trainings_of_other_photographs_are_refused(monkeypatch):
    from gradlab.notebook import results

    other = columns(0.1, 1) | {"photograph": np.arange(1, 41).astype(str)}
    rows = {"training-a": columns(0.1, 0), "training-b": other, "modules": {}}
    monkeypatch.setattr(results, "of", lambda run: type("Found", (), {"rows": rows}))
    with pytest.raises(ValueError, match="run-a were measured on different photographs"):
        Repetitions.of(["run-a"])


def test_the_figure_shows_every_training(two):
    figure = repetition_figures.differences(two)
    assert len(figure.axes) == 8
    shown = repetition_figures.columns(two)
    assert len(shown["mean"]) == 8
    assert {"training seed1", "training seed2"} <= set(shown)
