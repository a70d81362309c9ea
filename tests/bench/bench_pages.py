"""What a reader waits for: first paint, layout shift and weight of every page of the built site, in Chromium.

    PYTHONPATH=. python tests/bench/bench_pages.py [SITE]

Pages are opened from disk on this machine, so the times compare pages with one another; they are not those
of a network. Weight is that of HTML, style sheets and scripts, compressed, without figures and fonts.
"""

from tests.browser.chromium import browser, built_site, pages, weight

OBSERVE = """() => new Promise(done => {
  let shift = 0;
  new PerformanceObserver(list => list.getEntries().forEach(e => { shift += e.value; }))
    .observe({type: 'layout-shift', buffered: true});
  new PerformanceObserver(list => list.getEntriesByName('first-contentful-paint').forEach(paint =>
    setTimeout(() => done([
      paint.startTime, performance.getEntriesByType('navigation')[0].loadEventEnd, shift
    ]), 300)
  )).observe({type: 'paint', buffered: true});
})"""


def main() -> int:
    """Print the table."""
    if (site := built_site(__doc__ or "")) is None:
        return 0
    print(f"{'page':<32} {'first paint ms':>14} {'loaded ms':>10} {'layout shift':>12} {'kB (gzip)':>10}")
    with browser() as running:
        view = running.new_page(viewport={"width": 1280, "height": 900})
        view.goto((site / "index.html").as_uri())  # the first page pays for the browser's start
        for page in pages(site):
            view.goto(page.as_uri())
            paint, loaded, shift = view.evaluate(OBSERVE)
            name = page.relative_to(site).as_posix()
            print(f"{name:<32} {paint:>14.0f} {loaded:>10.0f} {shift:>12.4f} {weight(page, view):>10.1f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
