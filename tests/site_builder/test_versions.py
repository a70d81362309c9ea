"""What a tag holds stays at an address of its own, and is cited with it."""

import re
import subprocess
from dataclasses import replace

import pytest
import yaml
from bs4 import BeautifulSoup
from tests.site_builder import pages_site, tiny_site
from tests.site_builder.tiny_site import TinySite, snapshot

from site_builder import build
from site_builder.__main__ import main
from site_builder.errors import BuildError, CheckError
from site_builder.post.elements import inside, parse
from site_builder.post.sidecar import ShownFigure
from site_builder.render.version import Version, cite

URL = "https://example.org/blog"
PAGE = "blog/2024/sums/index.html"
POST = """\
---
layout: distill
title: "Sums"
description: "A post about a sum."
date: 2024-01-02
---

The sum is [[ value("passing", "total", ".1f") ]], between
[[ number("passing", "total", ".1f", end="low") ]] and [[ number("passing", "total", ".1f", end="high") ]].
"""


def git(tiny: TinySite, *words: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *who, *words], cwd=tiny.tree.root, check=True, capture_output=True, text=True
    )
    return done.stdout


def publish(tiny: TinySite, total: float, tag: str) -> None:
    """Let the run find another sum, build, commit, and cut a version."""
    tiny.pretend("passing", {**tiny_site.value("total", total), "low": total - 1, "high": total + 1})
    assert build.build_site(tiny.tree, execute=False) == 0
    git(tiny, "add", "-A")
    git(tiny, "commit", "-qm", tag)
    git(tiny, "tag", "-am", tag, tag)


def brought(tiny: TinySite) -> dict[str, bytes]:
    """The site with its versions."""
    assert build.build_site(tiny.tree, execute=False, versions=True) == 0
    return snapshot(tiny.tree.site)


def page(tiny: TinySite, name: str) -> BeautifulSoup:
    return BeautifulSoup((tiny.tree.site / name).read_text(encoding="utf-8"), "html.parser")


