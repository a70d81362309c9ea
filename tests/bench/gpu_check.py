"""What a GPU has to show before its results count, in at most five minutes: `make gpu-check`.

    PYTHONPATH=.:_experiments:tests/bench python tests/bench/gpu_check.py [--device cuda] [--out FOLDER]

Four steps, each with its numbers: the gradients of the hooks on the device against a CPU, both in double
precision; the comparison in single precision, TF32 and bf16 against double precision, and how fast each is;
the two benchmarks; and one run of the register, executed headlessly on the GPU. Photographs are those of
GRADLAB_DATA; without them, random pixels stand in, and the result says so. A JSON file and a table come out.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bench_hooks
import bench_imagenet
import torch
import yaml
from torch import Tensor

from gradlab.comparison import arms
from gradlab.comparison.arms import PLAIN, Arm, Chooser, Selection
from gradlab.filtering import attribution, channels, metrics, module_lists
from gradlab.filtering.conservation import Conservation
from gradlab.photographs import datasets, networks
from gradlab.photographs.archives import DataError
from site_builder import machine

ROOT = Path(__file__).resolve().parents[2]
CHECKPOINT = "resnet18-tiny30"
QUANTILES = (0.05, 0.1, 0.3)
RULES = (Conservation.NONE, Conservation.VARIANCE)
FEWER = {
    **{"images": 150, "control_images": 75, "path_images": 6, "double_images": 6, "statistics_images": 300},
    **{"path_points": 6, "noise_samples": 5},
}
"""What the executed run is given, so that it takes a minute."""
BATCH = 50
"""Photographs in one pass."""


def photographs(count: int) -> tuple[Tensor, Tensor, Tensor, str]:
    """Normalised pixels in double precision, labels, masks of the boxes, and where they come from."""
    try:
        found = datasets.tiny_imagenet("val")
        rows = found.subset(range(0, len(found), max(1, len(found) // count))).subset(range(count))
        pixels = datasets.normalise(rows.pixels).double()
        return pixels, rows.labels, datasets.box_mask(rows.boxes, *pixels.shape[2:]), "Tiny ImageNet"
    except DataError:
        drawn = torch.Generator().manual_seed(0)
        pixels = torch.randn(count, 3, 64, 64, generator=drawn, dtype=torch.float64)
        masks = torch.zeros(count, 64, 64, dtype=torch.bool)
        masks[:, 16:48, 16:48] = True
        labels = torch.randint(30, (count,), generator=drawn)
        return pixels, labels, masks, "random pixels: no data set was found"


class Comparison:
    """The trained network with its listed and all of its convolutions, filtered as the runs do it."""

    def __init__(self, pixels: Tensor) -> None:
        self.network = networks.trained(CHECKPOINT).requires_grad_(False).double()
        self.modules = module_lists.convolutions(self.network)
        filterings = {
            "upper": list(module_lists.upper_modules("resnet18", self.network)),
            "all": list(self.modules),
        }
        self.arms = [
            PLAIN,
            *(Arm(f, q, Selection.CLASS, rule) for f in filterings for q in QUANTILES for rule in RULES),
        ]
        self.chooser = Chooser(self._moments(pixels), filterings)

    def _moments(self, pixels: Tensor) -> dict[str, channels.Moments]:
        """Channel statistics of the photographs at hand: which channels are kept does not matter here."""
        labels = torch.arange(len(pixels)) % 30
        return channels.collect_inputs(self.network, self.modules, pixels, labels, 30)

    def gradients(self, pixels: Tensor, labels: Tensor) -> dict[Arm, Tensor]:
        """The input gradient of every arm, in the precision and on the device of the network."""
        taken: dict[Arm, list[Tensor]] = {arm: [] for arm in self.arms}
        parts = (torch.split(whole, BATCH) for whole in (pixels, labels))
        for number, (part, own) in enumerate(zip(*parts, strict=True)):
            for one in arms.passes(self.network, self.modules, part, own, self.arms, self.chooser, number):
                taken[one.arm].append(one.gradient.detach())
        return {arm: torch.cat(parts) for arm, parts in taken.items()}


@contextmanager
def precision(name: str) -> Iterator[None]:
    """How products are taken inside: "single", "tf32" or "bf16" (autocast)."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = name == "tf32"
    kind = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        with torch.autocast(kind, torch.bfloat16, enabled=name == "bf16"):
            yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def agreement(count: int, device: torch.device) -> dict[str, Any]:
    """The largest relative difference of a photograph's gradient between the CPU and the device, in double
    precision: distance of the two over the length of the CPU's.
    """
    pixels, labels, _, source = photographs(max(count, 60))
    comparison = Comparison(pixels)
    pixels, labels = pixels[:count], labels[:count]
    on_cpu = comparison.gradients(pixels, labels)
    comparison.network.to(device)
    there = comparison.gradients(pixels.to(device), labels.to(device))
    worst = {}
    for arm, expected in on_cpu.items():
        lengths = expected.flatten(1).norm(dim=1)
        distance = (there[arm].cpu() - expected).flatten(1).norm(dim=1)
        alive = lengths > 0
        worst[arm] = float((distance[alive] / lengths[alive]).max())
    arm = max(worst, key=lambda one: worst[one])
    return {
        "photographs": count,
        "source": source,
        "arms": len(worst),
        "largest relative difference": worst[arm],
        "at": f"{arm.filtering or 'plain'}, q = {arm.quantile:g}, {arm.conservation.value}",
    }


