"""What a GPU has to show before its results count, in at most five minutes: `make gpu-check`.

    PYTHONPATH=.:_experiments:tests/bench python tests/bench/gpu_check.py [--device cuda] [--out FOLDER]

Four steps, each with its numbers: gradients and metrics on the device against a CPU, both in double
precision, in batches of one class and in mixed ones; the comparison in TF32 and bf16 against single
precision; the two benchmarks; and one run of the register, executed headlessly on the GPU. Photographs are
those of GRADLAB_DATA; without them, random pixels stand in, and the result says so. A JSON file and a table
come out.
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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import bench_hooks
import bench_imagenet
import numpy as np
import torch
import yaml
from main_arms import QUANTILES
from torch import Tensor

from gradlab.comparison import arms
from gradlab.comparison.arms import PLAIN, Arm, Chooser, Selection, crossed
from gradlab.comparison.channel_statistics import ChannelStatistics
from gradlab.comparison.measure import Comparison, pool_of
from gradlab.comparison.subject import Subject
from gradlab.comparison.table import heading
from gradlab.filtering import module_lists
from gradlab.photographs import archives, collection, data_sets, datasets, networks, weights
from gradlab.photographs.archives import DataError
from gradlab.photographs.collection import Collection
from site_builder import machine

ROOT = Path(__file__).resolve().parents[2]
CHECKPOINT = "resnet18-tiny30"
WEIGHTS = f"checkpoint/{CHECKPOINT}"
FEWER = {"each": 5, "statistics_each": 10, "control_each": 2, "path_points": 6, "noise_samples": 5}
"""What the executed run is given, so that it takes a minute."""
BATCH = 50
"""Photographs in one pass."""


def photographs(each: int) -> tuple[Collection, str]:
    """The first photographs of every class, and where they come from."""
    try:
        return data_sets.open(archives.TINY_IMAGENET, "val").per_class(each), "Tiny ImageNet"
    except DataError:
        wnids = archives.class_names()
        count = each * len(wnids)
        drawn = torch.Generator().manual_seed(0)
        pixels = torch.randint(0, 256, (count, 3, 64, 64), generator=drawn, dtype=torch.uint8)
        labels = torch.arange(len(wnids)).repeat_interleave(each)
        boxes = torch.tensor([[16, 16, 48, 48]]).repeat(count, 1)
        names = tuple(map(str, range(count)))
        drawn_ones = datasets.Photographs(pixels, labels, boxes, names, tuple(wnids.values()))
        return collection.of(drawn_ones, tuple(wnids)), "random pixels: no data set was found"


@dataclass(frozen=True)
class Case:
    """The trained network over photographs, filtered as the runs do it."""

    subject: Subject
    photographs: Collection
    source: str
    chooser: Chooser

    @classmethod
    def of(cls, each: int) -> "Case":
        """Channel statistics are those of the photographs at hand: which are kept does not matter here."""
        source = partial(weights.load, "resnet18", WEIGHTS)
        network = source().network
        lists = {
            title: list(own) for title, own in module_lists.compared("resnet18", network, (1.0,)).items()
        }
        subject = Subject(source, tuple(lists["all"]))
        own, where = photographs(max(each, 2))
        work = ChannelStatistics(subject, own)
        moments = work.moments(work.prepare(torch.device("cpu"))(range(len(own))))
        return cls(subject, own.per_class(each), where, Chooser(moments, lists))

    def arms(self, selection: Selection) -> tuple[Arm, ...]:
        """With the channels of the class, batches are of one class; with random ones they are mixed."""
        return (PLAIN, *crossed(self.chooser.filterings, QUANTILES, selection))

    def gradients(self, device: torch.device, batches: list[list[int]]) -> dict[Arm, Tensor]:
        """The input gradients of every arm in double precision."""
        ready = self.subject.ready(device, "double")
        taken: dict[Arm, list[Tensor]] = {}
        for rows in batches:
            found = arms.passes(
                ready.network, ready.modules, ready.inputs(self.photographs, rows),
                ready.labels(self.photographs, rows), self.arms(Selection.CLASS), self.chooser, rows,
            )  # fmt: skip
            for one in found.taken:
                taken.setdefault(one.arm, []).append(one.gradient.detach().cpu())
        return {arm: torch.cat(parts) for arm, parts in taken.items()}

    def columns(
        self, device: torch.device, precision: str, selection: Selection = Selection.CLASS
    ) -> Mapping[str, np.ndarray]:
        """The metrics of every arm."""
        work = Comparison(
            self.subject, self.photographs, self.arms(selection), self.chooser, pool_of(self.photographs),
            BATCH, precision,
        )  # fmt: skip
        return work.prepare(device)(range(len(self.photographs)))


def agreement(each: int, device: torch.device) -> dict[str, Any]:
    """The largest difference between the CPU and the device, in double precision: of a photograph's gradient
    (the distance of the two over the length of the CPU's), and of any metric.
    """
    case, cpu = Case.of(each), torch.device("cpu")
    labels = case.photographs.labels
    everything = list(range(len(labels)))
    batches = {
        "one class": [torch.nonzero(labels == own)[:, 0].tolist() for own in sorted(set(labels.tolist()))],
        "mixed": [everything],
    }
    found: dict[str, Any] = {"photographs": len(labels), "source": case.source}
    for name, parts in batches.items():
        worst, arm = farthest(case.gradients(cpu, parts), case.gradients(device, parts))
        found[f"gradients, {name}"] = {"arms": len(case.arms(Selection.CLASS)), "largest": worst, "at": arm}
    for name, selection in (("one class", Selection.CLASS), ("mixed", Selection.RANDOM)):
        here, there = (case.columns(where, "double", selection) for where in (cpu, device))
        found[f"metrics, {name}"] = largest_by_metric(here, there)
    return found


def farthest(expected: Mapping[Arm, Tensor], found: Mapping[Arm, Tensor]) -> tuple[float, str]:
    """The largest relative distance of a photograph's gradient, and the name of its arm."""
    worst = {}
    for arm, here in expected.items():
        lengths = here.flatten(1).norm(dim=1)
        distance = (found[arm] - here).flatten(1).norm(dim=1)
        alive = lengths > 0
        worst[arm] = float((distance[alive] / lengths[alive]).max())
    arm = max(worst, key=lambda one: worst[one])
    return worst[arm], arm.name


def largest_by_metric(here: Mapping[str, np.ndarray], there: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The largest difference of each metric, and how often one side alone has no finite number."""
    largest: dict[str, float] = {}
    missing = 0
    for name, column in here.items():
        one, other = column.astype(float), there[name].astype(float)
        missing += int((np.isfinite(one) != np.isfinite(other)).sum())
        both = np.isfinite(one) & np.isfinite(other)
        metric = name.rsplit(": ", 1)[-1]
        largest[metric] = max(largest.get(metric, 0.0), *np.abs(one - other)[both].tolist())
    return largest | {"missing on one side": missing}


def precisions(each: int, device: torch.device) -> dict[str, Any]:
    """For each precision: passes a second of the comparison, and how far the density inside the box and the
    effect of conservation on it are from single precision.
    """
    case = Case.of(each)
    own = case.arms(Selection.CLASS)
    found: dict[str, Any] = {"photographs": len(case.photographs), "source": case.source, "arms": len(own)}
    single: Mapping[str, np.ndarray] = {}
    for name in bench_imagenet.precisions_of(device):
        if device.type == "cuda":
            case.columns(device, name)  # warms up
        columns, seconds = bench_hooks.timed(lambda name=name: case.columns(device, name), device)  # type: ignore[misc]
        found[name] = {"passes a second": len(case.photographs) * len(own) / seconds}
        if name == "single":
            single = columns
            continue
        off = np.stack([columns[key] - single[key] for key in (heading(arm, "density") for arm in own)])
        effect = np.stack(
            [effect_of(columns, arm) - effect_of(single, arm) for arm in own if arm != arm.unconserved()]
        )
        found[name] |= {
            "density, largest difference": float(np.nanmax(np.abs(off))),
            "density, median difference": float(np.nanmedian(np.abs(off))),
            "effect of conservation, largest difference of an arm's mean": float(
                np.abs(np.nanmean(effect, axis=1)).max()
            ),
        }
    return found


def effect_of(columns: Mapping[str, np.ndarray], arm: Arm) -> np.ndarray:
    """How much conservation adds to the density inside the box."""
    added: np.ndarray = columns[heading(arm, "density")] - columns[heading(arm.unconserved(), "density")]
    return added


def benchmarks(
    device: torch.device, batches: tuple[int, ...], rounds: int, side: int = 224
) -> dict[str, Any]:
    """What the hooks cost over plain saliency, and the rates of the comparison at 224 px."""
    found: dict[str, Any] = {}
    network = networks.untrained("resnet18", 30).eval().requires_grad_(False).to(device)
    for title, modules in module_lists.compared("resnet18", network, (1.0,)).items():
        for batch in batches:
            seconds = bench_hooks.measure(network, modules, batch, 64, rounds, device)
            for keep in ("each", "shared"):
                found[f"{keep} over plain, {title}, batch {batch}"] = bench_hooks.ratio(
                    seconds, keep, "plain"
                )
    minutes = dict.fromkeys(bench_imagenet.precisions_of(device), 0.0)
    for name in networks.ARCHITECTURES:
        size = bench_imagenet.batch_of(name) if device.type == "cuda" else 2
        for precision in minutes:
            one = bench_imagenet.rates(name, size, rounds, device, precision, side)
            minutes[precision] += one.minutes
            found[f"{side} px, {name}, {precision}"] = {
                "photographs a batch": size,
                "plain passes a second": one.plain,
                "whole passes a second": one.whole,
                "whole over plain": one.whole / one.plain,
                "minutes for 50,000": one.minutes,
            }
    found[f"{side} px, all three, minutes for 50,000"] = minutes
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
            "notebook": "measure.ipynb",
            "title": "The comparison with fewer photographs",
            "parameters": {"network": "resnet18", "weights": WEIGHTS} | FEWER,
            "data": archives.TINY_IMAGENET,
            "weights": [WEIGHTS],
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
        found["driver"] = machine.driver() or None
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
        "agreement in double precision": lambda: agreement(1 if few else 2, device),
        "precisions": lambda: precisions(1 if few else 7, device),
        "benchmarks": lambda: benchmarks(
            device, (2,) if few else (8, 32, 128), 1 if few else 3, 64 if few else 224
        ),
        "headless run": lambda: headless("gpu" if device.type == "cuda" else "cpu"),
    }
    begun = time.monotonic()
    results: dict[str, Any] = {"date": time.strftime("%Y-%m-%d"), "ran on": about(device)}
    chosen.out.mkdir(parents=True, exist_ok=True)
    slug = re.sub(r"[^a-z0-9]+", "-", str(results["ran on"]["device"]).lower()).strip("-")
    path = chosen.out / f"{device.type}-{slug}.json"
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
        # After every step, so that one that is stopped takes nothing with it.
        path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"written: {path}")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
