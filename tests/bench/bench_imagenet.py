"""What the main comparison would take on ImageNet: measured images per second, and hours for 50,000.

    PYTHONPATH=_experiments python tests/bench/bench_imagenet.py [--device cuda] [--batch 64]

Torchvision's own networks at 224 pixels with 1,000 classes and untrained weights: speed does not depend
on weights, so nothing is downloaded. The comparison takes one forward and 31 backward passes per
photograph: five lists of modules, three quantiles, conserved and not, and the plain gradient. The
longest list, all convolutions, stands for each of the 31.
"""

import argparse

import torch
from bench_hooks import compare

from gradlab.filtering import module_lists
from gradlab.filtering.attribution import Forward
from gradlab.filtering.conservation import Conservation
from gradlab.filtering.hooks import partition_channels
from gradlab.photographs import networks

PASSES = 31
PHOTOGRAPHS = 50_000
SIDE = 224
CLASSES = 1000


def seconds_per_photograph(name: str, batch: int, rounds: int, device: torch.device) -> tuple[float, float]:
    """Seconds of one forward pass, and of one conserved backward pass, per photograph."""
    network = networks.architecture(name).build(num_classes=CLASSES).eval().requires_grad_(False)
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    images = torch.randn(batch, 3, SIDE, SIDE, device=device).contiguous(memory_format=torch.channels_last)
    labels = torch.zeros(batch, dtype=torch.long, device=device)
    modules = module_lists.convolutions(network)
    keep = {
        name: torch.rand(batch, len(m.get_parameter("weight")), device=device) < 0.1
        for name, m in modules.items()
    }
    with partition_channels(modules, keep, Conservation.VARIANCE):
        kept = Forward(network, images, labels)
        works = {"forward": lambda: Forward(network, images, labels), "backward": kept.gradient}
        seconds = compare(works, rounds, device)
    return seconds["forward"] / batch, seconds["backward"] / batch


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--batch", type=int, help="default: 64 on a GPU, 8 on a CPU")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    device = torch.device(chosen.device)
    batch = chosen.batch or (64 if device.type == "cuda" else 8)
    title = (
        torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    )
    print(f"{title}, {SIDE} px, batches of {batch}, median of {chosen.rounds} rounds")
    print("network          passes/s  photographs/s  hours for 50,000")
    total = 0.0
    for name, architecture in networks.ARCHITECTURES.items():
        forward, backward = seconds_per_photograph(name, batch, chosen.rounds, device)
        whole = forward + PASSES * backward
        hours = whole * PHOTOGRAPHS / 3600
        total += hours
        print(
            f"{architecture.title:16} {1 / backward:8.1f} {1 / whole:14.3f} {hours:17.1f}",
            flush=True,
        )
    print(f"all three: {total:.1f} hours")


if __name__ == "__main__":
    main()
