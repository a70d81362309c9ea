"""What theory says of the floor that stochastic gradient descent reaches at a constant rate ``alpha``.

Sankararaman et al. (ICML 2020, theorem 3.1): if every ``f_i`` is ``L``-smooth and satisfies the
Polyak-Lojasiewicz inequality with ``mu``, if the confusion along the path is at most ``eta`` and
``alpha < 2 / (N L)``, then

    E[F(w_T)] - F* <= rho^T (F(w_0) - F*) + alpha eta / (1 - rho),
    rho = 1 - (2 mu / N) (alpha - N L alpha^2 / 2).

As ``1 - rho`` is proportional to ``alpha`` itself, the last term is ``N eta / (2 mu (1 - N L alpha / 2))``:
with ``eta`` fixed it does not shrink with the rate.

With a bound ``V`` on the variance of the samples' gradients along the path, the descent lemma for ``F``
(smooth with ``L_F``, inequality with ``mu_F``) gives

    E[F(w_{t+1})] - F* <= (1 - 2 mu_F alpha (1 - L_F alpha / 2)) (F(w_t) - F*) + alpha^2 L_F V / 2,

whose floor ``alpha L_F V / (4 mu_F (1 - L_F alpha / 2))`` shrinks with the rate.

Near a minimum the floor itself is ``alpha V / 4`` to first order in ``alpha``: the stationary covariance
``C`` of the weights satisfies ``H C + C H = alpha`` times the covariance of the gradients, whose trace is
``V``, and the loss exceeds its minimum by half the trace of ``H C``. For linear fits to inputs of unit
length, ``E |w - w*|^2`` is stationary only if ``E[F] - F* = F* alpha / (2 - alpha)``, at any rate below 2.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float

from gradlab.confusion.least_squares import Problem


def largest_rate(samples: int) -> float:
    """``2 / (N L)`` for linear fits to inputs of unit length: theorem 3.1 says nothing from here on."""
    return 2 / samples


def confusion_floor(
    rate: float, eta: Float[np.ndarray, " seeds"], samples: int
) -> Float[np.ndarray, " seeds"]:
    """Theorem 3.1's floor for linear fits, ``L = mu = 1``; infinite from :func:`largest_rate` on."""
    if rate >= largest_rate(samples):
        return np.full_like(eta, np.inf)
    found: np.ndarray = samples * eta / (2 * (1 - samples * rate / 2))
    return found


def curvatures(problems: Sequence[Problem]) -> Float[np.ndarray, "seeds 2"]:
    """``mu_F`` and ``L_F`` of linear fits: the smallest and the largest eigenvalue of the curvature of ``F``.

    With more dimensions than samples, the smallest that is not zero.
    """
    found = []
    for problem in problems:
        eigenvalues = torch.linalg.svdvals(problem.inputs).square() / len(problem.targets)
        found.append([float(eigenvalues[-1]), float(eigenvalues[0])])
    return np.array(found)


def variance_floor(
    rate: float, variance: Float[np.ndarray, " seeds"], curvature: Float[np.ndarray, "seeds 2"]
) -> Float[np.ndarray, " seeds"]:
    """The floor that a bounded variance of the gradients guarantees."""
    smallest, largest = curvature.T
    found: np.ndarray = rate * largest * variance / (4 * smallest * (1 - largest * rate / 2))
    return found


def confusion_contraction(rate: float, samples: int) -> float:
    """``1 - rho`` of theorem 3.1 for linear fits, ``L = mu = 1``: the share that a step takes off."""
    return 2 / samples * (rate - samples * rate**2 / 2)


def variance_contraction(rate: float, curvature: Float[np.ndarray, "seeds 2"]) -> Float[np.ndarray, " seeds"]:
    """The share of the loss that a step takes off by the bound with the variance of the gradients."""
    smallest, largest = curvature.T
    found: np.ndarray = 2 * smallest * rate * (1 - largest * rate / 2)
    return found


def linear_floor(rate: float, best: Float[np.ndarray, " seeds"]) -> Float[np.ndarray, " seeds"]:
    """By how much the mean loss of linear fits exceeds its minimum ``best``, once stationary; exact."""
    return best * rate / (2 - rate)
