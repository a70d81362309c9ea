"""What the hooks cost: over plain saliency, and against a loop over photographs that does the same.

    PYTHONPATH=_experiments python tests/bench/bench_hooks.py [--network resnet18] [--device cpu]

Every ratio compares two things measured alternately in this one run (median of the rounds), so the speed
of the machine and what else it does fall out. Photographs are random numbers, weights are untrained: no
data set is needed.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

from gradlab.filtering import attribution, module_lists
from gradlab.filtering.conservation import EPSILON, Conservation
from gradlab.filtering.hooks import gradient_hooks, partition_channels
from gradlab.photographs import networks

Result = TypeVar("Result")


def loop_change(keep: Mapping[str, Tensor]) -> Callable[[str, Tensor], Tensor]:
    """The conserved filter as a loop over photographs, with numbers fetched from the device."""

    def change(name: str, gradient: Tensor) -> Tensor:
        result = gradient.clone()
        for i in range(len(gradient)):
            chosen = keep[name][i]
            if not chosen.any() or chosen.all():
                continue
            kept, rest = gradient[i, chosen].sum(0), gradient[i, ~chosen].sum(0)
            if kept.numel() > 1:
                m, n = kept.var().item() + EPSILON, rest.var().item() + EPSILON
            else:
                m, n = kept.abs().item() + EPSILON, rest.abs().item() + EPSILON
            result[i, ~chosen] = 0
            result[i, chosen] *= ((m + n) / m) ** 0.5
        return result

    return change


def timed(work: Callable[[], Result], device: torch.device) -> tuple[Result, float]:
    """The result of ``work``, and how many seconds it took on the device."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    started = time.perf_counter()
    result = work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return result, time.perf_counter() - started


def compare(works: Mapping[str, Callable[[], object]], rounds: int, device: torch.device) -> dict[str, float]:
    """Median seconds of each, measured in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            _, spent = timed(work, device)
            if turn:  # the first round warms up
                seconds[name].append(spent)
    return {name: statistics.median(values) for name, values in seconds.items()}


def measure(
    network: nn.Module,
    modules: Mapping[str, nn.Module],
    batch: int,
    side: int,
    rounds: int,
    device: torch.device,
) -> dict[str, float]:
    images = torch.randn(batch, 3, side, side, device=device)
    labels = torch.zeros(batch, dtype=torch.long, device=device)
    keep = {
        name: torch.rand(batch, len(m.get_parameter("weight")), device=device) < 0.1
        for name, m in modules.items()
    }

    def plain() -> Tensor:
        return attribution.saliency(network, images, labels)

    def vectorised() -> Tensor:
        with partition_channels(modules, keep, Conservation.VARIANCE):
            return attribution.saliency(network, images, labels)

    def loop() -> Tensor:
        with gradient_hooks(modules, loop_change(keep)):
            return attribution.saliency(network, images, labels)

    difference = (vectorised() - loop()).abs().max() / vectorised().abs().max()
    assert difference < 1e-3, f"the loop and the hooks disagree by {difference:.1e}"
    return compare({"plain": plain, "hooks": vectorised, "loop": loop}, rounds, device)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--network", choices=list(networks.ARCHITECTURES), default="resnet18")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 32, 128])
    chosen = parser.parse_args()
    device = torch.device(chosen.device)
    network = networks.untrained(chosen.network, 30).eval().requires_grad_(False).to(device)
    print(f"{chosen.network} on {device.type}, {chosen.side} px, median of {chosen.rounds} rounds")
    print("modules  batch  plain ms  hooks/plain  loop/hooks  images/s with hooks")
    lists = {
        "upper": module_lists.upper_modules(chosen.network, network),
        "all": module_lists.convolutions(network),
    }
    for title, modules in lists.items():
        for batch in chosen.batches:
            s = measure(network, modules, batch, chosen.side, chosen.rounds, device)
            print(
                f"{title:7} {batch:6} {1e3 * s['plain']:9.1f} {s['hooks'] / s['plain']:12.2f} "
                f"{s['loop'] / s['hooks']:11.2f} {batch / s['hooks']:20.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
