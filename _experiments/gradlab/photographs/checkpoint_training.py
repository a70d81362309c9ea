"""Train a checkpoint to its end: ``python -m gradlab.photographs.checkpoint_training --model resnet18``.

How a network is trained stands in :mod:`gradlab.photographs.training`. A training that was stopped goes on
from its last epoch; one that was stopped after its last epoch still writes its checkpoint. Weights and card
are made beside the old ones, looked at, and take their places only then; what a training goes on from is
removed last.
"""

import argparse
import json
import math
import platform
import time
from dataclasses import asdict
from pathlib import Path

import torch
from rich.progress import Progress
from safetensors.torch import save_file

from gradlab.photographs import archives, checkpoint_files, checkpoints, data_sets, training
from gradlab.photographs.datasets import Photographs
from gradlab.photographs.recipes import RECIPES, Recipe
from gradlab.photographs.training import Trainer
from gradlab.photographs.weight_files import WeightsError

_WORK = ".training"


def train(recipe: Recipe, name: str, seed: int, device: torch.device, bf16: bool) -> None:
    """Train to the end of the recipe, writing the checkpoint ``name`` and its card.

    Raises :class:`~gradlab.photographs.weight_files.WeightsError` for a damaged checkpoint or state to go on
    from, and for a training that does not converge; then the old checkpoint stands.
    """
    photographs, validation = (
        data_sets.open(archives.TINY_IMAGENET, split).in_memory() for split in ("train", "val")
    )
    trainer = Trainer(recipe, seed, device, bf16)
    state = checkpoints.CHECKPOINTS / _WORK / f"{name}.pt"
    stopped = state.exists()
    _pick_up(trainer, name, state)
    if len(trainer.history) >= recipe.epochs and not stopped:
        print(f"{name} is trained: nothing to do")
        return
    _epochs(trainer, name, state, photographs, validation)
    _finish(trainer, name, validation)
    state.unlink(missing_ok=True)


def _pick_up(trainer: Trainer, name: str, state: Path) -> None:
    """Go on from what was stopped, or from a whole checkpoint whose recipe has grown."""
    weights = checkpoints.CHECKPOINTS / f"{name}.safetensors"
    there = weights.exists() or weights.with_suffix(".json").exists()
    if there and not state.exists() and (wrong := checkpoint_files.fault(weights)):
        raise WeightsError(f"{weights}: {wrong}. Restore weights and card, or delete both to train anew.")
    try:
        _continue(trainer, name, state)
    except WeightsError:
        raise
    except Exception as damage:  # torch raises what zip, pickle and the optimizer happen to make of it
        raise WeightsError(
            f"{state} is damaged or of another recipe: delete it to begin anew ({damage!r})"
        ) from damage


def _continue(trainer: Trainer, name: str, state: Path) -> None:
    """Continue an interrupted training, or a finished one whose recipe has grown.

    From a checkpoint only the (rounded) weights and the history return; momentum starts at zero.
    """
    if state.exists():
        trainer.resume(state)
        return
    if not (checkpoints.CHECKPOINTS / f"{name}.safetensors").exists():
        return
    facts = checkpoints.card(name)
    if (facts["network"], facts["seed"]) == (trainer.recipe.network, trainer.seed):
        trainer.network.load_state_dict(checkpoints.trained(name).state_dict())
        trainer.history = facts["history"][: trainer.recipe.epochs]
        trainer.generator.manual_seed(trainer.seed + len(trainer.history))


def _epochs(
    trainer: Trainer, name: str, state: Path, photographs: Photographs, validation: Photographs
) -> None:
    """Train what is left of the recipe; after each epoch everything is on the disk."""
    epochs = trainer.recipe.epochs
    with Progress() as progress:
        while len(trainer.history) < epochs:
            started = time.perf_counter()
            loss = trainer.epoch(photographs, progress)
            if not math.isfinite(loss):
                raise WeightsError(f"{name}: the loss of epoch {len(trainer.history) + 1} is no number")
            top1 = training.accuracy(trainer.network, validation, trainer.device)
            seconds = time.perf_counter() - started
            trainer.history.append({"loss": loss, "top1": top1, "seconds": seconds})
            trainer.save(state)
            progress.console.print(
                f"{name} epoch {len(trainer.history)}/{epochs}: "
                f"loss {loss:.3f}, top-1 {top1:.1%}, {seconds:.0f} s"
            )


def _finish(trainer: Trainer, name: str, validation: Photographs) -> None:
    """Write weights and card, and let them take their places when they are whole."""
    beside = checkpoints.CHECKPOINTS / _WORK / f"{name}.safetensors"
    beside.parent.mkdir(parents=True, exist_ok=True)
    seconds = sum(entry["seconds"] for entry in trainer.history)
    _export(trainer, f"{_WORK}/{name}", seconds, validation)
    checkpoint_files.seal(beside)
    if wrong := checkpoint_files.fault(beside):
        raise WeightsError(f"{name}: what was trained is no checkpoint: {wrong}")
    for file in (beside, beside.with_suffix(".json")):
        file.replace(checkpoints.CHECKPOINTS / file.name)


def _export(trainer: Trainer, name: str, seconds: float, validation: Photographs) -> None:
    """Write half-precision weights and the model card; accuracy is that of the written weights."""
    state = {
        key: (value.half() if value.is_floating_point() else value).contiguous().cpu()
        for key, value in trainer.network.state_dict().items()
    }
    checkpoints.CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    save_file(state, checkpoints.CHECKPOINTS / f"{name}.safetensors")
    trainer.network.load_state_dict(state)
    facts = {
        "network": trainer.recipe.network,
        "classes": len(validation.classes),
        "data": archives.TINY_IMAGENET,
        "data_digest": archives.digest(archives.locate()),
        "validation_top1": round(training.accuracy(trainer.network, validation, trainer.device), 4),
        "validation_images": len(validation),
        "recipe": asdict(trainer.recipe),
        "seed": trainer.seed,
        "precision": "bfloat16 autocast" if trainer.bf16 else "float32",
        "device": torch.cuda.get_device_name() if trainer.device.type == "cuda" else platform.machine(),
        "torch": torch.__version__,
        "seconds": round(seconds),
        "history": trainer.history,
    }
    card = checkpoints.CHECKPOINTS / f"{name}.json"
    card.write_text(json.dumps(facts, indent=1) + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Command line: see ``--help``."""
    parser = argparse.ArgumentParser(
        prog="python -m gradlab.photographs.checkpoint_training", description=__doc__
    )
    parser.add_argument("--model", choices=sorted(RECIPES), required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--bf16", action="store_true", help="bfloat16 autocast (default on CUDA)")
    chosen = parser.parse_args(arguments)
    device = torch.device(chosen.device)
    name = f"{chosen.model}-tiny30" + (f"-seed{chosen.seed}" if chosen.seed else "")
    try:
        train(RECIPES[chosen.model], name, chosen.seed, device, chosen.bf16 or device.type == "cuda")
    except (archives.DataError, WeightsError) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
