"""Training and measuring of further seeds, on a miniature with one step of training."""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import gpu_train

from gradlab.comparison import engine
from gradlab.comparison.arms import PLAIN, Arm
from gradlab.comparison.table import Measurements
from gradlab.filtering.conservation import Conservation
from gradlab.photographs.recipes import RECIPES, Cycle, Recipe


@pytest.fixture
def one_step(miniature: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe of one step, and fewer lists of modules."""
    monkeypatch.setitem(RECIPES, "resnet18", Recipe("resnet18", (Cycle(((1, 32),), 0.01),), batch=40))
    monkeypatch.setattr(gpu_train, "RATIOS", (0.3,))
    monkeypatch.setattr(gpu_train, "QUANTILES", (0.1,))
    monkeypatch.setattr(engine, "FOLDER", tmp_path / "shards")


def test_a_table_and_a_card_come_back_and_what_is_finished_is_skipped(one_step, tmp_path, capsys):
    out = tmp_path / "out"
    asked = ["--out", str(out), "--networks", "resnet18", "--sides", "64", "--device", "cpu", "--seeds"]
    assert gpu_train.main([*asked, "3"]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "resnet18-64px-seed3.json",
        "resnet18-64px-seed3.npz",
    ]
    table = out / "resnet18-64px-seed3.npz"
    card = json.loads(table.with_suffix(".json").read_text())
    assert card["table_digest"] == hashlib.sha256(table.read_bytes()).hexdigest()
    assert len(card["history"]) == 1
    with np.load(table) as columns:
        read = Measurements(dict(columns))
    assert len(read) == 30
    assert np.isfinite(read.of(PLAIN, "density")).all()
    conserved = Arm("upper", 0.1, conservation=Conservation.VARIANCE)
    assert (read.of(conserved, "log_beta") > 0).any()
    before = table.stat().st_mtime_ns
    capsys.readouterr()
    assert gpu_train.main([*asked, "3"]) == 0
    assert "resnet18-64px-seed3 is finished" in capsys.readouterr().out
    assert table.stat().st_mtime_ns == before


def test_larger_photographs_are_trained_at_larger_stages():
    small, large = (gpu_train.Training("resnet18", side, 3).recipe for side in (64, 128))
    assert small == RECIPES["resnet18"]
    assert [large.side(epoch) for epoch in range(large.epochs)] == [
        2 * small.side(epoch) for epoch in range(small.epochs)
    ]


def test_without_photographs_it_says_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))
    assert gpu_train.main(["--out", str(tmp_path / "out"), "--device", "cpu"]) == 1
    assert "GRADLAB_DATA" in capsys.readouterr().err
