import json
from dataclasses import replace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from gradlab.photographs import checkpoints, datasets, networks, training
from gradlab.photographs.recipes import RECIPES, Cycle, Recipe
from gradlab.photographs.training import Trainer

TINY = Recipe("resnet18", (Cycle(((1, 16),), 0.02), Cycle(((1, 24),), 0.01)), batch=20)


def run(folder, monkeypatch):
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", folder)
    training.train(TINY, "tiny", seed=1, device=torch.device("cpu"), bf16=False)
    return load_file(folder / "tiny.safetensors"), json.loads((folder / "tiny.json").read_text())


def test_an_interrupted_training_ends_like_an_uninterrupted_one(miniature, tmp_path, monkeypatch, capsys):
    whole, card = run(tmp_path / "whole", monkeypatch)
    epoch = Trainer.epoch

    def interrupted(self, photographs, progress):
        if len(self.history) == 1:
            epoch(self, photographs, progress)  # half of the work of an epoch that is lost
            raise KeyboardInterrupt
        return epoch(self, photographs, progress)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "epoch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "parts", patch)
    assert not (tmp_path / "parts" / "tiny.safetensors").exists()
    resumed, resumed_card = run(tmp_path / "parts", monkeypatch)
    assert all(torch.equal(whole[key], resumed[key]) for key in whole)
    for key in ("network", "classes", "data_digest", "validation_top1", "recipe", "seed"):
        assert card[key] == resumed_card[key]
    assert [e["loss"] for e in card["history"]] == [e["loss"] for e in resumed_card["history"]]
    assert not list((tmp_path / "parts").rglob("*.pt"))


def test_the_exported_checkpoint_is_half_precision_and_says_what_it_is(
    miniature, tmp_path, monkeypatch, capsys
):
    weights, card = run(tmp_path / "a", monkeypatch)
    assert weights["fc.weight"].dtype == torch.float16
    assert card["network"] == "resnet18"
    assert [c["stages"] for c in card["recipe"]["cycles"]] == [[[1, 16]], [[1, 24]]]
    validation = datasets.tiny_imagenet("val")
    measured = training.accuracy(checkpoints.trained("tiny"), validation, torch.device("cpu"))
    assert card["validation_top1"] == pytest.approx(measured, abs=1e-4)
    assert card["validation_images"] == 30


def test_a_finished_run_continues_when_its_recipe_has_grown(miniature, tmp_path, monkeypatch, capsys):
    _, card = run(tmp_path, monkeypatch)
    run(tmp_path, monkeypatch)
    assert "tiny is trained: nothing to do" in capsys.readouterr().out
    grown = replace(TINY, cycles=(*TINY.cycles, Cycle(((1, 16),), 0.01)))
    training.train(grown, "tiny", seed=1, device=torch.device("cpu"), bf16=False)
    longer = checkpoints.card("tiny")["history"]
    assert len(longer) == 3
    assert longer[:2] == card["history"]


def test_augment_with_the_whole_photograph_only_flips():
    pixels = torch.randint(
        0, 256, (40, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    out = training.augment(pixels, 16, 1.0, torch.Generator().manual_seed(1))
    straight = datasets.normalise(pixels)
    same = [(o - s).abs().max() < 1e-4 for o, s in zip(out, straight, strict=True)]
    flipped = [(o - s.flip(2)).abs().max() < 1e-4 for o, s in zip(out, straight, strict=True)]
    assert all(a != b for a, b in zip(same, flipped, strict=True))
    assert 10 < sum(flipped) < 30
    assert training.augment(pixels, 24, 0.3, torch.Generator()).shape == (40, 3, 24, 24)


def test_batches_visit_every_photograph_at_most_once():
    rows = torch.cat(list(training.batches(50, 8, torch.Generator().manual_seed(0))))
    assert len(rows) == 48
    assert len(set(rows.tolist())) == 48


def test_a_missing_data_set_is_told_not_traced(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("gradlab.photographs.archives.DEFAULT_FOLDERS", ())
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", tmp_path)
    assert training.main(["--model", "resnet18", "--device", "cpu"]) == 1
    assert "was not found" in capsys.readouterr().out


def test_a_shallow_start_passes_its_blocks_by_and_guesses_evenly():
    network: Any = networks.untrained("efficientnet_b0", 30)
    training.shallow(network)
    network.eval()
    with torch.no_grad():
        block = network.features[2][1]
        inputs = torch.randn(2, 24, 8, 8)
        assert block.use_res_connect
        assert torch.equal(block(inputs), inputs)
        gate = next(m for name, m in block.named_modules() if name.endswith("fc2"))
        assert float(torch.sigmoid(gate.bias).min()) > 0.8
        shares = network(torch.randn(2, 3, 48, 48)).softmax(1)
    assert float((shares - 1 / 30).abs().max()) < 0.03


def test_the_recipe_chooses_the_optimizer_and_the_start(miniature, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", tmp_path)
    deep = replace(RECIPES["efficientnet_b0"], shallow_start=False)
    for recipe, kind, flat in (
        (TINY, torch.optim.SGD, None),
        (deep, torch.optim.AdamW, False),
        (RECIPES["efficientnet_b0"], torch.optim.AdamW, True),
    ):
        trainer = Trainer(recipe, seed=1, device=torch.device("cpu"), bf16=False)
        assert type(trainer.optimizer) is kind
        if flat is not None:
            assert (not trainer.network.features[2][1].block[-1][1].weight.any()) is flat
