"""Faults: what a crash, a second build, damage or a disk that refuses leaves behind, and what is said.

Floods of text, hangs, forks and kernels that die are in ``test_execute``; run ids that lead out of their
folder and damaged YAML in ``test_register``.
"""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.site_builder import tiny_site
from tests.site_builder.tiny_site import ROOT, TinySite, snapshot

from site_builder import build, files
from site_builder.__main__ import main
from site_builder.errors import BuildError, BusyError, HarvestError
from site_builder.execute import lock
from site_builder.execute.rounds import Selection

pytestmark = pytest.mark.kernel

# Kills its own process, as kill -9 does, at the moment when a file or folder would get its name or content.
KILLED_BUILD = """
import os, signal, sys
from pathlib import Path
fragment, root = sys.argv[1:]
for name in ("rename", "replace"):
    def killing(source, target, *more, real=getattr(os, name), **options):
        if str(target).endswith(fragment):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(source, target, *more, **options)
    setattr(os, name, killing)
def written(path, content, real=Path.write_bytes):
    if str(path).endswith(fragment):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(path, content)
Path.write_bytes = written
from site_builder import build
from site_builder.model import Tree
build.build_site(Tree(Path(root)))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> TinySite:
    tiny = tiny_site.lay_out(tmp_path_factory.mktemp("faults") / "site")
    tiny.register(passing={"parameters": {"count": 4}}, drawing={})
    figure = '[[ figure("drawing", "fig-line") ]]\n\n[[ provenance'
    tiny.post.write_text(tiny.post.read_text().replace("[[ provenance", figure, 1))
    assert build.build_site(tiny.tree) == 0
    return tiny


def improve(tiny: TinySite) -> None:
    """Change something in every step: code, a figure, a post, and with it a page."""
    tiny.edit(
        "passing",
        lambda nb: nb["cells"][2].update(
            source="import random\nfrom gradlab.notebook import claims, publish"
        ),
    )
    tiny.edit("passing", lambda nb: nb["cells"][3].update(source="total = sum(scale * s for s in range(3))"))
    (tiny.tree.figures / "drawing" / "fig-line.svg").unlink()
    tiny.post.write_text(tiny.post.read_text().replace("The sum is", "In all, the sum is"))


def pages(tiny: TinySite) -> dict[str, bytes]:
    return snapshot(tiny.tree.site)


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize(
    "fragment",
    ["executed/passing.ipynb", "fig-line.svg", "-sums.md", "site-next/runs.html"],
    ids=["execution", "harvest", "posts", "render"],
)
def test_a_build_that_is_killed_leaves_the_last_good_site_and_the_next_one_completes(site, fragment):
    improve(site)
    before = pages(site)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_BUILD, fragment, str(site.tree.root)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert pages(site) == before
    assert build.build_site(site.tree, strict=True) == 0
    assert "In all, the sum is" in (site.tree.site / "blog/2024/sums/index.html").read_text()
    assert not [path for path in site.tree.root.rglob(".*.[0-9]*") if path.is_file()]
    assert "4.5" in (site.tree.site / "blog/2024/sums/index.html").read_text()


def test_a_swap_that_was_cut_off_between_its_two_renames_is_undone(site):
    before = pages(site)
    site.tree.site.rename(site.tree.cache / "_site.old")
    files.recover(site.tree.site, site.tree.cache)
    assert pages(site) == before


def test_an_interrupt_stops_all_runs_and_leaves_nothing_half(tiny):
    tiny.register(slow={"time_limit": 600})
    process = begun(tiny, "experiments")
    assert process.stdout is not None
    assert process.stdout.readline() == "slow: executing 2 cells\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "interrupted: nothing was left half done\n")
    assert not list(tiny.tree.executed.glob("*")) if tiny.tree.executed.exists() else True


def test_a_second_build_says_who_holds_the_tree(site):
    with (
        lock.hold(site.tree, "make experiments"),
        pytest.raises(BusyError, match=rf"is running: make experiments, process {os.getpid()}, since"),
    ):
        build.build_site(site.tree)


def test_a_second_build_can_wait_for_the_first(site):
    order: list[str] = []

    def first() -> None:
        with lock.hold(site.tree, "the first"):
            held.set()
            time.sleep(0.3)
            order.append("first")

    held = threading.Event()
    thread = threading.Thread(target=first)
    thread.start()
    held.wait()
    with lock.hold(site.tree, "the second", wait=True):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def begun(site: TinySite, *arguments: str) -> subprocess.Popen[str]:
    """A process of the press on the tree; shells may have set interrupts to be ignored, which is undone."""
    return subprocess.Popen(
        [sys.executable, "-m", "site_builder", "--root", str(site.tree.root), *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def test_experiments_hold_their_runs_and_not_the_tree(site, capsys):
    site.register(slow={"time_limit": 600}, passing={"parameters": {"count": 4}}, drawing={})
    site.post.write_text(site.post.read_text().replace("The sum is", "In all, the sum is"))
    executing = begun(site, "experiments", "slow")
    try:
        assert executing.stdout is not None
        assert executing.stdout.readline() == "slow: executing 2 cells\n"
        assert main(["--root", str(site.tree.root), "site", "--no-execute"]) == 0
        assert "In all, the sum is" in (site.tree.site / "blog/2024/sums/index.html").read_text()
        assert main(["--root", str(site.tree.root), "experiments", "passing", "--force"]) == 0
        assert main(["--root", str(site.tree.root), "site"]) == 0
        capsys.readouterr()
        assert main(["--root", str(site.tree.root), "experiments", "slow", "passing"]) == 3
        told = f"slow: is being executed: make experiments, process {executing.pid}, since"
        assert capsys.readouterr().err.startswith(told)
    finally:
        executing.send_signal(signal.SIGINT)
        executing.communicate(timeout=60)


def test_what_another_process_is_writing_is_not_swept_away(site):
    writing = site.tree.executed / f".passing.ipynb.{os.getpid()}"
    writing.write_text("half")
    (site.tree.root / "site.yaml").touch()
    with lock.hold(site.tree, "make experiments", run="passing"):
        assert build.build_site(site.tree) == 0
        assert writing.exists()
    (site.tree.root / "site.yaml").touch()
    assert build.build_site(site.tree) == 0
    assert not writing.exists()


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EROFS, "the file system is read-only"), (errno.ENOSPC, "the disk is full")],
)
def test_a_disk_that_refuses_is_said_in_words_and_the_site_stays(site, monkeypatch, number, words):
    site.post.write_text(site.post.read_text().replace("The sum is", "In all, the sum is"))
    before = pages(site)
    real = os.replace

    def refusing(source, target, **options):
        if "_posts" in str(target):
            raise OSError(number, os.strerror(number), str(source), None, str(target))
        real(source, target, **options)

    monkeypatch.setattr(os, "replace", refusing)
    with pytest.raises(BuildError, match=rf"^_posts/2024-01-02-sums\.md: cannot be written: {words}"):
        build.build_site(site.tree)
    assert pages(site) == before
    assert not list(site.tree.posts.glob(".*"))


def test_a_disk_that_is_full_while_it_writes_names_the_file_though_the_system_does_not(site, monkeypatch):
    site.post.write_text(site.post.read_text().replace("The sum is", "In all, the sum is"))
    before = pages(site)
    real = os.fsync

    def refusing(descriptor):
        if "_posts" in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", refusing)
    with pytest.raises(BuildError, match=r"^_posts/2024-01-02-sums\.md: cannot be written: the disk is full"):
        build.build_site(site.tree)
    assert pages(site) == before


def test_two_folders_exchange_their_names_in_one_step_or_in_two(tmp_path, monkeypatch):
    new, old = tmp_path / "cache" / "new", tmp_path / "site"
    for one in (new, old):
        one.mkdir(parents=True)
        (one / "page").write_text(one.name)
    for exchanged, shown in ((True, "new"), (False, "site"), (True, "new")):
        with monkeypatch.context() as patch:
            if exchanged:
                patch.setattr(files, "_set_aside", None)  # only two renames need it
            else:
                patch.setattr(files, "_exchanged", lambda *_: False)
            files.swap(new, old)
        assert (old / "page").read_text() == shown
        assert sorted(path.name for path in tmp_path.rglob("*")) == ["cache", "new", "page", "page", "site"]


def test_other_errors_of_the_system_are_bugs_and_keep_their_traceback(tmp_path):
    with pytest.raises(FileNotFoundError), files.clear_words(tmp_path):
        (tmp_path / "absent").read_text()


def test_a_half_written_file_never_gets_the_name(tmp_path, monkeypatch):
    path = tmp_path / "file"
    files.write_if_changed(path, "old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(OSError, match="full"):
        files.write_if_changed(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_with_the_same_content_is_not_written_again(tmp_path):
    path = tmp_path / "file"
    assert files.write_if_changed(path, "same")
    state = path.stat()
    assert not files.write_if_changed(path, b"same")
    assert path.stat().st_mtime_ns == state.st_mtime_ns


def test_a_damaged_executed_notebook_is_named_when_it_cannot_be_executed(site):
    before = pages(site)
    path = site.tree.executed / "passing.ipynb"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(HarvestError, match=r"passing\.ipynb: not a whole notebook"):
        build.build_site(site.tree, execute=False)
    assert pages(site) == before


def test_a_damaged_executed_notebook_is_executed_again_when_it_can_be(site):
    path = site.tree.executed / "passing.ipynb"
    path.write_bytes(path.read_bytes()[:200])
    assert build.build_site(site.tree) == 0
    assert json.loads(path.read_text())["metadata"]["gradlab"]["run"] == "passing"


def test_damage_in_the_cache_costs_time_only(site):
    before = pages(site)
    for name in ("build.json", "digests.json", "claims.json"):
        (site.tree.cache / name).write_text("{damaged")
    assert build.build_site(site.tree, strict=True) == 0
    assert pages(site) == before


def test_threads_that_a_notebook_leaves_do_not_keep_its_run(tiny):
    tiny.register(dying={})
    source = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()"
    tiny.edit("dying", lambda nb: nb["cells"][1].update(source=source))
    assert build.run_experiments(tiny.tree, Selection()) == 0
    assert (tiny.tree.executed / "dying.ipynb").is_file()
