"""Cascading randomisation (Adebayo et al. 2018, arXiv:1810.03292): a map that explains the network should
change when the network's weights are drawn anew, module by module from the logits down.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from gradlab.comparison.measure import in_chunks
from gradlab.comparison.study import Study
from gradlab.comparison.subject import Ready
from gradlab.faithfulness.maps import Methods
from gradlab.faithfulness.measure import Compared, of_code
from gradlab.filtering import metrics
from gradlab.photographs.collection import Collection
from gradlab.photographs.loaded import Loaded


def redrawn(
    loaded: Loaded, names: Sequence[str], photographs: Collection, seed: int, batch: int = 100
) -> Loaded:
    """The same network with fresh weights in the modules ``names`` and in all that they contain.

    Their batch norms take the statistics of ``photographs``, so that activations have their usual size; the
    others keep their own, which they still fit if no fresh module lies before them.
    """
    network = copy.deepcopy(loaded.network).cpu().float().eval()
    fresh = [part for name in names for part in network.get_submodule(name).modules()]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for module in fresh:
            getattr(module, "reset_parameters", lambda: None)()
    norms = [module for module in fresh if isinstance(module, _BatchNorm)]
    for norm in norms:
        norm.momentum = None  # a plain average over the batches
        norm.train()
    with torch.no_grad():
        for rows in torch.split(torch.arange(len(photographs)), batch) if norms else ():
            network(loaded.normalise(photographs.pixels(rows)))
    whole: nn.Module = network.eval().requires_grad_(False)
    return replace(loaded, network=whole)


def studies(
    study: Study, training: Collection, stages: Sequence[Sequence[str]], seeds: Sequence[int]
) -> dict[tuple[int, int], Compared]:
    """The network before (stage 0) and after each of the ``stages``, by stage and seed, stages adding up.

    The whole method runs again on each: channels are chosen by the statistics of the network at hand.
    """
    chooser = study.folds[0].chooser
    found = {(0, seed): Compared.of(study.subject, chooser) for seed in seeds[:1]}
    for seed in seeds:
        for stage in range(1, len(stages) + 1):
            names = [name for own in stages[:stage] for name in own]
            loaded = redrawn(study.subject.load(), names, training, seed)
            own = Study.of(loaded, study.photographs, chooser.filterings, training, seed=chooser.seed)
            found[stage, seed] = Compared.of(own.subject, own.folds[0].chooser)
    return found


@dataclass(frozen=True, eq=False)
class Cascade:
    """The rank correlation of every method's map with that of the trained network, one row a photograph;
    columns are headed "METHOD: STAGE SEED".
    """

    networks: Mapping[tuple[int, int], Compared]
    photographs: Collection
    methods: Methods
    batch: int = 50

    def key(self) -> dict[str, Any]:
        """All that decides the columns."""
        networks = {f"{place}": one.key(self.photographs) for place, one in self.networks.items()}
        return {
            "work": "cascade",
            "room": of_code(),
            "networks": networks,
            "methods": asdict(self.methods),
            "batch": self.batch,
        }

    def prepare(self, device: torch.device) -> Callable[[range], Mapping[str, np.ndarray]]:
        """The columns of one range of rows."""
        return in_chunks(partial(self._columns, device), self.batch)

    def _columns(self, device: torch.device, rows: list[int]) -> dict[str, Tensor]:
        (_, trained), *others = self.networks.items()
        before = self._maps(trained, device, rows)
        columns = {}
        for (stage, seed), network in others:
            for method, maps in self._maps(network, device, rows).items():
                columns[f"{method}: {stage} {seed}"] = metrics.spearman(before[method], maps)
        return columns

    def _maps(self, network: Compared, device: torch.device, rows: list[int]) -> dict[str, Tensor]:
        ready: Ready = network.subject.ready(device)
        images, labels = ready.inputs(self.photographs, rows), ready.labels(self.photographs, rows)
        hooked, outputs = network.hooked.ready(device), ready.outputs(self.photographs)
        with ready.products():
            return self.methods.of_network(
                ready, hooked.network, copy.copy(network.chooser), images, labels, outputs, rows
            )
