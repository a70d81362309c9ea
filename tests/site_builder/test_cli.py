"""The command line: its commands, their help, what they print, and their exit status."""

import datetime as dt
import http.client
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.site_builder.tiny_site import ROOT, TinySite

from site_builder import build, new, serve, status, verify
from site_builder.__main__ import main, parser
from site_builder.deliver import al_folio, paper
from site_builder.errors import BuildError
from site_builder.execute import lock
from site_builder.execute.rounds import Selection
from site_builder.model import Claim, Harvest, Origin, Scalar, Table, Tree, Value
from site_builder.notebook.published import MIME
from site_builder.plan import plan
from site_builder.verdict import Verdict
from site_builder.write import in_sentences

COMMANDS = (
    "site",
    "experiments",
    "status",
    "check",
    "export",
    "paper",
    "serve",
    "new",
    "verify",
    "compare",
    "archive",
)


def call(tiny: TinySite, *arguments: str) -> int:
    return main(["--root", str(tiny.tree.root), *arguments])


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as done:
        parser().parse_args([command, "--help"])
    assert done.value.code == 0
    assert f"python -m site_builder {command}" in capsys.readouterr().out


def test_the_options_of_the_site_are_passed_on(tiny, monkeypatch):
    seen = []

    def build_site(tree: Tree, selection: Selection, **options: bool) -> int:
        seen.append((tree.root, selection, options))
        return 0

    monkeypatch.setattr(build, "build_site", build_site)
    assert call(tiny, "site", "--strict", "--jobs", "3", "--no-execute", "--versions") == 0
    options = {"strict": True, "execute": False, "versions": True}
    assert seen == [(tiny.tree.root, Selection(jobs=3), options)]


def test_the_options_of_a_delivery_are_passed_on(tiny, monkeypatch, tmp_path):
    seen: list[tuple[Any, ...]] = []

    def noted(*given: Any, **options: bool) -> list[str]:
        seen.append((*given[1:], options))
        return []

    monkeypatch.setattr(build, "deliver", lambda tree, purpose, lay: len(lay(None, {})))
    monkeypatch.setattr(paper, "copy_paper", noted)
    monkeypatch.setattr(al_folio, "export_posts", noted)
    monkeypatch.setattr(plan, "plan_runs", lambda *_: [])
    assert call(tiny, "paper", str(tmp_path), "fig-a", "one", "--afresh") == 0
    assert call(tiny, "export", str(tmp_path), "--prune") == 0
    assert seen == [
        (None, {}, tmp_path, ["fig-a", "one"], {}, {}, {"afresh": True, "prune": False}),
        (tmp_path, {"prune": True}),
    ]


def test_an_authors_mistake_is_a_message_without_a_traceback(tiny, capsys):
    (tiny.tree.root / "site.yaml").unlink()
    assert call(tiny, "site") == 1
    assert capsys.readouterr().err == "error: site.yaml: there is no such file\n"


def test_another_build_has_an_exit_status_of_its_own(tiny, capsys):
    with lock.hold(tiny.tree, "make site"):
        assert call(tiny, "site") == 3
    assert "another build of this tree is running: make site" in capsys.readouterr().err


def test_jobs_are_one_or_more(tiny, capsys):
    with pytest.raises(SystemExit):
        call(tiny, "site", "--jobs", "0")
    assert "0 is not 1 or more" in capsys.readouterr().err


def test_check_without_a_site_says_what_makes_one(tiny, capsys):
    assert call(tiny, "check") == 1
    assert "make site writes it" in capsys.readouterr().err


def test_the_status_has_a_row_for_each_run_with_its_reason(tiny, capsys):
    tiny.pretend("passing")
    tiny.register(passing={"parameters": {"count": 9}}, drawing={"resource": "gpu"})
    assert call(tiny, "status") == 0
    passing, drawing = capsys.readouterr().out.splitlines()[1:3]
    cells = re.split(r"\s{2,}", passing.strip())
    assert cells[:3] == ["passing", "stale", "parameter count changed"]
    assert cells[3:6] == ["2024-01-02 03:04", "a test", "1 s"]
    assert drawing.startswith("drawing  registered, not executed")
    assert "needs a GPU" in drawing


