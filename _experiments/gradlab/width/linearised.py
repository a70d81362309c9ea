"""Gradient descent of a model that is linear in its parameters, in closed form.

For half the mean squared error over ``m`` training points, one step of rate ``eta`` multiplies the residual
on the training points by ``I - eta Theta / m`` with the constant kernel ``Theta = J J^T``. After ``t`` steps

    f_t(x) = f_0(x) - M_t (f_0(X) - Y),    M_t = Theta(x, X) Theta(X, X)^-1 [I - (I - eta Theta(X, X) / m)^t],

the same ``t`` and ``eta`` as the network it is compared with: no continuous time.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def largest_rate(kernel: Float[Tensor, "m m"]) -> float:
    """Twice the inverse of the largest eigenvalue of ``Theta / m``: beyond it, descent diverges."""
    return float(2 * len(kernel) / torch.linalg.eigvalsh(kernel)[-1])


def response(kernel: Float[Tensor, "n n"], train: int, rate: float, steps: int) -> Float[Tensor, "n train"]:
    """The matrix ``M_t`` for all ``n`` points, of which the first ``train`` are the training points."""
    values, vectors = torch.linalg.eigh(kernel[:train, :train].double())
    # [1 - (1 - x)^t] / lambda has the limit eta t / m at lambda = 0; a null direction is never inverted.
    x = rate * values / train
    safe = values.abs() > 1e-12 * values.abs().max()
    factor = torch.where(safe, (1 - (1 - x) ** steps) / torch.where(safe, values, 1.0), rate * steps / train)
    matrix: Tensor = kernel[:, :train].double() @ (vectors * factor) @ vectors.mT
    return matrix


def evolve(
    start: Float[Tensor, " n"],
    targets: Float[Tensor, " train"],
    kernel: Float[Tensor, "n n"],
    rate: float,
    steps: int,
) -> Float[Tensor, " n"]:
    """Outputs after ``steps`` steps at all points, from the outputs ``start`` before any."""
    train = len(targets)
    residual = start[:train].double() - targets.double()
    return start.double() - response(kernel, train, rate, steps) @ residual
