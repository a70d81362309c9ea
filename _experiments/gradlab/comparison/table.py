"""One row a photograph, one column a metric and arm: what a comparison measured, computed or read again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from jaxtyping import Bool, Float

from gradlab.comparison.arms import PLAIN, Arm, Selection
from gradlab.filtering.conservation import Conservation

METRICS = {
    "density": "relevance density inside the object's box (one for an even map)",
    "others": "the same against the boxes of all other photographs, on average",
    "pointing": "whether the largest value lies in the box (one or zero)",
    "log_norm": "natural logarithm of the input gradient's norm",
    "log_beta": "sum of the logarithms of the conserving scales",
    "kept": "kept channels, mean over the filtered modules",
    "distance": "1 - cosine to the unconserved gradient of the same channels",
    "spearman": "rank correlation of the map with the unconserved one",
    "excess": "absolute difference between the logarithm of the ratio of norms and log_beta",
}
"""The metrics of an arm. A map that is zero or left the range of single precision has NaN for most."""


_HEADING = re.compile(
    r"(?:.+, )?(?:plain|(?P<filtering>\S+) q=(?P<quantile>\S+) (?P<selection>\w+) (?P<rule>\w+)): .+"
)


def heading(arm: Arm, metric: str) -> str:
    """The column of one metric of one arm."""
    return f"{arm.name}: {metric}"


def method_heading(method: str, arm: Arm, metric: str) -> str:
    """The column of one metric of an attribution method under an arm."""
    return f"{method}, {heading(arm, metric)}"


def arm_of(column: str) -> Arm | None:
    """The arm of a column, also of one of an attribution method; None for a fact of the photograph."""
    found = _HEADING.fullmatch(column)
    if found is None:
        return None
    if found["filtering"] is None:
        return PLAIN
    return Arm(
        found["filtering"],
        float(found["quantile"]),
        Selection(found["selection"]),
        Conservation(found["rule"]),
    )


@dataclass(frozen=True)
class Measurements:
    """Equally long columns: facts of the photograph (``photograph``, ``class``, ``box_share``, ``correct``,
    ``probability``), and a metric of an arm under :func:`heading`.
    """

    columns: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.columns["photograph"])

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms that have columns, in the columns' order."""
        return tuple(dict.fromkeys(arm for name in self.columns if (arm := arm_of(name)) is not None))

    def fact(self, name: str) -> np.ndarray:
        """A column that is of the photograph and not of an arm."""
        return self._column(name)

    def of(self, arm: Arm, metric: str) -> Float[np.ndarray, "n"]:
        """A metric of an arm; ``mass`` is the share of relevance inside the box, density times its area."""
        if metric == "mass":
            mass: Float[np.ndarray, " n"] = self.of(arm, "density") * self.fact("box_share")
            return mass
        found: Float[np.ndarray, " n"] = self._column(heading(arm, metric)).astype(np.float64)
        return found

    @property
    def filterings(self) -> tuple[str, ...]:
        """The lists of modules that were filtered."""
        return tuple(dict.fromkeys(arm.filtering for arm in self.arms if arm != PLAIN))

    @property
    def quantiles(self) -> tuple[float, ...]:
        """The shares of kept channels."""
        return tuple(dict.fromkeys(arm.quantile for arm in self.arms if arm != PLAIN))

    @property
    def pairs(self) -> list[tuple[str, float]]:
        """Every list of modules at every quantile."""
        return [(filtering, quantile) for filtering in self.filterings for quantile in self.quantiles]

    def zero_maps(self, arm: Arm) -> Bool[np.ndarray, "n"]:
        """Which maps are zero everywhere."""
        log_norm = self.of(arm, "log_norm")
        found: Bool[np.ndarray, " n"] = ~np.isfinite(log_norm) & (log_norm < 0)
        return found

    def overflown_maps(self, arm: Arm) -> Bool[np.ndarray, "n"]:
        """Which maps hold an infinity or a NaN."""
        log_norm = self.of(arm, "log_norm")
        found: Bool[np.ndarray, " n"] = ~np.isfinite(log_norm) & ~(log_norm < 0)
        return found

    def subset(self, rows: np.ndarray) -> "Measurements":
        """The photographs of these rows."""
        return Measurements({name: column[rows] for name, column in self.columns.items()})

    def without(self, *names: str) -> "Measurements":
        """All columns but these."""
        return Measurements({name: column for name, column in self.columns.items() if name not in names})

    def named(self, photographs: np.ndarray) -> "Measurements":
        """The photographs with these names, in their order."""
        place = {name: row for row, name in enumerate(self.fact("photograph").tolist())}
        return self.subset(np.array([place[name] for name in photographs.tolist()], dtype=int))

    def joined(self, other: "Measurements") -> "Measurements":
        """The rows of both, of tables with the same columns."""
        return Measurements(
            {name: np.concatenate([column, other.columns[name]]) for name, column in self.columns.items()}
        )

    def _column(self, name: str) -> np.ndarray:
        if name not in self.columns:
            near = get_close_matches(name, self.columns, n=3, cutoff=0.3)
            raise KeyError(f"the table has no column {name!r}; nearest: {', '.join(map(repr, near))}")
        return self.columns[name]
