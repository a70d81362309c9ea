"""What the tests of the engine share."""

from pathlib import Path

import pytest


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the works of :mod:`works` leave a file for each computation."""
    folder = tmp_path / "log"
    folder.mkdir()
    return folder
