"""The rewired network computes the same and can be hooked; LRP on it against matrices."""

import pytest
import torch
from torch import nn

from gradlab.faithfulness.relevance import relevance
from gradlab.faithfulness.rewired import rewired


def test_it_computes_the_same_with_modules_called_once_and_not_in_place(residual_network):
    network = residual_network.double()
    images = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(0)).double()
    own = rewired(network)
    torch.testing.assert_close(own(images), network(images), rtol=1e-10, atol=1e-10)
    calls: dict[str, int] = {}
    for name, module in own.named_modules():
        if isinstance(module, nn.ReLU):
            assert not module.inplace
        module.register_forward_hook(lambda *_, name=name: calls.update({name: calls.get(name, 0) + 1}))
    own(images)
    assert set(calls.values()) == {1}
    assert not [m for m in own.modules() if isinstance(m, nn.BatchNorm2d)]
    assert sum(isinstance(m, nn.ReLU) for m in own.modules()) == 1 + 2 * 4


def test_functions_become_modules_and_unknown_ones_are_refused(small):
    own = rewired(small.residual().float())
    assert sum(isinstance(m, nn.ReLU) for m in own.modules()) == 5

    class Gated(nn.Module):
        def forward(self, x):
            return x * torch.sigmoid(x)

    with pytest.raises(ValueError, match=r"sigmoid|mul"):
        rewired(Gated())


def test_relevance_sums_to_the_logit_without_its_bias_and_leaves_the_network_alone(residual_network):
    network = rewired(residual_network.double())
    images = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(0)).double()
    labels = torch.tensor([0, 1, 2, 1])
    before = network(images)
    found = relevance(network, images, labels)
    logits = before.gather(1, labels[:, None])[:, 0] - residual_network.fc.bias[labels]
    torch.testing.assert_close(found.sum((1, 2, 3)), logits, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(network(images), before)
    torch.testing.assert_close(relevance(network, images, labels), found)


class Chain(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.first, self.second = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 3, 3, stride=2)
        self.relu, self.pool, self.fc = nn.ReLU(inplace=True), nn.AvgPool2d(2), nn.Linear(3, 2)

    def forward(self, x):
        x = self.relu(self.second(self.relu(self.first(x))))
        return self.fc(torch.flatten(self.pool(x), 1))


def matrix(convolution, shape):
    """What a convolution without its bias does, as a dense matrix from inputs to outputs."""
    basis = torch.eye(int(torch.tensor(shape).prod())).double().view(-1, *shape)
    weight = convolution.weight
    return nn.functional.conv2d(
        basis, weight, None, convolution.stride, convolution.padding
    ).flatten(1)  # fmt: skip


def test_relevance_equals_the_rules_written_with_matrices():
    network = Chain().double().eval().requires_grad_(False)
    image = torch.randn(1, 2, 6, 6, generator=torch.Generator().manual_seed(1)).double()
    a = network.relu(network.first(image).clone())
    b = network.relu(network.second(a).clone())
    pooled = network.pool(b).flatten()
    shares = pooled * network.fc.weight[1]
    below = shares * (network.fc(pooled)[1] / (network.fc(pooled)[1] + 1e-6))
    # The pool's share: of each channel over its positions, by value.
    b_relevance = (b / b.sum((2, 3), keepdim=True).clamp_min(1e-30)) * below.view(1, 3, 1, 1)
    plus = matrix(network.second, (4, 6, 6)).clamp_min(0)
    z = a.flatten()[:, None] * plus
    a_relevance = (z / z.sum(0).clamp_min(1e-30)) @ b_relevance.flatten()
    network.first.weight.fill_(1.0)
    flat = matrix(network.first, (2, 6, 6))
    expected = (flat / flat.sum(0)) @ a_relevance
    found = relevance(rewired(Chain().double().eval().requires_grad_(False)), image, torch.tensor([1]))
    torch.testing.assert_close(found.flatten(), expected, rtol=1e-5, atol=1e-8)
