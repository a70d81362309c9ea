"""What is said of a network and a list of its modules: medians over modules, means over photographs."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from gradlab.comparison.arms import Selection
from gradlab.comparison.measured import title_of
from gradlab.inside.groups import MEASURES
from gradlab.inside.observed import Case, Observed
from gradlab.notebook.results import Results
from gradlab.statistics import clustered
from gradlab.statistics.clustered import Mean

INTERVAL = "95 % t interval with the classes as clusters"
"""The interval of :func:`typical`, in words."""
LEVELS = (0.25, 0.5, 0.75)
SHOWN = {"entry-ratio": "ratio of entries", "others-share": "share of the others", "cosine": "cosine"}
"""The measures that the table and the figure show, and what they are called there."""


@dataclass(frozen=True)
class Network:
    """A network by its title, as a part of names, and what was observed in it."""

    title: str
    slug: str
    observed: Observed


@dataclass(frozen=True)
class Demonstration:
    """What the demonstration with random vectors has in the place of the measures :data:`SHOWN`."""

    title: str
    values: Mapping[str, float]


def demonstrations(found: Results) -> dict[str, Demonstration]:
    """Both readings of the demonstration, from the results of its run.

    A vector stands for the map of a channel: the ratio is that of root mean square lengths. The cosine is
    that of the median angle between the sum of the large vectors and the total.
    """
    readings = {name: f"random vectors, 0.1 a {name}" for name in ("deviation", "variance")}

    def number(name: str) -> float:
        return float(found.values[name].value or 0)

    return {
        reading: Demonstration(
            title,
            {
                "entry-ratio": number(f"hl-vector-ratio-{reading}"),
                "others-share": number(f"hl-low-share-{reading}"),
                "cosine": float(np.cos(np.deg2rad(number(f"hl-angle-high-to-total-{reading}")))),
            },
        )
        for reading, title in readings.items()
    }


def quantiles(values: Float[np.ndarray, "n *m"], levels: Sequence[float] = LEVELS) -> np.ndarray:
    """Quantiles along axis 0 without what is not finite, one row a level; NaN where nothing is left."""
    usable = np.where(np.isfinite(values), values, np.nan)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="All-NaN slice")
        found: np.ndarray = np.nanquantile(usable, levels, axis=0)
    return found


def of_photographs(observed: Observed, filtering: str, case: Case, measure: str) -> Float[np.ndarray, "n"]:
    """For each photograph the median of a measure over the modules of a list that have it."""
    (medians,) = quantiles(observed.found[case][measure][:, observed.lists[filtering]].T, [0.5])
    return np.asarray(medians)


def typical(observed: Observed, filtering: str, case: Case, measure: str) -> Mean:
    """The mean over photographs of :func:`of_photographs`, with the interval :data:`INTERVAL`."""
    return clustered.mean_interval(of_photographs(observed, filtering, case, measure), observed.labels)


def against_random(observed: Observed, filtering: str, quantile: float, measure: str) -> Mean:
    """:func:`typical` of the class's channels minus that of random channels, photograph by photograph."""
    own, random = (
        of_photographs(observed, filtering, (selection, quantile), measure)
        for selection in (Selection.CLASS, Selection.RANDOM)
    )
    return clustered.mean_interval(own - random, observed.labels)


def lowest(observed: Observed, case: Case, measure: str) -> tuple[int, float]:
    """The place of the module whose median over photographs is the smallest, and this median."""
    (medians,) = quantiles(observed.found[case][measure], [0.5])
    place = int(np.nanargmin(medians))
    return place, float(medians[place])


def rows(networks: Sequence[Network]) -> dict[str, np.ndarray]:
    """A row for each network, case and module, as columns: its facts, then ``n`` usable photographs of each
    measure with the quartiles over them.
    """
    parts = [_rows(network, case) for network in networks for case in network.observed.found]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _rows(network: Network, case: Case) -> dict[str, np.ndarray]:
    observed, (selection, quantile) = network.observed, case
    count = len(observed.modules)
    columns: dict[str, np.ndarray] = {
        "network": np.full(count, network.slug),
        "module": np.array(observed.modules),
        "selection": np.full(count, selection.value),
        "quantile": np.full(count, quantile),
        "channels": observed.width,
        "kept": observed.kept(quantile),
        "positions": observed.positions,
        **observed.lists,
    }
    for measure in MEASURES:
        values = observed.found[case][measure]
        columns[f"{measure}: n"] = np.isfinite(values).sum(0)
        for level, found in zip(LEVELS, quantiles(values), strict=True):
            columns[f"{measure}: {100 * level:g} %"] = found
    return columns


def table(networks: Sequence[Network], quantile: float) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows for each network and list: :data:`SHOWN` with quartiles over the modules, two more
    measures, and :data:`SHOWN` again for random channels.
    """
    own, random = (Selection.CLASS, quantile), (Selection.RANDOM, quantile)
    columns = ["Network", "Filtered", "Modules", "Of one position"]
    for name in SHOWN.values():
        columns += [name, f"{name}, quartiles"]
    columns += ["Correlation", "Sign flips", *(f"{name}, random" for name in SHOWN.values())]
    found: list[list[Any]] = []
    for network in networks:
        observed = network.observed
        for f, chosen in observed.lists.items():
            row = [
                network.title,
                title_of(f),
                int(chosen.sum()),
                int((observed.positions[chosen] == 1).sum()),
            ]
            for measure in SHOWN:
                row += [typical(observed, f, own, measure).mean, _quartiles(observed, f, own, measure)]
            row += [typical(observed, f, own, measure).mean for measure in ("correlation", "flips")]
            found.append([*row, *(typical(observed, f, random, measure).mean for measure in SHOWN)])
    return columns, found


def _quartiles(observed: Observed, filtering: str, case: Case, measure: str) -> str:
    """The quartiles over modules of their medians over photographs."""
    medians = quantiles(observed.found[case][measure][:, observed.lists[filtering]], [0.5])[0]
    low, high = quantiles(medians, [0.25, 0.75])
    return f"{low:.2f} to {high:.2f}".replace("-", "−")
