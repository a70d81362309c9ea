"""What shards cost, and how far they scale.

    PYTHONPATH=_experiments python tests/bench/bench_shards.py [--network resnet18] [--device cpu]

First the engine in this process, with one worker, against a plain loop over the same ranges: the bytes must
be the same, and the ratio of times (measured alternately, median of the rounds) is the engine's overhead.
Then the fixed costs of a worker in another process, and what a shard costs the process that collects them.
From these, and from the shard times measured here, follows what a run over 50,000 photographs would take on
more workers. That part is a projection: no more than two workers are started. Weights are untrained and
photographs are random numbers, so that no data set is needed.
"""

import argparse
import heapq
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from bench_hooks import in_turn

from gradlab.comparison import engine
from gradlab.comparison.engine import Computed
from gradlab.comparison.shards import ranges
from gradlab.filtering.attribution import Forward
from gradlab.photographs import networks

ARMS, METRICS, CLASSES = 31, 6, 30
LEAST = 0.8
"""The efficiency below which more workers do not pay."""
WORKERS = (1, 8, 16, 32, 64, 128, 256)
SIZES = (512, 128, 32)


@dataclass(frozen=True)
class Maps:
    """So many numbers a photograph as the comparison has, after so many backward passes."""

    network: str
    side: int
    batch: int
    passes: int

    def prepare(self, device: torch.device) -> Callable[[range], Mapping[str, np.ndarray]]:
        """An untrained network."""
        begun = time.time()
        network = networks.untrained(self.network, CLASSES).eval().requires_grad_(False).to(device)
        loaded = time.time()

        def compute(rows: range) -> Mapping[str, np.ndarray]:
            parts = [self._numbers(network, part, device) for part in _batches(rows, self.batch)]
            when = np.array([[begun, loaded, time.time()]])
            return {"numbers": np.concatenate(parts), "when": when}

        return compute

    def _numbers(self, network: torch.nn.Module, rows: range, device: torch.device) -> np.ndarray:
        numbers = np.zeros((len(rows), ARMS, METRICS))
        if self.passes:
            generator = torch.Generator().manual_seed(rows.start)
            images = torch.randn(len(rows), 3, self.side, self.side, generator=generator).to(device)
            forward = Forward(network, images, torch.zeros(len(rows), dtype=torch.long, device=device))
            for arm in range(self.passes):
                gradient = forward.gradient().flatten(1)
                numbers[:, arm, 0] = gradient.abs().sum(1).cpu().numpy()
        return numbers


def _batches(rows: range, size: int) -> list[range]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Environment variables for a while; an empty one is unset."""
    before = {name: os.environ.get(name, "") for name in values}
    try:
        _set(values)
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        os.environ.pop(name, None)
        if value:
            os.environ[name] = value


def computed(work: Maps, rows: int, size: int, devices: str, cluster: str = "") -> Computed:
    """A run with one worker and nothing stored before."""
    with (
        tempfile.TemporaryDirectory() as folder,
        environment(GRADLAB_CLUSTER=cluster, GRADLAB_CORES="1"),
    ):
        lines: list[str] = []
        return engine.compute(
            work, rows, size=size, key={}, devices=devices, folder=Path(folder), report=lines.append
        )


def overhead(work: Maps, rows: int, size: int, device: torch.device, rounds: int) -> dict[str, float]:
    """Median seconds of the loop and of the engine, which must give the same bytes."""
    results: dict[str, bytes] = {}

    def loop() -> None:
        compute = work.prepare(device)
        parts = [compute(part)["numbers"] for part in ranges(rows, size)]
        results["loop"] = np.concatenate(parts).tobytes()

    def shards() -> None:
        results["shards"] = computed(work, rows, size, device.type).arrays["numbers"].tobytes()

    seconds = in_turn({"loop": loop, "shards": shards}, rounds, device)
    assert results["loop"] == results["shards"], "the loop and the engine differ in bytes"
    return {name: statistics.median(taken) for name, taken in seconds.items()}


@dataclass(frozen=True)
class Costs:
    """Seconds: until a worker in another process begins to load, loading, ending; and for each size of
    shards, to send one, receive and store it.
    """

    start: float
    load: float
    end: float
    collect: Mapping[int, float]


def costs(work: Maps, device: torch.device, shards: int = 100) -> Costs:
    """Measured with one worker of ``GRADLAB_CLUSTER=local`` and shards that take no time."""
    idle = replace(work, passes=0)
    starts, loads, ends, collect = [], [], [], {}
    for size in SIZES:
        called = time.time()
        when = computed(idle, shards * size, size, device.type, "local").arrays["when"]
        returned, last = time.time(), when[:, 2].max()
        begun, loaded = when[0, :2]
        starts.append(begun - called)
        loads.append(loaded - begun)
        ends.append(returned - last)
        collect[size] = (last - loaded) / shards
    middle = statistics.median
    return Costs(middle(starts), middle(loads), middle(ends), collect)


def makespan(shards: Sequence[float], workers: int, fixed: Costs, size: int) -> float:
    """Seconds until all is there: each worker takes the next shard when it is free, one process collects."""
    free = [fixed.start + fixed.load] * workers
    heapq.heapify(free)
    collected = 0.0
    for seconds in shards:
        done = heapq.heappop(free) + seconds
        heapq.heappush(free, done)
        collected = max(collected, done) + fixed.collect[size]
    return max(collected, *free) + fixed.end


def projected(shards: Sequence[float], workers: int, fixed: Costs, size: int) -> tuple[float, float]:
    """Seconds for all photographs, and the efficiency: the share of the workers' time that shards take."""
    whole = makespan(shards, workers, fixed, size)
    return whole, sum(shards) / (workers * whole)


