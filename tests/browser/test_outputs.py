"""Outputs on the page of a run, in a browser: colours can be read, nothing is too wide or fetched."""

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser
from tests.browser.test_pages_in_browser import opened
from tests.site_builder import pages_site
from tests.site_builder.test_run_page import ACTIVE, code, markdown, printed, shown

HERE = Path(__file__).resolve().parent
NAMED = "".join(f"\x1b[{at}mx{at}\x1b[0m " for at in (*range(30, 38), *range(40, 48), *range(90, 108)))
BOTH = "".join(f"\x1b[{ink};{ink + 10}ms\x1b[7mi\x1b[0m " for ink in range(30, 38))
HUES = "".join(f"\x1b[38;5;{at}mh{at}\x1b[0m \x1b[48;5;{at}mb\x1b[0m " for at in range(16, 256, 3))
WIDE = f"<table><tr>{'<th>a head</th>' * 30}</tr><tr>{'<td>1234.5</td>' * 30}</tr></table>"
COLOURED = '<pre><span style="color:#ffff00">a</span> <span style="background-color:#000080">b</span></pre>'


@pytest.fixture(scope="module")
def page_of_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = pages_site.lay_out(tmp_path_factory.mktemp("outputs"))
    path = made.tree.executed / "toy-sums.ipynb"
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    error = {"output_type": "error", "traceback": ["\x1b[32m----> 1\x1b[39m \x1b[38;5;28mx\x1b[0m", "E: no"]}
    notebook["cells"] += [
        code(printed(f"{NAMED}\n{BOTH}\n{HUES}"), printed("said", "stderr"), error),
        code(shown(text_html=WIDE), shown(text_html=COLOURED)),
        *(code(shown(text_html=hostile), shown(text_markdown=hostile)) for hostile in ACTIVE),
        *map(markdown, ACTIVE),
    ]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return made.render() / "runs" / "toy-sums.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_read(browser: Browser, page_of_run: Path, scheme: Literal["light", "dark"]) -> None:
    with opened(browser, color_scheme=scheme) as page:
        page.goto(page_of_run.as_uri())
        assert page.evaluate((HERE / "contrast.js").read_text(encoding="utf-8")) == []


def test_nothing_runs_is_fetched_or_wider_than_a_phone(browser: Browser, page_of_run: Path) -> None:
    with opened(browser, width=390, height=6000) as page:
        wrong: list[str] = []
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on(
            "request",
            lambda request: None if request.url.startswith(("file:", "data:")) else wrong.append(request.url),
        )
        page.goto(page_of_run.as_uri())
        page.wait_for_load_state("networkidle")
        assert page.url == page_of_run.as_uri()
        assert wrong == []
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        floating = (
            "all => all.filter(one => ['fixed', 'absolute'].includes(getComputedStyle(one).position)).length"
        )
        assert page.eval_on_selector_all(".output-rich *:not(.katex *):not(.table-scroll *)", floating) == 0