def test_the_status_says_what_ran_off_pin_whether_it_is_allowed_or_not(tiny):
    tiny.pretend("passing")
    planned = tiny.plans()["passing"]
    fingerprint = replace(planned.record.fingerprint, parts={"pin/torch": "2.13.0"})
    off = replace(planned.record, fingerprint=fingerprint, versions={"torch": "2.11.0+cu130"})
    assert status.cells(replace(planned, record=off))[1:3] == (
        "fresh",
        "off pin: torch 2.11.0+cu130 for 2.13.0",
    )
    assert status.cells(planned)[1:3] == ("fresh", "")


def test_the_status_says_that_data_are_absent(tiny):
    planned = replace(tiny.plans()["passing"], blocked=("data set tiny-imagenet-30 not found",))
    assert status.cells(planned)[-1] == "data set tiny-imagenet-30 not found"


def test_the_status_says_once_below_its_table_what_to_do_about_what_is_absent(tiny, capsys):
    reason = "data set photographs not found: set GRADLAB_DATA"
    status.show([replace(planned, blocked=(reason,)) for planned in tiny.plans().values()])
    table, below = capsys.readouterr().out.rsplit("\n", 2)[:2]
    assert below == reason
    assert "GRADLAB_DATA" not in table


@pytest.mark.kernel
def test_what_new_writes_can_be_built_and_is_never_overwritten(tiny, capsys):
    assert call(tiny, "new", "how-far") == 0
    said = capsys.readouterr().out
    assert "make experiments RUN=how-far" in said
    planned = tiny.plans()["how-far"]
    assert planned.blocked == ()
    assert set(planned.fingerprint.parts) >= {
        "parameter/seed",
        "module/gradlab/notebook/figures.py",
        "pin/numpy",
    }
    assert build.build_site(tiny.tree) == 0
    (page,) = tiny.tree.site.glob("blog/*/how-far/index.html")
    assert 'id="fig-how-far-draws"' in page.read_text()
    notebook = tiny.tree.experiments / "how-far.ipynb"
    before = notebook.read_bytes()
    assert call(tiny, "new", "how-far") == 1
    assert "exists already and was left alone" in capsys.readouterr().err
    assert notebook.read_bytes() == before


def test_new_refuses_a_slug_that_leads_elsewhere(tiny):
    with pytest.raises(BuildError, match=r"'\.\./x' is no slug"):
        new.start(tiny.tree, "../x", dt.date(2024, 1, 2))


def test_pages_reload_when_served_and_not_as_files(tiny):
    tiny.tree.site.mkdir()
    (tiny.tree.site / "index.html").write_text("<p>page</p>")
    (tiny.tree.site / "style.css").write_text("p {}")
    with serve.server(tiny.tree, 0) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        assert serving.server_address[0] == "127.0.0.1"
        base = f"http://127.0.0.1:{serving.server_port}"
        answers = {}
        for name in ("/", "/index.html", "/style.css", "/.version", "/.reload.js"):
            with urllib.request.urlopen(base + name) as answer:
                answers[name] = answer.read().decode()
        serving.shutdown()
    assert answers["/"] == answers["/index.html"]
    assert answers["/"] == '<p>page</p><script src="/.reload.js"></script>'
    assert "location.reload" in answers["/.reload.js"]
    assert answers["/style.css"] == "p {}"
    assert json.loads(answers["/.version"]) == {"version": 0, "problem": ""}
    assert (tiny.tree.site / "index.html").read_text() == "<p>page</p>"


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/index.html", "localhost:{}", 200),
        ("/", "127.0.0.1", 200),
        ("/", "rebound.example:{}", 421),  # a stranger's name that was made to lead here
        ("/", "127.0.0.1.rebound.example", 421),
        ("/.version", "rebound.example", 421),
        ("/", "", 421),
        ("/../secret.txt", "localhost", 404),
        ("/%2e%2e/secret.txt", "localhost", 404),
        ("/..%2fsecret.txt", "localhost", 404),
        ("/linked.txt", "localhost", 404),
        ("/folder/secret.txt", "localhost", 404),
        ("/inside.html", "localhost", 200),
        ("/index.html%00.txt", "localhost", 404),
        ("/" + "a" * 300, "localhost", 404),
    ],
)
def test_the_server_shows_files_of_the_site_to_this_machine_only(tiny, path, host, status):
    tiny.tree.site.mkdir()
    (tiny.tree.site / "index.html").write_text("<p>page</p>")
    (tiny.tree.root / "secret.txt").write_text("secret")
    (tiny.tree.site / "linked.txt").symlink_to(tiny.tree.root / "secret.txt")
    (tiny.tree.site / "folder").symlink_to(tiny.tree.root)
    (tiny.tree.site / "inside.html").symlink_to("index.html")
    with serve.server(tiny.tree, 0) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        for method in ("GET", "HEAD"):
            asked = http.client.HTTPConnection("127.0.0.1", serving.server_port)
            asked.request(method, path, headers={"Host": host.format(serving.server_port)})
            answer = asked.getresponse()
            assert (answer.status, b"secret" in answer.read()) == (status, False)
            asked.close()
        serving.shutdown()


