"""The infinitely wide network: its two kernels and what training makes of them.

With widths going to infinity the outputs at initialisation are a Gaussian process with the covariance ``K``
(NNGP; Lee, Bahri et al. 2018) and the tangent kernel becomes the constant ``Theta`` (Jacot et al. 2018).
Both follow from one recursion over the layers,

    K'     = sigma_w^2 E[phi(u) phi(v)] + sigma_b^2,
    Theta' = K' + sigma_w^2 E[phi'(u) phi'(v)] Theta,       (u, v) normal with covariance K,

whose expectations are two-dimensional Gaussian integrals, here by Gauss-Hermite quadrature. Training is then
the linear algebra of :mod:`gradlab.width.linearised`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.width import linearised

NODES = 48  # per dimension; tanh on kernels of order one is then exact to about 1e-8


@dataclass(frozen=True)
class Kernels:
    """``nngp`` is the outputs' covariance at initialisation, ``ntk`` the tangent kernel."""

    nngp: Float[Tensor, "n n"]
    ntk: Float[Tensor, "n n"]


@dataclass(frozen=True)
class Posterior:
    """Mean and standard deviation over initialisations of the outputs after training."""

    mean: Float[Tensor, " n"]
    sd: Float[Tensor, " n"]


def _expectation(
    function: Callable[[Tensor], Tensor], covariance: Float[Tensor, "n n"]
) -> Float[Tensor, "n n"]:
    """E[function(u) function(v)] for all pairs of points, (u, v) normal with their covariance."""
    points, weights = np.polynomial.hermite_e.hermegauss(NODES)
    x = torch.tensor(points, dtype=torch.float64)
    mass = torch.tensor(weights / weights.sum(), dtype=torch.float64)
    scale = covariance.diagonal().sqrt()
    # v = scale_j (rho x1 + sqrt(1 - rho^2) x2): the pair's Cholesky factor.
    rho = (covariance / scale[:, None] / scale).clamp(-1, 1)
    rest = (1 - rho.square()).clamp(min=0).sqrt()
    first = function(scale[:, None] * x)
    total = torch.zeros_like(covariance)
    for node, share in enumerate(mass):
        inner = function(scale[None, :, None] * (rho[..., None] * x[node] + rest[..., None] * x))
        total += share * first[:, node, None] * (inner @ mass)
    return total


def _tanh_slope(z: Tensor) -> Tensor:
    return 1 - torch.tanh(z).square()


def tanh_kernels(
    inputs: Float[Tensor, "n d"], layers: int, weight_variance: float, bias_variance: float
) -> Kernels:
    """Both kernels of an infinitely wide tanh network with ``layers`` weight matrices."""
    rows = inputs.double()
    nngp = weight_variance * (rows @ rows.mT) / rows.shape[1] + bias_variance
    ntk = nngp.clone()
    for _ in range(layers - 1):
        slope = weight_variance * _expectation(_tanh_slope, nngp)
        nngp = weight_variance * _expectation(torch.tanh, nngp) + bias_variance
        ntk = nngp + slope * ntk
    return Kernels(nngp, ntk)


def after_training(
    nngp: Float[Tensor, "n n"],
    tangent: Float[Tensor, "n n"],
    targets: Float[Tensor, " train"],
    rate: float,
    steps: int,
) -> Posterior:
    """The outputs after ``steps`` of gradient descent on half the mean squared error.

    ``tangent`` is the kernel of what is trained: the NTK for all layers, the NNGP kernel for the readout
    alone (with enough steps, its mean is the mean of the Gaussian-process posterior without noise). The
    first points of the kernels are the training points. Outputs are ``f_0 - M (f_0(X) - Y)`` with ``f_0``
    normal of covariance ``nngp``, hence normal as well.
    """
    train = len(targets)
    step = linearised.response(tangent, train, rate, steps)
    linear = torch.eye(len(nngp), dtype=torch.float64)
    linear[:, :train] -= step
    variance = torch.einsum("ij,jk,ik->i", linear, nngp.double(), linear)
    return Posterior(step @ targets.double(), variance.clamp(min=0).sqrt())
