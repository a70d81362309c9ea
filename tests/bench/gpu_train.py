"""Further seeds of the three networks at 64 and 128 pixels, trained and measured: `make gpu-train`.

    PYTHONPATH=_experiments python tests/bench/gpu_train.py --out FOLDER [--seeds 3 4] [--sides 64 128]

For each network, side and seed, FOLDER gets the table of ``measure.ipynb``'s main comparison with a row a
photograph (.npz) and a model card with digests (.json); weights are not kept. The card is written last, and
what has one is skipped: the same command continues where it stopped. Photographs of 128 pixels are those of
64, enlarged, and training takes every stage of a recipe at twice its size.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from main_arms import QUANTILES, RATIOS
from rich.progress import Progress

from gradlab.comparison import keys
from gradlab.comparison.arms import PLAIN, crossed
from gradlab.comparison.study import Study
from gradlab.comparison.table import Measurements
from gradlab.filtering import module_lists
from gradlab.photographs import archives, data_sets, datasets
from gradlab.photographs.collection import Collection
from gradlab.photographs.loaded import Loaded
from gradlab.photographs.recipes import RECIPES, Recipe
from gradlab.photographs.training import Trainer, accuracy

EACH, STATISTICS_EACH = 50, 100
"""Validation photographs of each class, and training photographs for the channel statistics."""
SMALL = 64
"""The side that recipes are written for."""


@dataclass(frozen=True)
class Training:
    """One network to train: its name in ``RECIPES``, the side of its photographs, and the seed."""

    network: str
    side: int
    seed: int

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.network}-{self.side}px-seed{self.seed}"

    @property
    def recipe(self) -> Recipe:
        """The network's recipe, with every stage as much larger as the photographs are."""
        recipe = RECIPES[self.network]
        cycles = (
            replace(c, stages=tuple((n, side * self.side // SMALL) for n, side in c.stages))
            for c in recipe.cycles
        )
        return replace(recipe, cycles=tuple(cycles))


def trained(one: Training, splits: dict[str, Collection], device: torch.device) -> Trainer:
    """Train to the end of the recipe, in bf16 on a GPU."""
    trainer = Trainer(one.recipe, one.seed, device, bf16=device.type == "cuda")
    training, validation = (splits[split].in_memory() for split in ("train", "val"))
    with Progress() as progress:
        while len(trainer.history) < one.recipe.epochs:
            loss = trainer.epoch(training, progress)
            top1 = accuracy(trainer.network, validation, device)
            trainer.history.append({"loss": loss, "top1": top1})
    return trainer


def measured(one: Training, loaded: Loaded, splits: dict[str, Collection]) -> Measurements:
    """The main comparison of ``measure.ipynb``."""
    lists = module_lists.compared(one.network, loaded.network, RATIOS)
    validation, training = splits["val"].per_class(EACH), splits["train"].per_class(STATISTICS_EACH)
    study = Study.of(loaded, validation, lists, training)
    return study.measured([PLAIN, *crossed(lists, QUANTILES)])


def in_single(columns: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The columns with their numbers in single precision, in which they were measured."""
    return {name: col.astype(np.float32) if col.dtype == np.float64 else col for name, col in columns.items()}


def run(one: Training, out: Path, device: torch.device) -> None:
    """Train, measure, and write table and card."""
    started = time.perf_counter()
    splits = {
        split: data_sets.open(archives.TINY_IMAGENET, split).resized(one.side) for split in ("train", "val")
    }
    trainer = trained(one, splits, device)
    seconds = time.perf_counter() - started
    network = trainer.network.cpu().eval()
    wnids = splits["val"].wnids
    loaded = Loaded(network, datasets.IMAGENET_MEAN, datasets.IMAGENET_STD, one.side, wnids)
    table = out / f"{one.name}.npz"
    part = out / f".{one.name}.part.npz"
    np.savez_compressed(part, **in_single(measured(one, loaded, splits).columns))
    part.replace(table)
    card: dict[str, Any] = {
        **{"network": one.network, "side": one.side, "seed": one.seed, "recipe": asdict(one.recipe)},
        "data": archives.TINY_IMAGENET,
        "data_digest": archives.digest(archives.locate()),
        "validation_top1": trainer.history[-1]["top1"],
        "history": trainer.history,
        "precision": "bfloat16 autocast" if trainer.bf16 else "float32",
        "device": torch.cuda.get_device_name() if device.type == "cuda" else device.type,
        "torch": torch.__version__,
        "training_seconds": round(seconds),
        "weights_digest": keys.of_tensors(network.state_dict()),
        "code_digest": keys.of_code(),
        "table_digest": hashlib.sha256(table.read_bytes()).hexdigest(),
    }
    unfinished = out / f".{one.name}.part.json"
    unfinished.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(out / f"{one.name}.json")


def wanted(names: Sequence[str], sides: Sequence[int], seeds: Sequence[int]) -> Iterator[Training]:
    """Every network at every side, seed by seed, so that a stop leaves whole seeds."""
    for seed in seeds:
        for side in sides:
            for name in names:
                yield Training(name, side, seed)


def main(arguments: list[str] | None = None) -> int:
    """Train and measure what has no card yet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--networks", nargs="+", choices=list(RECIPES), default=list(RECIPES))
    parser.add_argument("--sides", nargs="+", type=int, default=[SMALL, 2 * SMALL])
    parser.add_argument("--seeds", nargs="+", type=int, default=[3, 4, 5])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    try:
        for one in wanted(chosen.networks, chosen.sides, chosen.seeds):
            if (chosen.out / f"{one.name}.json").is_file():
                print(f"{one.name} is finished")
                continue
            print(f"{one.name} ...", flush=True)
            run(one, chosen.out, torch.device(chosen.device))
    except archives.DataError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
