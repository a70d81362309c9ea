"""What all tests share."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from coverage import Coverage
from tests.site_builder import tiny_site
from tests.site_builder.tiny_site import TinySite

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MEASURED = ("site_builder", "tools")
SLOW = ("kernel", "browser", "jekyll", "latex")


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinySite:
    """A tiny site that no test has built yet."""
    monkeypatch.delenv("GRADLAB_DATA", raising=False)
    return tiny_site.lay_out(tmp_path / "site")


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium, for the tests of a module."""
    from tests.browser import chromium  # Playwright, which most tests need not load

    if chromium.executable() is None:
        pytest.skip("Chromium is not installed")
    with chromium.browser() as running:
        yield running


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
