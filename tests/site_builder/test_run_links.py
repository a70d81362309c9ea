"""Links from what a post shows to the cell, or the module, that it came from."""

import dataclasses

import pytest
from bs4 import BeautifulSoup

from site_builder.model import Site
from site_builder.post.elements import inside, parse
from site_builder.render import run_links

SITE = Site("t", "d", "", "", (), {}, ())
LISTING = (
    '<figure id="lst-a" data-module="gradlab/hooks.py" data-line="12"><figcaption>A.</figcaption></figure>'
)


def linked(html: str, runs: tuple[str, ...] = ("one",), site: Site = SITE) -> BeautifulSoup:
    root = parse(html)
    run_links.link(root, runs, site, "")
    return BeautifulSoup(inside(root), "html.parser")


def test_a_value_links_to_its_cell():
    soup = linked('<p><span class="value" data-run="one" data-name="a" data-cell="4">1</span></p>')
    assert soup.a is not None
    assert soup.a["href"] == "runs/one.html#cell-4"


def test_a_run_without_a_page_gets_no_link():
    soup = linked('<figure data-run="two" data-cell="4"><figcaption>A.</figcaption></figure>')
    assert soup.a is None


CARD = (
    '<figure id="fig-a" data-run="one" data-cell="4"><figcaption>A.<details class="provenance">'
    '<pre class="cell-code"><code>plot()</code></pre></details></figcaption></figure>'
)


def test_the_code_of_a_cell_is_on_the_page_of_its_run_once_for_all_posts():
    card = linked(CARD).select_one("details.provenance")
    assert card is not None
    assert "plot()" not in card.get_text()
    assert [link["href"] for link in card.select("a")] == ["runs/one.html#cell-4"]


def test_without_a_page_of_the_run_the_card_keeps_the_code():
    assert "plot()" in linked(CARD, runs=("two",)).get_text()


@pytest.mark.parametrize(
    ("repository", "link"),
    [
        ("", None),
        ("https://example.org/r/", "https://example.org/r/blob/main/_experiments/gradlab/hooks.py#L12"),
    ],
)
def test_shown_source_links_to_the_repository_if_there_is_one(repository, link):
    soup = linked(LISTING, site=dataclasses.replace(SITE, repository=repository))
    assert (soup.a["href"] if soup.a else None) == link
