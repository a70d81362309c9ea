"""How large the text of every figure is where it is read: desk, phone, two columns and one of a paper.

    PYTHONPATH=. python tests/bench/bench_figures.py [SITE]

On pages: CSS px in Chromium, windows of 1440 and of 390 px, smallest to largest. In a paper: pt at the
printed width, 7.0 and 3.4 inches. Asked for: 11 to 13 px, at least 11 px, at least 7 pt.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Page
from tests.browser.chromium import browser, built_site, pages
from tests.tools import text_sizes

WINDOWS = {"desk px": 1440, "phone px": 390}
PRINTED = {"two columns pt": ("", 7.0), "one column pt": (".narrow", 3.4)}
SHOWN = """async () => {
  const shown = [...document.querySelectorAll('figure[id^=fig-] picture > img')]
    .filter(image => image.offsetWidth);
  for (const image of shown) image.loading = 'eager';
  await Promise.all(shown.map(image => image.decode()));
  return shown.map(image =>
    [image.closest('figure').id, image.currentSrc, image.getBoundingClientRect().width]);
}"""


def on_page(view: Page) -> dict[str, list[float]]:
    """The sizes in px of the text of each figure in the page that is open."""
    sizes = {}
    for label, address, width in view.evaluate(SHOWN):
        svg = Path(unquote(urlsplit(address).path)).read_text(encoding="utf-8")
        found = text_sizes.of_svg(svg)
        natural = float(svg.split('width="', 1)[1].split("pt", 1)[0])
        # Points in the drawing become px as its width in points becomes the width on the page.
        sizes[label] = [size * width / natural for size in found]
    return sizes


def in_print(svg: Path) -> dict[str, list[float]]:
    """The sizes in pt of a figure's text in both widths of a paper."""
    found = {}
    for name, (ending, inches) in PRINTED.items():
        path = svg.with_name(f"{svg.stem}{ending}.pdf")
        if path.is_file():
            width = float(path.read_bytes().split(b"/MediaBox [ 0 0 ", 1)[1].split(b" ", 1)[0])
            found[name] = [size * inches * 72 / width for size in text_sizes.of_pdf(path.read_bytes())]
    return found


def main() -> int:
    """Print the table."""
    if (site := built_site(__doc__ or "")) is None:
        return 0
    sizes: dict[str, dict[str, list[float]]] = {}
    with browser() as running:
        for name, width in WINDOWS.items():
            view = running.new_page(viewport={"width": width, "height": 900}, color_scheme="light")
            for page in pages(site):
                view.goto(page.as_uri())
                for label, found in on_page(view).items():
                    sizes.setdefault(label, {})[name] = found
    for svg in sorted(site.glob("assets/figures/*/fig-*.svg")):
        if svg.stem in sizes:
            sizes[svg.stem] |= in_print(svg)
    columns = [*WINDOWS, *PRINTED]
    print(f"{'figure':<32}" + "".join(f"{column:>18}" for column in columns))
    for label, own in sorted(sizes.items()):
        entries = [f"{min(own[c]):.1f}-{max(own[c]):.1f}" if own.get(c) else "-" for c in columns]
        print(f"{label:<32}" + "".join(f"{entry:>18}" for entry in entries))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
