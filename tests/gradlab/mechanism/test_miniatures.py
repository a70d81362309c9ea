"""The three small networks: they learn, and they differ in the paths past their convolutions."""

import pytest
import torch

from gradlab.filtering import module_lists, separators
from gradlab.mechanism import digits, miniatures

PIXELS = digits.place("test", 4, seed=5).pixels


@pytest.mark.parametrize("name", miniatures.MINIATURES)
def test_output_and_size(name):
    network = miniatures.untrained(name, seed=0).eval()
    assert network(PIXELS).shape == (4, 10)
    assert sum(p.numel() for p in network.parameters()) < 150_000


@pytest.mark.parametrize(("name", "all_separate"), [("plain", True), ("residual", False), ("mbconv", False)])
def test_only_the_chain_has_every_convolution_on_every_path(name, all_separate):
    network = miniatures.untrained(name, seed=0).eval()
    crossed = separators.separating(network, module_lists.convolutions(network), PIXELS[:2])
    assert all(crossed.values()) is all_separate


def test_a_short_training_beats_guessing():
    test = digits.place("test", 200, seed=6)
    assert miniatures.accuracy(miniatures.trained("plain", seed=1, steps=150, batch=32), test) > 0.3


def test_a_training_repeats():
    first, again = (miniatures.trained("plain", seed=1, steps=5, batch=8) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))


def test_an_unknown_name_lists_the_known():
    with pytest.raises(ValueError, match="plain, residual, mbconv"):
        miniatures.untrained("vgg", seed=0)


def test_every_miniature_has_a_title():
    assert list(miniatures.TITLES) == list(miniatures.MINIATURES)
