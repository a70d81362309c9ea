"""What the hooks before a commit refuse, and that everything committed so far would pass them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.tools import fit_to_commit

ROOT = Path(__file__).resolve().parents[2]


def said(root: Path, name: str, content: bytes) -> list[str]:
    """What is said of a file of this name and content."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return list(fit_to_commit.problems([name], root))


def notebook(**cell: Any) -> bytes:
    return json.dumps({"cells": [{"cell_type": "markdown"}, {"cell_type": "code", **cell}]}).encode()


def test_a_notebook_without_outputs_passes(tmp_path):
    assert said(tmp_path, "_experiments/a.ipynb", notebook(outputs=[], execution_count=None)) == []


@pytest.mark.parametrize("kept", [{"outputs": [{}]}, {"outputs": [], "execution_count": 3}])
def test_a_notebook_with_traces_of_a_run_is_refused_with_the_cure(tmp_path, kept):
    (line,) = said(tmp_path, "_experiments/a.ipynb", notebook(**kept))
    assert "in cell 2: jupyter nbconvert --clear-output --inplace _experiments/a.ipynb" in line
    assert said(tmp_path, "_experiments/executed/a.ipynb", notebook(**kept)) == []


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"cells": 3}', b'{"cells": [1]}'])
def test_what_is_no_notebook_is_refused(tmp_path, content):
    assert said(tmp_path, "_experiments/a.ipynb", content) == ["_experiments/a.ipynb is no notebook"]


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("_experiments/executed/a.ipynb", 8_000_000),
        ("_experiments/checkpoints/a.safetensors", 32_000_000),
        ("_experiments/checkpoints/a.json", 1_000_000),
        ("assets/a.png", 1_000_000),
    ],
)
def test_a_file_may_have_so_many_bytes_and_no_more(tmp_path, name, limit):
    assert said(tmp_path, name, bytes(limit)) == []
    assert said(tmp_path, name, bytes(limit + 1)) == [
        f"{name} has {limit + 1:,} bytes; at most {limit:,} are committed here"
    ]


def test_the_script_says_it_and_fails(tmp_path):
    said(tmp_path, "_experiments/a.ipynb", b"{")
    command = [sys.executable, fit_to_commit.__file__, "_experiments/a.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "_experiments/a.ipynb is no notebook\n")


@pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="this is no git checkout"
)
def test_what_is_committed_would_pass():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    there = [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]
    assert any(name.startswith("_experiments/executed/") for name in there)
    assert list(fit_to_commit.problems(there, ROOT)) == []
