"""Whether checkpoints are whole: ``python -m gradlab.photographs.checkpoint_files`` looks at all of them.

The card of a checkpoint has the SHA-256 of its weights, so that a flipped byte, or the weights of another
training, are found. Without torch.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from gradlab.photographs import checkpoints, weight_files


def seal(weights: Path) -> None:
    """Write the digest of the weights into the card beside them, which becomes the new one or stays."""
    card = weights.with_suffix(".json")
    facts = json.loads(card.read_text())
    beside = card.with_suffix(".tmp")
    beside.write_text(json.dumps({**facts, checkpoints.KEY: weight_files.digest(weights)}, indent=1) + "\n")
    beside.replace(card)


def fault(weights: Path) -> str:
    """What is wrong with a checkpoint, in words, "" if nothing is."""
    try:
        facts = json.loads(weights.with_suffix(".json").read_text())
        finite = all(math.isfinite(entry["loss"]) for entry in facts["history"])
        digest = facts[checkpoints.KEY]
    except FileNotFoundError:
        return "it has no card"
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError) as damage:
        return f"its card is damaged: {damage!r}"
    if not weights.is_file():
        return "its weights are not there"
    try:
        if digest != weight_files.digest(weights):
            return "its weights are not those that its card is about: a damaged file, or another training"
        state = load_file(weights)
    except (SafetensorError, OSError, LookupError, TypeError, AttributeError, ValueError) as damage:
        return f"its weights are damaged, or of a kind that is not read here: {damage}"
    if broken := [name for name, values in state.items() if not np.isfinite(values).all()]:
        return f"{len(broken)} of its weights are no numbers, {broken[0]} first"
    if not finite:
        return "a loss in its card is no number"
    return ""


def all_faults() -> dict[str, str]:
    """By name, what is wrong with each checkpoint that has weights or a card."""
    found = {
        file.stem
        for ending in ("safetensors", "json")
        for file in checkpoints.CHECKPOINTS.glob(f"*.{ending}")
    }
    return {name: fault(checkpoints.CHECKPOINTS / f"{name}.safetensors") for name in sorted(found)}


def main() -> int:
    """Look at all; the exit status is 1 if anything is wrong."""
    faults = all_faults()
    for name, wrong in faults.items():
        print(f"{name}: {wrong or 'whole'}", file=sys.stderr if wrong else sys.stdout)
    return 1 if any(faults.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
