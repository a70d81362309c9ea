"""Outputs during training, against trainings that stop at each mark."""

import numpy as np
import pytest

from gradlab.width import distances, paths, task
from gradlab.width.paths import Paths

TASK = task.digits(3, 8, train=6, test=4, steps=5)


def test_paths_are_those_of_trainings_that_stop_at_each_mark():
    found = paths.follow(TASK, 9, [0, 1, 4], digits=2)
    start = distances.untrained(TASK, 9, 0)
    first, kernel = TASK.outputs(9, start), TASK.kernel(9, start)
    for row, step in enumerate((0, 1, 4)):
        trained = TASK.outputs(9, TASK.descend(9, start, step))[6:8]
        assert found.network[row] == pytest.approx(trained.numpy(), abs=1e-5)
        assert found.linear[row] == pytest.approx(TASK.linear(first, kernel, step)[6:8].numpy(), abs=1e-5)


def test_data_have_one_column_per_curve():
    found = {8: Paths(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 8.0]]))}
    assert paths.columns(found, [0, 9]) == {
        "step": [0, 9],
        "width 8, digit 1, network": [1.0, 3.0],
        "width 8, digit 2, network": [2.0, 4.0],
        "width 8, digit 1, linear": [5.0, 7.0],
        "width 8, digit 2, linear": [6.0, 8.0],
    }
