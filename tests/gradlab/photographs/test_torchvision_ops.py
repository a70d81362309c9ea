"""Torchvision first, gradlab afterwards: each in a fresh process, because an import happens once."""

import os
import subprocess
import sys
from pathlib import Path

from gradlab.photographs import torchvision_ops

PREPARED = "from gradlab.photographs import torchvision_ops as ops; ops.load_ipython_extension(None)"


def run(*lines):
    environment = os.environ | {"PYTHONPATH": str(Path(torchvision_ops.__file__).parents[2])}
    said = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], env=environment, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    return said.stdout.split()


def test_torchvision_may_be_imported_before_gradlab():
    uses = "print(len(models.ResNet18_Weights.IMAGENET1K_V1.meta['categories']))"
    assert run(PREPARED, "from torchvision import models", uses, "import gradlab.photographs.networks") == [
        "1000"
    ]


def test_a_kernel_that_does_without_torch_does_not_load_it():
    assert run(PREPARED, "import sys, json", "print('torch' in sys.modules)") == ["False"]


def test_nothing_stays_in_the_way_of_later_imports():
    left = "print([type(finder).__name__ for finder in sys.meta_path].count('BeforeTorchvision'))"
    assert run(PREPARED, f"import sys; {left}; import torchvision; {left}") == ["1", "0"]
    assert run(f"import sys, gradlab.photographs.networks; {PREPARED}; {left}") == ["0"]


def test_schemas_are_added_once():
    torchvision_ops.ensure_schemas()
    assert torchvision_ops.ensure_schemas() == ()
