"""Workers compute shards: one device each, one thread of torch each; here, the workers in this process."""

import contextlib
import os
import queue
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
import torch

from gradlab.comparison.provenance import Origin, origin_of
from gradlab.comparison.shards import Shard, said

ATTEMPTS = 3
"""How often a shard is tried before its exception counts."""
CORES = "GRADLAB_CORES"
DEVICES = ("auto", "cuda", "cpu")
_PREPARING = threading.Lock()


@runtime_checkable
class Work(Protocol):
    """What is computed. Workers in other processes get it pickled, so it should be small."""

    def prepare(self, device: torch.device) -> Callable[[range], Mapping[str, np.ndarray]]:
        """Load what a worker needs, once; the result computes one range of rows.

        It must be deterministic, and set the flags of torch that it depends on, because a worker may be
        another process. Random numbers of a shard come from a generator of its own, because workers may
        be threads that share the global one. Each array has at least one axis; along the first, shards
        are joined.
        """


class ShardError(RuntimeError):
    """A range of rows could not be computed."""


class PrepareError(RuntimeError):
    """A worker could not load what it needs, so that it can compute no shard at all."""


@runtime_checkable
class Pool(Protocol):
    """Workers that take shards."""

    def submit(self, rows: range) -> "Future[Shard]":
        """Compute these rows, with :data:`ATTEMPTS` attempts."""

    def alive(self) -> int:
        """How many workers there are."""

    def origins(self) -> list[Origin]:
        """Of the workers that there are so far."""


class Worker:
    """Computes shards on one device, one at a time.

    One thread of torch, because the number of threads decides the order of sums and so the last bits.
    """

    def __init__(self, work: Work, devices: str, number: int = 0) -> None:
        self._work, self._devices, self._number = work, devices, number
        self._name = f"{socket.gethostname()}:{os.getpid()}:{number}"
        self._lock = threading.Lock()
        self._compute: Callable[[range], Mapping[str, np.ndarray]] | None = None

    @cached_property
    def device(self) -> torch.device:
        """The worker's device."""
        available = available_devices(self._devices)
        return available[self._number % len(available)]

    @cached_property
    def origin(self) -> Origin:
        """Of what this worker computes."""
        return origin_of(self.device)

    def compute(self, rows: range) -> Shard:
        """One shard. Errors carry the traceback as text, because they may leave the process."""
        with self._lock:
            torch.set_num_threads(1)
            try:
                if self.device.type == "cuda":
                    torch.cuda.set_device(self.device)
                compute = self._prepared()
            except Exception:
                raise PrepareError(f"worker {self._name} could not be prepared:\n{_traceback()}") from None
            started = time.perf_counter()
            try:
                arrays = {name: _array(name, value) for name, value in compute(rows).items()}
            except Exception:
                raise ShardError(f"rows {said(rows)} on worker {self._name}:\n{_traceback()}") from None
            return Shard(rows, arrays, self.origin, self._name, time.perf_counter() - started)

    def _prepared(self) -> Callable[[range], Mapping[str, np.ndarray]]:
        if self._compute is None:
            # One thread at a time, because all seed and draw from the one global generator of torch.
            with _PREPARING:
                self._compute = self._work.prepare(self.device)
        return self._compute


def _traceback() -> str:
    return traceback.format_exc().rstrip()


def _array(name: str, value: object) -> np.ndarray:
    array = np.asarray(value)
    if array.ndim == 0 or array.dtype.hasobject:
        raise ValueError(f"{name} must be an array of numbers with at least one axis, not {value!r}")
    return array


def cores() -> int:
    """How many cores to use: ``GRADLAB_CORES``, or those that this process may use."""
    asked = os.environ.get(CORES)
    if asked is not None:
        if not asked.isdecimal() or int(asked) < 1:
            raise ValueError(f"{CORES} must be a positive number, not {asked!r}")
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def available_devices(devices: str) -> list[torch.device]:
    """The GPUs of this process for "cuda", the CPU for "cpu"; "auto" takes GPUs where there are any."""
    if devices not in DEVICES:
        raise ValueError(f"devices must be one of {', '.join(DEVICES)}, not {devices!r}")
    gpus = 0 if devices == "cpu" else torch.cuda.device_count()
    if devices == "cuda" and not gpus:
        raise RuntimeError(
            f"a GPU is asked for, but torch {torch.__version__} on {socket.gethostname()} finds none"
        )
    return [torch.device("cuda", i) for i in range(gpus)] or [torch.device("cpu")]


def number_of_workers(devices: str) -> int:
    """One for each GPU of this machine, or for each core."""
    available = available_devices(devices)
    return len(available) if available[0].type == "cuda" else cores()


class Threads:
    """Workers in this process, one thread each.

    Threads do: torch leaves Python's lock while it computes, and 2 threads were measured to be as fast as
    2 processes. They share the process's memory and need nothing pickled.
    """

    def __init__(self, work: Work, devices: str, most: int) -> None:
        number = min(number_of_workers(devices), most)
        self._workers: Sequence[Worker] = [Worker(work, devices, i) for i in range(number)]
        self._free: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._free.put(worker)
        self._own = threading.local()
        self.executor = ThreadPoolExecutor(number, "shards", self._take)

    def submit(self, rows: range) -> "Future[Shard]":
        """Compute these rows in the next free thread."""
        return self.executor.submit(self._attempt, rows)

    def alive(self) -> int:
        """All of them."""
        return len(self._workers)

    def origins(self) -> list[Origin]:
        """Of all devices."""
        return [worker.origin for worker in self._workers]

    def _take(self) -> None:
        self._own.worker = self._free.get_nowait()

    def _attempt(self, rows: range) -> Shard:
        for _ in range(ATTEMPTS - 1):
            with contextlib.suppress(ShardError):
                return self._compute(rows)
        return self._compute(rows)

    def _compute(self, rows: range) -> Shard:
        shard: Shard = self._own.worker.compute(rows)
        return shard


@contextlib.contextmanager
def in_this_process(work: Work, devices: str, most: int) -> Iterator[Pool]:
    """At most ``most`` workers in threads; afterwards torch has as many threads as before."""
    before = torch.get_num_threads()
    threads = Threads(work, devices, most)
    try:
        yield threads
    except BaseException:
        threads.executor.shutdown(wait=False, cancel_futures=True)  # a thread cannot be interrupted
        raise
    else:
        threads.executor.shutdown()
    finally:
        torch.set_num_threads(before)
