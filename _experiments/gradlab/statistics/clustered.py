"""Means over photographs that share a class, and over trainings that share the photographs.

Photographs of a class are filtered with the same channels, so their differences move together; and every
training of a network is measured on the same photographs. An interval that takes photographs for
independent is too narrow. The variance here is the cluster-robust one of Cameron, Gelbach and Miller (2011,
Journal of Business & Economic Statistics 29, 238-249): what the sums over trainings give, plus what the sums
over classes give, less what the sums over their cells give, each with its small-sample factor G / (G - 1).
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from jaxtyping import Float, Int
from scipy import stats

from gradlab.statistics import paired

LEVEL = 0.95
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Mean:
    """A mean with its standard error, and the degrees of freedom of its t interval.

    ``n`` counts the usable entries, ``trainings`` and ``classes`` the clusters that hold one.
    """

    mean: float
    error: float
    freedom: float
    n: int
    trainings: int
    classes: int

    @property
    def low(self) -> float:
        """The lower bound of the 95 % t interval."""
        return self.mean - self._half

    @property
    def high(self) -> float:
        """The upper bound of the 95 % t interval."""
        return self.mean + self._half

    @property
    def _half(self) -> float:
        return float(stats.t.ppf((1 + LEVEL) / 2, self.freedom)) * self.error

    def p(self, bound: float = 0.0) -> float:
        """Two-sided p-value of "the mean is ``bound``", from the same t distribution as the interval."""
        distance = abs(self.mean - bound)
        if self.error == 0:
            return float(distance == 0)
        return float(2 * stats.t.sf(distance / self.error, self.freedom))


def mean_interval(values: Float[np.ndarray, "*trainings n"], classes: Int[np.ndarray, "n"]) -> Mean:
    """The mean of all usable entries of ``values``, a row a training (or one training as a vector).

    ``classes`` is the class of each photograph; NaN is a missing entry. The degrees of freedom are those of
    Satterthwaite (1946, Biometrics Bulletin 2, 110-114) for a sum of variances. Without a usable entry, or
    with one class only, the variance is unknown and the bounds are NaN. Raises ValueError for shapes that do
    not fit.
    """
    table = np.atleast_2d(np.asarray(values, dtype=np.float64))
    labels = np.asarray(classes)
    if table.ndim != 2 or labels.shape != table.shape[1:]:
        raise ValueError(f"values of shape {np.shape(values)} do not fit {len(labels)} photographs")
    usable = np.isfinite(table)
    n = int(usable.sum())
    names, place = np.unique(labels, return_inverse=True)
    sums = {key: np.zeros((len(table), len(names))) for key in ("value", "count")}
    for key, entries in (("value", np.where(usable, table, 0.0)), ("count", usable)):
        np.add.at(sums[key].T, place, entries.T)
    mean = float(sums["value"].sum() / n) if n else float("nan")
    residual, count = sums["value"] - mean * sums["count"], sums["count"]
    parts = {
        "trainings": _cluster_variance(residual.sum(1), count.sum(1), n),
        "classes": _cluster_variance(residual.sum(0), count.sum(0), n),
        "cells": _cluster_variance(residual.ravel(), count.ravel(), n),
    }
    error = freedom = float("nan")
    if parts["classes"].groups > 1:
        error, freedom = _combined(parts)
    return Mean(mean, error, freedom, n, parts["trainings"].groups, parts["classes"].groups)


@dataclass(frozen=True)
class _Part:
    """What one kind of cluster says of the variance of the mean."""

    variance: float
    groups: int


def _cluster_variance(residuals: np.ndarray, counts: np.ndarray, n: int) -> _Part:
    groups = int((counts > 0).sum())
    if groups < 2:
        return _Part(float("nan"), groups)
    return _Part(float((residuals**2).sum()) / n**2 * groups / (groups - 1), groups)


def _combined(parts: Mapping[str, _Part]) -> tuple[float, float]:
    """Standard error and degrees of freedom; with one training the classes alone decide."""
    own = [parts["trainings"], parts["classes"]]
    if own[0].groups < 2:
        return own[1].variance ** 0.5, own[1].groups - 1.0
    # The difference may fall below its parts by chance, even below zero: the larger part is a floor.
    variance = max(sum(part.variance for part in own) - parts["cells"].variance, *(p.variance for p in own))
    if variance == 0:
        return 0.0, own[0].groups - 1.0
    freedom = variance**2 / sum(part.variance**2 / (part.groups - 1) for part in own)
    largest = max(part.groups for part in own) - 1.0
    return variance**0.5, float(min(freedom, largest))


def holm_p(means: Mapping[Key, Mean], bound: float = 0.0) -> dict[Key, float]:
    """Of each mean the p-value of "it is ``bound``", after Holm's correction over those that have one."""
    own = {key: mean.p(bound) for key, mean in means.items() if np.isfinite(mean.error)}
    return dict(zip(own, paired.holm(list(own.values())).tolist(), strict=True))
