"""One long measurement over many photographs: in shards, on any number of workers, continued after a stop.

``GRADLAB_CLUSTER`` says where the workers are. It is the environment's matter, so that a notebook is the
same everywhere:

- unset: threads of this process, one for each GPU or core (``GRADLAB_CORES``);
- ``local``: processes on this machine, one for each GPU or core;
- ``slurm``: Slurm jobs, with options from the file that ``GRADLAB_CLUSTER_OPTIONS`` names;
- ``tcp://...`` or ``tls://...``: the workers of a Dask scheduler that is running.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradlab.comparison.progress import Progress, printed
from gradlab.comparison.provenance import Origin, Provenance, refuse_mixture
from gradlab.comparison.shards import Shard, Store, joined, ranges, said
from gradlab.comparison.workers import (
    ATTEMPTS,
    Pool,
    PrepareError,
    ShardError,
    Work,
    in_this_process,
)

__all__ = ["Computed", "Work", "compute"]

CLUSTER = "GRADLAB_CLUSTER"
FOLDER = Path(__file__).parents[3] / ".cache" / "shards"
_PATIENCE = 1.0  # seconds between two looks at the clock


@dataclass(frozen=True)
class Computed:
    """The arrays of all shards, joined along axis 0 in the order of their rows, and where they come from."""

    arrays: dict[str, np.ndarray]
    record: Provenance


def compute(
    work: Work,
    rows: int,
    *,
    size: int,
    key: Mapping[str, Any],
    devices: str = "auto",
    folder: Path | None = None,
    report: Callable[[str], None] | None = None,
    mixture: bool = False,
) -> Computed:
    """Compute ``work`` over ``rows`` rows in shards of ``size``; take those that are stored from there.

    ``key`` holds all that decides the result, as JSON; kinds of device and versions are kept with each
    shard. ``devices`` is "cpu", "cuda" or "auto". Shards are kept in a folder below ``folder``; those of
    finished runs stay until no run has touched them for a month. A shard that fails three times raises
    :class:`ShardError` once all others are stored. Origins that differ raise
    :class:`~gradlab.comparison.provenance.MixtureError` unless ``mixture`` allows it.
    """
    started = time.perf_counter()
    wanted = ranges(rows, size)
    store = Store.opened(folder or FOLDER, {"key": dict(key), "rows": rows, "size": size})
    found, damaged = store.found(wanted)
    progress = Progress(len(wanted), rows, report or printed)
    progress.begin(len(found), sum(map(len, found)), len(damaged))
    run = _Run(store, progress, mixture, dict(found))
    run.refuse_mixture([])
    missing = [shard for shard in wanted if shard not in found]
    if missing:
        with _workers(work, devices, len(missing)) as pool:
            run.complete(pool, missing)
    progress.end()
    store.remove_old()
    shards = [run.shards[shard] for shard in wanted]
    record = Provenance(
        computed=len(missing),
        found=len(found),
        seconds=time.perf_counter() - started,
        worker_seconds=sum(shard.seconds for shard in shards),
        workers=len({run.shards[rows].worker for rows in missing}),
        origins=tuple(sorted({shard.origin for shard in shards})),
    )
    return Computed(joined(shards), record)


def _workers(work: Work, devices: str, most: int) -> AbstractContextManager[Pool]:
    cluster = os.environ.get(CLUSTER)
    if not cluster:
        return in_this_process(work, devices, most)
    if cluster not in ("local", "slurm") and not cluster.startswith(("tcp://", "tls://")):
        raise ValueError(
            f"{CLUSTER} must be unset, local, slurm, or the tcp:// or tls:// address of a Dask scheduler, "
            f"not {cluster!r}"
        )
    from gradlab.comparison.cluster import workers_of  # Dask, which a run in this process does not need

    return workers_of(cluster, work, devices, most)


@dataclass
class _Run:
    """The shards so far, and what to do with the next one."""

    store: Store
    progress: Progress
    mixture: bool
    shards: dict[range, Shard]

    def complete(self, pool: Pool, missing: Sequence[range]) -> None:
        """Compute and store the missing shards, all but those that fail."""
        self.refuse_mixture(pool.origins())
        waiting: dict[Future[Shard], range] = {pool.submit(rows): rows for rows in missing}
        failed: dict[range, BaseException] = {}
        while waiting:
            self._collect(waiting, failed)
            _stop_where_no_other_shard_can_do_better(failed.values())
            self.progress.tick(pool.alive)
        if failed:
            raise _explained(failed, self.store.folder)

    def _collect(self, waiting: dict["Future[Shard]", range], failed: dict[range, BaseException]) -> None:
        """Move on what is done by now.

        A function of its own, so that no variable keeps the last future: Dask computes again what a worker
        that dies had done, as long as somebody has its future.
        """
        for future in wait(waiting, _PATIENCE, FIRST_COMPLETED).done:
            rows = waiting.pop(future)
            error = _error(future)
            if error is None:
                self.keep(future.result())
            else:
                failed[rows] = error

    def keep(self, shard: Shard) -> None:
        """Store a shard that was computed now."""
        self.refuse_mixture([shard.origin])
        self.store.write(shard)
        self.shards[shard.rows] = shard
        self.progress.add(len(shard.rows))

    def refuse_mixture(self, now: Sequence[Origin]) -> None:
        if not self.mixture:
            refuse_mixture((shard.origin for shard in self.shards.values()), now, str(self.store.folder))


def _error(future: "Future[Shard]") -> BaseException | None:
    try:
        return future.exception()
    except CancelledError as error:
        return error


def _stop_where_no_other_shard_can_do_better(errors: Iterable[BaseException]) -> None:
    for error in errors:
        if isinstance(error, PrepareError):
            raise error from None
        if isinstance(error, CancelledError):
            raise ConnectionError(
                "the scheduler is gone; shards received so far are stored, and the same run continues there"
            ) from None


def _explained(failed: Mapping[range, BaseException], folder: Path) -> ShardError:
    ordered = sorted(failed, key=lambda rows: rows.start)
    first = failed[ordered[0]]
    what = str(first) if isinstance(first, ShardError) else f"{type(first).__name__}: {first}"
    return ShardError(
        f"failed {ATTEMPTS} times: rows {', '.join(map(said, ordered))}; all other shards are stored in "
        f"{folder}. The first of them:\n{what}"
    )
