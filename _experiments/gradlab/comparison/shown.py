"""Photographs, maps and channels that a measuring run chose to be drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

from gradlab.comparison.arms import Arm
from gradlab.comparison.measured import Measured
from gradlab.comparison.table import arm_of, heading

LARGEST = 64
"""Pixels of the side of a picture that is shown: more would only make a page heavier."""


def smaller(pictures: UInt8[np.ndarray, "n h w *c"]) -> UInt8[np.ndarray, "n h2 w2 *c"]:
    """Square pictures with sides of at most ``LARGEST`` pixels, by means over squares."""
    count, side, _, *colours = pictures.shape
    step = step_of(side)
    squares = pictures.reshape(count, side // step, step, side // step, step, *colours)
    found: UInt8[np.ndarray, "n h2 w2 *c"] = squares.mean((2, 4)).round().astype(np.uint8)
    return found


def step_of(side: int) -> int:
    """How many pixels of a picture's side become one: the fewest that divide it and make it small enough."""
    return next(step for step in range(1, side + 1) if side % step == 0 and side // step <= LARGEST)


@dataclass(frozen=True)
class Example:
    """A photograph with its box (x0, y0, x1, y1; half open), and its map and density of every arm, at the
    size in which they are shown.

    It was chosen for its ``difference`` of density (conserved minus not), the one nearest to this
    ``percentile`` of all. Maps run in 256 steps from zero to the percentile 99 of their values.
    """

    photograph: str
    class_name: str
    percentile: int
    difference: float
    box: tuple[float, float, float, float]
    pixels: UInt8[np.ndarray, "h w 3"]
    maps: Mapping[Arm, UInt8[np.ndarray, "h w"]]
    densities: Mapping[Arm, float]


def examples(measured: Measured) -> list[Example]:
    """The photographs in the order of their percentiles."""
    columns = measured.examples
    arms = list(dict.fromkeys(arm for name in columns if (arm := arm_of(name)) is not None))
    pixels = smaller(columns["pixels"])
    maps = {arm: smaller(columns[heading(arm, "map")]) for arm in arms}
    step = step_of(columns["pixels"].shape[1])
    edges = (columns[edge] if step == 1 else columns[edge] / step for edge in ("x0", "y0", "x1", "y1"))
    x0, y0, x1, y1 = (edge.tolist() for edge in edges)
    return [
        Example(
            photograph=str(columns["photograph"][row]),
            class_name=measured.class_name(int(columns["class"][row])),
            percentile=int(columns["percentile"][row]),
            difference=float(columns["difference"][row]),
            box=(x0[row], y0[row], x1[row], y1[row]),
            pixels=pixels[row],
            maps={arm: found[row] for arm, found in maps.items()},
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
        pixels = smaller(photographs["pixels"][rows])
        shown.append(Strongest(channel, pixels, photographs["of_class"][rows]))
    name = measured.class_name(int(test["class"][0]))
    return ClassChannels(name, test["channel"], test["t"], test["kept"], tuple(shown))
