"""What the whole comparison would take on ImageNet: passes a second, and minutes for 50,000 photographs.

    PYTHONPATH=_experiments:tests/bench python tests/bench/bench_imagenet.py [--device cuda] [--batch 50]

Torchvision's own networks at 224 pixels with 1,000 classes and untrained weights: speed does not depend
on weights, so nothing is downloaded. The comparison is that of ``measure.ipynb``, metrics included, over
random pixels, 50 a class: one forward and 31 backward passes each. Its rate is held against that of plain
backward passes of the same batch in the same precision. Batches are those that the register gives the runs
on ImageNet. Double precision is for checks, and left out.
"""

import argparse
import statistics
from dataclasses import dataclass
from pathlib import Path

import torch
import yaml
from bench_hooks import in_turn
from main_arms import QUANTILES, RATIOS

from gradlab.comparison.arms import PLAIN, Chooser, crossed
from gradlab.comparison.measure import Comparison, pool_of
from gradlab.comparison.subject import PRECISIONS, Subject
from gradlab.filtering import module_lists
from gradlab.filtering.attribution import Forward
from gradlab.filtering.channels import Moments
from gradlab.photographs import collection, datasets, networks
from gradlab.photographs.loaded import Loaded

PHOTOGRAPHS = 50_000
EACH = 50
"""Photographs of a class, as in ImageNet's validation set."""
ROOT = Path(__file__).resolve().parents[2]
SIDE = 224
CLASSES = 1000


@dataclass(frozen=True)
class Rates:
    """Backward passes a second: plain ones alone, and those of the whole comparison."""

    plain: float
    whole: float
    arms: int

    @property
    def minutes(self) -> float:
        """For the comparison of all photographs of ImageNet's validation set."""
        return PHOTOGRAPHS * self.arms / self.whole / 60


def precisions_of(device: torch.device) -> list[str]:
    """Those that results may be taken in on this device."""
    return [name for name in PRECISIONS if name != "double" and (name != "tf32" or device.type == "cuda")]


def batch_of(name: str) -> int:
    """The photographs of a batch in the register's run on ImageNet."""
    register = yaml.safe_load((ROOT / "_experiments" / "experiments.yaml").read_text(encoding="utf-8"))
    run = register["runs"][f"measure-imagenet-{name.replace('_', '-')}"]
    return int(run["parameters"].get("batch", EACH))


def photographs(count: int, side: int) -> collection.Collection:
    """Random pixels, with boxes in the middle."""
    drawn = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (count, 3, side, side), generator=drawn, dtype=torch.uint8)
    boxes = torch.tensor([[side // 4, side // 4, 3 * side // 4, 3 * side // 4]]).repeat(count, 1)
    names = tuple(map(str, range(count)))
    labels = torch.arange(count) // EACH
    wnids = tuple(f"n{i}" for i in range(int(labels[-1]) + 1))
    return collection.of(datasets.Photographs(pixels, labels, boxes, names, wnids), wnids)


def comparison(name: str, batch: int, precision: str, side: int = SIDE) -> Comparison:
    """All arms of ``measure.ipynb`` over one batch; which channels are kept is drawn at random."""
    network = networks.architecture(name).build(num_classes=CLASSES).eval()
    everything = module_lists.convolutions(network)
    lists = {title: list(modules) for title, modules in module_lists.compared(name, network, RATIOS).items()}
    drawn = torch.Generator().manual_seed(0)
    own = photographs(batch, side)
    count = torch.full((len(own.classes) + 1,), 10.0).double()  # and one class more: a test wants others
    moments = {}
    for module, convolution in everything.items():
        means = torch.rand(len(count), convolution.get_parameter("weight").shape[0], generator=drawn).double()
        moments[module] = Moments(count, means, means.square() + 1)
    wnids = tuple(f"n{i}" for i in range(CLASSES))
    loaded = Loaded(network, datasets.IMAGENET_MEAN, datasets.IMAGENET_STD, side, wnids)
    arms = (PLAIN, *crossed(lists, QUANTILES))
    return Comparison(
        Subject(loaded, tuple(everything)), own, arms, Chooser(moments, lists), pool_of(own), batch,
        precision,
    )  # fmt: skip


def rates(
    name: str, batch: int, rounds: int, device: torch.device, precision: str, side: int = SIDE
) -> Rates:
    """Measured in turn: a plain backward pass of a batch, and the comparison of one."""
    work = comparison(name, batch, precision, side)
    ready = work.subject.ready(device, precision)
    compute = work.prepare(device)
    with ready.products():
        kept = Forward(
            ready.network, ready.inputs(work.photographs, range(batch)),
            ready.labels(work.photographs, range(batch)),
        )  # fmt: skip

        def plain() -> None:
            kept.gradient()

        seconds = in_turn({"plain": plain, "whole": lambda: compute(range(batch))}, rounds, device)
    passes = batch * len(work.arms)
    return Rates(
        batch / statistics.median(seconds["plain"]), passes / statistics.median(seconds["whole"]),
        len(work.arms),
    )  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--batch", type=int, help="default: the register's on a GPU, 2 on a CPU")
    parser.add_argument("--rounds", type=int, help="default: 3 on a GPU, 1 on a CPU")
    chosen = parser.parse_args()
    device = torch.device(chosen.device)
    gpu = device.type == "cuda"
    rounds = chosen.rounds or (3 if gpu else 1)
    title = torch.cuda.get_device_name() if gpu else f"CPU, {torch.get_num_threads()} threads"
    print(f"{title}, {SIDE} px, median of {rounds} rounds")
    print(
        "network          precision  batch  plain passes/s  whole passes/s  whole/plain  minutes for 50,000"
    )
    total = dict.fromkeys(precisions_of(device), 0.0)
    for name, architecture in networks.ARCHITECTURES.items():
        batch = chosen.batch or (batch_of(name) if gpu else 2)
        for precision in total:
            found = rates(name, batch, rounds, device, precision)
            total[precision] += found.minutes
            print(
                f"{architecture.title:16} {precision:9} {batch:6} {found.plain:15.1f} {found.whole:15.1f} "
                f"{found.whole / found.plain:12.2f} {found.minutes:19.0f}",
                flush=True,
            )
    for precision, minutes in total.items():
        print(f"all three, {precision}: {minutes:.0f} minutes")


if __name__ == "__main__":
    main()
