"""The whole press on a tiny site of real notebooks: end to end, twice, stale and strict."""

import os
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.site_builder import tiny_site
from tests.site_builder.tiny_site import TinySite, snapshot

from site_builder import build, machine, states
from site_builder.errors import BuildError, CheckError, PostError
from site_builder.execute.rounds import Selection
from site_builder.model import State
from site_builder.plan import unchanged

pytestmark = pytest.mark.kernel

CLAIM = """
## What is refuted {#refuted}

It is not so that [% claim "three-exceeds-five", finding="refuted" %]three exceeds five[% endclaim %].

[[ figure("drawing", "fig-line") ]]
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> TinySite:
    """A site with a passing, a claim-refuting and a drawing notebook, built once by real executions."""
    tiny = tiny_site.lay_out(tmp_path_factory.mktemp("built") / "site")
    tiny.register(passing={"parameters": {"count": 4}}, refuting={}, drawing={})
    tiny.post.write_text(tiny.post.read_text().replace("[[ provenance", CLAIM + "\n[[ provenance"))
    assert build.build_site(tiny.tree) == 0
    return tiny


def page(tiny: TinySite) -> str:
    return (tiny.tree.site / "blog/2024/sums/index.html").read_text()


def outcome(tiny: TinySite) -> dict[str, bytes]:
    tree = tiny.tree
    return snapshot(tree.executed, tree.posts, tree.root / "assets", tree.site)


def touch_code(tiny: TinySite, notebook: str = "passing", code: str = "extra = 1") -> None:
    def change(content: dict) -> None:
        content["cells"].append(
            {
                "id": "more",
                "cell_type": "code",
                "metadata": {},
                "source": code,
                "outputs": [],
                "execution_count": None,
            }
        )

    tiny.edit(notebook, change)


def test_notebooks_become_a_page_with_their_numbers_and_verdicts(built):
    text = page(built)
    assert ">9.0<" in text
    assert "Three exceeds five" in text
    assert "fig-line" in text
    assert (built.tree.root / "assets" / "figures" / "drawing" / "fig-line.pdf").is_file()
    assert all(planned.state is State.FRESH for planned in built.plans().values())


def test_a_second_build_has_nothing_to_do_and_loads_no_step(site):
    assert build.build_site(site.tree) == 0
    before = outcome(site)
    code = (
        "import sys, pathlib; from site_builder import build, model; "
        "build.build_site(model.Tree(pathlib.Path(sys.argv[1]))); "
        "print({name.partition('.')[0] for name in sys.modules} & set(sys.argv[2:]))"
    )
    heavy = ("yaml", "pydantic", "nbformat", "nbclient", "jinja2", "lxml", "pygments", "rich", "subprocess")
    said = subprocess.run(
        [sys.executable, "-c", code, str(site.tree.root), *heavy],
        cwd=tiny_site.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "nothing to do: every run is fresh and _site is up to date\nset()\n"
    assert outcome(site) == before


def test_a_build_from_the_same_executed_notebooks_gives_the_same_bytes(site):
    before = outcome(site)
    for folder in (site.tree.cache, site.tree.site, site.tree.posts):
        shutil.rmtree(folder)
    assert build.build_site(site.tree, strict=True, execute=False) == 0
    assert outcome(site) == before


INPUTS = (
    "site.yaml",
    "templates/posts/2024-01-02-sums.md.j2",
    "templates/references.bib",
    "_experiments/experiments.yaml",
    "_experiments/passing.ipynb",
    "_experiments/executed/passing.ipynb",
    "_experiments/gradlab/notebook/publish.py",
)


def change(path: Path) -> None:
    path.write_text(path.read_text() + "\n")


@pytest.mark.parametrize("name", ["_site/blog/2024/sums/index.html", "_posts/2024-01-02-sums.md", *INPUTS])
def test_a_changed_input_or_output_is_noticed(site, name):
    build.build_site(site.tree)
    assert unchanged.matches(site.tree)
    change(site.tree.root / name)
    assert not unchanged.matches(site.tree)


@pytest.mark.parametrize("step", ["harvest.harvest.harvest_all", "check.check.check_pages"])
@pytest.mark.parametrize("name", INPUTS)
def test_what_is_replaced_during_the_build_is_not_taken_for_built(site, monkeypatch, step, name):
    place = f"site_builder.{step}"
    real = pkgutil.resolve_name(place)

    def step_and_change(*arguments: object) -> object:
        done = real(*arguments)
        change(site.tree.root / name)
        return done

    with monkeypatch.context() as during:
        during.setattr(place, step_and_change)
        assert build.build_site(site.tree) == 0
    assert not unchanged.matches(site.tree)
    assert build.build_site(site.tree) == 0
    assert unchanged.matches(site.tree)


def test_the_projects_own_templates_and_what_is_installed_are_inputs_too(site, monkeypatch, tmp_path):
    templates, packages = tmp_path / "project" / "templates", tmp_path / "site-packages"
    for folder in (templates, packages):
        folder.mkdir(parents=True)
    monkeypatch.setattr(unchanged, "PROJECT", tmp_path / "project", raising=False)
    monkeypatch.syspath_prepend(packages)
    for changed in (templates / "page.html", packages / "new.py"):
        build.build_site(site.tree)
        assert unchanged.matches(site.tree)
        changed.write_text("new")
        assert not unchanged.matches(site.tree)


ARCHIVES = """\
import json, os, pathlib
places = os.environ["GRADLAB_DATA"].split(":")
found = [path for place in places for path in pathlib.Path(place).glob("*.zip")]
print(json.dumps({"path": str(found[0]), "digest": found[0].read_text()}))
"""


@pytest.mark.parametrize("named_by", ["GRADLAB_DATA", "site.yaml"])
def test_data_that_are_put_there_later_are_noticed_by_the_site_as_by_the_status(
    site, monkeypatch, tmp_path, named_by
):
    archive = tmp_path / "data" / "one.zip"
    archive.parent.mkdir()
    archive.write_text("as executed")
    (site.tree.experiments / "gradlab" / "archives.py").write_text(ARCHIVES)
    (site.tree.experiments / "data_sets.yaml").write_text("tiny-imagenet-30: gradlab.archives\n")
    site.register(passing={"parameters": {"count": 4}, "data": "tiny-imagenet-30"}, refuting={}, drawing={})
    if named_by == "GRADLAB_DATA":
        monkeypatch.setenv("GRADLAB_DATA", str(archive.parent))
    else:
        configuration = site.tree.root / "site.yaml"
        configuration.write_text(configuration.read_text() + f"data_folders: [{archive.parent}]\n")
    assert build.build_site(site.tree, strict=True) == 0
    archive.unlink()
    assert build.build_site(site.tree) == 0
    assert unchanged.matches(site.tree)
    archive.write_text("another")
    assert site.plans()["passing"].reasons == ("data set tiny-imagenet-30 changed",)
    assert not unchanged.matches(site.tree)


def test_a_stale_run_that_cannot_run_here_is_rendered_and_said(site, capsys):
    touch_code(site, code="import absent_package")
    assert build.build_site(site.tree) == 0
    said = capsys.readouterr().err
    assert "passing: stale: code cells changed" in said
    assert "cannot be executed here: absent_package is not installed" in said
    assert "may be out of date: code cells changed" in page(site)
    assert not unchanged.matches(site.tree)


def test_strict_makes_a_stale_run_an_error_and_leaves_the_site(site):
    touch_code(site, code="import absent_package")
    before = snapshot(site.tree.site, site.tree.posts)
    with pytest.raises(BuildError, match=r"--strict: 1 of 3 runs are not fresh, or off pin:\npassing: stale"):
        build.build_site(site.tree, strict=True)
    assert snapshot(site.tree.site, site.tree.posts) == before


def test_a_failing_run_leaves_its_last_results_on_the_page_and_status_1(site, capsys):
    touch_code(site, code="raise RuntimeError('not today')")
    executed = (site.tree.executed / "passing.ipynb").read_bytes()
    assert build.build_site(site.tree) == 1
    assert "RuntimeError: not today" in capsys.readouterr().err
    assert (site.tree.executed / "passing.ipynb").read_bytes() == executed
    assert ">9.0<" in page(site)
    assert not unchanged.matches(site.tree)


def test_a_sentence_that_asserts_what_was_refuted_stops_the_build(site):
    site.post.write_text(site.post.read_text().replace(', finding="refuted"', ""))
    before = snapshot(site.tree.site, site.tree.posts)
    with pytest.raises(PostError, match="three-exceeds-five"):
        build.build_site(site.tree)
    assert snapshot(site.tree.site, site.tree.posts) == before


def test_a_post_that_uses_a_run_that_was_never_executed_is_an_error(site):
    (site.tree.executed / "passing.ipynb").unlink()
    with pytest.raises(PostError, match="passing"):
        build.build_site(site.tree, execute=False)


def test_a_finding_of_the_check_leaves_the_last_good_site(site):
    site.post.write_text(site.post.read_text().replace("## Where", "See [this](absent.html).\n\n## Where"))
    before = snapshot(site.tree.site)
    with pytest.raises(CheckError, match=r"absent\.html"):
        build.build_site(site.tree)
    assert snapshot(site.tree.site) == before


def test_a_verdict_that_changes_is_said(site, capsys):
    def change(notebook: dict[str, Any]) -> None:
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                record = output["data"].get("application/vnd.gradlab.record+json", {})
                if record.get("kind") == "claim":
                    record["verdict"] = "holds"

    site.executed_otherwise("refuting", change)
    site.post.write_text(site.post.read_text().replace(', finding="refuted"', ""))
    assert build.build_site(site.tree) == 0
    assert "sums: claim refuting/three-exceeds-five: refuted → holds" in capsys.readouterr().out


def test_a_run_that_was_never_executed_stops_no_build_but_a_strict_one(site, capsys, monkeypatch):
    monkeypatch.setattr(machine, "gpus", lambda: {})
    site.register(
        **{"passing": {"parameters": {"count": 4}}, "refuting": {}, "drawing": {}},
        heavy={"resource": "gpu"},
    )
    site.post.write_text(
        f"{site.post.read_text()}\n"
        '[% if executed("heavy") %][[ value("heavy", "x") ]][% else %]\n'
        '[[ not_executed("heavy") ]]\n[% endif %]\n'
    )
    assert build.build_site(site.tree) == 0
    said = "heavy: registered, not executed: needs a GPU: execute it where there is one"
    assert said in capsys.readouterr().err
    assert "The run <code>heavy</code> (“heavy”) needs a GPU" in page(site)
    assert "execute it where there is one" not in page(site)
    assert "registered, not executed" in (site.tree.site / "runs.html").read_text()
    assert not unchanged.matches(site.tree)
    with pytest.raises(BuildError, match="1 of 4 runs are not fresh, or off pin:\n" + said):
        build.build_site(site.tree, strict=True)
    site.register(
        **{"passing": {"parameters": {"count": 4}}, "refuting": {}, "drawing": {}},
        heavy={"resource": "gpu", "may_wait": True},
    )
    capsys.readouterr()
    assert build.build_site(site.tree, strict=True) == 0
    assert said not in capsys.readouterr().err


def test_what_ran_off_pin_is_told_and_stops_a_strict_build_unless_it_is_allowed(site, capsys):
    pin = site.plans()["drawing"].record.versions["numpy"]

    def change(notebook: dict[str, Any]) -> None:
        notebook["metadata"]["gradlab"]["versions"]["numpy"] = "1.0+cu1"

    site.executed_otherwise("drawing", change)
    off = f"numpy 1.0+cu1 for {pin}"
    assert build.build_site(site.tree) == 0
    assert f"drawing: off pin: {off} (off_pin: true in the register allows it)" in capsys.readouterr().err
    for shown in (page(site), (site.tree.site / "runs" / "drawing.html").read_text()):
        assert f"<dt>Off pin</dt><dd>{off}</dd>" in shown
    with pytest.raises(BuildError, match="1 of 3 runs are not fresh, or off pin:\ndrawing: off pin: numpy"):
        build.build_site(site.tree, strict=True)
    runs = {"passing": {"parameters": {"count": 4}}, "refuting": {}, "drawing": {"off_pin": True}}
    site.register(**runs)
    assert build.build_site(site.tree, strict=True) == 0


def test_an_improved_caption_needs_no_execution(site, monkeypatch):
    from site_builder.execute import batch

    monkeypatch.setattr(batch, "execute_runs", lambda *_: pytest.fail("nothing is stale"))
    path = site.tree.experiments / "drawing.ipynb"
    path.write_text(path.read_text().replace("A line that rises", "A better line that rises"))
    assert build.build_site(site.tree) == 0
    assert "A better line that rises" in page(site)


def test_experiments_with_a_run_that_is_blocked(site, capsys):
    touch_code(site, code="import absent_package")
    assert build.run_experiments(site.tree, Selection()) == 0
    assert build.run_experiments(site.tree, Selection(runs=("passing",))) == 1
    assert "passing: cannot be executed here: absent_package is not installed" in capsys.readouterr().err


def test_an_unknown_run_lists_the_known(site):
    with pytest.raises(
        BuildError, match="no run 'pasing' in the register; known: drawing, passing, refuting"
    ):
        build.run_experiments(site.tree, Selection(runs=("pasing",)))


def test_folders_on_another_disk_may_be_linked_and_a_circle_ends(tmp_path):
    place, elsewhere = tmp_path / "place", tmp_path / "elsewhere"
    place.mkdir()
    (elsewhere / "deep").mkdir(parents=True)
    (place / "linked").symlink_to(elsewhere)
    (elsewhere / "deep" / "back").symlink_to(place)
    (elsewhere / "deep" / "weights.txt").write_text("one")
    before = states.state(place)
    assert states.state(place) == before
    (elsewhere / "deep" / "weights.txt").write_text("other")
    assert states.state(place) != before


def test_a_folder_that_goes_while_it_is_looked_at_is_a_change(tmp_path, monkeypatch):
    (tmp_path / "going").mkdir()
    (tmp_path / "going" / "file").write_text("x")
    before, real = states.state(tmp_path), os.scandir

    def scandir(path: str) -> object:
        if path.endswith("going"):
            raise FileNotFoundError(path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert states.state(tmp_path) != before


def test_what_liquid_refuses_is_told_with_the_line_of_the_template(tiny):
    tiny.post.write_text(tiny.post.read_text() + "\nA path {{ '/a' | absolute_url }}.\n")
    line = tiny.post.read_text().count("\n")
    with pytest.raises(BuildError, match=rf"^templates/posts/2024-01-02-sums.md.j2:{line}: liquid: .*run by"):
        build.build_site(tiny.tree)


@pytest.mark.parametrize(
    "name", ["assets/figures/drawing", "assets/passwd.txt", "_posts/2024-01-03-x.md", "assets/loop"]
)
def test_a_link_is_not_followed_into_the_site(site, tmp_path, name):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "fig-line.svg").write_text("theirs")
    link = site.tree.root / name
    shutil.rmtree(link, ignore_errors=True)
    link.symlink_to("." if name == "assets/loop" else tmp_path / "theirs")
    before = tiny_site.snapshot(site.tree.site, tmp_path / "theirs")
    with pytest.raises(BuildError, match=rf"^{re.escape(name)}: is a link, which may lead anywhere"):
        build.build_site(site.tree, execute=False)
    assert tiny_site.snapshot(site.tree.site, tmp_path / "theirs") == before
