"""What a page's policy lets a browser do."""

import shutil
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser.chromium import pages

from site_builder import serve
from site_builder.model import Tree

pytestmark = pytest.mark.browser

HARM = """
<script>window.harmed = ["script"]</script>
<style>body { opacity: 0.5 }</style>
<img src="absent.png" onerror="window.harmed = ['handler']">
<a id="link" href="javascript:window.harmed = ['link']">link</a>
<iframe srcdoc="<script>parent.harmed = ['frame']</script>"></iframe>
"""


def harmed(browser: Browser, page: Path, html: str) -> list[str]:
    """What ran of all that was written into a page, and whether its style sheet held."""
    page.write_text(html.replace("</main>", f"{HARM}</main>"))
    shown = browser.new_page()
    try:
        shown.goto(page.as_uri())
        shown.eval_on_selector("#link", "link => link.click()")
        shown.wait_for_timeout(200)
        opacity: str = shown.evaluate("getComputedStyle(document.body).opacity")
        ran: list[str] = shown.evaluate("window.harmed || []")
        return [*ran, *(["style"] if opacity != "1" else [])]
    finally:
        shown.close()


def test_nothing_that_was_written_into_a_page_runs(
    browser: Browser, fixture_site: Path, tmp_path: Path
) -> None:
    shutil.copytree(fixture_site, tmp_path / "site")
    for page in pages(tmp_path / "site"):
        whole = page.read_text()
        head, _, rest = whole.partition("<meta http-equiv")
        assert harmed(browser, page, head + rest.partition(">")[2]), "without a policy it runs"
        assert harmed(browser, page, whole) == []


def test_a_page_that_moved_leads_on_with_its_anchor(browser: Browser, fixture_site: Path) -> None:
    page = browser.new_page()
    try:
        page.goto(f"{(fixture_site / 'many-sums.html').as_uri()}#how-a-sum-grows")
        page.wait_for_url("**/blog/2026/many-sums/index.html#how-a-sum-grows", timeout=900)
    finally:
        page.close()


def test_a_served_page_reloads_when_there_is_a_new_build(browser: Browser, fixture_site: Path) -> None:
    wrong: list[str] = []
    with serve.server(Tree(fixture_site.parent), 0) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        page = browser.new_page()
        page.on("console", lambda said: wrong.append(said.text))
        try:
            page.goto(f"http://127.0.0.1:{serving.server_port}/")
            page.wait_for_timeout(500)
            with page.expect_navigation():
                serving.version += 1
            serving.problem = "a word is wrong"
            page.get_by_role("alert").wait_for()
        finally:
            page.close()
            serving.shutdown()
    assert wrong == []
