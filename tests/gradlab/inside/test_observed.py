"""What is observed in small random networks, against gradients that autograd retains, one at a time."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from gradlab.comparison import engine
from gradlab.comparison.arms import Arm, Selection
from gradlab.comparison.study import Study
from gradlab.filtering import channels, module_lists
from gradlab.inside import observed
from gradlab.photographs import collection
from gradlab.photographs.datasets import Photographs
from gradlab.photographs.loaded import Loaded

CLASSES, SIDE = 3, 16
CASES = [(Selection.CLASS, 0.25), (Selection.RANDOM, 0.5)]


@pytest.fixture(autouse=True)
def own_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FOLDER", tmp_path / "shards")
    monkeypatch.setenv("GRADLAB_CORES", "1")
    monkeypatch.delenv("GRADLAB_CLUSTER", raising=False)


def photographs(each: int, seed: int) -> collection.Collection:
    generator = torch.Generator().manual_seed(seed)
    count = CLASSES * each
    pixels = torch.randint(0, 256, (count, 3, SIDE, SIDE), generator=generator, dtype=torch.uint8)
    boxes = torch.tensor([[2, 2, 9, 9]]).repeat(count, 1)
    names = tuple(f"{seed}-{i}" for i in range(count))
    labels = torch.arange(CLASSES).repeat_interleave(each)
    return collection.of(Photographs(pixels, labels, boxes, names, ("ant", "bee", "cat")), ("n1", "n2", "n3"))


class Gated(nn.Module):
    """A residual block whose branch is gated by one number a channel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Conv2d(width, width, 3, padding=1)
        self.gate = nn.Conv2d(width, width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        gates = self.gate(x.mean((2, 3), keepdim=True)).sigmoid()
        return torch.addcmul(x, self.inner(x), gates)


def gated(seed: int, width: int, classes: int) -> nn.Module:
    torch.manual_seed(seed)
    stem = nn.Conv2d(3, width, 3, stride=2, padding=1)
    head = [nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes)]
    return nn.Sequential(stem, nn.ReLU(inplace=True), Gated(width), *head).eval().requires_grad_(False)


@pytest.fixture(params=["plain", "residual", "gated"])
def loaded(request, small) -> Loaded:
    build = gated if request.param == "gated" else getattr(small, request.param)
    # Its outputs are in another order than the classes of the data set.
    network = build(2, width=24, classes=CLASSES).float()
    return Loaded(network, (0.5,) * 3, (0.25,) * 3, SIDE, ("n2", "n3", "n1"))


def retained(loaded: Loaded, image: torch.Tensor, output: int) -> dict[str, np.ndarray]:
    """The gradient of one logit at every convolution's output, as (c, p)."""
    outputs: dict[str, Any] = {}

    def keep(name: str, found: torch.Tensor) -> torch.Tensor:
        found.retain_grad()
        outputs[name] = found
        return found + 0  # what follows in place changes this copy

    modules = module_lists.convolutions(loaded.network)
    handles = [
        module.register_forward_hook(lambda _m, _i, found, name=name: keep(name, found))
        for name, module in modules.items()
    ]
    loaded.network(image.requires_grad_(True))[0, output].backward()
    for handle in handles:
        handle.remove()
    return {name: found.grad[0].flatten(1).double().numpy() for name, found in outputs.items()}


def slow(maps: np.ndarray, keep: np.ndarray) -> dict[str, float]:
    """Four of the measures."""
    high, low = maps[keep].sum(0), maps[~keep].sum(0)
    total = high + low
    found = {
        "entry-ratio": np.sqrt(np.mean(maps[keep] ** 2) / np.mean(maps[~keep] ** 2)),
        "flips": np.mean((np.sign(high) != np.sign(total))[high != 0]),
        "others-share": np.nan,
        "cosine": np.nan,
    }
    if maps.shape[1] > 1:
        found["others-share"] = np.var(low) / (np.var(high) + np.var(low))
        found["cosine"] = high @ total / np.linalg.norm(high) / np.linalg.norm(total)
    return {name: float(number) for name, number in found.items()}


@pytest.mark.parametrize("batch", [2, 50])
def test_every_photograph_and_module_is_as_autograd_has_it(loaded, batch):
    evaluated, training = photographs(3, 0), photographs(6, 1)
    modules = module_lists.convolutions(loaded.network)
    study = Study.of(loaded, evaluated, {"all": modules}, training, batch=batch)
    found = observed.observe(study, {"last": list(modules)[-1:], "all": list(modules)}, CASES)
    assert found.modules == tuple(modules)
    assert found.labels.tolist() == evaluated.labels.tolist()
    assert found.lists["last"].tolist() == [False] * (len(modules) - 1) + [True]
    inputs = loaded.normalise(training.pixels(range(len(training))))
    moments = channels.collect(loaded.network, modules, inputs, training.labels, CLASSES)
    chooser = study.folds[0].chooser
    for row, label in enumerate(evaluated.labels.tolist()):
        image = loaded.normalise(evaluated.pixels([row]))
        gradients = retained(loaded, image, [2, 0, 1][label])
        random = chooser.keep(Arm("all", 0.5, Selection.RANDOM), torch.tensor([label]), {}, [row])
        for place, name in enumerate(modules):  # which are not called in this order
            maps = gradients[name]
            assert (found.width[place], found.positions[place]) == maps.shape
            of_class = channels.class_channels(moments[name], 0.25)[label]
            for case, keep in zip(CASES, (of_class, random[name][0]), strict=True):
                for measure, number in slow(maps, keep.numpy()).items():
                    value = found.found[case][measure][row, place]
                    assert value == pytest.approx(number, rel=1e-3, abs=1e-4, nan_ok=True), (name, measure)
    assert found.kept(0.25).tolist() == [6] * len(modules)
    assert (found.positions == 1).any() == any("gate" in name for name in modules)
