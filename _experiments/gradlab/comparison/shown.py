"""Photographs, maps and channels that a measuring run chose to be drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

from gradlab.comparison.arms import Arm
from gradlab.comparison.measured import Measured
from gradlab.comparison.table import arm_of, heading


@dataclass(frozen=True)
class Example:
    """A photograph with its box (x0, y0, x1, y1; half open), and its map and density of every arm.

    It was chosen for its ``difference`` of density (conserved minus not), the one nearest to this
    ``percentile`` of all. Maps run in 256 steps from zero to the percentile 99 of their values.
    """

    photograph: str
    class_name: str
    percentile: int
    difference: float
    box: tuple[int, int, int, int]
    pixels: UInt8[np.ndarray, "h w 3"]
    maps: Mapping[Arm, UInt8[np.ndarray, "h w"]]
    densities: Mapping[Arm, float]


def examples(measured: Measured) -> list[Example]:
    """The photographs in the order of their percentiles."""
    columns = measured.examples
    arms = list(dict.fromkeys(arm for name in columns if (arm := arm_of(name)) is not None))
    return [
        Example(
            photograph=str(columns["photograph"][row]),
            class_name=measured.class_name(int(columns["class"][row])),
            percentile=int(columns["percentile"][row]),
            difference=float(columns["difference"][row]),
            box=(
                int(columns["x0"][row]),
                int(columns["y0"][row]),
                int(columns["x1"][row]),
                int(columns["y1"][row]),
            ),
            pixels=columns["pixels"][row],
            maps={arm: columns[heading(arm, "map")][row] for arm in arms},
            densities={arm: float(columns[heading(arm, "density")][row]) for arm in arms},
        )
        for row in range(len(columns["photograph"]))
    ]


@dataclass(frozen=True)
class Strongest:
    """The photographs in which a channel answers most, and which of them belong to the class."""

    channel: int
    pixels: UInt8[np.ndarray, "n h w 3"]
    of_class: Bool[np.ndarray, "n"]


@dataclass(frozen=True)
class ClassChannels:
    """Every channel by falling ``t`` of the test of one class, and the photographs of the first ones."""

    class_name: str
    channel: Int[np.ndarray, "c"]
    t: Float[np.ndarray, "c"]
    kept: Bool[np.ndarray, "c"]
    strongest: tuple[Strongest, ...]

    @property
    def share(self) -> float:
        """The share of all the photographs that belongs to the class."""
        return float(np.concatenate([one.of_class for one in self.strongest]).mean())

    def columns(self) -> dict[str, list[float]]:
        """The test of every channel."""
        return {"channel": self.channel.tolist(), "t": self.t.tolist(), "kept": self.kept.tolist()}


def class_channels(measured: Measured) -> ClassChannels:
    """The channels of the class that the run chose."""
    test, photographs = measured.channels, measured.strongest
    shown = []
    for channel in dict.fromkeys(photographs["channel"].tolist()):
        rows = photographs["channel"] == channel
        shown.append(Strongest(channel, photographs["pixels"][rows], photographs["of_class"][rows]))
    name = measured.class_name(int(test["class"][0]))
    return ClassChannels(name, test["channel"], test["t"], test["kept"], tuple(shown))
