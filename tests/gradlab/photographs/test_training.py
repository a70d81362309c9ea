from dataclasses import replace
from typing import Any

import torch

from gradlab.photographs import checkpoints, datasets, networks, training
from gradlab.photographs.recipes import RECIPES, Cycle, Recipe
from gradlab.photographs.training import Trainer

TINY = Recipe("resnet18", (Cycle(((1, 16),), 0.02), Cycle(((1, 24),), 0.01)), batch=20)


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