def shard_times(relative: Sequence[float], seconds: float, photographs: int, size: int) -> list[float]:
    """For each shard its mean time, times a measured deviation drawn at random."""
    draw = random.Random(0)
    return [len(part) * seconds * draw.choice(relative) for part in ranges(photographs, size)]


def report_projection(
    title: str, relative: Sequence[float], seconds: float, photographs: int, fixed: Costs
) -> None:
    print(f"\n{title}: {1 / seconds:.3g} photographs/s a worker; efficiency and hours")
    print("workers  " + "  ".join(f"shards of {size:3}   " for size in SIZES))
    times = {size: shard_times(relative, seconds, photographs, size) for size in SIZES}
    for workers in WORKERS:
        cells = []
        for size in SIZES:
            whole, efficiency = projected(times[size], workers, fixed, size)
            cells.append(f"{efficiency:6.1%} {whole / 3600:8.3f} h")
        print(f"{workers:7}  " + "  ".join(cells))
    for size in SIZES:
        count, most = len(times[size]), 1
        while most < count and projected(times[size], most + 1, fixed, size)[1] >= LEAST:
            most += 1
        print(f"shards of {size} ({count}): at least {LEAST:.0%} up to {most} workers")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--network", choices=list(networks.ARCHITECTURES), default="resnet18")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--batch", type=int, default=25)
    parser.add_argument("--passes", type=int, default=ARMS)
    parser.add_argument("--shards", type=int, default=8, help="measured ones, of one batch each")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--photographs", type=int, default=50_000)
    parser.add_argument("--assumed", type=float, nargs="*", default=[10, 100], help="photographs/s a worker")
    chosen = parser.parse_args()
    device = torch.device(chosen.device)
    torch.set_num_threads(1)
    work = Maps(chosen.network, chosen.side, chosen.batch, chosen.passes)
    rows = chosen.shards * chosen.batch
    print(f"{chosen.network} on {device.type}, {chosen.side} px, {chosen.passes} backward passes")
    seconds = overhead(work, rows, chosen.batch, device, chosen.rounds)
    print(f"{chosen.shards} shards of {chosen.batch}, one worker, median of {chosen.rounds} rounds")
    print(f"loop {seconds['loop']:.2f} s, engine {seconds['shards']:.2f} s, same bytes")
    print(f"overhead {seconds['shards'] / seconds['loop'] - 1:+.2%}")
    idle = overhead(replace(work, passes=0), rows, chosen.batch, device, 10 * chosen.rounds)
    own = idle["shards"] - idle["loop"]
    print(
        f"without backward passes the engine takes {own:.3f} s more: {own / seconds['loop']:.2%} of the loop"
    )
    single = shard_seconds(work, chosen.shards, device)
    mean = statistics.mean(single)
    relative = [each / mean for each in single]
    fixed = costs(work, device)
    print(
        f"\nstart of a worker {fixed.start:.1f} s, its network {fixed.load:.2f} s, its end {fixed.end:.1f} s"
    )
    for size, collect in fixed.collect.items():
        print(f"one shard of {size} sent, received and stored: {1e3 * collect:.1f} ms")
    print(f"shard times: {min(relative):.2f} to {max(relative):.2f} of their mean")
    report_projection("As measured here", relative, mean / chosen.batch, chosen.photographs, fixed)
    for rate in chosen.assumed:
        report_projection("Assumed", relative, 1 / rate, chosen.photographs, fixed)


def shard_seconds(work: Maps, shards: int, device: torch.device) -> list[float]:
    """The seconds of each of so many shards, of one batch each."""
    compute = work.prepare(device)
    seconds = []
    for part in ranges(shards * work.batch, work.batch):
        started = time.perf_counter()
        compute(part)
        seconds.append(time.perf_counter() - started)
    return seconds[1:]  # the first one warms up


if __name__ == "__main__":
    main()
