"""Further trainings of a network by one recipe, each measured where it was trained; weights are not kept.

Trainings go side by side in processes of their own, because a network for small photographs leaves most of a
GPU idle.
"""

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
import torch
from rich.progress import Progress

from gradlab.comparison import progress
from gradlab.comparison.arms import PLAIN, Arm, Selection, crossed
from gradlab.comparison.study import Study
from gradlab.comparison.table import Measurements, heading
from gradlab.filtering import module_lists
from gradlab.photographs import data_sets, datasets
from gradlab.photographs.collection import Collection, Stack
from gradlab.photographs.loaded import Loaded
from gradlab.photographs.recipes import RECIPES, Recipe
from gradlab.photographs.training import Trainer

SMALL = 64
"""The side that recipes are written for, in pixels."""
METRICS = ("density", "pointing")
FACTS = ("photograph", "class", "box_share", "correct")


@dataclass(frozen=True)
class Design:
    """What is trained and how it is measured; ``side`` in pixels, counts are of a class's photographs.

    ``ratios`` are those of the lists of last convolutions beside the upper modules.
    """

    network: str
    data: str
    side: int
    each: int
    statistics_each: int
    quantiles: tuple[float, ...]
    ratios: tuple[float, ...] = ()
    batch: int = 250

    @property
    def recipe(self) -> Recipe:
        """The network's recipe, with every stage as much larger as the photographs are."""
        recipe = RECIPES[self.network]
        cycles = (
            replace(c, stages=tuple((n, side * self.side // SMALL) for n, side in c.stages))
            for c in recipe.cycles
        )
        return replace(recipe, cycles=tuple(cycles))

    def arms(self) -> list[Arm]:
        """The plain gradient, the channels of the class at every list, random ones at the upper modules."""
        lists = ["upper", *map(module_lists.ratio_name, self.ratios)]
        return [
            PLAIN,
            *crossed(lists, self.quantiles),
            *crossed(["upper"], self.quantiles, Selection.RANDOM),
        ]


def measured(design: Design, loaded: Loaded) -> Measurements:
    """A table with a row a photograph: its facts, and :data:`METRICS` of every arm."""
    training, validation = (_in_memory(design.data, split, design.side) for split in ("train", "val"))
    lists = module_lists.compared(design.network, loaded.network, design.ratios)
    study = Study.of(
        loaded,
        validation.per_class(design.each),
        lists,
        training.per_class(design.statistics_each),
        batch=design.batch,
    )
    arms = design.arms()
    wanted = [*FACTS, *(heading(arm, metric) for arm in arms for metric in METRICS)]
    table = study.measured(arms)
    return Measurements({name: table.columns[name] for name in wanted})


def repeated(
    design: Design, seeds: Sequence[int], processes: int = 6
) -> Iterator[tuple[int, Mapping[str, np.ndarray]]]:
    """Train from each seed and measure: the seed and the columns of :func:`measured`, in the order given."""
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        yield from zip(seeds, pool.map(partial(_repeat, design), seeds), strict=True)


def trained(design: Design, seed: int) -> Loaded:
    """A network after the whole recipe, on the CPU; on a GPU it is trained in bfloat16."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    trainer = Trainer(design.recipe, seed, device, bf16=device.type == "cuda")
    training = _in_memory(design.data, "train", design.side)
    photographs = training.in_memory()
    with Progress(disable=True) as bar:
        for _ in range(design.recipe.epochs):
            # A trainer finds the epoch that it is in by what it has done so far.
            trainer.history.append({"loss": trainer.epoch(photographs, bar)})
    network = trainer.network.cpu().eval()
    return Loaded(network, datasets.IMAGENET_MEAN, datasets.IMAGENET_STD, design.side, training.wnids)


def _repeat(design: Design, seed: int) -> dict[str, np.ndarray]:
    table = measured(design, trained(design, seed))
    progress.printed(f"seed {seed}: top-1 {table.fact('correct').mean():.1%}")
    return dict(table.columns)


@cache
def _in_memory(data: str, split: str, side: int) -> Collection:
    """All photographs of a split, decoded once in a process."""
    found = data_sets.open(data, split).resized(side)
    keys = tuple(range(len(found)))
    return replace(found, source=Stack(found.pixels(keys)), keys=keys)
