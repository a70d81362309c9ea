"""Trainings that are stopped anywhere end in the checkpoint of one that was not; damage is found."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from gradlab.photographs import checkpoint_files, checkpoint_training, checkpoints, datasets, training
from gradlab.photographs.recipes import Cycle, Recipe
from gradlab.photographs.training import Trainer
from gradlab.photographs.weight_files import WeightsError

TINY = Recipe("resnet18", (Cycle(((1, 16),), 0.02), Cycle(((1, 24),), 0.01)), batch=20)


class Stopped(BaseException):
    """The process is killed."""


def run(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    patch.setattr(checkpoints, "CHECKPOINTS", folder)
    checkpoint_training.train(TINY, "tiny", seed=1, device=torch.device("cpu"), bf16=False)
    assert checkpoint_files.all_faults() == {"tiny": ""}
    assert not [file for file in folder.rglob("*") if file.is_file() and file.parent != folder]
    weights: dict[str, Any] = load_file(folder / "tiny.safetensors")
    return weights


@pytest.fixture
def trained(miniature, tmp_path, monkeypatch):
    return run(tmp_path / "whole", monkeypatch)


def stop_at(patch: pytest.MonkeyPatch, at: int) -> list[int]:
    """Stop before the call of that number that changes the disk; how many there were is counted."""
    calls = [0]

    def before(real: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            calls[0] += 1
            if calls[0] == at:
                raise Stopped
            return real(*arguments, **options)

        return wrapped

    patch.setattr(checkpoint_training, "save_file", before(save_file))
    for name in ("write_text", "replace", "unlink"):
        patch.setattr(Path, name, before(getattr(Path, name)))
    return calls


def test_a_training_that_is_stopped_anywhere_goes_on_and_ends_as_if_it_had_not_been(
    trained, tmp_path, monkeypatch
):
    with monkeypatch.context() as patch:
        calls = stop_at(patch, 0)
        run(tmp_path / "counted", patch)
    changes = calls[0]
    assert changes >= 8
    for at in range(1, changes + 1):
        folder = tmp_path / f"stopped-{at}"
        with monkeypatch.context() as patch:
            stop_at(patch, at)
            with pytest.raises(Stopped):
                run(folder, patch)
        weights = run(folder, monkeypatch)
        assert all(torch.equal(trained[key], weights[key]) for key in trained), at


def test_what_is_trained_is_left_alone_and_grows_with_its_recipe(trained, tmp_path, capsys):
    checkpoint_training.train(TINY, "tiny", seed=1, device=torch.device("cpu"), bf16=False)
    assert "tiny is trained: nothing to do" in capsys.readouterr().out
    grown = Recipe("resnet18", (*TINY.cycles, Cycle(((1, 16),), 0.01)), batch=20)
    shorter = checkpoints.card("tiny")["history"]
    checkpoint_training.train(grown, "tiny", seed=1, device=torch.device("cpu"), bf16=False)
    longer = checkpoints.card("tiny")["history"]
    assert len(longer) == 3
    assert longer[:2] == shorter
    assert checkpoint_files.all_faults() == {"tiny": ""}


def test_an_interrupted_epoch_is_begun_anew(trained, tmp_path, monkeypatch):
    epoch = Trainer.epoch

    def interrupted(self, photographs, progress):
        found = epoch(self, photographs, progress)
        if len(self.history) == 1:
            raise Stopped  # the work of an epoch is lost
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "epoch", interrupted)
        with pytest.raises(Stopped):
            run(tmp_path / "parts", patch)
    assert not (tmp_path / "parts" / "tiny.safetensors").exists()
    weights = run(tmp_path / "parts", monkeypatch)
    assert all(torch.equal(trained[key], weights[key]) for key in trained)


def test_the_checkpoint_is_half_precision_and_says_what_it_is(trained):
    facts = checkpoints.card("tiny")
    assert trained["fc.weight"].dtype == torch.float16
    assert facts["network"] == "resnet18"
    assert [cycle["stages"] for cycle in facts["recipe"]["cycles"]] == [[[1, 16]], [[1, 24]]]
    validation = datasets.tiny_imagenet("val")
    measured = training.accuracy(checkpoints.trained("tiny"), validation, torch.device("cpu"))
    assert facts["validation_top1"] == pytest.approx(measured, abs=1e-4)
    assert facts["validation_images"] == 30


def flipped(weights: Path) -> None:
    content = bytearray(weights.read_bytes())
    content[-100] ^= 1
    weights.write_bytes(content)


def cut_and_sealed(weights: Path) -> None:
    os.truncate(weights, 999)
    checkpoint_files.seal(weights)


def no_numbers(weights: Path) -> None:
    state = load_file(weights)
    state["fc.weight"][0, 0] = float("nan")
    save_file(state, weights)
    checkpoint_files.seal(weights)


def of_a_strange_kind(weights: Path) -> None:
    save_file({"a": torch.ones(2, dtype=torch.bfloat16)}, weights)
    checkpoint_files.seal(weights)


def card(change):
    def damage(weights: Path) -> None:
        path = weights.with_suffix(".json")
        facts = json.loads(path.read_text())
        change(facts)
        path.write_text(json.dumps(facts))

    return damage


DAMAGES = {
    "a flipped byte": (flipped, "its weights are not those that its card is about"),
    "not a number": (no_numbers, "1 of its weights are no numbers, fc.weight first"),
    "half the weights": (lambda w: os.truncate(w, 999), "its weights are not those"),
    "half the weights, sealed": (cut_and_sealed, "its weights are damaged"),
    "bfloat16, sealed": (of_a_strange_kind, "its weights are damaged, or of a kind that is not read here"),
    "no weights": (lambda w: w.unlink(), "its weights are not there"),
    "no card": (lambda w: w.with_suffix(".json").unlink(), "it has no card"),
    "half a card": (lambda w: os.truncate(w.with_suffix(".json"), 20), "its card is damaged"),
    "no digest": (card(lambda facts: facts.pop("weights_sha256")), "its card is damaged"),
    "a card without end": (lambda w: w.with_suffix(".json").write_text("[" * 99_999), "its card is damaged"),
    "a loss that is a list": (card(lambda facts: facts["history"][0].update(loss=[])), "its card is damaged"),
    "a loss beyond all": (
        card(lambda facts: facts["history"][0].update(loss=10**999)),
        "its card is damaged",
    ),
    "no loss": (card(lambda facts: facts["history"][0].update(loss=float("nan"))), "a loss in its card"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_never_trained_over(trained, tmp_path, monkeypatch, capsys, name):
    damage, words = DAMAGES[name]
    damage(tmp_path / "whole" / "tiny.safetensors")
    assert checkpoint_files.main() == 1
    assert capsys.readouterr().err.startswith(f"tiny: {words}")
    with pytest.raises(WeightsError, match=f"{words}.*Restore weights and card, or delete both"):
        run(tmp_path / "whole", monkeypatch)


@pytest.mark.parametrize("kept", [b"PK half", b"", [], {"network": 3}, {"network": {}, "optimizer": 1}])
def test_a_damaged_state_to_go_on_from_is_named(miniature, tmp_path, monkeypatch, kept):
    state = tmp_path / ".training" / "tiny.pt"
    state.parent.mkdir()
    if isinstance(kept, bytes):
        state.write_bytes(kept)
    else:
        torch.save(kept, state)
    with pytest.raises(WeightsError, match=r"tiny\.pt is damaged or of another recipe: delete it"):
        run(tmp_path, monkeypatch)


def test_a_training_that_breaks_down_leaves_the_checkpoint(trained, tmp_path, monkeypatch):
    before = (tmp_path / "whole" / "tiny.safetensors").read_bytes()
    monkeypatch.setattr(Trainer, "epoch", lambda *_: float("nan"))
    grown = Recipe("resnet18", (*TINY.cycles, Cycle(((1, 16),), 0.01)), batch=20)
    with pytest.raises(WeightsError, match="the loss of epoch 3 is no number"):
        checkpoint_training.train(grown, "tiny", seed=1, device=torch.device("cpu"), bf16=False)
    assert (tmp_path / "whole" / "tiny.safetensors").read_bytes() == before


def test_weights_that_are_no_numbers_become_no_checkpoint(miniature, tmp_path, monkeypatch):
    real = checkpoint_training._export

    def export(trainer, *more):
        torch.nn.init.constant_(trainer.network.fc.weight, float("inf"))
        real(trainer, *more)

    monkeypatch.setattr(checkpoint_training, "_export", export)
    with pytest.raises(WeightsError, match="what was trained is no checkpoint: 1 of its weights are no numb"):
        run(tmp_path, monkeypatch)
    assert not list(tmp_path.glob("*.*s*"))


def test_a_missing_data_set_is_told_not_traced(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("gradlab.photographs.archives.DEFAULT_FOLDERS", ())
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", tmp_path)
    assert checkpoint_training.main(["--model", "resnet18", "--device", "cpu"]) == 1
    assert "was not found" in capsys.readouterr().out


def test_all_committed_checkpoints_are_whole():
    faults = checkpoint_files.all_faults()
    assert len(faults) >= 5
    assert not any(faults.values()), faults