def test_a_port_that_is_taken_is_said(tiny):
    with serve.server(tiny.tree, 0) as serving, pytest.raises(BuildError, match="choose one with --port"):
        serve.server(tiny.tree, serving.server_port)


def served(tiny: TinySite, monkeypatch: pytest.MonkeyPatch, *happens: Callable[[], object]) -> int:
    """How many builds the server makes while these things happen, one at a time, between its looks."""
    builds = []

    def look(_: float) -> None:
        if not waiting:
            raise KeyboardInterrupt
        waiting.pop(0)()

    def rebuild(*_: object) -> str:
        try:
            builds.append(0)
            build.build_site(tiny.tree, execute=False)
            return ""
        except BuildError as problem:
            return str(problem)

    waiting = list(happens)
    monkeypatch.setattr(serve.Builder, "build", rebuild)
    monkeypatch.setattr("time.sleep", look)
    serve.serve(tiny.tree, 0, execute=False)
    return len(builds)


def nothing() -> None:
    """A look at which nothing has happened."""


def test_the_server_builds_once_for_each_change_and_not_for_what_it_writes(tiny, monkeypatch):
    assert call(tiny, "experiments") == 0

    def moved(notebook: dict[str, Any]) -> None:
        outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
        (record,) = [one["data"][MIME] for one in outputs if one["data"].get(MIME, {}).get("value") == 9.0]
        record["value"] = 8.0

    caption = tiny.tree.experiments / "passing.ipynb"
    happens = (
        lambda: tiny.executed_otherwise("passing", moved),
        lambda: caption.write_text(caption.read_text().replace("that the post speaks of", "of the post")),
        lambda: tiny.post.write_text(tiny.post.read_text() + "[[ nothing ]]"),
    )
    looks = [step for one in happens for step in (one, nothing, nothing)]
    assert served(tiny, monkeypatch, nothing, *looks) == 1 + len(happens)
    assert ">8.0<" in (tiny.tree.site / "blog/2024/sums/index.html").read_text()


def test_the_server_does_not_try_a_build_again_that_could_not_even_begin(tiny, monkeypatch):
    (tiny.tree.root / "site.yaml").unlink()
    shutil.rmtree(tiny.tree.cache, ignore_errors=True)
    assert served(tiny, monkeypatch, nothing, nothing, nothing) <= 2


def test_a_build_of_the_server_says_what_it_failed_of(tiny, capfd):
    builder = serve.Builder(tiny.tree, execute=False)
    tiny.post.write_text(tiny.post.read_text() + "[[ nothing ]]\n\n[[ value('passing', 'x') ]]\n")
    problem = builder.build()
    assert "'nothing' is undefined" in problem
    assert problem in capfd.readouterr().err
    tiny.post.write_text('---\ntitle: "S"\ndescription: "D"\ndate: 2024-01-02\n---\n\nWords.\n')
    assert builder.build() == ""
    assert "Words." in (tiny.tree.site / "blog/2024/sums/index.html").read_text()


