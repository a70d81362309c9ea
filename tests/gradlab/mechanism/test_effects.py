"""Densities against a loop over pictures, and summaries by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from gradlab.mechanism import digits, effects, gradients, miniatures
from gradlab.mechanism.effects import Condition, Densities
from gradlab.mechanism.gradients import SEPARATORS, UPPER

TEST = digits.place("test", 4, seed=5)


@pytest.fixture(scope="module")
def subject():
    network = miniatures.untrained("residual", seed=0).eval().requires_grad_(False)
    return gradients.prepare("residual", 3, network, digits.place("train", 80, seed=6), TEST.pixels[:2])


def test_densities_are_shares_of_the_map_over_shares_of_the_area(subject):
    found = effects.densities(subject, UPPER, 0.2, TEST)
    for arm, gradient in gradients.gradients(subject, UPPER, 0.2, TEST).items():
        maps = gradient[:, 0].abs().double().numpy()
        shares = np.array(
            [
                [one[y0:y1, x0:x1].sum() / one.sum() / (144 / 1024) for x0, y0, x1, y1 in TEST.boxes.tolist()]
                for one in maps
            ]
        )
        assert found.inside[arm] == pytest.approx(shares.diagonal())
        others = [np.delete(row, place).mean() for place, row in enumerate(shares)]
        assert found.permuted[arm] == pytest.approx(others)


def test_conditions_gather_the_seeds_in_order_and_leave_empty_filterings_out(subject):
    bare = replace(subject, name="plain", filterings={UPPER: subject.filterings[UPPER], SEPARATORS: {}})
    other = replace(subject, seed=4)
    found = effects.by_condition([bare, subject, other], [0.1, 0.3], TEST)
    assert {condition: len(of_seeds) for condition, of_seeds in found.items()} == {
        Condition("plain", UPPER, 0.1): 1,
        Condition("plain", UPPER, 0.3): 1,
        Condition("residual", UPPER, 0.1): 2,
        Condition("residual", UPPER, 0.3): 2,
        Condition("residual", SEPARATORS, 0.1): 2,
        Condition("residual", SEPARATORS, 0.3): 2,
    }
    expected = effects.densities(other, UPPER, 0.3, TEST).inside["random, conserved"]
    one = found[Condition("residual", UPPER, 0.3)][1].inside["random, conserved"]
    assert one.tolist() == expected.tolist()


def test_the_slug_names_network_filtering_and_quantile():
    assert Condition("plain", "upper half", 0.05).slug == "plain-upper-half-q0.05"


def of_arms(**arms: list[float]) -> dict[str, np.ndarray]:
    """Arrays by arm; arms that are not given are zero."""
    names = ("plain", *gradients.ARMS)
    given = {name.replace("_", " "): values for name, values in arms.items()}
    return {name: np.array(given.get(name, [0, 0]), dtype=float) for name in names}


@pytest.fixture
def two_seeds():
    first = of_arms(plain=[1, 3], conserved=[5, 7], not_conserved=[1, math.nan], exact=[2, 2])
    second = of_arms(plain=[3, 5], conserved=[4, 6], not_conserved=[2, 2], exact=[4, 4])
    for row in (first, second):
        row["random, conserved"] = row["plain"] / 2
    permuted = of_arms(conserved=[1, 2], not_conserved=[1, 1])
    return [Densities(first, permuted), Densities(second, permuted)]


def test_a_summary_leaves_out_what_is_nan_and_averages_pictures_before_seeds(two_seeds):
    found = effects.summarise(Condition("mbconv", UPPER, 0.1), two_seeds)
    assert found.means == {"plain": 3, "not conserved": 1.5, "conserved": 5.5, "exact": 3}
    assert found.per_seed == (4, 3)
    # The quantile of Student's t with one degree of freedom is tan(pi * (p - 1/2)).
    half = math.tan(math.pi * 0.475) * math.sqrt(0.5) / math.sqrt(2)
    assert (found.effect.mean, found.effect.low, found.effect.high) == pytest.approx(
        (3.5, 3.5 - half, 3.5 + half)
    )
    assert (found.permuted, found.random) == (0.5, 1.5)


def test_a_row_has_an_entry_for_each_heading(two_seeds):
    found = effects.summarise(Condition("mbconv", UPPER, 0.1), two_seeds)
    (row,) = effects.rows([found])
    by_heading = dict(zip(effects.COLUMNS, row, strict=True))
    assert by_heading == {
        "network": "MBConv + SE", "filtered": "upper half", "quantile": 0.1,
        "plain": 3, "not conserved": 1.5, "conserved": 5.5, "exact": 3,
        "difference": 3.5, "95 % low": found.effect.low, "95 % high": found.effect.high,
        "permuted boxes": 0.5, "random channels": 1.5,
    }  # fmt: skip


def test_falls_are_differences_of_successive_quantiles_seed_by_seed(two_seeds):
    """The first quantile has (4, 3), the second (1, 2): three less and one less."""
    few = effects.summarise(Condition("residual", UPPER, 0.05), two_seeds)
    (name, found), *others = effects.falls(
        [few, replace(few, condition=Condition("residual", UPPER, 0.1), per_seed=(1, 2))]
    ).items()
    assert (name, others) == ("from 0.05 to 0.1", [])
    half = math.tan(math.pi * 0.475) * math.sqrt(2) / math.sqrt(2)
    assert (found.mean, found.low, found.high) == pytest.approx((2, 2 - half, 2 + half))
    # With one degree of freedom the p-value is that of a Cauchy variable, here of 2 / 1.
    assert found.p() == pytest.approx(1 - 2 / math.pi * math.atan(2))
