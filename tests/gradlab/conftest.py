"""Shape and type checks for gradlab under pytest, a miniature of Tiny ImageNet, small random networks.

The import hook must be installed before anything imports gradlab, hence at the top of this file.
"""

import io
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from beartype import BeartypeConf, beartype
from jaxtyping import install_import_hook

# The import hook takes its checker by name; this one accepts an int where a float is asked for (PEP 484).
checker = ModuleType("lenient_beartype")
checker.check = beartype(conf=BeartypeConf(is_pep484_tower=True))  # type: ignore[attr-defined]
sys.modules[checker.__name__] = checker
install_import_hook("gradlab", "lenient_beartype.check")

import matplotlib as mpl  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
import torch  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402
from PIL import Image  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from gradlab.notebook import figures, publish, rows  # noqa: E402
from gradlab.photographs import archives  # noqa: E402


def box_of(index: int) -> tuple[int, int, int, int]:
    """The box drawn into photograph ``index``: inclusive corners, different for each."""
    x0, y0 = 3 + index % 17, 5 + index % 11
    return x0, y0, x0 + 20, y0 + 30


def jpeg(index: int, side: int = 64) -> bytes:
    """A dark noisy photograph with a bright rectangle in its box."""
    pixels = np.random.default_rng(index).integers(0, 60, (side, side, 3), dtype=np.uint8)
    x0, y0, x1, y1 = box_of(index)
    pixels[y0 : y1 + 1, x0 : x1 + 1] = (250, 240, 230)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def write_miniature(
    path: Path, train: int = 2, val: int = 1, extra: tuple[str, ...] = ("n00000001",)
) -> Path:
    """The official layout with few photographs; ``extra`` classes must be ignored by the reader."""
    root = "tiny-imagenet-200"
    wnids = [*archives.class_names(), *extra]
    with zipfile.ZipFile(path, "w") as archive:
        annotations = []
        # Validation files are numbered across classes, as in the official archive, so that neither
        # the order of names nor that of lines is the order of classes.
        for number in range(val * len(wnids)):
            wnid = wnids[(number * 7) % len(wnids)]
            name = f"val_{number}.JPEG"
            archive.writestr(f"{root}/val/images/{name}", jpeg(number))
            annotations.append("\t".join([name, wnid, *map(str, box_of(number))]))
        archive.writestr(f"{root}/val/val_annotations.txt", "\n".join(reversed(annotations)) + "\n")
        for c, wnid in enumerate(wnids):
            lines = []
            for k in range(train):
                index = 1000 + c * train + k
                name = f"{wnid}_{k}.JPEG"
                archive.writestr(f"{root}/train/{wnid}/images/{name}", jpeg(index))
                lines.append("\t".join([name, *map(str, box_of(index))]))
            archive.writestr(f"{root}/train/{wnid}/{wnid}_boxes.txt", "\n".join(lines) + "\n")
    return path


@pytest.fixture
def miniature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A miniature Tiny ImageNet zip that ``archives.locate()`` finds."""
    path = write_miniature(tmp_path / "tiny-imagenet-miniature.zip")
    monkeypatch.setenv(archives.DATA_VARIABLE, str(tmp_path))
    return path


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.conv2(torch.relu(self.conv1(x))))


def _head(width: int, classes: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * width, classes)]


def plain(seed: int = 0, width: int = 6, classes: int = 4) -> nn.Sequential:
    """Convolution, batch norm, in-place ReLU, pooling: one path."""
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(3, width, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(width, width, 3, stride=2, padding=1),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(width, width, 3, padding=1),
        nn.ReLU(),
        *_head(width, classes),
    )
    return network.double().eval().requires_grad_(False)


def residual(seed: int = 0, width: int = 6, classes: int = 4) -> nn.Sequential:
    """A stem, then two residual blocks."""
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(3, width, 3, padding=1), nn.ReLU(), Residual(width), Residual(width), *_head(width, classes)
    )
    return network.double().eval().requires_grad_(False)


def images(n: int = 5, side: int = 12, seed: int = 0) -> Tensor:
    return torch.randn(n, 3, side, side, generator=torch.Generator().manual_seed(seed)).double()


def random_keep(n: int, channels: int, seed: int = 0) -> Tensor:
    """Rows of kept channels, each with at least one kept and one dropped."""
    keep = torch.rand(n, channels, generator=torch.Generator().manual_seed(seed)) < 0.4
    keep[:, 0], keep[:, 1] = True, False
    return keep


@pytest.fixture
def small() -> SimpleNamespace:
    """The small networks and their inputs: a fixture, because test modules cannot import each other."""
    return SimpleNamespace(plain=plain, residual=residual, images=images, random_keep=random_keep)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What a notebook displayed, output by output."""
    bundles: list[dict[str, Any]] = []
    for module in (publish, rows):
        monkeypatch.setattr(module, "display", lambda bundle, raw: bundles.append(bundle))
    return bundles


@pytest.fixture
def house() -> Iterator[None]:
    """The house style, and no figure of another test."""
    with mpl.rc_context():
        mpl.rcParams["backend"] = "agg"
        figures.use_house_style()
        yield
    plt.close("all")
