"""What wide networks learn here, and how: two kinds of digits, by full-batch gradient descent."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.photographs import handwriting
from gradlab.width import gaussian_process, linearised, wide
from gradlab.width.gaussian_process import Kernels
from gradlab.width.wide import Parameters, WideDesign

LAYERS, WEIGHT_VARIANCE, BIAS_VARIANCE = 3, 1.5, 0.05


@dataclass(frozen=True)
class Task:
    """Digits in float64, of which the first have targets and are learnt; the limit of infinite width.

    ``rate`` and ``steps`` are the same for every network and its linear model.
    """

    inputs: Float[Tensor, "n d"]
    targets: Float[Tensor, " train"]
    limit: Kernels
    rate: float
    steps: int

    @property
    def train(self) -> int:
        """The number of training points, which are the first of ``inputs``."""
        return len(self.targets)

    def design(self, width: int) -> WideDesign:
        """The network of this task of some width."""
        return WideDesign(width, LAYERS, WEIGHT_VARIANCE, BIAS_VARIANCE)

    def network(self, width: int, seed: int) -> Parameters:
        """An untrained network in float32."""
        generator = torch.Generator().manual_seed(seed)
        return wide.initial(self.design(width), self.inputs.shape[1], generator)

    def outputs(self, width: int, parameters: Parameters) -> Float[Tensor, " n"]:
        """The outputs for all digits, in float32."""
        return wide.outputs(self.design(width), parameters, self.inputs.float())

    def kernel(self, width: int, parameters: Parameters) -> Float[Tensor, "n n"]:
        """The tangent kernel of all digits, in float64."""
        return wide.kernel(self.design(width), parameters, self.inputs.float())

    def descend(self, width: int, parameters: Parameters, steps: int) -> Parameters:
        """The network after some more steps."""
        inputs = self.inputs.float()[: self.train]
        return wide.descend(self.design(width), parameters, inputs, self.targets.float(), self.rate, steps)

    def linear(
        self, start: Float[Tensor, " n"], kernel: Float[Tensor, "n n"], steps: int
    ) -> Float[Tensor, " n"]:
        """The outputs of the linear model with a ``kernel`` after some steps from ``start``."""
        return linearised.evolve(start, self.targets, kernel, self.rate, steps)


def digits(first: int, second: int, train: int, test: int, steps: int) -> Task:
    """``first`` against ``second``, with targets -1 and +1.

    The rate is half of the largest at which the infinitely wide network does not diverge.
    """
    data = handwriting.pair(first, second, train + test, torch.Generator().manual_seed(0))
    limit = gaussian_process.tanh_kernels(data.inputs, LAYERS, WEIGHT_VARIANCE, BIAS_VARIANCE)
    rate = linearised.largest_rate(limit.ntk[:train, :train]) / 2
    return Task(data.inputs, data.labels[:train].double(), limit, rate, steps)
