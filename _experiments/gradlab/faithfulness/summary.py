"""What the measured rows say: means, differences to the plain gradient, and similarities, with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from gradlab.faithfulness.maps import GRADIENT, TITLES
from gradlab.faithfulness.measure import heading
from gradlab.notebook.publish import Scalar
from gradlab.statistics import clustered
from gradlab.statistics.clustered import Mean

INTERVAL = "95 % t interval, photographs clustered by class"
"""The kind of all intervals of this room."""


@dataclass(frozen=True)
class Metric:
    """How a metric is called, and whether a larger value speaks for a map (1) or against it (-1)."""

    title: str
    sign: int = 1


METRICS = {
    "density": Metric("Density"),
    "mass": Metric("Mass"),
    "pointing": Metric("Pointing"),
    "insertion": Metric("Insertion"),
    "deletion": Metric("Deletion", -1),
    "MoRF": Metric("MoRF", -1),
    "LeRF": Metric("LeRF"),
}
"""The first three ask whether a map lies in the object's box, the others what the network makes of it."""
REMOVALS = ("insertion", "deletion", "MoRF", "LeRF")


@dataclass(frozen=True)
class Measured:
    """One row a photograph: a metric of a method under "METHOD: METRIC"; and the class of each photograph."""

    columns: Mapping[str, np.ndarray]
    classes: Int[np.ndarray, "n"]

    def of(self, method: str, metric: str) -> Float[np.ndarray, "n"]:
        """A metric of a method; NaN where the map is zero everywhere."""
        found: Float[np.ndarray, " n"] = self.columns[heading(method, metric)].astype(np.float64)
        return found

    def mean_of(self, values: Float[np.ndarray, "n"]) -> Mean:
        """The mean over photographs of any numbers of theirs."""
        return clustered.mean_interval(values, self.classes)

    def mean(self, method: str, metric: str) -> Mean:
        """The mean over photographs."""
        return self.mean_of(self.of(method, metric))

    def difference(self, method: str, metric: str, other: str = GRADIENT) -> Mean:
        """The mean difference between two methods on the same photographs."""
        return self.mean_of(self.of(method, metric) - self.of(other, metric))

    def gain(self, method: str, metric: str, other: str = GRADIENT) -> Mean:
        """The difference with the sign by which more is better."""
        return self.mean_of(METRICS[metric].sign * (self.of(method, metric) - self.of(other, metric)))

    def rows(self) -> dict[str, np.ndarray]:
        """The columns of all metrics, for publishing."""
        return {heading(m, metric): self.of(m, metric) for m in TITLES for metric in METRICS}


def _shown(found: Mean) -> str:
    return f"{found.mean:.3f} ± {found.high - found.mean:.3f}".replace("-", "−")


def means(measured: Measured) -> tuple[list[str], list[list[Scalar]]]:
    """Columns and rows: every method under every metric."""
    return ["Method", *(one.title for one in METRICS.values())], [
        [title, *(_shown(measured.mean(method, metric)) for metric in METRICS)]
        for method, title in TITLES.items()
    ]


def differences(measured: Measured) -> dict[tuple[str, str], Mean]:
    """Of every other method and metric the difference to the plain gradient."""
    return {
        (method, metric): measured.difference(method, metric)
        for method in TITLES
        if method != GRADIENT
        for metric in METRICS
    }


def difference_table(found: Mapping[tuple[str, str], Mean]) -> tuple[list[str], list[list[Scalar]]]:
    """Columns and rows of :func:`differences`; a star where Holm's p over all of them is at most 0.05."""
    p = clustered.holm_p(found)
    methods = list(dict.fromkeys(method for method, _ in found))
    return ["Method", *(one.title for one in METRICS.values())], [
        [
            TITLES[method],
            *(
                _shown(found[method, metric]) + (" *" if p.get((method, metric), 1.0) <= 0.05 else "")
                for metric in METRICS
            ),
        ]
        for method in methods
    ]


def difference_columns(found: Mapping[tuple[str, str], Mean]) -> dict[str, list[Scalar]]:
    """The numbers behind the figure and the table of differences, with Holm's p over all of them."""
    p = clustered.holm_p(found)
    return {
        "method": [TITLES[method] for method, _ in found],
        "metric": [METRICS[metric].title for _, metric in found],
        **{part: [getattr(one, part) for one in found.values()] for part in ("mean", "low", "high", "n")},
        "p_holm": [p.get(place) for place in found],
    }


def similarities(
    columns: Mapping[str, np.ndarray],
    classes: Int[np.ndarray, "n"],
    stages: int,
    seeds: Sequence[int],
) -> dict[str, list[Mean]]:
    """Per method the mean rank correlation at every stage: of each photograph the mean over seeds."""
    methods = list(dict.fromkeys(name.split(": ")[0] for name in columns))
    return {
        method: [
            clustered.mean_interval(
                np.mean([columns[f"{method}: {stage} {seed}"] for seed in seeds], axis=0), classes
            )
            for stage in range(1, stages + 1)
        ]
        for method in methods
    }
