"""Three small networks that differ in one thing: which paths lead past a convolution.

``plain`` is a chain, ``residual`` adds identity skips round pairs of convolutions (He et al. 2016),
``mbconv`` has inverted residuals with depthwise convolutions and squeeze-excitation gates (Tan & Le
2019). Input 1 x 32 x 32, ten classes, under 150,000 weights each.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from gradlab.mechanism import digits


def _conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    )


class Residual(nn.Module):
    """Two 3 x 3 convolutions with an identity skip round them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = _conv(channels, channels), _conv(channels, channels)

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The block's output, of the input's shape."""
        return F.relu(x + self.second(F.relu(self.first(x))))


class Gate(nn.Module):
    """Squeeze-excitation: channels scaled by a function of their spatial means (Hu et al. 2018)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, channels // 4, 1)
        self.excite = nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """The scaled channels."""
        return x * torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean((2, 3), keepdim=True)))))


class InvertedResidual(nn.Module):
    """Expand, depthwise, gate, project; with an identity skip where the shape allows it."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int = 3) -> None:
        super().__init__()
        inner = inputs * expansion
        self.expand = _conv(inputs, inner, kernel=1)
        self.depthwise = _conv(inner, inner, stride=stride, groups=inner)
        self.gate = Gate(inner)
        self.project = _conv(inner, outputs, kernel=1)
        self.skips = stride == 1 and inputs == outputs

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d k l"]:
        """The block's output, smaller by the stride."""
        inner = F.relu(self.depthwise(F.relu(self.expand(x))))
        found: Tensor = self.project(self.gate(inner))
        return x + found if self.skips else found


def _head(channels: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, digits.CLASSES)]


def _plain() -> nn.Sequential:
    widths = (1, 16, 24, 24, 32, 32, 48, 48, 48)
    strides = (2, 1, 1, 2, 1, 1, 1, 1)
    layers: list[nn.Module] = []
    for inputs, outputs, stride in zip(widths[:-1], widths[1:], strides, strict=True):
        layers += [*_conv(inputs, outputs, stride=stride), nn.ReLU()]
    return nn.Sequential(*layers, *_head(48))


def _residual() -> nn.Sequential:
    return nn.Sequential(
        _conv(1, 16, stride=2), nn.ReLU(), Residual(16),
        _conv(16, 32, stride=2), nn.ReLU(), Residual(32),
        _conv(32, 48), nn.ReLU(), Residual(48),
        *_head(48),
    )  # fmt: skip


def _mbconv() -> nn.Sequential:
    return nn.Sequential(
        _conv(1, 16, stride=2), nn.ReLU(),
        InvertedResidual(16, 16, 1), InvertedResidual(16, 24, 2), InvertedResidual(24, 24, 1),
        InvertedResidual(24, 32, 1), InvertedResidual(32, 32, 1),
        _conv(32, 64, kernel=1), nn.ReLU(), *_head(64),
    )  # fmt: skip


MINIATURES = {"plain": _plain, "residual": _residual, "mbconv": _mbconv}
TITLES = {"plain": "chain", "residual": "residual", "mbconv": "MBConv + SE"}


def untrained(name: str, seed: int) -> nn.Sequential:
    """One of the three with fresh weights; a ValueError lists the known names."""
    if name not in MINIATURES:
        raise ValueError(f"unknown miniature {name!r}; known: {', '.join(MINIATURES)}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return MINIATURES[name]()


def trained(name: str, seed: int, steps: int = 400, batch: int = 128, rate: float = 4e-3) -> nn.Sequential:
    """Train with Adam under a cosine rate on fresh pictures; weights and pictures follow ``seed``."""
    network = untrained(name, seed).train()
    pictures = digits.place("train", steps * batch // 4, seed)  # each picture is seen four times
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    order = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        rows = torch.randint(len(pictures), (batch,), generator=order)
        loss = F.cross_entropy(network(pictures.pixels[rows]), pictures.labels[rows])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return network.eval().requires_grad_(False)


@torch.no_grad()
def accuracy(network: nn.Module, pictures: digits.Pictures) -> float:
    """Top-1 share of correct labels."""
    return float((network(pictures.pixels).argmax(1) == pictures.labels).float().mean())
