from itertools import pairwise

import matplotlib.pyplot as plt
import pytest

from gradlab.notebook.direct_labels import EndLabel, apart, label_ends


def test_heights_far_apart_stay() -> None:
    assert apart([0.9, 0.1, 0.5], 0.1) == pytest.approx([0.9, 0.1, 0.5])


def test_heights_close_together_part_around_their_mean() -> None:
    assert apart([0.50, 0.52], 0.1) == pytest.approx([0.46, 0.56])
    crowded = apart([0.3, 0.3, 0.3, 0.31], 0.05)
    assert sum(crowded) == pytest.approx(1.21)
    ordered = sorted(crowded)
    assert all(above - below > 0.0499 for below, above in pairwise(ordered))


def test_a_pushed_group_takes_its_neighbour_along() -> None:
    assert apart([0.50, 0.50, 0.58], 0.1) == pytest.approx([0.4267, 0.5267, 0.6267], abs=1e-4)


def test_labels_stand_at_the_ends_on_a_logarithmic_axis() -> None:
    figure, ax = plt.subplots()
    ax.set(yscale="log", ylim=(1, 100), xlim=(0, 1))
    label_ends(ax, [EndLabel("middle", 10, "#000000"), EndLabel("top", 100, "#000000")])
    assert {text.get_text(): text.get_position()[1] for text in ax.texts} == pytest.approx(
        {"middle": 0.5, "top": 1}
    )
    plt.close(figure)
