"""The check of a GPU, tried on a CPU: what it compares, what it reports, and what it says without a GPU."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import gpu_check

from gradlab.comparison.arms import Arm
from gradlab.filtering.conservation import Conservation

CPU = torch.device("cpu")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Small random pictures of few classes in place of photographs."""
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))
    drawn = gpu_check.photographs

    def fewer(each: int) -> tuple[Any, str]:
        whole, source = drawn(each)
        return whole.resized(16), source

    monkeypatch.setattr(gpu_check, "photographs", fewer)
    monkeypatch.setattr(gpu_check, "QUANTILES", (0.1,))


def test_a_device_that_computes_the_same_differs_by_nothing(few: None) -> None:
    found = gpu_check.agreement(1, CPU)
    for batches in ("one class", "mixed"):
        assert found[f"gradients, {batches}"]["largest"] == 0
        assert found[f"gradients, {batches}"]["arms"] == 5
        metrics = found[f"metrics, {batches}"]
        assert set(metrics) >= {"density", "pointing", "log_norm", "log_beta", "missing on one side"}
        assert set(metrics.values()) == {0}
    assert found["photographs"] == 30
    assert found["source"].startswith("random pixels")


def test_a_gradient_that_is_off_is_found_with_its_arm() -> None:
    arms = [Arm("upper", 0.1), Arm("upper", 0.1, conservation=Conservation.VARIANCE)]
    expected = {arm: torch.randn(3, 3, 4, 4) for arm in arms}
    worst, name = gpu_check.farthest(expected, expected | {arms[1]: expected[arms[1]] * 1.01})
    assert worst == pytest.approx(0.01, rel=1e-4)
    assert name == "upper q=0.1 class variance"


def test_a_metric_that_is_off_or_missing_is_found() -> None:
    here = {"a: density": np.array([1.0, np.nan, 2.0]), "b: density": np.array([1.0, 1.0, 1.0])}
    there: Mapping[str, np.ndarray] = {**here, "a: density": np.array([1.5, 1.0, 2.0])}
    assert gpu_check.largest_by_metric(here, there) == {"density": 0.5, "missing on one side": 1}


def test_bf16_is_held_against_single_precision(few: None) -> None:
    found = gpu_check.precisions(1, CPU)
    assert set(found) == {"photographs", "source", "arms", "single", "bf16"}
    assert 0 < found["bf16"]["density, median difference"] <= found["bf16"]["density, largest difference"]
    case = gpu_check.Case.of(1)
    single, double = (case.columns(CPU, name) for name in ("single", "double"))
    rounding = gpu_check.largest_by_metric(single, double)["density"]
    assert rounding < found["bf16"]["density, largest difference"]


def test_a_step_that_fails_leaves_the_others_and_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*arguments: object) -> dict[str, Any]:
        raise RuntimeError("CUDA out of memory")

    for step in ("agreement", "precisions", "headless"):
        monkeypatch.setattr(gpu_check, step, failing)
    monkeypatch.setattr(gpu_check, "benchmarks", lambda *arguments: {"rate": 2.5})
    monkeypatch.setattr("sys.argv", ["gpu_check", "--device", "cpu", "--out", str(tmp_path)])
    assert gpu_check.main() == 1
    (path,) = tmp_path.glob("cpu-*.json")
    results = json.loads(path.read_text())
    assert results["benchmarks"]["rate"] == 2.5
    assert results["precisions"] == {"failed": "RuntimeError: CUDA out of memory"}
    assert results["ran on"]["torch"] == torch.__version__
    assert "benchmarks: rate" in capsys.readouterr().out


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["gpu_check", "--device", "cuda"])
    assert gpu_check.main() == 2
    assert "there is no CUDA device that torch sees" in capsys.readouterr().err
