"""Means with their intervals, as published values."""

from gradlab.notebook import publish
from gradlab.statistics.clustered import Mean
from gradlab.statistics.seeds import Spread


def publish_mean(
    name: str, found: Spread, *, unit: str = "", over: str = "seeds", tolerance: float = 0.02
) -> None:
    """Publish a mean and its 95 % t interval; ``over`` names what it is the mean of.

    ``tolerance`` is the absolute difference that another machine may show.
    """
    note = f"mean over {over} with the 95 % t interval"
    publish.interval(name, found, note=note, tolerance=tolerance, unit=unit)


CLUSTERED = "95 % t interval, clustered by class"
"""The interval of means over photographs, in words."""


def publish_clustered(name: str, found: Mean, what: str, tolerance: float = 0.02) -> None:
    """Publish a mean over photographs with its interval, or nothing if no photograph was usable."""
    if found.n:
        publish.interval(name, found, note=f"{what}; {CLUSTERED}", tolerance=tolerance)
