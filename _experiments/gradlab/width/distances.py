"""How far training leads from the linear model, and how fast that falls as the width grows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy import stats

from gradlab.statistics.seeds import Spread, spread
from gradlab.width import wide
from gradlab.width.task import Task
from gradlab.width.wide import Parameters

QUANTITIES = ("outputs", "kernel", "parameters", "input layer", "hidden layer", "output layer")
"""What is compared with powers of the width; "length" and "loss" come with them."""


@dataclass(frozen=True)
class Distances:
    """Between a trained network and its start or its linear model.

    ``outputs`` is the root mean square difference from the linear model on the test digits, ``kernel`` the
    relative change of the tangent kernel (Frobenius norm), ``parameters`` that of all parameters, whose
    absolute change is ``length``; ``layers`` are relative changes of each layer's weights, and ``loss`` is
    half the mean squared error on the training digits.
    """

    outputs: float
    kernel: float
    parameters: float
    layers: tuple[float, ...]
    length: float
    loss: float


@dataclass(frozen=True)
class Scaling:
    """One quantity by width and seed."""

    widths: tuple[int, ...]
    values: Float[np.ndarray, "widths seeds"]

    def at(self, width: int) -> Spread:
        """Its mean over seeds at one width."""
        return spread(self.values[self.widths.index(width)])

    def means(self) -> list[Spread]:
        """Its mean over seeds at each width."""
        return [spread(row) for row in self.values]

    def exponent(self, smallest: int) -> Spread:
        """The power of the width that fits each seed best from the width ``smallest`` on, in logarithms."""
        fitted = [place for place, width in enumerate(self.widths) if width >= smallest]
        widths = np.log([self.widths[place] for place in fitted])
        logs = np.log(self.values[fitted])
        return spread([float(stats.linregress(widths, seed).slope) for seed in logs.T])


def untrained(task: Task, width: int, seed: int) -> Parameters:
    """The network from which a seed is trained, another one at each width."""
    return task.network(width, 100 * width + seed)


def measure(task: Task, width: int, seed: int) -> Distances:
    """Train one network and compare it."""
    before = untrained(task, width, seed)
    first, kernel = task.outputs(width, before), task.kernel(width, before)
    after = task.descend(width, before, task.steps)
    final = task.outputs(width, after).double()
    linear = task.linear(first, kernel, task.steps)
    length, relative = wide.moved_total(before, after)
    return Distances(
        outputs=float((final - linear)[task.train :].square().mean().sqrt()),
        kernel=float((task.kernel(width, after) - kernel).norm() / kernel.norm()),
        parameters=relative,
        layers=tuple(wide.moved(before, after)),
        length=length,
        loss=float((final[: task.train] - task.targets).square().mean() / 2),
    )


def _named(found: Distances) -> dict[str, float]:
    first, hidden, last = found.layers
    numbers = (found.outputs, found.kernel, found.parameters, first, hidden, last)
    return dict(zip(QUANTITIES, numbers, strict=True)) | {"length": found.length, "loss": found.loss}


def scalings(task: Task, widths: Sequence[int], seeds: int) -> dict[str, Scaling]:
    """Every quantity at every width, from one network per seed."""
    found = [[_named(measure(task, width, seed)) for seed in range(seeds)] for width in widths]
    return {
        name: Scaling(tuple(widths), np.array([[one[name] for one in row] for row in found]))
        for name in found[0][0]
    }


def columns(found: Mapping[str, Scaling]) -> dict[str, list[Any]]:
    """The numbers behind the figure: mean and interval of each quantity, one entry per width."""
    described: dict[str, list[Any]] = {"width": list(found[QUANTITIES[0]].widths)}
    return described | {
        f"{name}, {part}": [getattr(one, part) for one in found[name].means()]
        for name in QUANTITIES
        for part in ("mean", "low", "high")
    }


def rows(
    found: Mapping[str, Scaling], exponents: Mapping[str, Spread], widths: Iterable[int]
) -> list[list[Any]]:
    """A table's rows: a quantity, its mean at some widths, its exponent with low and high."""
    shown = list(widths)
    return [
        [name, *(found[name].at(width).mean for width in shown), power.mean, power.low, power.high]
        for name, power in exponents.items()
    ]
