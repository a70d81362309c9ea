"""The maps of a few photographs in several networks, as a run took them under every filter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from jaxtyping import UInt8

from gradlab.comparison.arms import PLAIN, Arm
from gradlab.comparison.measured import title_of
from gradlab.comparison.overview import FILTERINGS, Network
from gradlab.comparison.table import heading
from gradlab.comparison.viewer import encoded
from gradlab.notebook.results import Results

STEPS = 32
"""Steps of a published map."""
LAYERS = ("not conserved", "conserved")
_CASE = ("network", "filtering", "quantile", "on_every_path")
_SHOWN = 8
"""Steps of a map in a strip: there more are not seen, and weigh more."""
_ZOOM = 2
"""How many pixels of a strip a pixel of a map takes, so that a box drawn into it stays thin."""


@dataclass(frozen=True)
class NetworkMaps:
    """The photographs and their maps in one network; ``rows`` has an entry a photograph in every column."""

    network: Network
    rows: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, network: Network, found: Results) -> "NetworkMaps":
        """What a run published of a network."""
        return cls(network, found.rows[f"maps-{network.slug}"])

    @property
    def photographs(self) -> UInt8[np.ndarray, "n h w 3"]:
        """The photographs, no larger than they are shown."""
        pixels: UInt8[np.ndarray, "n h w 3"] = self.rows["pixels"]
        return pixels

    @property
    def boxes(self) -> Sequence[Sequence[float]]:
        """The edges x0, y0, x1, y1 of each object in pixels, half open."""
        edges = [self.rows[edge].tolist() for edge in ("x0", "y0", "x1", "y1")]
        return list(zip(*edges, strict=True))

    def maps(self, arm: Arm) -> UInt8[np.ndarray, "n h w"]:
        """The maps under an arm, in ``STEPS`` steps."""
        steps: UInt8[np.ndarray, "n h w"] = self.rows[heading(arm, "map")]
        return steps

    def densities(self, arm: Arm) -> list[float | None]:
        """The density inside each box; None for a map that is zero everywhere."""
        return [float(one) if np.isfinite(one) else None for one in self.rows[heading(arm, "density")]]


def clearest(network: Network, quantiles: Sequence[float]) -> tuple[str, float] | None:
    """The list of modules and the quantile with the largest difference of density among those that survive
    the correction for their number; None if none does.
    """
    decided = {
        (f, q): abs(gain.mean)
        for f in FILTERINGS
        for q in quantiles
        if network.way(f, q) in ("+", "−") and (gain := network.gain(f, q)) is not None
    }
    return max(decided, key=lambda case: decided[case], default=None)


def columns(
    networks: Sequence[NetworkMaps], quantiles: Sequence[float], gains: Mapping[str, list[Any]]
) -> dict[str, list[Any]]:
    """What an interactive figure shows: the rows of ``gains``, each with a picture of its maps, without and
    with conserving below each other; where the two cannot differ, it has them once. A row for each network
    comes before, without a list of modules: the photographs above the plain maps. Columns "CLASS: LAYER" are
    densities; without a list they hold that of the plain map.
    """
    titles = [one.network.title for one in networks]
    by_title = dict(zip(titles, networks, strict=True))
    shown: list[tuple[NetworkMaps, tuple[Arm, Arm], list[np.ndarray]]] = [
        (one, (PLAIN, PLAIN), [one.photographs, one.maps(PLAIN)]) for one in networks
    ]
    for title, f, q, same in zip(*(gains[name] for name in _CASE), strict=True):
        one, arms = by_title[title], (Arm(f, q), Arm(f, q).conserved())
        shown.append((one, arms, [one.maps(arm) for arm in arms[same:]]))
    found: dict[str, list[Any]] = {name: [None] * len(networks) + column for name, column in gains.items()}
    found["network"][: len(networks)] = titles
    found["filtering"] = [f if f is None else title_of(f) for f in found["filtering"]]
    found["picture"] = [encoded(strip(layers, one.boxes)) for one, _, layers in shown]
    for place, layer in enumerate(LAYERS):
        densities = [one.densities(arms[place]) for one, arms, _ in shown]
        for number, name in enumerate(networks[0].rows["class-name"].tolist()):
            found[f"{name}: {layer}"] = [of[number] for of in densities]
    return found


def compared(
    networks: Sequence[NetworkMaps], cases: Mapping[str, str], quantiles: Sequence[float]
) -> dict[str, list[Any]]:
    """Every photograph in every network, to compare two of its pictures: a row a picture, with the density
    and the object's box. ``cases`` has the list of modules of each network, by title.
    """
    rows: list[dict[str, Any]] = []
    for place, name in enumerate(networks[0].rows["class-name"].tolist()):
        for one in networks:
            box = dict(zip(("x0", "y0", "x1", "y1"), one.boxes[place], strict=True))
            frame = {"photograph": f"{name}, in {one.network.title}"} | box
            frame["side"] = one.photographs.shape[1]
            for layer, quantile, arm, tile in _layers(one, cases[one.network.title], quantiles, place):
                density = None if arm is None else one.densities(arm)[place]
                shown = {"layer": layer, "quantile": quantile, "density": density, "picture": encoded(tile)}
                rows.append(frame | shown)
    return {name: [row[name] for row in rows] for name in rows[0]}


def _layers(
    one: NetworkMaps, filtering: str, quantiles: Sequence[float], place: int
) -> Iterator[tuple[str, float | None, Arm | None, np.ndarray]]:
    """The photograph and each of its maps: layer, quantile, arm and picture."""
    yield "photograph", None, None, one.photographs[place]
    arms: list[tuple[str, float | None, Arm]] = [("plain", None, PLAIN)]
    for q in quantiles:
        arm = Arm(filtering, q)
        arms += [(layer, q, each) for layer, each in zip(LAYERS, (arm, arm.conserved()), strict=True)]
    for layer, quantile, arm in arms:
        yield layer, quantile, arm, _coloured(one.maps(arm)[place][None], STEPS)[0]


def strip(layers: Sequence[np.ndarray], boxes: Sequence[Sequence[float]]) -> UInt8[np.ndarray, "h2 w2 3"]:
    """Layers below each other, photographs beside each other, each with its box in white on black."""
    rows = []
    for layer in layers:
        tiles = layer if layer.ndim == 4 else _coloured(layer, _SHOWN)
        rows.append(
            np.concatenate([_framed(tile, box) for tile, box in zip(tiles, boxes, strict=True)], axis=1)
        )
    return np.concatenate(rows)


def _coloured(maps: UInt8[np.ndarray, "n h w"], shown: int) -> UInt8[np.ndarray, "n h w 3"]:
    """Maps in the colours of the figures, in so many steps."""
    shares = maps // (STEPS // shown) / (shown - 1)
    colours: UInt8[np.ndarray, "n h w 3"] = mpl.colormaps["cividis"](shares, bytes=True)[..., :3]
    return colours


def _framed(tile: UInt8[np.ndarray, "h w 3"], box: Sequence[float]) -> UInt8[np.ndarray, "h2 w2 3"]:
    large = tile.repeat(_ZOOM, axis=0).repeat(_ZOOM, axis=1)
    side = len(large) - 1
    x0, y0, x1, y1 = (round(edge * _ZOOM) for edge in box)
    for out, colour in ((1, 0), (0, 255)):
        left, top, right, bottom = x0 - out, y0 - out, x1 - 1 + out, y1 - 1 + out
        for vertical in (left, right):
            if 0 <= vertical <= side:
                large[max(top, 0) : bottom + 1, vertical] = colour
        for horizontal in (top, bottom):
            if 0 <= horizontal <= side:
                large[horizontal, max(left, 0) : right + 1] = colour
    return large
