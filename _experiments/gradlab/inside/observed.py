"""The kept and the other channels at every convolution of a network, photograph by photograph."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from gradlab.comparison.arms import Arm, Selection
from gradlab.comparison.measure import chunks
from gradlab.comparison.study import Study
from gradlab.comparison.subject import Ready
from gradlab.filtering import channels, hooks
from gradlab.filtering.attribution import Forward
from gradlab.inside import groups

Case = tuple[Selection, float]
"""How channels are selected, and the share that is kept."""


@dataclass(frozen=True)
class Observed:
    """Every measure of :data:`~gradlab.inside.groups.MEASURES` at every module of a network.

    Modules stand in the order of registration. ``width`` is their number of channels and ``positions`` that
    of the places of a map; ``lists`` says by name which modules a filter takes. ``found`` has, by case, a
    table of photographs and modules for each measure. ``labels`` are the photographs' classes.
    """

    modules: tuple[str, ...]
    width: Int[np.ndarray, "m"]
    positions: Int[np.ndarray, "m"]
    lists: Mapping[str, Bool[np.ndarray, "m"]]
    labels: Int[np.ndarray, "n"]
    found: Mapping[Case, Mapping[str, Float[np.ndarray, "n m"]]]

    def kept(self, quantile: float) -> Int[np.ndarray, "m"]:
        """How many channels are kept at each module."""
        return np.array([channels.kept_count(quantile, int(width)) for width in self.width])


def observe(study: Study, lists: Mapping[str, Sequence[str]], cases: Sequence[Case]) -> Observed:
    """Take the plain gradient of every photograph of the study and measure it at the study's modules.

    ``lists`` are names of modules by list. The study has channel statistics of training photographs and all
    its modules in one filtering. The class is the photograph's label, whatever the network answers.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    ready = study.subject.ready(device)
    batches = [
        _batch(study, ready, rows, cases) for rows in chunks(range(len(study.photographs)), study.batch)
    ]
    names = study.subject.modules
    shapes = [batches[0].shapes[name] for name in names]
    return Observed(
        names,
        np.array([width for width, _, _ in shapes]),
        np.array([height * across for _, height, across in shapes]),
        {name: np.isin(names, list(modules)) for name, modules in lists.items()},
        study.photographs.labels.numpy(),
        {
            case: {measure: _table(batches, case, measure, names) for measure in groups.MEASURES}
            for case in cases
        },
    )


@dataclass(frozen=True)
class _Batch:
    """The measures of one batch by module and case, and the shape (c, h, w) of each module's output."""

    found: dict[tuple[str, Case], dict[str, Tensor]]
    shapes: dict[str, tuple[int, ...]]


def _batch(study: Study, ready: Ready, rows: Sequence[int], cases: Sequence[Case]) -> _Batch:
    photographs, batch = study.photographs, _Batch({}, {})
    labels = ready.labels(photographs, rows)
    kept = _kept(study, labels.cpu(), rows, cases)

    def record(name: str, gradient: Tensor) -> Tensor:
        batch.shapes[name], doubled = tuple(gradient.shape[1:]), gradient.double()
        for case in cases:
            keep = kept[case][name].to(gradient.device).expand(gradient.shape[:2])
            batch.found[name, case] = groups.measures(doubled, keep)
        return gradient

    with ready.products(), hooks.gradient_hooks(ready.modules, record):
        scored = ready.outputs(photographs)[labels]
        Forward(ready.network, ready.inputs(photographs, rows), scored).gradient()
    return batch


def _kept(
    study: Study, labels: Int[Tensor, "n"], rows: Sequence[int], cases: Sequence[Case]
) -> dict[Case, dict[str, Tensor]]:
    """The kept channels of every case, by module."""
    (fold,) = study.folds
    (filtering,) = fold.chooser.filterings
    return {
        (selection, quantile): fold.chooser.keep(Arm(filtering, quantile, selection), labels, {}, rows)
        for selection, quantile in cases
    }


def _table(
    batches: Sequence[_Batch], case: Case, measure: str, names: Sequence[str]
) -> Float[np.ndarray, "n m"]:
    columns = [torch.cat([batch.found[name, case][measure].cpu() for batch in batches]) for name in names]
    return torch.stack(columns, 1).numpy()
