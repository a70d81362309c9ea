"""How far training leads a convolutional network from its linear model, and from models with a wrong kernel.

The task is that of :mod:`gradlab.width.task`, with a rate for convolutional networks.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.statistics.seeds import Spread
from gradlab.width import convolution, linearised, wide
from gradlab.width.convolution import ConvolutionDesign
from gradlab.width.distances import Scaling
from gradlab.width.task import Task

OWN, OTHER, CONNECTED = "its own kernel", "another initialisation's kernel", "a fully connected kernel"
"""The kernels with which the linear model is evolved."""
KERNEL, PARAMETERS = "change of the kernel", "change of all parameters"
MOVED, LOSS = "change of the outputs", "loss"
QUANTITIES = (OWN, OTHER, CONNECTED, KERNEL, PARAMETERS)
"""What is compared with powers of the width: distances from three linear models, and two relative changes."""

_REFERENCE, _OTHER = 90_000, 80_000  # seeds, apart from those of the networks that are trained


def rate(task: Task, channels: int) -> float:
    """A quarter of the largest stable rate of one untrained network of so many channels."""
    design = ConvolutionDesign(channels)
    parameters = convolution.initial(design, torch.Generator().manual_seed(_REFERENCE))
    kernel = convolution.kernel(design, parameters, task.inputs.float()[: task.train])
    return linearised.largest_rate(kernel) / 4


def _rms(values: Float[Tensor, " test"]) -> float:
    return float(values.square().mean().sqrt())


def measure(task: Task, channels: int, seed: int, rate: float) -> dict[str, float]:
    """Train one network; distances are root mean squares over the test digits, in units of the output."""
    design, inputs = ConvolutionDesign(channels), task.inputs.float()
    number = 100 * channels + seed
    before = convolution.initial(design, torch.Generator().manual_seed(number))
    again = convolution.initial(design, torch.Generator().manual_seed(_OTHER + number))
    kernel, other = (convolution.kernel(design, drawn, inputs) for drawn in (before, again))
    train = slice(task.train)
    # The kernel of another kind of network, brought to the same size: the same mean eigenvalue in training.
    size = kernel[train, train].trace() / task.limit.ntk[train, train].trace()
    kernels = {OWN: kernel, OTHER: other, CONNECTED: size * task.limit.ntk}
    after = convolution.descend(design, before, inputs[train], task.targets.float(), rate, task.steps)
    start, end = (convolution.outputs(design, drawn, inputs).double() for drawn in (before, after))
    distances = {
        name: _rms((end - linearised.evolve(start, task.targets, found, rate, task.steps))[task.train :])
        for name, found in kernels.items()
    }
    return distances | {
        KERNEL: float((convolution.kernel(design, after, inputs) - kernel).norm() / kernel.norm()),
        PARAMETERS: wide.moved_total(before, after)[1],
        MOVED: _rms((end - start)[task.train :]),
        LOSS: float((end[train] - task.targets).square().mean() / 2),
    }


def scalings(task: Task, channels: Sequence[int], seeds: Sequence[int], rate: float) -> dict[str, Scaling]:
    """Every quantity at every number of channels, from one network per seed."""
    found = [[measure(task, count, seed, rate) for seed in seeds] for count in channels]
    return {
        name: Scaling(tuple(channels), np.array([[one[name] for one in row] for row in found]))
        for name in found[0][0]
    }


def columns(found: Mapping[str, Scaling]) -> dict[str, list[Any]]:
    """The numbers behind the figure: mean and interval of each quantity, one entry per number of channels."""
    described: dict[str, list[Any]] = {"channels": list(found[OWN].widths)}
    return described | {
        f"{name}, {part}": [getattr(one, part) for one in scaling.means()]
        for name, scaling in found.items()
        for part in ("mean", "low", "high")
    }


def rows(
    found: Mapping[str, Scaling], exponents: Mapping[str, Spread], channels: Iterable[int]
) -> list[list[Any]]:
    """A table's rows: a quantity, its mean at some numbers of channels, its exponent with low and high."""
    shown = list(channels)
    return [
        [name, *(found[name].at(count).mean for count in shown), power.mean, power.low, power.high]
        for name, power in exponents.items()
    ]
