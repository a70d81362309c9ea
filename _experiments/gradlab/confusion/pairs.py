"""Gradient confusion: how much the gradients of different samples disagree.

Sankararaman, De, Xu, Huang & Goldstein (ICML 2020) call the confusion of losses ``f_i`` at a point bounded
by ``eta >= 0`` when

    <grad f_i, grad f_j> >= -eta    for all i != j.

The smallest such ``eta`` is the negative part of the smallest inner product; its unit is that of a squared
gradient. The cosine of the same pairs has no unit and compares networks of different size.

Two routes to the table of inner products: full per-sample gradients by :mod:`torch.func` (slow, no
assumptions; also for mini-batches and batch norm), and the layer-wise Gram form (fast). The gradient of
sample ``i`` with respect to a weight matrix is the outer product of ``delta_i``, the derivative of its
loss by the layer's output, with ``a_i``, the layer's input, hence

    <grad f_i, grad f_j> = sum over layers of (a_i . a_j) (delta_i . delta_j).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.func import grad, vmap
from torch.nn import functional as F

from gradlab.confusion import fully_connected
from gradlab.confusion.fully_connected import Design, Weights


def _rows(gradients: tuple[Tensor, ...]) -> Float[Tensor, "n parameters"]:
    return torch.cat([gradient.flatten(1) for gradient in gradients], dim=1)


def per_sample_gradients(
    design: Design, weights: Weights, inputs: Float[Tensor, "n inputs"], labels: Int[Tensor, " n"]
) -> Float[Tensor, "n parameters"]:
    """The gradient of every sample's own loss by automatic differentiation, one row per sample."""
    if design.batch_norm:
        raise ValueError("batch norm has no gradient of a single sample; use minibatch_gradients")
    return minibatch_gradients(design, weights, inputs[:, None], labels[:, None])


def minibatch_gradients(
    design: Design,
    weights: Weights,
    inputs: Float[Tensor, "batches n inputs"],
    labels: Int[Tensor, "batches n"],
) -> Float[Tensor, "batches parameters"]:
    """The gradient of the mean loss of every mini-batch, one row per mini-batch."""

    def loss(values: tuple[Tensor, ...], batch: Tensor, targets: Tensor) -> Tensor:
        return fully_connected.loss(design, values, batch, targets)

    return _rows(vmap(grad(loss), in_dims=(None, 0, 0))(tuple(weights), inputs, labels))


def gram(
    design: Design, weights: Weights, inputs: Float[Tensor, "n inputs"], labels: Int[Tensor, " n"]
) -> Float[Tensor, "n n"]:
    """Inner products of all per-sample gradients in the layer-wise form, without forming a gradient."""
    if design.batch_norm:
        raise ValueError("batch norm has no gradient of a single sample; use minibatch_gradients")
    leaves = [weight.detach().requires_grad_() for weight in weights]
    run = fully_connected.trace(design, leaves, inputs)
    # A sum, not a mean: each sample's row of the derivative is then that of its own loss.
    total = F.cross_entropy(run.logits, labels, reduction="sum")
    deltas = torch.autograd.grad(total, run.given)
    return sum_of_products([a.detach() for a in run.seen], deltas)


def sum_of_products(
    seen: list[Float[Tensor, "n _"]], deltas: tuple[Float[Tensor, "n _"], ...]
) -> Float[Tensor, "n n"]:
    """The sum over layers of (a_i . a_j)(delta_i . delta_j)."""
    layers = [(a @ a.mT) * (d @ d.mT) for a, d in zip(seen, deltas, strict=True)]
    return torch.stack(layers).sum(0)


def products(gradients: Float[Tensor, "n parameters"]) -> Float[Tensor, "n n"]:
    """Inner products of explicit gradients."""
    return gradients @ gradients.mT


def pairs(table: Float[Tensor, "n n"]) -> Float[Tensor, " pairs"]:
    """The entries above the diagonal: every pair of different samples once."""
    rows, columns = torch.triu_indices(len(table), len(table), offset=1)
    return table[rows, columns]


def cosines(inner: Float[Tensor, "n n"]) -> Float[Tensor, " pairs"]:
    """Cosines of all pairs, from their inner products; float64, so that tiny gradients keep a direction.

    A sample whose gradient is exactly zero has no direction: its pairs are left out.
    """
    table = inner.double()
    alive = table.diagonal() > 0
    table = table[alive][:, alive]
    lengths = table.diagonal().sqrt()
    return pairs(table / lengths[:, None] / lengths).clamp(-1, 1)


def eta(inner: Float[Tensor, "n n"]) -> float:
    """The confusion bound: the negative part of the smallest inner product of two samples."""
    return max(0.0, -float(pairs(inner).min()))
