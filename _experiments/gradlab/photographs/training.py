"""How a network is trained on Tiny ImageNet's 30 classes, epoch by epoch.

The recipe is stochastic gradient descent with Nesterov momentum, or AdamW (Loshchilov & Hutter 2019,
arXiv:1711.05101) for EfficientNet-B0, whose depthwise layers gradient descent moves too slowly in so few
steps. The learning rate runs through one cycle (Smith & Topin 2019, arXiv:1708.07120), restarted for each
further cycle, and images grow during training (the low resolution first, 64 pixels last), which buys
most epochs at a fraction of their cost.
Crops, flips and the change of size are one bilinear resampling per batch. The last cycle sees nearly
whole photographs, so that objects have the size they have in the evaluation (Touvron et al. 2019,
arXiv:1906.06423). From the first epoch to the checkpoint: :mod:`gradlab.photographs.checkpoint_training`.
"""

from collections.abc import Iterator
from pathlib import Path

import torch
from jaxtyping import Float, Int, UInt8
from rich.progress import Progress
from torch import Tensor, nn
from torch.nn import functional as F

from gradlab.photographs import archives, datasets, networks
from gradlab.photographs.datasets import Photographs
from gradlab.photographs.recipes import Recipe

# After gradlab.photographs.networks, which makes torchvision importable.
from torchvision.models.efficientnet import MBConv  # isort: skip
from torchvision.ops import SqueezeExcitation  # isort: skip


def shallow(network: nn.Module) -> None:
    """Change EfficientNet-B0's initial weights in place so that it starts as a shallow network.

    The residual branches start at zero (Goyal et al. 2017, arXiv:1706.02677, section 5.1) and the gates
    of the squeeze-excitations open; a small head keeps the first loss at that of a uniform guess. From
    torchvision's own start, the loss hardly moves in the few epochs that are had here.
    """
    for module in network.modules():
        if isinstance(module, MBConv) and module.use_res_connect:
            nn.init.zeros_(module.block[-1][1].weight)
        elif isinstance(module, SqueezeExcitation):
            nn.init.normal_(module.fc2.weight, std=0.01)
            nn.init.constant_(module.fc2.bias, 2.0)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.01)


def augment(
    pixels: UInt8[Tensor, "n 3 h w"], side: int, smallest: float, generator: torch.Generator
) -> Float[Tensor, "n 3 side side"]:
    """Random square crop of at least ``smallest`` of the area, random flip, resampled to ``side``."""
    n = len(pixels)
    draw = torch.rand(4, n, generator=generator)
    scale = (smallest + (1 - smallest) * draw[0]).sqrt()
    shift = (1 - scale) * (2 * draw[1:3] - 1)
    flip = torch.where(draw[3] < 0.5, -1.0, 1.0)
    zero = torch.zeros(n)
    rows = torch.stack([scale * flip, zero, shift[0], zero, scale, shift[1]], dim=1)
    theta = rows.view(n, 2, 3).to(pixels.device)
    grid = F.affine_grid(theta, [n, 3, side, side], align_corners=False)
    return F.grid_sample(datasets.normalise(pixels), grid, padding_mode="reflection", align_corners=False)


def batches(count: int, size: int, generator: torch.Generator) -> Iterator[Int[Tensor, "b"]]:
    """A fresh permutation of ``range(count)`` in whole batches (the remainder waits for next time)."""
    order = torch.randperm(count, generator=generator)
    for start in range(0, count - size + 1, size):
        yield order[start : start + size]


@torch.no_grad()
def accuracy(network: nn.Module, photographs: Photographs, device: torch.device) -> float:
    """Top-1 share of correct labels on whole photographs."""
    network.eval()
    right = 0
    for rows in torch.split(torch.arange(len(photographs)), 250):
        scores = network(datasets.normalise(photographs.pixels[rows].to(device)))
        right += int((scores.argmax(1).cpu() == photographs.labels[rows]).sum())
    return right / len(photographs)


class Trainer:
    """One training run: everything that must survive an interruption is in ``state``."""

    def __init__(self, recipe: Recipe, seed: int, device: torch.device, bf16: bool) -> None:
        self.recipe, self.seed, self.device, self.bf16 = recipe, seed, device, bf16
        classes = len(archives.class_names())
        network = networks.untrained(recipe.network, classes, seed)
        if recipe.shallow_start:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                shallow(network)
        self.network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.optimizer = self._optimizer()
        self.generator = torch.Generator().manual_seed(seed)
        self.history: list[dict[str, float]] = []

    def _optimizer(self) -> torch.optim.Optimizer:
        rate, momentum = self.recipe.rate(0, 0.0), self.recipe.momentum
        if self.recipe.optimizer == "adamw":
            return torch.optim.AdamW(self._groups(), lr=rate, betas=(momentum, 0.999))
        return torch.optim.SGD(self._groups(), lr=rate, momentum=momentum, nesterov=True)

    def _groups(self) -> list[dict[str, object]]:
        # Weight decay on scales and biases only shrinks what batch norm rescales anyway.
        decayed = [p for p in self.network.parameters() if p.ndim > 1]
        free = [p for p in self.network.parameters() if p.ndim <= 1]
        return [
            {"params": decayed, "weight_decay": self.recipe.weight_decay},
            {"params": free, "weight_decay": 0.0},
        ]

    def epoch(self, photographs: Photographs, progress: Progress) -> float:
        """Train one epoch; return its mean loss."""
        index = len(self.history)
        side, size = self.recipe.side(index), self.recipe.batch
        steps = len(photographs) // size
        task = progress.add_task(f"epoch {index + 1}/{self.recipe.epochs} at {side} px", total=steps)
        self.network.train()
        total = 0.0
        for step, rows in enumerate(batches(len(photographs), size, self.generator)):
            for group in self.optimizer.param_groups:
                group["lr"] = self.recipe.rate(index, step / steps)
            total += self._step(photographs, rows, side)
            progress.advance(task)
        progress.remove_task(task)
        return total / steps

    def _step(self, photographs: Photographs, rows: Int[Tensor, "b"], side: int) -> float:
        pixels = photographs.pixels[rows].to(self.device)
        smallest = self.recipe.smallest_crop(len(self.history))
        inputs = augment(pixels, side, smallest, self.generator)
        inputs = inputs.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            scores = self.network(inputs)
        labels = photographs.labels[rows].to(self.device)
        loss = F.cross_entropy(scores.float(), labels, label_smoothing=self.recipe.label_smoothing)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return float(loss.detach())

    def save(self, path: Path) -> None:
        """Write everything needed to continue, atomically."""
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "history": self.history,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def resume(self, path: Path) -> None:
        """Continue from a file that :meth:`save` wrote."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"].cpu())
        self.history = state["history"]