def precisions(count: int, device: torch.device) -> dict[str, Any]:
    """For each precision: photographs a second with all arms, and how far the density inside the box and the
    effect of conservation on it are from double precision.
    """
    pixels, labels, masks, source = photographs(max(count, 60))
    comparison = Comparison(pixels)
    comparison.network.to(device)
    pixels, labels, masks = pixels[:count].to(device), labels[:count].to(device), masks[:count]

    def densities(found: dict[Arm, Tensor]) -> dict[Arm, Tensor]:
        return {
            arm: metrics.density_inside(attribution.joined(one.double().cpu()), masks)
            for arm, one in found.items()
        }

    exact = densities(comparison.gradients(pixels, labels))
    comparison.network.float()
    found: dict[str, Any] = {"photographs": count, "source": source, "arms": len(exact)}
    for name in ("single", "tf32", "bf16"):
        with precision(name):
            comparison.gradients(pixels[:BATCH].float(), labels[:BATCH])  # warms up
            taken, seconds = bench_hooks.timed(lambda: comparison.gradients(pixels.float(), labels), device)
        off = torch.stack([(own - exact[arm]).abs() for arm, own in densities(taken).items()])
        found[name] = {
            "photographs a second": count / seconds,
            "density, largest difference": float(off.nan_to_num().max()),
            "density, median difference": float(off.nanmedian()),
        }
    return found


def benchmarks(device: torch.device, batches: tuple[int, ...], rounds: int) -> dict[str, Any]:
    """What the hooks cost over plain saliency, and photographs a second of the comparison at 224 px."""
    found: dict[str, Any] = {}
    network = networks.untrained("resnet18", 30).eval().requires_grad_(False).to(device)
    lists = {
        "upper": module_lists.upper_modules("resnet18", network),
        "all": module_lists.convolutions(network),
    }
    for title, modules in lists.items():
        for batch in batches:
            seconds = bench_hooks.measure(network, modules, batch, 64, rounds, device)
            found[f"hooks over plain, {title}, batch {batch}"] = seconds["hooks"] / seconds["plain"]
    for name in networks.ARCHITECTURES:
        size = 64 if device.type == "cuda" else 2
        forward, backward = bench_imagenet.seconds_per_photograph(name, size, rounds, device)
        found[f"photographs a second at 224 px, {name}"] = 1 / (forward + bench_imagenet.PASSES * backward)
    return found


