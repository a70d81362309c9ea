"""Square photographs of random pixels, three classes, each with a box somewhere in its upper left part."""

import torch

from gradlab.photographs import collection
from gradlab.photographs.datasets import Photographs

CLASSES = 3


def photographs(each: int, seed: int, side: int) -> collection.Collection:
    """``each`` of every class; another ``seed`` draws other pixels and boxes."""
    generator = torch.Generator().manual_seed(seed)
    count, size = CLASSES * each, side // 2 - 1
    pixels = torch.randint(0, 256, (count, 3, side, side), generator=generator, dtype=torch.uint8)
    corner = torch.randint(0, 3 * side // 8, (count, 2), generator=generator)
    return collection.of(
        Photographs(
            pixels, torch.arange(CLASSES).repeat_interleave(each), torch.cat([corner, corner + size], 1),
            tuple(f"{seed}-{i}" for i in range(count)), ("ant", "bee", "cat"),
        ),
        ("n1", "n2", "n3"),
    )  # fmt: skip