def test_a_changed_press_builds_as_it_is_now(tiny, monkeypatch):
    builder = serve.Builder(tiny.tree, execute=False)
    monkeypatch.setattr(serve, "of_press", lambda: "another")
    started: list[list[str]] = []
    run = subprocess.run

    def noted(command: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
        started.append(command)
        return run(command, check=False, **{key: entry for key, entry in how.items() if key != "check"})

    monkeypatch.setattr(subprocess, "run", noted)
    (tiny.tree.root / "site.yaml").unlink()
    assert "site.yaml" in builder.build()
    assert started[0][1:3] == ["-m", "site_builder"]


def harvest_of(tiny: TinySite, value: float, tolerance: float | None, verdict: Verdict) -> Harvest:
    origin = Origin("passing", 1, None, "")
    found = Value("mean", value, "", None, None, None, "", tolerance, origin)
    claim = Claim("it-holds", "It holds.", verdict, (), "it does", False, origin)
    planned = tiny.plans()["passing"]
    assert planned.record is not None
    return Harvest(planned.run, planned.record, {}, {}, {"mean": found}, {}, {}, {"it-holds": claim})


@pytest.mark.parametrize(
    ("tolerance", "new_value", "expected"),
    [
        (None, 1.0, []),
        (None, 1.25, [("value mean: 1.0 → 1.25, moved by 0.25, tolerance 1e-06", False)]),
        (None, 1.0000005, [("value mean: 1.0 → 1.0000005, moved by 5e-07, tolerance 1e-06", True)]),
        (0.5, 1.25, [("value mean: 1.0 → 1.25, moved by 0.25, tolerance 0.5", True)]),
        (0.1, 1.25, [("value mean: 1.0 → 1.25, moved by 0.25, tolerance 0.1", False)]),
        (0, 1.0000005, [("value mean: 1.0 → 1.0000005, moved by 5e-07, tolerance 0", False)]),
    ],
)
def test_a_value_may_move_within_its_tolerance(tiny, tolerance, new_value, expected):
    tiny.pretend("passing")
    old, new = (harvest_of(tiny, value, tolerance, Verdict.HOLDS) for value in (1.0, new_value))
    assert [(move.text, move.within) for move in verify.compare(old, new)] == expected


def test_a_verdict_may_not_move(tiny):
    tiny.pretend("passing")
    moves = verify.compare(*(harvest_of(tiny, 1.0, None, word) for word in (Verdict.HOLDS, Verdict.REFUTED)))
    assert [(move.text, move.within) for move in moves] == [("claim it-holds: holds → refuted", False)]


TABLE = Table(
    "tbl-a",
    ("name", "n", "x"),
    (("one", 10, 0.5), ("two", 20, -2.0), ("three", None, 0.0)),
    "",
    Origin("passing", 1, None, ""),
)


def changed(*entries: tuple[int, int, Scalar]) -> Table:
    """The table with other entries, each given by row and column from 0."""
    rows = [list(row) for row in TABLE.rows]
    for row, column, entry in entries:
        rows[row][column] = entry
    return replace(TABLE, rows=tuple(tuple(row) for row in rows))


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (TABLE, []),
        (
            changed((0, 2, 0.75)),
            [("column 'x': row 1, 0.5 → 0.75, moved by 0.25, tolerance 5e-07", False)],
        ),
        (
            changed((0, 2, 0.5000001), (1, 2, -2.1)),
            [("column 'x': row 2, -2.0 → -2.1, moved by 0.1, tolerance 2e-06 (2 of 3 entries moved)", False)],
        ),
        (
            changed((1, 2, -2.000001)),
            [("column 'x': row 2, -2.0 → -2.000001, moved by 1e-06, tolerance 2e-06", True)],
        ),
        (
            changed((2, 2, 1e-12)),
            [("column 'x': row 3, 0.0 → 1e-12, moved by 1e-12, tolerance 0", False)],
        ),
        (changed((1, 1, 21)), [("column 'n': row 2, 20 → 21, moved by 1, tolerance 0", False)]),
        (
            changed((0, 0, "ten"), (2, 1, 3)),
            [("column 'name': row 1, one → ten", False), ("column 'n': row 3, None → 3", False)],
        ),
    ],
)
@pytest.mark.parametrize(("shelf", "shown"), [("tables", "table tbl-a"), ("data", "data of tbl-a")])
def test_a_table_and_the_data_of_a_figure_may_move_by_noise(tiny, shelf, shown, new, expected):
    tiny.pretend("passing")
    found = harvest_of(tiny, 1.0, None, Verdict.HOLDS)

    def with_table(table: Table) -> Harvest:
        tables = {"tbl-a": table}
        return replace(found, tables=tables) if shelf == "tables" else replace(found, data=tables)

    old, new = with_table(TABLE), with_table(new)
    moves = [(move.text, move.within) for move in verify.compare(old, new)]
    assert moves == [(f"{shown}, {text}", within) for text, within in expected]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {"tbl-a": TABLE}, [f"table tbl-a, column {name!r} is new" for name in TABLE.columns]),
        (
            {"tbl-a": TABLE},
            {},
            [f"table tbl-a, column {name!r} is no longer published" for name in TABLE.columns],
        ),
        (
            {"tbl-a": TABLE},
            {"tbl-a": replace(TABLE, rows=TABLE.rows[:2])},
            [f"table tbl-a, column {name!r}: 3 → 2 rows" for name in TABLE.columns],
        ),
        (
            {"tbl-a": TABLE},
            {"tbl-a": replace(TABLE, columns=("name", "n", "y"))},
            ["table tbl-a, column 'y' is new", "table tbl-a, column 'x' is no longer published"],
        ),
    ],
)
def test_a_table_of_another_shape_is_named(tiny, old, new, expected):
    tiny.pretend("passing")
    found = harvest_of(tiny, 1.0, None, Verdict.HOLDS)
    moves = verify.compare(replace(found, tables=old), replace(found, tables=new))
    assert [(move.text, move.within) for move in moves] == [(text, False) for text in expected]


