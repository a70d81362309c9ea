"""What the tests of the press share."""

import shutil
from pathlib import Path

import pytest
from tests.site_builder.tiny_site import TinySite

from site_builder.model import Tree


@pytest.fixture
def site(built: TinySite, tmp_path: Path) -> TinySite:
    """A copy of the site that a module ``built`` once; a test may change it."""
    shutil.copytree(built.tree.root, tmp_path / "copy")
    return TinySite(Tree(tmp_path / "copy"))
