import gzip
import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from tests.site_builder import pages_site

from site_builder import reserved
from site_builder.errors import PageError

PAGES = [
    "404.html",
    "blog/2026/many-sums/index.html",
    "blog/2026/second-look/index.html",
    "claims.html",
    "index.html",
    "many-sums.html",
    "runs.html",
    "runs/toy-sums.html",
    "second-look.html",
    "series.html",
    "tags.html",
]
LIMIT = 60_000
"""Bytes of a page's HTML, style sheets and scripts as a server sends them."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pages_site.lay_out(tmp_path_factory.mktemp("site")).render()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("published")
    return pages_site.lay_out(root, replace(pages_site.SITE, url="https://example.org/sums/")).render()


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_every_page_is_there(site: Path) -> None:
    assert sorted(page.relative_to(site).as_posix() for page in site.rglob("*.html")) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_file_and_an_id(site: Path, name: str) -> None:
    page = soup(site / name)
    for element in page.select("[href], [src]"):
        address = urlsplit(str(element.get("href") or element.get("src")))
        if address.scheme or address.netloc:
            assert element.name == "a", f"{name} loads {address.geturl()} from another host"
            continue
        target = (site / name).parent / unquote(address.path) if address.path else site / name
        assert target.is_file(), f"{name}: {address.geturl()}"
        if address.fragment and target.suffix == ".html":
            found = soup(target).find(id=unquote(address.fragment))
            assert found is not None, f"{name}: {address.geturl()}"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_well_made(site: Path, name: str) -> None:
    page = soup(site / name)
    ids = [str(element["id"]) for element in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert len(page.find_all("h1")) == 1
    assert len(page.find_all("main")) == 1
    assert all(
        image.get("width") and image.get("height") and image.has_attr("alt") for image in page.find_all("img")
    )
    assert reserved.ANY.search(page.get_text()) is None
    assert not page.select("d-cite, d-footnote, d-code, d-math")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light(site: Path, name: str) -> None:
    page = soup(site / name)
    files = [site / name]
    files += [(site / name).parent / str(link["href"]) for link in page.select("link[rel=stylesheet]")]
    files += [(site / name).parent / str(script["src"]) for script in page.select("script[src]")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < LIMIT


def test_style_sheets_load_nothing_from_elsewhere(site: Path) -> None:
    sheets = list(site.rglob("*.css"))
    assert len(sheets) >= 5
    for sheet in sheets:
        for address in re.findall(r"url\(([^)]+)\)", sheet.read_text(encoding="utf-8")):
            assert (sheet.parent / address.strip("'\"")).is_file()
        assert "@import" not in sheet.read_text(encoding="utf-8")


def test_ledger_has_every_claim_with_its_state_sentence_and_run(site: Path) -> None:
    page = soup(site / "claims.html")
    rows = page.select("ol.ledger > li")
    assert [str(row["id"]) for row in rows] == [f"toy-sums--{name}" for name in ("grows", "linear", "heavy")]
    assert [title.get_text() for title in page.select("section.group > h2")] == ["How a sum grows"]
    states = [state.get_text(" ", strip=True) for state in page.select(".statement .state")]
    assert states == ["✓ holds", "✗ refuted", "○ not tested here"]
    links = [[str(link["href"]) for link in row.select("a")] for row in rows]
    assert links[0] == ["runs/toy-sums.html#cell-7", "blog/2026/many-sums/index.html#claim-grows"]
    (others,) = page.select('a[href="runs/toy-sums.html#claims"]')
    assert others.find_parent("p").get_text().endswith("stand with their runs: How a sum grows 1.")
    assert "exponent: 0.502 (0.49 to 0.51), n = 2,000, p = 0.03 after Holm; bound: 0.5" in rows[0].get_text()
    evidence = [row.find("dt", string="Evidence").find_next("dd").get_text() for row in rows[:2]]
    assert evidence == ["confirmatory: the rule was registered before the run", "exploratory"]


def test_a_run_has_all_its_claims_with_those_that_no_text_makes(site: Path) -> None:
    rows = soup(site / "runs" / "toy-sums.html").select("#claims ol.ledger > li")
    assert [str(row["id"]).split("--")[1] for row in rows] == ["grows", "linear", "heavy", "unwritten"]
    links = [[str(link["href"]) for link in row.select("a")] for row in rows]
    assert links[0] == ["../runs/toy-sums.html#cell-7", "../blog/2026/many-sums/index.html#claim-grows"]
    assert links[3] == ["../runs/toy-sums.html#cell-7"]
    assert "No post says <this> & that." in rows[3].get_text()
    assert "in no sentence" in rows[3].get_text()


def test_series_says_what_each_post_found(site: Path) -> None:
    sections = soup(site / "series.html").select("section.question")
    assert [section.select_one("h2").get_text() for section in sections] == [
        "What a sum of many “small” numbers hides",
        "A second look",
    ]
    assert len(sections[0].select("li")) == 3
    assert "makes no claim" in sections[1].get_text()


def test_a_run_has_its_record_and_cells(site: Path) -> None:
    page = soup(site / "runs" / "toy-sums.html")
    facts = page.select_one(".run-facts")
    assert facts is not None
    assert "make experiments RUN=toy-sums" in facts.get_text()
    assert [str(cell["id"]) for cell in page.select(".cell")] == [f"cell-{number}" for number in range(1, 8)]
    notice = page.select_one(".stale-notice")
    assert notice is not None
    assert "code changed" in notice.get_text()
    assert page.select_one('a[href="../blog/2026/many-sums/index.html"]') is not None


def test_a_run_that_was_never_executed_has_a_row_with_what_it_needs(site: Path) -> None:
    row = soup(site / "runs.html").select_one("tr.not-executed")
    assert row is not None
    assert [cell.get_text() for cell in row.select("td")] == [
        "toy-photographs",
        "Do photographs?",
        "registered, not executed",
        "needs a GPU and the data set <cats>",
    ]
    assert not (site / "runs" / "toy-photographs.html").exists()
    assert "not found" not in (site / "runs.html").read_text(encoding="utf-8")


def test_scholarly_metadata(published: Path) -> None:
    page = soup(published / "blog/2026/many-sums/index.html")
    named = [(str(tag["name"]), str(tag["content"])) for tag in page.select("meta[name^=citation_]")]
    assert ("citation_title", "What a sum of many “small” numbers hides") in named
    assert [content for name, content in named if name == "citation_author"] == ["Ada Example", "Ben Sample"]
    assert ("citation_publication_date", "2026/01/05") in named
    assert ("citation_fulltext_html_url", "https://example.org/sums/blog/2026/many-sums/") in named
    script = page.select_one('script[type="application/ld+json"]')
    assert script is not None
    data = json.loads(script.get_text())
    assert data["@type"] == "ScholarlyArticle"
    assert data["author"][0]["affiliation"]["name"] == "Institute of Sums"
    assert data["dateModified"] == "2026-02-03"
    graph = {str(tag["property"]): str(tag["content"]) for tag in page.select("meta[property]")}
    assert graph["og:image"] == "https://example.org/sums/assets/figures/toy-sums/fig-toy-growth.png"
    canonical = page.select_one("link[rel=canonical]")
    assert canonical is not None
    assert canonical["href"] == "https://example.org/sums/blog/2026/many-sums/"


def test_a_site_without_an_address_claims_none(site: Path) -> None:
    page = soup(site / "blog/2026/many-sums/index.html")
    assert not page.select(
        "link[rel=canonical], meta[property='og:url'], meta[name=citation_fulltext_html_url]"
    )
    assert not (site / "sitemap.xml").exists()


def test_feed_and_sitemap(site: Path, published: Path) -> None:
    atom = {"a": "http://www.w3.org/2005/Atom"}
    feeds = [ElementTree.parse(folder / "feed.xml").getroot() for folder in (site, published)]
    titles = [
        [entry.findtext("a:title", "", atom) for entry in feed.findall("a:entry", atom)] for feed in feeds
    ]
    assert titles[0] == titles[1] == ["A second look", "What a sum of many “small” numbers hides"]
    ids = [[entry.findtext("a:id", "", atom) for entry in feed.findall("a:entry", atom)] for feed in feeds]
    assert ids[0] == ids[1]
    assert all(identity.startswith("urn:uuid:") for identity in ids[0])
    links = [feed.find("a:entry/a:link", atom) for feed in feeds]
    assert [link is not None and link.get("href") for link in links] == [
        "blog/2026/second-look/index.html",
        "https://example.org/sums/blog/2026/second-look/",
    ]
    pictures = [feed.findall("a:entry/a:link[@rel='enclosure']", atom) for feed in feeds]
    assert pictures[0] == [], "a feed needs whole addresses"
    for one in pictures[1]:
        assert re.fullmatch(
            r"https://example\.org/sums/assets/figures/[\w-]+/[\w-]+\.png", str(one.get("href"))
        )
    assert 1 <= len(pictures[1]) <= len(titles[1])
    assert feeds[0].findtext("a:updated", "", atom) == "2026-02-03T00:00:00Z"
    sitemap = ElementTree.parse(published / "sitemap.xml").getroot()
    places = [element.text for element in sitemap.iter() if element.text and element.text.startswith("http")]
    assert "https://example.org/sums/runs/toy-sums.html" in places
    assert "https://example.org/sums/" in places
    assert "https://example.org/sums/blog/2026/many-sums/" in places
    assert not any("404" in place or place.endswith("many-sums.html") for place in places)


def test_the_page_for_a_wrong_address_is_whole_at_any_address(site: Path, published: Path) -> None:
    for element in soup(published / "404.html").select("link[rel=stylesheet], nav a, main a, script[src]"):
        assert str(element.get("href") or element["src"]).startswith("https://example.org/sums/")
    assert soup(site / "404.html").select_one("link[href='assets/css/site.css']") is not None


def test_the_address_before_leads_on(site: Path) -> None:
    page = soup(site / "many-sums.html")
    refresh = page.select_one("meta[http-equiv=refresh]")
    assert refresh is not None
    assert refresh["content"] == "1; url=blog/2026/many-sums/index.html"


def test_two_builds_are_the_same_byte_for_byte(tmp_path: Path, site: Path) -> None:
    again = pages_site.lay_out(tmp_path).render()
    files = [path.relative_to(site) for path in sorted(site.rglob("*")) if path.is_file()]
    assert files == [path.relative_to(again) for path in sorted(again.rglob("*")) if path.is_file()]
    assert [file for file in files if (site / file).read_bytes() != (again / file).read_bytes()] == []


def test_a_failed_build_leaves_the_last_site(tmp_path: Path) -> None:
    made = pages_site.lay_out(tmp_path)
    last = made.render()
    before = (last / "index.html").read_bytes()
    for post in made.tree.posts.glob("*.md"):
        post.write_text(post.read_text(encoding="utf-8") + "\nA $$\\nothing$$.\n", encoding="utf-8")
    with pytest.raises(PageError) as refused:
        made.render()
    assert "many-sums/index.html" in str(refused.value)
    assert "second-look/index.html" in str(refused.value)
    assert (last / "index.html").read_bytes() == before


def test_a_page_that_is_no_more_goes(tmp_path: Path) -> None:
    made = pages_site.lay_out(tmp_path)
    made.render()
    (made.tree.posts / "2026-02-01-second-look.md").unlink()
    text = (made.tree.posts / "2026-01-05-many-sums.md").read_text(encoding="utf-8")
    (made.tree.posts / "2026-01-05-many-sums.md").write_text(text, encoding="utf-8")
    assert not (made.render() / "blog/2026/second-look").exists()


def test_a_site_without_posts_or_runs_is_still_a_site(tmp_path: Path) -> None:
    made = pages_site.lay_out(tmp_path)
    for post in made.tree.posts.glob("*.md"):
        post.unlink()
    site = replace(made, harvests={}, plans=()).render()
    assert "No post yet." in (site / "index.html").read_text(encoding="utf-8")
    assert "No claim has been tested yet." in (site / "claims.html").read_text(encoding="utf-8")