@pytest.mark.kernel
def test_verify_executes_again_and_touches_nothing(tiny, capsys):
    assert call(tiny, "experiments") == 0
    path = tiny.tree.executed / "passing.ipynb"
    notebook = json.loads(path.read_text().replace('"value": 9.0', '"value": 9.5'))
    path.write_text(json.dumps(notebook))
    before = path.read_bytes()
    capsys.readouterr()
    assert call(tiny, "verify") == 1
    said = capsys.readouterr().out
    assert "passing: value total: 9.5 → 9.0, moved by 0.5, tolerance 9.5e-06  BEYOND ITS TOLERANCE" in said
    assert path.read_bytes() == before
    assert not tiny.tree.figures.exists()


def test_make_lists_every_chore_and_each_command_of_the_readme_is_one():
    listed = subprocess.run(
        ["make", "-s", "-C", str(ROOT)], capture_output=True, text=True, check=True
    ).stdout
    chores = set(re.findall(r"^  make ([a-z-]+) ", listed, re.MULTILINE))
    others = "checkpoints test cover lint lock bench gpu-check screenshots clean help"
    assert chores >= {*COMMANDS, *others.split()}
    for text in ("README.md", "GUIDE.md", "CONTRIBUTING.md"):
        assert set(re.findall(r"`make ([a-z-]+)", (ROOT / text).read_text())) <= chores


def test_the_readme_is_short_and_the_guide_names_all_that_a_template_may_call():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120
    guide = (ROOT / "GUIDE.md").read_text()
    shown = set(re.findall(r"\[\[ (\w+)\(|\[% (\w+)|`(\w+)[(`]|`\[% (\w+)", guide))
    assert set(in_sentences.NAMES) <= {name for names in shown for name in names}


def test_links_of_the_texts_to_files_and_headings_lead_somewhere():
    for text in ("README.md", "GUIDE.md", "CONTRIBUTING.md"):
        whole = (ROOT / text).read_text()
        headings = {
            re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.+)$", whole, re.MULTILINE)
        }
        for address in re.findall(r"\]\(([^)\s]+)\)", whole):
            if address.startswith("#"):
                assert address[1:] in headings, (text, address)
            elif not re.match(r"https?:|\.", address) and "/" not in address:
                assert (ROOT / address).exists(), (text, address)


def test_the_script_of_ci_is_bash_that_stops_at_errors():
    script = ROOT / ".ci" / "run"
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert "set -euo pipefail" in script.read_text()


def test_new_offers_the_comparison_for_any_network(tiny, capsys):
    assert call(tiny, "new", "moves", "--kind", "any-network") == 0
    notebook = json.loads((tiny.tree.experiments / "moves.ipynb").read_text())
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert sum(len(source.splitlines()) for source in code) <= 40
    assert "moves-gain" in code[2]
    # This site does not know ImageNet: the entry is shown, not made.
    assert "may_wait: true" in capsys.readouterr().out
    assert call(tiny, "new", "other", "--kind", "any-net") == 1
    assert (
        "'any-net' is no kind of notebook to start from; known: any-network, question"
        in capsys.readouterr().err
    )


def test_temporary_files_lie_where_a_socket_may(tiny, tmp_path, monkeypatch):
    long = tmp_path / ("long" * 50)
    long.mkdir()
    for folder, kept in ((long, "/tmp"), (None, "/var")):
        monkeypatch.setenv("TMPDIR", str(folder or "/var"))
        monkeypatch.setattr("tempfile.tempdir", str(folder or "/var"))
        assert call(tiny, "status") == 0
        assert (tempfile.gettempdir(), os.environ["TMPDIR"]) == (kept, kept)
