"""What is delivered or checked is of one build, whatever became of the last one."""

from pathlib import Path

import pytest
from tests.site_builder.tiny_site import TinySite, snapshot
from tests.tools import kills
from tests.tools.kills import change_all

from site_builder import files
from site_builder.__main__ import main
from site_builder.deliver import manifest
from site_builder.errors import BuildError

BROKEN = "[[ nothing ]]"
DELIVERIES = (("export", "theirs"), ("paper", "theirs"))


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinySite:
    tiny = kills.lay_out(tmp_path / "site")
    monkeypatch.chdir(tiny.tree.root)
    assert main(["site", "--no-execute"]) == 0
    return tiny


def fail(tiny: TinySite) -> None:
    """Let a build fail after it has written figures: a template is broken."""
    change_all(tiny)
    whole = tiny.post.read_text()
    tiny.post.write_text(whole + BROKEN)
    assert main(["site", "--no-execute"]) == 1
    assert "M 0 0 L 9 8" in (tiny.tree.figures / "drawing" / "fig-line.svg").read_text()
    assert "8.0" not in (tiny.tree.posts / "2024-01-02-sums.md").read_text()


def mend(tiny: TinySite) -> None:
    tiny.post.write_text(tiny.post.read_text().removesuffix(BROKEN))


@pytest.mark.parametrize("command", DELIVERIES)
def test_nothing_is_delivered_of_a_build_that_fails_and_one_that_is_mended_is_completed_first(
    built, command, capsys
):
    fail(built)
    before = snapshot(built.tree.root / "theirs")
    assert main(list(command)) == 1
    assert "templates/posts/2024-01-02-sums.md.j2" in capsys.readouterr().err
    assert snapshot(built.tree.root / "theirs") == before
    mend(built)
    assert main(list(command)) == 0
    delivered = {
        path: content.decode()
        for path, content in snapshot(built.tree.root / "theirs").items()
        if path.endswith((".md", ".tex"))
    }
    assert any("8.0" in text or "{8}" in text for text in delivered.values())
    assert "In all, the sum is" in (built.tree.site / "blog/2024/sums/index.html").read_text()


def test_a_check_after_a_build_that_failed_says_so_and_one_after_a_good_build_checks(built, capsys):
    assert main(["check"]) == 0
    fail(built)
    capsys.readouterr()
    assert main(["check"]) == 1
    assert "the last build failed or was ended early" in capsys.readouterr().err
    mend(built)
    assert main(["site", "--no-execute"]) == 0
    assert main(["check"]) == 0


def test_a_strict_build_that_refuses_before_it_writes_leaves_what_can_be_checked(built):
    change_all(built)
    built.register(passing={"parameters": {"count": 5}}, drawing={})
    assert main(["site", "--no-execute", "--strict"]) == 1
    assert main(["check"]) == 0


def killed(patch: pytest.MonkeyPatch, at: int) -> list[int]:
    """Let a delivery end at its write of that number; how many there were."""
    calls = [0]

    def write(path: Path, content: bytes | str) -> bool:
        calls[0] += 1
        if calls[0] == at:
            path.with_name(f".{path.name}.123").write_text("half")
            raise KeyboardInterrupt
        return files.write_if_changed(path, content)

    patch.setattr(manifest, "write_if_changed", write)
    return calls


VERSIONS = [{f"{name}.txt": f"{name} {version}".encode() for name in "abc"} for version in range(4)]
MANIFEST = ".ours.json"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("first", range(1, 6))
@pytest.mark.parametrize("second", range(1, 6))
def test_a_delivery_that_was_killed_twice_is_known_as_ours(tmp_path, monkeypatch, first, second):
    manifest.deliver(VERSIONS[0], tmp_path, MANIFEST)
    for version, at in ((1, first), (2, second)):
        with monkeypatch.context() as patch:
            killed(patch, at)
            with pytest.raises(KeyboardInterrupt):
                manifest.deliver(VERSIONS[version], tmp_path, MANIFEST)
    manifest.deliver(VERSIONS[3], tmp_path, MANIFEST)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.txt")} == VERSIONS[3]
    assert names(tmp_path) == [MANIFEST, *VERSIONS[3]]
    with monkeypatch.context() as patch:
        calls = killed(patch, 0)
        manifest.deliver(VERSIONS[0], tmp_path, MANIFEST)
        assert calls == [5]


def test_an_edit_after_a_delivery_that_was_killed_is_still_theirs(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        killed(patch, 4)
        with pytest.raises(KeyboardInterrupt):
            manifest.deliver(VERSIONS[0], tmp_path, MANIFEST)
    (tmp_path / "a.txt").write_text("theirs")
    with pytest.raises(BuildError, match=r"edited since: a\.txt"):
        manifest.deliver(VERSIONS[1], tmp_path, MANIFEST)
    assert (tmp_path / "a.txt").read_text() == "theirs"


def test_what_a_killed_delivery_of_other_files_wrote_stays_ours(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        killed(patch, 3)
        with pytest.raises(KeyboardInterrupt):
            manifest.deliver(VERSIONS[0], tmp_path, MANIFEST)
    left = ["added b.txt", "added c.txt", "left a.txt (no longer part of it: --prune removes it)"]
    assert manifest.deliver(dict.fromkeys(("b.txt", "c.txt"), b"b"), tmp_path, MANIFEST) == left
    assert "changed a.txt" in manifest.deliver(VERSIONS[2], tmp_path, MANIFEST)


@pytest.mark.parametrize(("name", "content"), [
    ("a.png", b"\x89PNG\r\n\x1a\n and then nothing"),
    ("a.pdf", b"%PDF-1.7 and then nothing"),
    ("a.PNG", b"half"),
])  # fmt: skip
def test_half_a_picture_is_not_delivered(tmp_path, name, content):
    with pytest.raises(BuildError, match=rf"^assets/{name}: is no whole {name[2:].upper()}: it "):
        manifest.deliver({"b.txt": b"b", f"assets/{name}": content}, tmp_path, MANIFEST)
    assert not list(tmp_path.iterdir())


def test_half_a_picture_among_the_assets_stops_a_build_with_its_name(built, capsys):
    pages = snapshot(built.tree.site)
    (built.tree.assets / "by-hand.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    assert main(["site", "--no-execute"]) == 1
    assert "assets/by-hand.png: is no whole PNG: it ends too early" in capsys.readouterr().err
    assert snapshot(built.tree.site) == pages


def test_a_version_whose_build_was_killed_before_its_record_leaves_no_entry(built):
    record, history = (built.tree.assets / name / "sums.json" for name in ("values", "changelog"))
    before = record.read_text()
    kills.execute(built, 8.0, "9 9")
    assert main(["site", "--no-execute"]) == 0
    killed_history = history.read_text()
    assert killed_history.count('"from"') == 1
    record.write_text(before)  # as if the build had been killed between the two
    kills.execute(built, 7.0, "9 9")
    assert main(["site", "--no-execute"]) == 0
    assert history.read_text().count('"from"') == 1
    assert '"7.0"' in history.read_text()
    kills.execute(built, 6.0, "9 9")
    assert main(["site", "--no-execute"]) == 0
    assert history.read_text().count('"from"') == 2


def test_a_version_that_was_taken_back_before_its_record_was_written_leaves_no_history(built):
    record, history = (built.tree.assets / name / "sums.json" for name in ("values", "changelog"))
    before = record.read_text()
    kills.execute(built, 8.0, "9 9")
    assert main(["site", "--no-execute"]) == 0
    record.write_text(before)
    kills.execute(built, 9.0, "9 9")
    assert main(["site", "--no-execute"]) == 0
    assert not history.exists()