def cited(tiny: TinySite, name: str) -> tuple[str, str]:
    """The address in the BibTeX of a page, and that at the end of its sentence."""
    place = page(tiny, name).select_one(".cite-post")
    (found,) = re.findall(r"url = \{(.*)\}", place.select_one("pre").get_text())
    return found, place.select_one("p").get_text().split()[-1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> TinySite:
    """A site with two versions, between which its number changed."""
    tiny = tiny_site.lay_out(tmp_path_factory.mktemp("built") / "site")
    tiny.post.write_text(POST)
    tiny.edit("passing", lambda content: content["cells"].pop(5))  # it labels a table
    (tiny.tree.root / "site.yaml").write_text(yaml.safe_dump({**tiny_site.SITE, "url": URL}))
    (tiny.tree.root / ".gitignore").write_text("/.cache/\n/_site/\n")
    git(tiny, "init", "-q")
    publish(tiny, 9, "v1")
    publish(tiny, 12, "v1.10")
    brought(tiny)
    return tiny


def test_each_version_shows_its_own_number_and_leads_to_the_newest(built):
    for name, shown, other in (("v/1/", "9.0", "12.0"), ("v/1.10/", "12.0", "11.5"), ("", "12.0", "11.5")):
        text = page(built, name + PAGE).select_one(".body").get_text()
        assert f"The sum is {shown}" in text
        assert other not in text
    old = page(built, f"v/1/{PAGE}")
    notice = old.select_one(".version-notice")
    assert re.fullmatch(r"Version 1 of \d{4}-\d\d-\d\d\. The newest is here\.", notice.get_text())
    newest = (built.tree.site / "v/1" / PAGE).parent / notice.a["href"]
    assert newest.resolve() == (built.tree.site / PAGE).resolve()
    assert old.select_one("link[rel=canonical]")["href"] == f"{URL}/blog/2024/sums/"
    assert old.select_one("meta[name=citation_fulltext_html_url]")["content"] == f"{URL}/v/1/blog/2024/sums/"
    assert (built.tree.site / "v/1/runs/passing.html").is_file()
    assert page(built, PAGE).select_one(".version-notice") is None


def test_no_list_of_the_newest_site_has_a_version(built):
    for name in ("index.html", "series.html", "tags.html", "feed.xml", "sitemap.xml"):
        assert "v/1" not in (built.tree.site / name).read_text(), name
    assert not (built.tree.site / "v/1/feed.xml").exists()
    assert not (built.tree.site / "v/1/sitemap.xml").exists()


def test_a_version_is_not_changed_by_what_comes_after_it(site):
    before = snapshot(site.tree.site / "v")
    assert len(before) > 20
    site.post.write_text(POST.replace("The sum", "Our sum"))
    publish(site, 14, "other")
    for _ in range(2):
        # A build that nobody asked for versions keeps them.
        assert build.build_site(site.tree, execute=False) == 0
        assert snapshot(site.tree.site / "v") == before
    assert "Our sum is 14.0" in page(site, PAGE).select_one(".body").get_text()


def test_a_citation_names_the_version_only_if_a_tag_has_what_the_post_shows(site):
    assert cited(site, PAGE) == (f"{URL}/v/1.10/blog/2024/sums/",) * 2
    assert cited(site, f"v/1/{PAGE}") == (f"{URL}/v/1/blog/2024/sums/",) * 2
    kept = page(site, PAGE).select_one('.byline a[href*="/v/"]')
    assert kept.get_text() == "1.10"
    publish(site, 14, "other")
    assert cited(site, PAGE) == (f"{URL}/blog/2024/sums/",) * 2
    assert page(site, PAGE).select_one('.byline a[href*="/v/"]') is None


def test_a_figure_is_cited_with_its_anchor_and_a_sentence_is_replaced_whole():
    figure = ShownFigure("fig-a", "toy-sums", 2, "A.")
    shown = replace(pages_site.SHOWN, title="What costs $5", figures=(figure,))
    version = Version("1", "2026-01-06", "", (), replace(pages_site.SITE, url=URL), ())
    body = parse(
        '<figure id="fig-a"><pre class="bibtex"><code>old</code></pre></figure><div class="cite-post">'
        '<p>What costs <span>$</span>5. old</p>\n<pre class="bibtex"><code>old</code></pre></div>'
    )
    cite(body, shown, version)
    html = inside(body)
    assert f"url = {{{URL}/v/1/blog/2026/many-sums/#fig-a}}" in html
    assert "note = {Figure 2, version a1b2c3d4}" in html
    assert f"url = {{{URL}/v/1/blog/2026/many-sums/}}" in html
    assert f"What costs $5. Sums, version a1b2c3d4. {URL}/v/1/blog/2026/many-sums/</p>\n<pre" in html
    assert "old" not in html


def test_tags_change_nothing_that_is_committed(built):
    # All was committed before the tags of it were made, and has been built again since.
    assert git(built, "status", "--porcelain") == ""


def test_a_paper_cites_the_version(site, tmp_path):
    assert main(["--root", str(site.tree.root), "paper", str(tmp_path)]) == 0
    assert f"url = {{{URL}/v/1.10/blog/2024/sums/}}" in (tmp_path / "gradlab" / "gradlab.bib").read_text()
    assert f"url = {{{URL}/blog/2024/sums/}}" in (site.tree.assets / "tex" / "sums.bib").read_text()


def test_a_number_that_changed_says_what_it_was(site):
    notes = [row.select("td")[4].get_text() for row in page(site, PAGE).select("tr[id=value-passing-total]")]
    version = page(site, PAGE).select_one(".byline code").get_text()
    assert notes == [f"was 9.0 until version {version} (2024-01-02)"]
    publish(site, 14, "other")
    row = page(site, PAGE).select_one("tr[id=value-passing-total]")
    assert row.select("td")[4].get_text().startswith("was 12.0 until version ")


def test_only_tags_that_are_versions_count_and_what_has_no_tag_any_more_goes(site):
    for tag in ("vision", "v2/x", "1.0", "v1_old"):
        git(site, "tag", tag)
    git(site, "tag", "-d", "v1.10")
    brought(site)
    assert sorted(one.name for one in (site.tree.site / "v").iterdir()) == ["1", "1_old"]
    git(site, "tag", "-d", "v1_old")
    brought(site)
    assert sorted(one.name for one in (site.tree.site / "v").iterdir()) == ["1"]


def test_links_of_a_version_are_checked(site):
    post = site.tree.posts / "2024-01-02-sums.md"
    good = brought(site)
    post.write_text(post.read_text().replace("The sum", "[Nowhere](nowhere.html). The sum"))
    git(site, "commit", "-aqm", "v2")
    git(site, "tag", "v2")
    with pytest.raises(CheckError, match=r"v/2/blog/2024/sums/index\.html:\d+: link: nowhere\.html leads"):
        brought(site)
    assert snapshot(site.tree.site) == good


def test_a_version_that_cannot_be_rendered_is_named_and_the_site_stays(site):
    good = brought(site)
    post = site.tree.posts / "2024-01-02-sums.md"
    post.write_text(post.read_text().replace("title:", "name:"))
    git(site, "commit", "-aqm", "v2")
    git(site, "tag", "v2")
    with pytest.raises(BuildError, match=r"^v2: 2024-01-02-sums\.md: the front matter has no title"):
        brought(site)
    assert snapshot(site.tree.site) == good


def test_results_that_cannot_be_read_any_more_take_no_post_with_them(site, capsys):
    (site.tree.executed / "passing.ipynb").write_text("{}")
    (site.tree.assets / "values" / "sums.json").write_text("{}")
    git(site, "commit", "-aqm", "v0.1")
    git(site, "tag", "v0.1")
    git(site, "reset", "--hard", "-q", "v1.10")
    brought(site)
    assert "v0.1: run passing has no page: " in capsys.readouterr().err
    assert "The sum is 12.0" in page(site, f"v/0.1/{PAGE}").get_text()
    assert not (site.tree.site / "v/0.1/runs/passing.html").exists()
    assert cited(site, PAGE)[0] == f"{URL}/v/1.10/blog/2024/sums/"


def test_a_post_that_is_gone_leads_to_the_list_and_is_its_own_canonical_address(site):
    other = site.post.with_name("2024-01-02-others.md.j2")
    other.write_text(site.post.read_text())
    site.post.unlink()
    brought(site)
    assert not (site.tree.site / PAGE).exists()
    old = page(site, f"v/1/{PAGE}")
    assert old.select_one(".version-notice a")["href"] == "../../../../../index.html"
    assert old.select_one("link[rel=canonical]")["href"] == f"{URL}/v/1/blog/2024/sums/"


def test_without_a_tag_it_is_said_how_to_cut_one(site, capsys):
    git(site, "tag", "-d", "v1", "v1.10")
    brought(site)
    assert "there is no version: cut one with git tag -a v1.0" in capsys.readouterr().err
    assert not (site.tree.site / "v").exists()
