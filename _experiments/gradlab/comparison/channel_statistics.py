"""The moments of a network's channels over many photographs, in shards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gradlab.comparison.measure import chunks, readers
from gradlab.comparison.subject import Subject
from gradlab.filtering import channels
from gradlab.filtering.channels import ClassSums, Moments
from gradlab.photographs.collection import Collection


@dataclass(frozen=True, eq=False)
class ChannelStatistics:
    """Sums of the channels' means over a range of photographs, of the classes that occur in it.

    Each range gives its ``class`` and ``count`` entries and, under "first NAME" and "second NAME", one row a
    class: sums and sums of squares.
    """

    subject: Subject
    photographs: Collection
    batch: int = 100

    def prepare(self, device: torch.device) -> Callable[[range], Mapping[str, np.ndarray]]:
        """The sums of one range of rows."""
        ready = self.subject.ready(device)

        @torch.no_grad()
        def compute(rows: range) -> Mapping[str, np.ndarray]:
            sums = ClassSums(len(self.photographs.classes))
            with channels.recorded_means(ready.modules, self.subject.declared) as means:
                batches = self.photographs.ahead(chunks(rows, self.batch), readers(device))
                for part, pixels in batches:
                    ready.network(ready.prepared(pixels))
                    sums.add(self.photographs.labels[part], means)
            seen = sums.count.nonzero()[:, 0]
            found = {"class": seen.numpy(), "count": sums.count[seen].numpy()}
            for name, first in sums.first.items():
                found[f"first {name}"] = first.cpu()[seen].numpy()
                found[f"second {name}"] = sums.second[name].cpu()[seen].numpy()
            return found

        return compute

    def key(self) -> dict[str, Any]:
        """All that decides the sums."""
        return {"work": "channel statistics", **self.subject.key(self.photographs), "batch": self.batch}

    def moments(self, parts: Mapping[str, np.ndarray]) -> dict[str, Moments]:
        """The moments of all ranges, added in their order."""
        sums = ClassSums(len(self.photographs.classes))
        seen = torch.from_numpy(parts["class"])
        sums.count.index_add_(0, seen, torch.from_numpy(parts["count"]))
        for name in self.subject.modules:
            for order, total in (("first", sums.first), ("second", sums.second)):
                rows = torch.from_numpy(parts[f"{order} {name}"])
                total[name] = rows.new_zeros(len(sums.count), rows.shape[1]).index_add_(0, seen, rows)
        return sums.moments()
