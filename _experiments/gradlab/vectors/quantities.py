"""The quantities of the H/L demonstration: what the draws show, beside what the algebra says."""

from collections.abc import Mapping
from dataclasses import dataclass

from gradlab.statistics.paired import Interval
from gradlab.vectors import aggregation, estimates
from gradlab.vectors.aggregation import Draws

NEAR = 15.0
"""The angle in degrees within which a total counts as near a ray or a diagonal."""

ROWS = {
    "rms of the sum of H in Dim 1": "rms-high-dim1",
    "rms of the sum of H in Dim 2": "rms-high-dim2",
    "rms of the sum of L in either dimension": "rms-low-dim1",
    "mean length of the sum of H": "length-high",
    "mean length of the sum of L": "length-low",
    "mean length of the total": "length-total",
    "median angle of the sum of H from Dim 2 (degrees)": "angle-high",
    "median angle of the total from Dim 2 (degrees)": "angle-total",
    "median angle between the sum of H and the total (degrees)": "angle-high-to-total",
    "share of draws in which L is the larger in Dim 1": "low-dominates-dim1",
    "share of draws in which H is the larger in Dim 2": "high-dominates-dim2",
    "share of draws in which L is the longer": "low-longer",
    "share of totals within 15 degrees of a diagonal": "near-diagonals",
    "share of totals within 15 degrees of the ray (1, 1)": "near-ray",
}
"""What each row of the table is called, and the quantity it shows."""


@dataclass(frozen=True)
class Quantity:
    """An estimate from the draws, and the closed form if there is one."""

    drawn: Interval
    exact: float | None
    unit: str = ""


def quantities(draws: Draws) -> dict[str, Quantity]:
    """All quantities of one reading, by name."""
    turned = estimates.median(aggregation.angle_between(draws.high, draws.total))
    return (
        _lengths(draws)
        | _angles(draws)
        | _shares(draws)
        | {"angle-high-to-total": Quantity(turned, None, "degrees")}
    )


def _lengths(draws: Draws) -> dict[str, Quantity]:
    groups = (
        ("high", draws.high, draws.reading.high.sum_scale),
        ("low", draws.low, draws.reading.low.sum_scale),
        ("total", draws.total, draws.reading.total_scale),
    )
    found = {}
    for group, sums, scale in groups[:2]:
        for dimension in (0, 1):
            drawn = estimates.root_mean_square(sums[:, dimension])
            found[f"rms-{group}-dim{dimension + 1}"] = Quantity(drawn, scale[dimension])
    for group, sums, scale in groups:
        drawn = estimates.mean(sums.norm(dim=1))
        found[f"length-{group}"] = Quantity(drawn, aggregation.mean_length(scale))
    return found


def _angles(draws: Draws) -> dict[str, Quantity]:
    return {
        f"angle-{group}": Quantity(
            estimates.median(aggregation.angle_from_dim2(sums)), aggregation.median_angle(scale), "degrees"
        )
        for group, sums, scale in (
            ("high", draws.high, draws.reading.high.sum_scale),
            ("total", draws.total, draws.reading.total_scale),
        )
    }


def _shares(draws: Draws) -> dict[str, Quantity]:
    high, low, total = draws.high, draws.low, draws.total
    high_scale, low_scale = draws.reading.high.sum_scale, draws.reading.low.sum_scale
    on_diagonals = aggregation.near_diagonal(draws.reading.total_scale, NEAR)
    found = {
        "low-dominates-dim1": (
            low[:, 0].abs() > high[:, 0].abs(),
            aggregation.dominance(low_scale[0], high_scale[0]),
        ),
        "high-dominates-dim2": (
            high[:, 1].abs() > low[:, 1].abs(),
            aggregation.dominance(high_scale[1], low_scale[1]),
        ),
        "low-longer": (low.norm(dim=1) > high.norm(dim=1), aggregation.longer(high_scale, low_scale)),
        "near-diagonals": ((aggregation.angle_from_dim2(total) - 45).abs() < NEAR, on_diagonals),
        "near-ray": (aggregation.angle_from_ray(total) < NEAR, on_diagonals / 4),
    }
    return {
        name: Quantity(estimates.share(events), exact, "share") for name, (events, exact) in found.items()
    }


def agreement(by_reading: Mapping[str, Mapping[str, Quantity]]) -> tuple[int, int]:
    """How many closed forms lie in the interval of the draws, and of how many.

    Of intervals at 95 % about one in twenty leaves the true value out.
    """
    pairs = [(one.exact, one.drawn) for found in by_reading.values() for one in found.values()]
    hits = [drawn.low <= exact <= drawn.high for exact, drawn in pairs if exact is not None]
    return sum(hits), len(hits)


def table(
    by_reading: Mapping[str, Mapping[str, Quantity]],
) -> tuple[list[str], list[list[str | float | None]]]:
    """Columns and rows with the closed form and the estimate of every reading beside each other."""
    columns = ["quantity", *(f"{reading}: {kind}" for reading in by_reading for kind in ("exact", "drawn"))]
    rows: list[list[str | float | None]] = []
    for label, name in ROWS.items():
        shown = [found[name] for found in by_reading.values()]
        rows.append([label, *(entry for one in shown for entry in (one.exact, one.drawn.mean))])
    return columns, rows
