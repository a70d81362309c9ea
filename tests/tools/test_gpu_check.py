"""The check of a GPU, tried on a CPU: what it compares, what it reports, and what it says without a GPU."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import gpu_check

CPU = torch.device("cpu")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small random pictures in place of photographs."""

    def drawn(count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, str]:
        generator = torch.Generator().manual_seed(0)
        masks = torch.zeros(count, 32, 32, dtype=torch.bool)
        masks[:, 8:24, 8:24] = True
        pixels = torch.randn(count, 3, 32, 32, generator=generator, dtype=torch.float64)
        return pixels, torch.arange(count) % 30, masks, "random pixels"

    monkeypatch.setattr(gpu_check, "photographs", drawn)


def test_a_device_that_computes_the_same_differs_by_nothing(few: None) -> None:
    found = gpu_check.agreement(2, CPU)
    assert found["largest relative difference"] == 0
    assert (found["photographs"], found["arms"]) == (2, 13)


def test_a_device_that_computes_something_else_is_found_out(
    few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, calls = gpu_check.Comparison.gradients, []

    def off(self: Any, pixels: torch.Tensor, labels: torch.Tensor) -> dict[Any, torch.Tensor]:
        calls.append(1)
        found = true(self, pixels, labels)
        if len(calls) == 2:  # what the device returns
            found[self.arms[-1]] = found[self.arms[-1]] * 1.01
        return found

    monkeypatch.setattr(gpu_check.Comparison, "gradients", off)
    found = gpu_check.agreement(2, CPU)
    assert found["largest relative difference"] == pytest.approx(0.01)
    assert found["at"] == "all, q = 0.3, variance"


def test_single_precision_is_nearer_than_bf16(few: None) -> None:
    found = gpu_check.precisions(3, CPU)
    assert found["single"]["density, largest difference"] < 1e-3
    assert found["single"]["density, median difference"] < found["bf16"]["density, median difference"]
    assert not torch.backends.cudnn.allow_tf32 or torch.backends.cuda.matmul.allow_tf32 is False


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
