"""The weights that this project trained: ``checkpoints/*.safetensors``, half precision, a card each.

Their names are ``checkpoint/NAME``. Without torch but for what loads them.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradlab.photographs import archives, weight_files
from gradlab.photographs.weight_files import WeightsError

if TYPE_CHECKING:
    import torch.nn

    import gradlab.photographs.loaded

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
_PREFIX = "checkpoint/"
KEY = "weights_sha256"
"""Where a card has the digest of the weights."""


def path(checkpoint: str) -> Path:
    """The file of a checkpoint; a WeightsError lists the existing ones."""
    file = CHECKPOINTS / f"{checkpoint}.safetensors"
    if not file.is_file():
        known = ", ".join(sorted(p.stem for p in CHECKPOINTS.glob("*.safetensors"))) or "none"
        raise WeightsError(f"{file} does not exist; checkpoints here: {known}. `make checkpoints` trains.")
    return file


def card(checkpoint: str) -> dict[str, Any]:
    """The model card of a checkpoint: network, recipe, data digest, accuracy, seed."""
    file = path(checkpoint).with_suffix(".json")
    try:
        loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        wanted = {"network": str, "classes": int, "recipe": dict}
        if wrong := [key for key, kind in wanted.items() if not isinstance(loaded.get(key), kind)]:
            raise ValueError(f"{wrong[0]} is missing, or of another kind")
        last = loaded["recipe"]["cycles"][-1]["stages"][-1][1]
        if not isinstance(last, int) or loaded["classes"] < 1 or last < 1:
            raise ValueError("classes and the size of the last photographs are whole numbers above 0")
    except (OSError, ValueError, RecursionError, AttributeError, KeyError, IndexError, TypeError) as damage:
        raise WeightsError(
            f"{file} is no card of a checkpoint ({damage}): restore it, or train again"
        ) from damage
    return loaded


def trained(checkpoint: str) -> "torch.nn.Module":
    """The network of a checkpoint, in single precision, ready to evaluate.

    Raises WeightsError for weights that are damaged, or not those that the card is about.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from gradlab.photographs import networks

    file, facts = path(checkpoint), card(checkpoint)
    if facts.get(KEY) != weight_files.digest(file):
        raise WeightsError(
            f"the weights in {file} are not those that its card is about: a damaged file, or another training"
        )
    network = networks.untrained(facts["network"], facts["classes"])
    try:
        network.load_state_dict(load_file(file))
    except (SafetensorError, *archives.DAMAGE) as error:
        raise WeightsError(f"{file} is damaged or of another network: {error}") from error
    return network.eval()


def find(name: str, network: str | None) -> Path:
    """The file of ``checkpoint/NAME``; a WeightsError if it is not of ``network``."""
    checkpoint = name.removeprefix(_PREFIX)
    file = path(checkpoint)
    own = card(checkpoint)["network"]
    if network not in (None, own):
        raise WeightsError(f"{file} holds weights of {own}, not of {network}")
    return file


def load(network: str, name: str) -> "gradlab.photographs.loaded.Loaded":
    """The network of ``checkpoint/NAME``, for photographs of the size that its training ended with."""
    from gradlab.photographs import datasets
    from gradlab.photographs.loaded import Loaded

    checkpoint = find(name, network).stem
    side = card(checkpoint)["recipe"]["cycles"][-1]["stages"][-1][1]
    wnids = tuple(archives.class_names())
    return Loaded(trained(checkpoint), datasets.IMAGENET_MEAN, datasets.IMAGENET_STD, side, wnids)


def main(arguments: list[str] | None = None) -> int:
    """Answer with path and digest."""
    return weight_files.answer("gradlab.photographs.checkpoints", find, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
