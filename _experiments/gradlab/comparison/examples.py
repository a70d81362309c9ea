"""Photographs and maps for drawing: a few of many, chosen by a rule."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from gradlab.comparison.arms import Arm
from gradlab.comparison.methods import filtered_maps
from gradlab.comparison.study import Study
from gradlab.comparison.table import Measurements
from gradlab.filtering import attribution, channels, metrics


def at_percentiles(values: np.ndarray, among: np.ndarray, percentiles: Sequence[float]) -> list[int]:
    """For each percentile of ``values`` the row, of those ``among``, whose value is nearest; each once."""
    picked: list[int] = []
    for level in np.nanpercentile(values, percentiles):
        remaining = np.array([row for row in among if row not in picked])
        picked.append(int(remaining[np.argmin(np.abs(values[remaining] - level))]))
    return picked


def with_maps(study: Study, rows: Sequence[int], arms: Sequence[Arm]) -> dict[str, np.ndarray]:
    """For each of the ``rows`` its name, class, box, pixels (h, w, 3) and, under "ARM: map" and "ARM:
    density", the saliency of every arm in 256 steps and its density inside the box.
    """
    ready = study.subject.ready(torch.device("cpu"))
    chosen = study.photographs.subset(rows)
    every = range(len(rows))
    images, labels = ready.inputs(chosen, every), ready.labels(chosen, every)
    masks, outputs = ready.masks(chosen, every), ready.outputs(chosen)
    columns = {
        "photograph": np.array(chosen.names),
        "class": chosen.labels.numpy(),
        **{side: chosen.boxes[:, i].numpy() for i, side in enumerate(("x0", "y0", "x1", "y1"))},
        "pixels": chosen.pixels(every).permute(0, 2, 3, 1).numpy(),
    }
    for arm in arms:
        maps = torch.empty(masks.shape)
        for fold in study.folds:
            own = torch.isin(torch.tensor(list(rows)), fold.rows).nonzero()[:, 0]
            if len(own):
                maps[own] = filtered_maps(
                    ready, fold.chooser, arm, attribution.saliency, images[own], labels[own], outputs,
                    study.subject.declared,
                ).detach()  # fmt: skip
        columns[f"{arm.name}: map"] = steps(maps.numpy())
        columns[f"{arm.name}: density"] = metrics.density_inside(maps, masks).numpy()
    return columns


def steps(maps: np.ndarray) -> np.ndarray:
    """Each map in 256 steps from zero to the percentile 99 of its own values."""
    tops = np.percentile(maps, 99, axis=(1, 2), keepdims=True)
    shares: np.ndarray = np.clip(maps / tops, 0, 1)
    return (shares * 255).round().astype(np.uint8)


def class_of_median_accuracy(table: Measurements) -> int:
    """The class whose share of correctly classified photographs is the median of all classes'."""
    labels, correct = table.fact("class"), table.fact("correct")
    shares = np.array([correct[labels == label].mean() for label in np.unique(labels)])
    return int(np.argsort(shares, kind="stable")[len(shares) // 2])


@dataclass(frozen=True)
class ChannelExample:
    """The class test of one class at one module, and the photographs that its first channels answer to."""

    channels: dict[str, np.ndarray]
    """By falling t: ``channel``, ``t`` and ``kept``; and ``class``, the same in every row."""
    photographs: dict[str, np.ndarray]
    """``channel``, ``of_class`` and ``pixels`` of the photographs with the largest mean activation."""


def of_channels(
    study: Study,
    activations: np.ndarray,
    label: int,
    module: str,
    quantile: float,
    first: int = 3,
    shown: int = 6,
) -> ChannelExample:
    """The test of the class ``label`` and, for its ``first`` channels, the ``shown`` photographs with the
    largest ``activations`` (n c), which are the module's rectified means over all photographs of the study.
    """
    chooser = study.folds[0].chooser
    t = channels.class_test(chooser.moments[module]).t[label]
    kept = chooser.class_mask(module, quantile)[label].numpy()
    ranked = np.argsort(-t, kind="stable")
    rows = np.concatenate([np.argsort(-activations[:, c], kind="stable")[:shown] for c in ranked[:first]])
    pixels = study.photographs.pixels(rows.tolist()).permute(0, 2, 3, 1).numpy()
    return ChannelExample(
        {"channel": ranked, "t": t[ranked], "kept": kept[ranked], "class": np.full(len(ranked), label)},
        {
            "channel": np.repeat(ranked[:first], shown),
            "of_class": study.photographs.labels.numpy()[rows] == label,
            "pixels": pixels,
        },
    )
