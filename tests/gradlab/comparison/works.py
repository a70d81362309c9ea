"""Works that tests give to the engine, importable by worker processes.

Each computation leaves a file in ``log``, so that they can be counted whatever happens to the process.
"""

import hashlib
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gradlab.comparison import engine


@dataclass(frozen=True)
class Squares:
    """Each row's square, and one row of a partial sum for each shard."""

    log: Path

    def prepare(self, device: torch.device) -> Callable[[range], Mapping[str, np.ndarray]]:
        return self.compute

    def compute(self, rows: range) -> Mapping[str, np.ndarray]:
        (self.log / f"{rows.start}.{uuid.uuid4().hex}").touch()
        self.happens(rows)
        numbers = np.arange(rows.start, rows.stop)
        return {"square": numbers**2, "sum": np.array([[numbers.sum(), len(numbers)]])}

    def happens(self, rows: range) -> None:
        """What else happens during a shard."""


class Stumbling(Squares):
    """Fails in the shard that begins with row 4, always."""

    def happens(self, rows: range) -> None:
        if rows.start == 4:
            raise ZeroDivisionError("row 4 is not to be divided")


class Recovering(Squares):
    """Fails in the shard that begins with row 4, twice."""

    def happens(self, rows: range) -> None:
        if rows.start == 4 and len(times(self.log, 4)) < 3:
            raise ZeroDivisionError("not yet")


class Dying(Squares):
    """The process dies in the shard that begins with row 4, the first time."""

    def happens(self, rows: range) -> None:
        if rows.start == 4 and len(times(self.log, 4)) == 1:
            os.kill(os.getpid(), signal.SIGKILL)


class Deadly(Squares):
    """The process dies in the shard that begins with row 4, always."""

    def happens(self, rows: range) -> None:
        if rows.start == 4:
            os.kill(os.getpid(), signal.SIGKILL)


class Waiting(Squares):
    """From row 8 on, waits until the log's folder holds a file ``go``."""

    def happens(self, rows: range) -> None:
        while rows.start >= 8 and not (self.log / "go").exists():
            time.sleep(0.02)


class Unprepared(Squares):
    """Cannot be loaded."""

    def prepare(self, device: torch.device) -> Callable[[range], Mapping[str, np.ndarray]]:
        raise FileNotFoundError("no photographs here")


@dataclass(frozen=True)
class Seeded:
    """Slowly draws two numbers from the global generator while it is loaded."""

    def prepare(self, device: torch.device) -> Callable[[range], Mapping[str, np.ndarray]]:
        torch.manual_seed(7)
        numbers = []
        for _ in range(2):
            time.sleep(0.05)
            numbers.append(torch.rand(()).item())

        def compute(rows: range) -> Mapping[str, np.ndarray]:
            time.sleep(0.1)  # so that every worker has a shard
            return {"drawn": np.array([numbers]), "worker": np.array([threading.get_ident()])}

        return compute


@dataclass(frozen=True)
class Gradients:
    """Input gradients of a small network with random weights, in single precision."""

    def prepare(self, device: torch.device) -> Callable[[range], Mapping[str, np.ndarray]]:
        torch.manual_seed(0)
        layers: list[nn.Module] = [nn.Conv2d(3, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU()]
        for _ in range(3):
            layers += [nn.Conv2d(32, 32, 3, padding=1), nn.ReLU()]
        head = [nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(512, 10)]
        network = nn.Sequential(*layers, *head).eval().requires_grad_(False).to(device)

        def compute(rows: range) -> Mapping[str, np.ndarray]:
            generator = torch.Generator().manual_seed(rows.start)
            images = torch.randn(len(rows), 3, 32, 32, generator=generator).to(device).requires_grad_()
            output = network(images)[:, 0].sum()
            gradients = [torch.autograd.grad(output, images, retain_graph=True)[0] for _ in range(3)]
            threads = np.full(len(rows), torch.get_num_threads())
            return {"gradient": torch.stack(gradients, 1).cpu().numpy(), "threads": threads}

        return compute


def times(log: Path, first_row: int) -> list[Path]:
    """One file for each time that the shard beginning with this row was computed."""
    return list(log.glob(f"{first_row}.*"))


def digest(arrays: Mapping[str, np.ndarray]) -> str:
    """Of names, shapes and bytes."""
    state = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        state.update(f"{name} {array.shape} {array.dtype}".encode() + array.tobytes())
    return state.hexdigest()


def main(name: str, log: str, folder: str) -> None:
    """Compute twelve rows in shards of two, and print the digest."""
    work = globals()[name](Path(log))
    computed = engine.compute(work, 12, size=2, key={"work": "squares"}, folder=Path(folder))
    print(digest(computed.arrays))


if __name__ == "__main__":
    main(*sys.argv[1:])
