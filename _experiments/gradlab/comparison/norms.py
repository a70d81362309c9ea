"""What conservation does to the norm of each photograph's gradient, beside what the scales explain."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from gradlab.comparison.arms import Arm
from gradlab.comparison.effects import gain
from gradlab.comparison.measured import Measured


@dataclass(frozen=True)
class Scaled:
    """Photographs at one list of modules and quantile: the sum of log scales, and the logarithm of the ratio
    of the conserved gradient's norm to the unconserved one's.
    """

    filtering: str
    quantile: float
    scales: Float[np.ndarray, "n"]
    ratios: Float[np.ndarray, "n"]


def scaled(measured: Measured) -> list[Scaled]:
    """Of the photographs of the control arms, for the upper modules and the longest list of convolutions.

    Gradients that are zero in both arms are left out.
    """
    table, found = measured.control_part, []
    longest = max(measured.filterings, key=measured.modules.count)
    for f in ("upper", longest):
        for q in measured.quantiles:
            arm = Arm(f, q)
            with np.errstate(invalid="ignore"):  # a gradient that is zero in both arms has no ratio
                ratios = gain(table, arm, "log_norm")
            valid = np.isfinite(ratios)
            found.append(Scaled(f, q, table.of(arm.conserved(), "log_beta")[valid], ratios[valid]))
    return found
