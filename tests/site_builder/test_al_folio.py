"""Export into a checkout of another site: what is copied, what is left alone, and what is refused."""

import json
from pathlib import Path

import pytest
from tests.site_builder import paper_site

from site_builder import files
from site_builder.deliver.al_folio import MANIFEST, export_posts
from site_builder.errors import BuildError
from site_builder.model import Tree

FILES = [
    "_posts/2020-01-01-one.md",
    "_posts/2020-02-01-two.md",
    "assets/bibliography/cited.bib",
    *(
        f"assets/figures/{run}/{label}.{ending}"
        for run, label in (("run-a", "fig-first"), ("run-b", "fig-second"))
        for ending in ("dark.svg", "pdf", "png", "svg")
    ),
]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return paper_site.build(tmp_path / "ours")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    target = tmp_path / "theirs"
    (target / "_posts").mkdir(parents=True)
    (target / "_config.yml").write_text("title: theirs\n", encoding="utf-8")
    (target / "_posts" / "2019-01-01-theirs.md").write_text("theirs", encoding="utf-8")
    return target


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_posts_used_figures_and_bibliographies_are_copied_and_nothing_else(tree: Tree, target: Path) -> None:
    before = contents(target)
    assert export_posts(tree, target) == [f"added {name}" for name in FILES]
    after = contents(target)
    assert set(after) == {*before, *FILES, MANIFEST}
    assert {name: after[name] for name in before} == before
    assert all(after[name] == (tree.root / name).read_bytes() for name in FILES)


def test_a_second_export_says_what_changed(tree: Tree, target: Path) -> None:
    export_posts(tree, target)
    (tree.figures / "run-a" / "fig-first.svg").write_text("new", encoding="utf-8")
    report = export_posts(tree, target)
    assert "changed assets/figures/run-a/fig-first.svg" in report
    assert [line for line in report if not line.startswith("unchanged")] == [
        "changed assets/figures/run-a/fig-first.svg"
    ]
    assert (target / "assets/figures/run-a/fig-first.svg").read_text(encoding="utf-8") == "new"


def test_a_post_that_is_gone_here_is_named_there_and_removed_when_asked(tree: Tree, target: Path) -> None:
    export_posts(tree, target)
    (tree.posts / "2020-01-01-one.md").unlink()
    name = "_posts/2020-01-01-one.md"
    for _ in range(2):
        assert f"left {name} (no longer part of it: --prune removes it)" in export_posts(tree, target)
        assert (target / name).is_file()
    assert f"removed {name} (no longer part of it)" in export_posts(tree, target, prune=True)
    assert not (target / name).exists()
    assert not [line for line in export_posts(tree, target) if not line.startswith("unchanged")]
    assert (target / "_posts" / "2019-01-01-theirs.md").read_text(encoding="utf-8") == "theirs"


def test_what_they_edited_or_linked_is_never_pruned(tree: Tree, target: Path, tmp_path: Path) -> None:
    export_posts(tree, target)
    edited, linked = "_posts/2020-01-01-one.md", "_posts/2020-02-01-two.md"
    elsewhere = tmp_path / "elsewhere.md"
    (target / linked).rename(elsewhere)
    (target / linked).symlink_to(elsewhere)
    (target / edited).write_text("mine now", encoding="utf-8")
    for name in (edited, linked):
        (tree.root / name).unlink()
    for _ in range(2):
        report = export_posts(tree, target, prune=True)
        for name in (edited, linked):
            assert f"left {name} (no longer part of it, and edited since: delete it by hand)" in report
    assert (target / edited).read_text(encoding="utf-8") == "mine now"
    assert elsewhere.is_file()


def test_a_manifest_does_not_lead_out_of_the_folder(tree: Tree, target: Path, tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("precious", encoding="utf-8")
    there = {"files": {"../precious.txt": files.digest(b"precious", 64)}}
    (target / MANIFEST).write_text(json.dumps(there), encoding="utf-8")
    export_posts(tree, target, prune=True)
    assert (tmp_path / "precious.txt").is_file()


@pytest.mark.parametrize("edited", [True, False], ids=["edited by them", "theirs from the start"])
def test_a_file_of_theirs_is_never_overwritten(tree: Tree, target: Path, edited: bool) -> None:
    if edited:
        export_posts(tree, target)
    (target / "_posts" / "2020-02-01-two.md").write_text("mine", encoding="utf-8")
    before = contents(target)
    (tree.posts / "2020-01-01-one.md").write_bytes(
        (tree.posts / "2020-01-01-one.md").read_bytes() + b"\nMore.\n"
    )
    with pytest.raises(
        BuildError, match=r"not written by us or were edited since: _posts/2020-02-01-two\.md"
    ):
        export_posts(tree, target)
    assert contents(target) == before


def test_a_file_of_theirs_that_is_the_same_is_taken_over(tree: Tree, target: Path) -> None:
    name = "_posts/2020-01-01-one.md"
    (target / name).write_bytes((tree.root / name).read_bytes())
    assert f"unchanged {name}" in export_posts(tree, target)


def test_a_link_of_theirs_is_not_written_through(tree: Tree, target: Path) -> None:
    (target / "elsewhere.md").write_text("theirs", encoding="utf-8")
    (target / "_posts" / "2020-01-01-one.md").symlink_to(target / "elsewhere.md")
    with pytest.raises(BuildError, match="2020-01-01-one"):
        export_posts(tree, target)
    assert (target / "elsewhere.md").read_text(encoding="utf-8") == "theirs"


def test_a_missing_figure_stops_it_with_the_choices(tree: Tree, target: Path) -> None:
    (tree.figures / "run-b" / "fig-second.png").unlink()
    before = contents(target)
    with pytest.raises(
        BuildError,
        match=r"two\.md needs assets/figures/run-b/fig-second\.png.*nearest of 4: .*fig-second\.svg",
    ):
        export_posts(tree, target)
    assert contents(target) == before


@pytest.mark.parametrize("present", ["", "_config.yml", "_posts"])
def test_a_folder_that_is_no_al_folio_site_is_refused(tree: Tree, tmp_path: Path, present: str) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    if present == "_config.yml":
        (folder / present).write_text("", encoding="utf-8")
    elif present:
        (folder / present).mkdir()
    with pytest.raises(BuildError, match="is no al-folio checkout"):
        export_posts(tree, folder)


def test_a_checkout_with_a_distill_layout_but_no_posts_will_do(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "new" / "_layouts").mkdir(parents=True)
    (tmp_path / "new" / "_layouts" / "distill.liquid").write_text("", encoding="utf-8")
    (tmp_path / "new" / "_config.yml").write_text("", encoding="utf-8")
    assert len(export_posts(tree, tmp_path / "new")) == len(FILES)


def test_a_damaged_manifest_is_named(tree: Tree, target: Path) -> None:
    (target / MANIFEST).write_text("{", encoding="utf-8")
    with pytest.raises(BuildError, match=rf"{MANIFEST} is damaged"):
        export_posts(tree, target)
