"""Outputs during training, of a network and of its linear model."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from gradlab.width import distances
from gradlab.width.task import Task


@dataclass(frozen=True)
class Paths:
    """The outputs for the first test digits after each of some numbers of steps."""

    network: Float[np.ndarray, "marks digits"]
    linear: Float[np.ndarray, "marks digits"]


def follow(task: Task, width: int, marks: Sequence[int], digits: int) -> Paths:
    """Train the first seed's network and look after each number of steps in ``marks``, the first being 0."""
    shown = slice(task.train, task.train + digits)
    now = distances.untrained(task, width, 0)
    first, kernel = task.outputs(width, now), task.kernel(width, now)
    network, linear = [first[shown].numpy()], [first[shown].numpy()]
    for before, step in itertools.pairwise(marks):
        now = task.descend(width, now, step - before)
        network.append(task.outputs(width, now)[shown].numpy())
        linear.append(task.linear(first, kernel, step)[shown].numpy())
    return Paths(np.array(network), np.array(linear))


def columns(paths: Mapping[int, Paths], marks: Sequence[int]) -> dict[str, list[Any]]:
    """The numbers behind the figure, one entry per number of steps; ``paths`` are by width."""
    described: dict[str, list[Any]] = {"step": list(marks)}
    return described | {
        f"width {width}, digit {digit + 1}, {name}": outputs[:, digit].tolist()
        for width, found in paths.items()
        for name, outputs in (("network", found.network), ("linear", found.linear))
        for digit in range(outputs.shape[1])
    }
