"""Several networks side by side, from what the runs that judge them published."""

from collections.abc import Sequence
from dataclasses import dataclass

from gradlab.comparison.effect_tables import Table
from gradlab.comparison.effects import ROUNDING
from gradlab.comparison.measured import title_of
from gradlab.notebook import results
from gradlab.notebook.claims import LARGEST_P
from gradlab.notebook.publish import Scalar
from gradlab.notebook.results import Results, Value
from gradlab.statistics.paired import Interval

FILTERINGS = ("upper", "last30", "last50", "last90", "all")


def direction(gain: Interval | None, p: float) -> str:
    """The sign that an interval and a corrected p-value allow: + above rounding, − below, 0 inside, or
    "undecided"; "no usable map" where there is no interval.
    """
    if gain is None:
        return "no usable map"
    if max(abs(gain.low), abs(gain.high)) <= ROUNDING:
        return "0"
    if p > LARGEST_P:
        return "undecided"
    if gain.low > ROUNDING:
        return "+"
    if gain.high < -ROUNDING:
        return "−"
    return "undecided"


@dataclass(frozen=True, eq=False)
class Network:
    """What one run published about a network; its names begin with ``slug``."""

    title: str
    slug: str
    results: Results

    @classmethod
    def of(cls, title: str, run: str) -> "Network":
        """The network of a run that is called conserve-SLUG."""
        return cls(title, run.removeprefix("conserve-"), results.of(run))

    def value(self, quantity: str) -> Value:
        """A published value."""
        return self.results.values[f"{self.slug}-{quantity}"]

    def gain(self, filtering: str, quantile: float, of: str = "delta") -> Interval | None:
        """Density in the box, conserved minus not; None if no photograph had a usable map. With other boxes
        where ``of`` is "delta-others".
        """
        found = self.results.values.get(f"{self.slug}-{of}-{filtering}-q{quantile:g}")
        if found is None:
            return None
        mean, low, high = map(_number, (found.value, found.low, found.high))
        return Interval(mean, low, high, found.n or 0)

    def way(self, filtering: str, quantile: float) -> str:
        """Which way the density goes; see :func:`direction`."""
        gain = self.gain(filtering, quantile)
        return direction(gain, self.corrected_p(filtering, quantile) if gain else 1.0)

    def corrected_p(self, filtering: str, quantile: float) -> float:
        """The p-value of the difference, after Holm's correction."""
        return _number(self.value(f"p-{filtering}-q{quantile:g}").value)

    def separated(self, filtering: str) -> bool:
        """Whether each filtered module lies on every path."""
        separators, modules = (self.value(f"{of}-{filtering}") for of in ("separators", "modules"))
        return separators.value == modules.value


def _number(entry: Scalar) -> float:
    if not isinstance(entry, int | float):
        raise TypeError(f"a published difference or bound is a number, not {entry!r}")
    return float(entry)


Lists = Sequence[tuple[Network, str]]
"""Pairs of a network and a list of modules."""


def directions(lists: Lists, quantiles: Sequence[float]) -> list[str]:
    """Which way each difference goes."""
    return [network.way(f, q) for network, f in lists for q in quantiles]


def largest(lists: Lists, quantiles: Sequence[float]) -> float:
    """The largest absolute mean difference, zero if there is none."""
    gains = [network.gain(f, q) for network, f in lists for q in quantiles]
    return max((abs(gain.mean) for gain in gains if gain is not None), default=0.0)


def table(networks: Sequence[Network]) -> Table:
    """A row a network: how well it classifies, and what conservation does to it at the upper modules."""
    columns = [
        "Network", "Top-1", "Photographs", "Density, plain", "Upper modules on every path",
        "1 − cos, largest", "Difference, q = 0.1", "1 − cos, integrated gradients", "1 − cos, SmoothGrad",
    ]  # fmt: skip
    return columns, [_row(network) for network in networks]


def _row(network: Network) -> list[Scalar]:
    methods = network.results.tables[f"tbl-methods-{network.slug}"]
    turned = dict(zip(methods.column("Method"), methods.column("1 − cos, largest"), strict=True))
    gain = network.gain("upper", 0.1)
    return [
        network.title,
        network.value("top1").value,
        network.value("photographs").value,
        network.value("plain-density").value,
        f"{network.value('separators-upper').value} of {network.value('modules-upper').value}",
        network.value("max-distance-upper").value,
        None if gain is None else gain.mean,
        turned["integrated gradients"],
        turned["SmoothGrad"],
    ]


@dataclass(frozen=True)
class Printed:
    """A difference as the released code printed it, and its sign: +, − or 0."""

    text: str
    sign: str

    @classmethod
    def number(cls, difference: float) -> "Printed":
        """One difference, to three decimals."""
        if difference == 0:
            return cls("0.000", "0")
        return cls(signed(difference), "+" if difference > 0 else "−")

    @classmethod
    def range(cls, low: float, high: float) -> "Printed":
        """The range of several differences of the same sign."""
        if low * high <= 0:
            raise ValueError(f"differences from {low} to {high} have no common sign")
        return cls(f"{signed(low)} to {signed(high)}", "+" if low > 0 else "−")


def signed(number: float) -> str:
    """A number to three decimals with its sign."""
    return f"{number:+.3f}".replace("-", "−")


@dataclass(frozen=True)
class Agreement:
    """A printed difference beside the one that was found here: ``word`` is "agrees", "differs", "undecided"
    or "no usable map".
    """

    network: Network
    filtering: str
    quantile: float
    printed: Printed

    @property
    def word(self) -> str:
        """Whether the directions agree."""
        found = self.network.way(self.filtering, self.quantile)
        if found in ("undecided", "no usable map"):
            return found
        return "agrees" if found == self.printed.sign else "differs"

    @property
    def shown(self) -> str:
        """The difference that was found here."""
        gain = self.network.gain(self.filtering, self.quantile)
        if gain is None:
            return ""
        if self.network.way(self.filtering, self.quantile) == "0":
            return f"0 within {ROUNDING:g}"
        return f"{signed(gain.mean)} [{signed(gain.low)}, {signed(gain.high)}]"


def agreement_table(rows: Sequence[Agreement]) -> Table:
    """A row for each printed difference."""
    columns = ["Network", "Filtered", "Quantile", "Released table", "Here, with interval", "Direction"]
    return columns, [
        [row.network.title, title_of(row.filtering), row.quantile, row.printed.text, row.shown, row.word]
        for row in rows
    ]
