"""One row a photograph, one column a metric and arm: what a comparison measured, computed or read again."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from jaxtyping import Float

from gradlab.comparison.arms import Arm

METRICS = {
    "density": "relevance density inside the object's box (one for an even map)",
    "others": "the same against the boxes of all other photographs, on average",
    "pointing": "whether the largest value lies in the box (one or zero)",
    "log_norm": "natural logarithm of the input gradient's norm",
    "log_beta": "sum of the logarithms of the conserving scales",
    "kept": "kept channels, mean over the filtered modules",
    "distance": "1 - cosine to the unconserved gradient of the same channels",
    "spearman": "rank correlation of the map with the unconserved one",
}
"""The metrics of an arm. A map that is zero or left the range of single precision has NaN for most."""


def heading(arm: Arm, metric: str) -> str:
    """The column of one metric of one arm."""
    return f"{arm.name}: {metric}"


@dataclass(frozen=True)
class Measurements:
    """Equally long columns: facts of the photograph (``photograph``, ``class``, ``box_share``, ``correct``,
    ``probability``), and a metric of an arm under :func:`heading`.
    """

    columns: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.columns["photograph"])

    def fact(self, name: str) -> np.ndarray:
        """A column that is of the photograph and not of an arm."""
        return self._column(name)

    def of(self, arm: Arm, metric: str) -> Float[np.ndarray, "n"]:
        """A metric of an arm; ``mass`` is the share of relevance inside the box, density times its area."""
        if metric == "mass":
            return self.of(arm, "density") * self.fact("box_share")
        return self._column(heading(arm, metric)).astype(np.float64)

    def zero_maps(self, arm: Arm) -> np.ndarray:
        """Which maps are zero everywhere."""
        return np.isneginf(self.of(arm, "log_norm"))

    def overflown_maps(self, arm: Arm) -> np.ndarray:
        """Which maps hold an infinity or a NaN."""
        log_norm = self.of(arm, "log_norm")
        return ~np.isfinite(log_norm) & ~np.isneginf(log_norm)

    def subset(self, rows: np.ndarray) -> "Measurements":
        """The photographs of these rows."""
        return Measurements({name: column[rows] for name, column in self.columns.items()})

    def _column(self, name: str) -> np.ndarray:
        if name not in self.columns:
            near = get_close_matches(name, self.columns, n=3, cutoff=0.3)
            raise KeyError(f"the table has no column {name!r}; nearest: {', '.join(map(repr, near))}")
        return self.columns[name]
