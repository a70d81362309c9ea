"""What all tests share."""

from collections.abc import Generator
from pathlib import Path

import pytest
from coverage import Coverage
from tests.site_builder import tiny_site
from tests.site_builder.tiny_site import TinySite

MEASURED = ("site_builder", "tools")
SLOW = ("kernel", "browser", "jekyll", "latex")


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinySite:
    """A tiny site that no test has built yet."""
    monkeypatch.delenv("GRADLAB_DATA", raising=False)
    return tiny_site.lay_out(tmp_path / "site")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure what the quick tests of the press reach, with all that they set up, and nothing else.

    So the floor in ``pyproject.toml`` means the same where Jekyll or Chromium is missing, and tracing slows
    no other test.
    """
    measuring = Coverage.current()
    if measuring is None or _is_quick(item):
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


def _is_quick(item: pytest.Item) -> bool:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    return folder in MEASURED and not any(item.get_closest_marker(name) for name in SLOW)
