"""Findings of a small site with one fault of each kind, where they are reported, and a clean site."""

import re
from pathlib import Path

import pytest
from tests.site_builder.alfolio_cases import post

from site_builder.check import check, links
from site_builder.errors import CheckError
from site_builder.memo import Memo
from site_builder.model import Site, Tree
from site_builder.post import template_lines
from site_builder.post.post_file import Finding

SITE = Site("T", "D", "https://example.org/base", "", (), {}, ())
GOOD = """<!doctype html><html><body><h1 id="top-heading">A</h1>
<a href="#top-heading">up</a> <a href="#top">top</a> <a href="../other/index.html#there">other</a>
<a href="../other/">o</a>
<a href="https://elsewhere.example/x">out</a> <a href="mailto:a@b.example">mail</a>
<a href="https://example.org/base/other/#there">canonical</a> <a href="/base/a.css">absolute</a>
<link rel="stylesheet" href="../a.css"><img src="../pic.svg" alt="A picture" width="1" height="2">
<img src="../pic.svg" alt="" width="1" height="2">
<script>document.write('<a href="nowhere.html">')</script></body></html>
"""
OTHER = '<!doctype html><html><body><p id="there">B</p></body></html>\n'


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path)
    for folder in (tree.posts, tree.post_templates, tree.site / "slug", tree.site / "other"):
        folder.mkdir(parents=True)
    (tree.posts / "2020-01-01-slug.md").write_text(post("Text."), encoding="utf-8")
    (tree.site / "slug" / "index.html").write_text(GOOD, encoding="utf-8")
    (tree.site / "other" / "index.html").write_text(OTHER, encoding="utf-8")
    (tree.site / "a.css").write_text("", encoding="utf-8")
    (tree.site / "pic.svg").write_text("<svg/>", encoding="utf-8")
    return tree


def findings(tree: Tree) -> list[Finding]:
    return [*check.check_posts(tree), *check.check_pages(tree, SITE, tree.site)]


def with_page(tree: Tree, fragment: str) -> list[Finding]:
    page = GOOD.replace("</h1>\n", f"</h1>\n{fragment}\n", 1)
    (tree.site / "slug" / "index.html").write_text(page, encoding="utf-8")
    return findings(tree)


def test_a_clean_site_has_no_findings(tree: Tree) -> None:
    assert findings(tree) == []


@pytest.mark.parametrize(
    ("fragment", "problem", "cure"),
    [
        ('<a href="#fig-x">x</a>', "reference: #fig-x points to an id", 'id="fig-x"'),
        ('<a href="#top-haeding">x</a>', "reference: #top-haeding", "another id: "),
        ('<a href="../other/#here">x</a>', "reference: ../other/#here", "id="),
        ('<a href="../gone/">x</a>', "link: ../gone/ leads nowhere", "correct"),
        ('<a href="https://example.org/base/gone/">x</a>', "link: https://example.org/base/gone/", "correct"),
        ('<img src="gone.svg" alt="a" width="1" height="1">', "image: gone.svg leads nowhere", "correct"),
        ('<img src="../pic.svg" width="1" height="1">', "alt: the image ../pic.svg", "fig-alt"),
        (
            '<figure><img src="../pic.svg" alt="  " width="1" height="1"></figure>',
            "alt: the image ../pic.svg",
            "fig-alt",
        ),
        ('<img src="../pic.svg" alt="a" width="1">', "size: the image ../pic.svg has no height", "height"),
        ('<p id="top-heading">x</p>', "duplicate-id: the id 'top-heading' stands 2 times", "its own"),
        ('<script src="gone.js"></script>', "link: gone.js leads nowhere", "correct"),
    ],
)
def test_a_fault_in_a_page_is_found(tree: Tree, fragment: str, problem: str, cure: str) -> None:
    (found,) = with_page(tree, fragment)
    assert problem in found.problem
    assert cure in found.cure
    assert found.file == tree.site / "slug" / "index.html"
    assert found.line in (1, 2)


def test_a_fault_in_a_page_is_traced_to_the_line_that_caused_it(tree: Tree) -> None:
    path = tree.posts / "2020-01-01-slug.md"
    text = post('Text with <a href="#fig-x">x</a>.')
    path.write_text(text, encoding="utf-8")
    (found,) = with_page(tree, '<a href="#fig-x">x</a>')
    assert found.file == path
    assert found.line == text.split("\n").index('Text with <a href="#fig-x">x</a>.') + 1


TEMPLATE = """---
title: "A title"
description: "What it says."
date: 2020-01-01
citation: true
---

[% set x = 1 %]
Text with $x$ dollars.

A number [[ value("r", "n") ]] and __init__ here.
"""


def test_a_fault_in_a_post_names_the_line_of_its_template(tree: Tree) -> None:
    template = tree.post_templates / "2020-01-01-slug.md.j2"
    template.write_text(TEMPLATE, encoding="utf-8")
    sentence = 'A number <span class="value">4</span> and __init__ here.'
    body = f"Text with $x$ dollars.\n\n{sentence}\n\nWritten by us | so."
    path = tree.posts / "2020-01-01-slug.md"
    path.write_text(post(body, citation="true"), encoding="utf-8")
    found = findings(tree)
    places = {finding.problem.split(":")[0]: (finding.file, finding.line) for finding in found}
    assert places["single-dollar"] == (template, 9)
    assert places["underscores"] == (template, 11)
    assert places["citation-switch"] == (template, 5)
    assert places["pipe"][0] == path


def test_posts_with_one_address_are_found(tree: Tree) -> None:
    (tree.posts / "2020-02-02-slug.md").write_text(post("Text.", date="2020-02-02"), encoding="utf-8")
    (found,) = findings(tree)
    assert found.problem.startswith("duplicate-slug:")


def test_findings_are_refused_together_with_file_line_and_cure(tree: Tree) -> None:
    findings = with_page(tree, '<a href="#a">x</a> <img src="../pic.svg" alt="a" width="1">')
    wanted = r"_site/slug/index\.html:2: reference: .*; cure: .*\n_site/slug/index\.html:2: size: .*; cure: "
    with pytest.raises(CheckError, match=wanted):
        check.refuse(findings, tree.root)
    check.refuse([], tree.root)


def test_a_finding_without_a_line_names_its_file(tree: Tree) -> None:
    described = template_lines.describe(Finding(tree.posts / "a.md", None, "wrong", "right"), tree.root)
    assert re.fullmatch(r"_posts/a\.md: wrong; cure: right", described)


def test_a_page_may_be_empty_or_hold_a_picture_of_megabytes(tmp_path):
    large = "A" * 11_000_000
    (tmp_path / "empty.html").write_text("<!-- nothing -->")
    (tmp_path / "large.html").write_text(
        f'<img src="data:image/png;base64,{large}" alt="a" width="1" height="1"><a href="#gone">x</a>'
    )
    found = [finding.problem for finding, _ in links.check_pages(tmp_path, "", Memo(tmp_path))]
    assert found == ["reference: #gone points to an id that large.html does not have"]
