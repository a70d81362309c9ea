"""What all tests share."""

from pathlib import Path

import pytest
from tests.site_builder import tiny_site
from tests.site_builder.tiny_site import TinySite


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinySite:
    """A tiny site that no test has built yet."""
    monkeypatch.delenv("GRADLAB_DATA", raising=False)
    return tiny_site.lay_out(tmp_path / "site")
