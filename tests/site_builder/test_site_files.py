"""The files of a site: exactly what is wanted, whatever stands, and the site that stands is never touched."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from site_builder import files, machine
from site_builder.model import Tree
from site_builder.render import fonts
from site_builder.render.site_files import Made, SiteFiles

PAGES = {"index.html": "one", "blog/a/index.html": "a", "blog/b/index.html": "b"}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path)
    (tree.figures / "run").mkdir(parents=True)
    (tree.figures / "run" / "fig.svg").write_text("drawing")
    (tree.assets / "own.css").write_text("a { color: red; } /* words */")
    return tree


def build(tree: Tree, pages: Mapping[str, str]) -> list[str]:
    """Put these pages in place; the names of those that were made for it."""
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return pages[name]

    beside = tree.cache / "site-next"
    SiteFiles(tree, beside).write({name: Made(text, partial(make, name)) for name, text in pages.items()})
    files.swap(beside, tree.site)
    return made


def shown(tree: Tree) -> dict[str, str]:
    """The pages and the tree's own assets in the site that stands."""
    own = [path for path in tree.site.rglob("*") if path.is_file() and "assets/" not in path.as_posix()]
    own += [tree.site / "assets/own.css", tree.site / "assets/figures/run/fig.svg"]
    return {path.relative_to(tree.site).as_posix(): path.read_text() for path in own}


def wanted(pages: Mapping[str, str], drawing: str = "drawing") -> dict[str, str]:
    return {**pages, "assets/own.css": "a{color:red}", "assets/figures/run/fig.svg": drawing}


def test_only_what_changed_is_made(tree: Tree) -> None:
    assert build(tree, PAGES) == list(PAGES)
    assert build(tree, PAGES) == []
    for text in ("two", "three", "four"):
        changed = PAGES | {"index.html": text}
        assert build(tree, changed) == ["index.html"]
        assert shown(tree) == wanted(changed)


def test_a_page_that_goes_takes_its_folder_and_may_come_again(tree: Tree) -> None:
    less = {name: text for name, text in PAGES.items() if "/b/" not in name}
    for pages in (PAGES, PAGES, less, less, PAGES, less, PAGES):
        build(tree, pages)
        assert shown(tree) == wanted(pages)
        assert (tree.site / "blog/b").exists() == (pages is PAGES)


def test_a_folder_may_become_a_file_and_the_other_way(tree: Tree) -> None:
    for pages in (PAGES, {"blog": "a file"}, {"blog": "a file"}, PAGES, PAGES):
        build(tree, pages)
        assert shown(tree) == wanted(pages)


@pytest.mark.parametrize("builds", [1, 2, 3])
def test_what_a_person_changed_in_the_site_is_made_again(tree: Tree, builds: int) -> None:
    for _ in range(builds):
        build(tree, PAGES)
    for name in ("index.html", "assets/figures/run/fig.svg", "blog/a/index.html"):
        with (tree.site / name).open("a") as file:
            file.write(" and more")
    (tree.site / "blog/a/index.html").unlink()
    (tree.site / "stray.html").write_text("not ours")
    for _ in range(3):
        build(tree, PAGES)
        assert shown(tree) == wanted(PAGES)


def test_the_site_that_stands_stays_while_the_next_is_written(tree: Tree) -> None:
    for _ in range(3):
        build(tree, PAGES)
    (tree.figures / "run" / "fig.svg").write_text("another drawing")
    SiteFiles(tree, tree.cache / "site-next").write({"index.html": Made("new", lambda: "new")})
    assert shown(tree) == wanted(PAGES)


def test_a_link_that_a_person_put_into_the_site_is_not_followed(tree: Tree, tmp_path: Path) -> None:
    build(tree, PAGES)
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "index.html").write_text("theirs")
    (tree.site / "blog/c").symlink_to(theirs)
    for _ in range(3):
        build(tree, PAGES)
        assert shown(tree) == wanted(PAGES)
    assert (theirs / "index.html").read_text() == "theirs"


def test_where_no_file_can_have_two_names_it_is_copied(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refused)
    for text in ("one", "two", "two", "three"):
        pages = PAGES | {"index.html": text}
        build(tree, pages)
        assert shown(tree) == wanted(pages)


def test_the_part_of_a_font_is_the_same_whenever_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    from fontTools.ttLib.tables import _h_e_a_d

    _version, folder = machine.carried("font-source-sans-pro", "font_source_sans_pro/files", "")
    whole = folder / "SourceSansPro-Semibold.ttf"
    first = fonts._part(whole)
    monkeypatch.setattr(_h_e_a_d, "timestampNow", lambda: 1)
    assert fonts._part(whole) == first
