"""The growth of a sum with its number of vectors: the law of large numbers, and a power law as it is."""

import math

import numpy as np
import pytest

from gradlab.vectors import growth


def test_a_sum_of_n_vectors_has_the_root_mean_square_of_two_n():
    lengths = growth.sum_lengths([1, 7, 40], repetitions=5, seed=0)
    assert lengths.shape == (5, 3)
    assert lengths.mean(0) == pytest.approx([math.sqrt(2 * n) for n in (1, 7, 40)], rel=0.05)
    assert len(set(lengths[:, 0])) == 5


def test_the_exponent_of_a_power_law_is_returned():
    sizes = [1, 10, 1000]
    lengths = np.array([[3 * n**0.5 for n in sizes], [0.1 * n**0.8 for n in sizes]])
    assert growth.exponents(sizes, lengths) == pytest.approx([0.5, 0.8])
