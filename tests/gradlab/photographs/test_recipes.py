import pytest

from gradlab.photographs import networks
from gradlab.photographs.recipes import RECIPES, Cycle, Recipe

TINY = Recipe("resnet18", (Cycle(((1, 16),), 0.02), Cycle(((1, 24),), 0.01)), batch=20)


def test_recipes_name_known_networks_and_their_sides():
    assert {recipe.network for recipe in RECIPES.values()} == set(networks.ARCHITECTURES)
    assert [TINY.side(epoch) for epoch in range(TINY.epochs)] == [16, 24]
    with pytest.raises(ValueError, match="2 epochs"):
        TINY.side(2)


def test_the_rate_rises_then_falls_to_zero_in_every_cycle():
    cycle = Cycle(((2, 16), (2, 24)), 0.02)
    rates = [cycle.rate(step / 100) for step in range(101)]
    assert max(rates) == pytest.approx(0.02)
    assert rates.index(max(rates)) == 25
    assert rates[:26] == sorted(rates[:26])
    assert rates[25:] == sorted(rates[25:], reverse=True)
    assert rates[-1] == pytest.approx(0, abs=1e-9)
    recipe = Recipe("resnet18", (cycle, Cycle(((1, 24),), 0.01, smallest_crop=0.8)))
    assert recipe.rate(1, 0.0) == pytest.approx(0.02)
    assert recipe.rate(4, 0.25) == pytest.approx(0.01)
    assert [recipe.smallest_crop(epoch) for epoch in range(5)] == [0.35] * 4 + [0.8]
