"""Pictures of every page of a built site: three widths, light and dark.

python -m tests.browser.screenshots _site .cache/screenshots
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from tests.browser.chromium import browser, pages

WIDTHS = (390, 820, 1440)
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
LONGEST = 16_000
"""Height in pixels to which a picture is cut; Chromium draws no longer ones."""


def take(site: Path, folder: Path) -> Iterator[Path]:
    """Write the pictures below ``folder``; yields each path as it is written."""
    found = pages(site)
    with browser() as running:
        for width in WIDTHS:
            for scheme in SCHEMES:
                context = running.new_context(
                    viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
                )
                view = context.new_page()
                for page in found:
                    view.goto(page.as_uri())
                    height = min(int(view.evaluate("document.documentElement.scrollHeight")), LONGEST)
                    # A tall window lets lazy images load and the page be drawn in one piece.
                    view.set_viewport_size({"width": width, "height": max(900, height)})
                    view.wait_for_load_state("networkidle")
                    name = page.relative_to(site).with_suffix("").as_posix().replace("/", "-")
                    path = folder / f"{name}-{width}-{scheme}.png"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    view.screenshot(path=path)
                    yield path
                    view.set_viewport_size({"width": width, "height": 900})
                context.close()


def main() -> None:
    """Take the pictures named on the command line."""
    parser = argparse.ArgumentParser(description="Pictures of every page of a built site.")
    parser.add_argument("site", type=Path)
    parser.add_argument("folder", type=Path)
    wanted = parser.parse_args()
    for path in take(wanted.site.resolve(), wanted.folder):
        print(path)


if __name__ == "__main__":
    main()