def headless(resource: str) -> dict[str, Any]:
    """One run of the register with fewer photographs, executed by the press in a tree of its own."""
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        (tree / "site.yaml").symlink_to(ROOT / "site.yaml")
        # A copy, because the press does not follow links; of the weights only those that the run needs.
        left_out = shutil.ignore_patterns("executed", "*.safetensors", "__pycache__")
        shutil.copytree(ROOT / "_experiments", tree / "_experiments", ignore=left_out)
        weights = Path("_experiments", "checkpoints", f"{CHECKPOINT}.safetensors")
        shutil.copy(ROOT / weights, tree / weights)
        run = {
            "notebook": "conserve.ipynb",
            "title": "The comparison with fewer photographs",
            "parameters": {"network": "resnet18", "title": "ResNet18", "checkpoint": CHECKPOINT} | FEWER,
            "data": "tiny-imagenet-30",
            "weights": [f"checkpoint/{CHECKPOINT}"],
            "time_limit": 240,
            "resource": resource,
        }
        register = tree / "_experiments" / "experiments.yaml"
        register.write_text(yaml.safe_dump({"runs": {"gpu-check": run}}), encoding="utf-8")
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "site_builder", "experiments", "gpu-check"],
            cwd=tree, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = (done.stdout + done.stderr).strip().splitlines()
        executed = tree / "_experiments" / "executed" / "gpu-check.ipynb"
        record = (
            json.loads(executed.read_text(encoding="utf-8"))["metadata"]["gradlab"]
            if executed.is_file()
            else {}
        )
        return {
            "status": done.returncode,
            "seconds": time.monotonic() - begun,
            "device": record.get("device"),
            "resource": record.get("resource"),
            "said": said[-4:],
        }


def about(device: torch.device) -> dict[str, Any]:
    """What ran: the device, its driver, and the versions of what was installed."""
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),  # type: ignore[no-untyped-call]
        "device": machine.processor(),
    }
    if device.type == "cuda":
        found["device"] = torch.cuda.get_device_name()
        asked = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        found["driver"] = done.stdout.strip() or None
    return found


def rows(found: dict[str, Any], start: str = "") -> Iterator[tuple[str, str]]:
    """The entries of nested results, one line each."""
    for key, entry in found.items():
        if isinstance(entry, dict):
            yield from rows(entry, f"{start}{key}: ")
        else:
            yield f"{start}{key}", f"{entry:.4g}" if isinstance(entry, float) else str(entry)


def main() -> int:
    """Take the steps that the time allows, print the table, write the file; 1 if a step failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--limit", type=float, default=300, help="seconds after which no step begins")
    parser.add_argument("--small", action="store_true", help="few photographs and rounds: to try the script")
    parser.add_argument("--out", type=Path, default=ROOT / "tests" / "bench" / "results")
    chosen = parser.parse_args()
    device = torch.device(chosen.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        print(
            "gpu_check: there is no CUDA device that torch sees; --device cpu tries the script",
            file=sys.stderr,
        )
        return 2
    few = chosen.small
    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "agreement in double precision": lambda: agreement(4 if few else 24, device),
        "precisions": lambda: precisions(8 if few else 200, device),
        "headless run": lambda: headless("gpu" if device.type == "cuda" else "cpu"),
        "benchmarks": lambda: benchmarks(device, (2,) if few else (8, 32, 128), 1 if few else 5),
    }
    begun = time.monotonic()
    results: dict[str, Any] = {"date": time.strftime("%Y-%m-%d"), "ran on": about(device)}
    failed = False
    for name, step in steps.items():
        if time.monotonic() - begun > chosen.limit:
            results[name] = {"left out": f"the {chosen.limit:g} s were over"}
            continue
        try:
            found, seconds = bench_hooks.timed(step, device)
            results[name] = found | {"seconds of this step": seconds}
            failed |= found.get("status", 0) != 0
        except Exception as error:  # the other steps still have something to say
            results[name] = {"failed": f"{type(error).__name__}: {error}"}
            failed = True
        for key, entry in rows(results[name]):
            print(f"{name}: {key:<60} {entry}", flush=True)
    chosen.out.mkdir(parents=True, exist_ok=True)
    slug = re.sub(r"[^a-z0-9]+", "-", str(results["ran on"]["device"]).lower()).strip("-")
    path = chosen.out / f"{device.type}-{slug}.json"
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"written: {path}")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
