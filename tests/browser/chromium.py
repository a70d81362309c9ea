"""The system's Chromium, driven by Playwright: one place that knows how it is started."""

import argparse
import gzip
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str | None:
    """Where Chromium is, or None on a machine without it."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def pages(site: Path) -> list[Path]:
    """The pages of a site to be read: not those that only send the reader on."""
    found = sorted(site.rglob("*.html"))
    return [page for page in found if 'http-equiv="refresh"' not in page.read_text(encoding="utf-8")]


def weight(page: Path, view: Page) -> float:
    """Compressed kB of the page that ``view`` shows, with the style sheets and scripts that it asks for."""
    asked = view.evaluate(
        "[...document.querySelectorAll('link[rel=stylesheet],script[src]')].map(e => e.href || e.src)"
    )
    files = {page, *(Path(address.removeprefix("file://").split("?")[0]) for address in asked)}
    return sum(len(gzip.compress(file.read_bytes())) for file in files) / 1000


def built_site(usage: str) -> Path | None:
    """The site that a script is told to look at; None, and a word, if it or Chromium is missing."""
    parser = argparse.ArgumentParser(description=usage)
    parser.add_argument("site", type=Path, nargs="?", default=Path("_site"))
    site: Path = parser.parse_args().site.resolve()
    if executable() is None or not (site / "index.html").is_file():
        script = Path(sys.argv[0]).stem
        print(f"{script}: Chromium or the built site is missing; nothing was measured", file=sys.stderr)
        return None
    return site


@contextmanager
def browser() -> Iterator[Browser]:
    """A running browser without a window."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable(), args=[*FLAGS, "--disable-sync"])
        try:
            yield running
        finally:
            running.close()
