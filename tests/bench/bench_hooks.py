"""What the hooks cost: over plain saliency, and against a loop over photographs that does the same.

    PYTHONPATH=_experiments python tests/bench/bench_hooks.py [--network resnet18] [--device cpu]

Channels are kept as a row for each photograph ("each") or as one row for all ("shared"). Every ratio is the
median over rounds of two times taken one after the other, so the speed of the machine and what else it does
fall out. Photographs are random numbers, weights are untrained: no data set is needed.
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


def in_turn(
    works: Mapping[str, Callable[[], object]], rounds: int, device: torch.device
) -> dict[str, list[float]]:
    """Seconds of each in every round, measured in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            _, spent = timed(work, device)
            if turn:  # the first round warms up
                seconds[name].append(spent)
    return seconds


def ratio(seconds: Mapping[str, list[float]], above: str, below: str) -> float:
    """The median over the rounds of one work's seconds over another's."""
    return statistics.median(a / b for a, b in zip(seconds[above], seconds[below], strict=True))


def measure(
    network: nn.Module,
    modules: Mapping[str, nn.Module],
    batch: int,
    side: int,
    rounds: int,
    device: torch.device,
) -> dict[str, list[float]]:
    """Seconds of "plain", "each", "shared" and "loop", after a check that the hooks do what the loop does.

    All in single precision: a GPU would take convolutions in TF32 unless it is told not to.
    """
    torch.backends.cudnn.allow_tf32 = False
    images = torch.randn(batch, 3, side, side, device=device)
    labels = torch.zeros(batch, dtype=torch.long, device=device)
    each = {
        name: torch.rand(batch, len(m.get_parameter("weight")), device=device) < 0.1
        for name, m in modules.items()
    }
    shared = {name: rows[0] for name, rows in each.items()}

    def plain() -> Tensor:
        return attribution.saliency(network, images, labels)

    def hooks(keep: Mapping[str, Tensor]) -> Tensor:
        with partition_channels(modules, keep, Conservation.VARIANCE):
            return attribution.saliency(network, images, labels)

    def loop(keep: Mapping[str, Tensor]) -> Tensor:
        with gradient_hooks(modules, loop_change(keep)):
            return attribution.saliency(network, images, labels)

    for keep in (each, shared):
        expected = loop({name: rows.expand(batch, -1) for name, rows in keep.items()})
        difference = (hooks(keep) - expected).abs().max() / expected.abs().max()
        assert difference < 1e-3, f"the loop and the hooks disagree by {difference:.1e}"
    works = {
        "plain": plain,
        "each": lambda: hooks(each),
        "shared": lambda: hooks(shared),
        "loop": lambda: loop(each),
    }
    return in_turn(works, rounds, device)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--network", choices=list(networks.ARCHITECTURES), default="resnet18")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 32, 128])
    chosen = parser.parse_args()
    device = torch.device(chosen.device)
    network = networks.untrained(chosen.network, 30).eval().requires_grad_(False).to(device)
    print(f"{chosen.network} on {device.type}, {chosen.side} px, median of {chosen.rounds} rounds")
    print("modules  batch  plain ms  each/plain  shared/plain  loop/each  loop/shared")
    for title, modules in module_lists.compared(chosen.network, network, (1.0,)).items():
        for batch in chosen.batches:
            s = measure(network, modules, batch, chosen.side, chosen.rounds, device)
            ratios = [
                ratio(s, *pair)
                for pair in (("each", "plain"), ("shared", "plain"), ("loop", "each"), ("loop", "shared"))
            ]
            print(
                f"{title:7} {batch:6} {1e3 * statistics.median(s['plain']):9.1f} "
                "{:11.2f} {:13.2f} {:10.2f} {:12.2f}".format(*ratios),
                flush=True,
            )


if __name__ == "__main__":
    main()
