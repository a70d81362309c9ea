"""Intervals and tests for paired measurements on the same photographs.

Each function takes many comparisons side by side, one per column, and resamples the photographs once
for all of them. A NaN (a map that is zero everywhere) leaves its comparison, not the others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy import stats

DRAWS = 10_000
_BLOCK = 500  # draws held in memory at a time


@dataclass(frozen=True)
class Interval:
    """An estimate with the bounds of its 95 % interval, from ``n`` photographs or points."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval is positive."""
        return self.low > 0


def _columns(values: Float[np.ndarray, "n *k"]) -> tuple[np.ndarray, np.ndarray]:
    """As a table of float64 with zeros for NaN, beside the table of valid entries."""
    table = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    valid = np.isfinite(table)
    return np.where(valid, table, 0.0), valid.astype(np.float64)


def _blocks(draws: int) -> Iterator[int]:
    for start in range(0, draws, _BLOCK):
        yield min(_BLOCK, draws - start)


def paired_bootstrap(
    differences: Float[np.ndarray, "n *k"], draws: int = DRAWS, seed: int = 0, level: float = 0.95
) -> list[Interval]:
    """Percentile interval of the mean of each column, resampling rows (photographs).

    A column without any valid entry gives NaN with n = 0.
    """
    table, valid = _columns(differences)
    rows = len(table)
    generator = np.random.default_rng(seed)
    means = []
    for size in _blocks(draws):
        chosen = generator.integers(0, rows, (size, rows)) + rows * np.arange(size)[:, None]
        counts = np.bincount(chosen.ravel(), minlength=size * rows).reshape(size, rows).astype(np.float64)
        with np.errstate(invalid="ignore"):
            means.append((counts @ table) / (counts @ valid))
    drawn = np.concatenate(means)
    count = valid.sum(0)
    drawn[:, count == 0] = 0  # nothing to draw from; the result below is NaN
    tail = 100 * (1 - level) / 2
    low, high = np.nanpercentile(drawn, [tail, 100 - tail], axis=0)
    centre, low, high = (
        np.where(count > 0, bound, np.nan) for bound in (table.sum(0) / np.maximum(count, 1), low, high)
    )
    return [
        Interval(float(m), float(a), float(b), int(c))
        for m, a, b, c in zip(centre, low, high, count, strict=True)
    ]


def sign_flip_p(
    differences: Float[np.ndarray, "n *k"], draws: int = DRAWS, seed: int = 0
) -> Float[np.ndarray, "k"]:
    """Two-sided permutation p of "the mean difference is zero", by random signs per photograph.

    (1 + number of draws at least as far from zero) / (draws + 1), so the smallest value is 1 / (draws + 1).
    """
    table, _ = _columns(differences)
    observed = np.abs(table.sum(0))
    generator = np.random.default_rng(seed)
    exceed = np.zeros(table.shape[1])
    # Sums in another order differ by rounding; a draw that equals the observation must count.
    slack = 1e-12 * np.abs(table).sum(0)
    for size in _blocks(draws):
        signs = 2.0 * generator.integers(0, 2, (size, len(table))) - 1.0
        exceed += (np.abs(signs @ table) >= observed - slack).sum(0)
    return (1 + exceed) / (draws + 1)


def holm(p: Sequence[float] | Float[np.ndarray, "k"]) -> Float[np.ndarray, "k"]:
    """Holm's step-down adjusted p-values (Holm 1979), in the order given."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    factors = len(values) - np.arange(len(values))
    stepped = np.minimum(1.0, np.maximum.accumulate(factors * values[order]))
    adjusted = np.empty_like(values)
    adjusted[order] = stepped
    return adjusted


def mcnemar_p(first: Bool[np.ndarray, "n"], second: Bool[np.ndarray, "n"]) -> float:
    """Exact two-sided p of McNemar's test: hits of two methods on the same photographs."""
    gained, lost = int((~first & second).sum()), int((first & ~second).sum())
    if gained + lost == 0:
        return 1.0
    return float(stats.binomtest(gained, gained + lost, 0.5).pvalue)


def slope(
    x: Sequence[float] | Float[np.ndarray, "m"],
    y: Sequence[float] | Float[np.ndarray, "m"],
    level: float = 0.95,
) -> Interval:
    """Least-squares slope of y on x with its t interval; use logarithms for a power law."""
    fit = stats.linregress(x, y)
    half = float(stats.t.ppf((1 + level) / 2, len(x) - 2)) * float(fit.stderr)
    return Interval(float(fit.slope), float(fit.slope) - half, float(fit.slope) + half, len(x))
