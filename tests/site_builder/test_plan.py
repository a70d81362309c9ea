"""Fingerprints and the plan: each ingredient makes a run stale and says so, prose does not."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.site_builder.tiny_site import TinySite, value

from site_builder import machine
from site_builder.execute import prose_refresh
from site_builder.model import State
from site_builder.plan import fingerprint, imports, plan

ARCHIVES = """\
import json, os, pathlib
where = pathlib.Path(os.environ["GRADLAB_DATA"], "data.txt")
where.parent.with_name("asked").open("a").write("x")
print(json.dumps({"path": str(where), "digest": where.read_text().strip() * 32}))
"""


@pytest.fixture
def done(tiny: TinySite) -> TinySite:
    """The tiny site with its run recorded as executed."""
    tiny.pretend("passing")
    return tiny


def change_source(tiny: TinySite, old: str, new: str) -> None:
    path = tiny.tree.experiments / "passing.ipynb"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def state(tiny: TinySite) -> tuple[State, tuple[str, ...]]:
    planned = tiny.plans()["passing"]
    return planned.state, planned.reasons


def with_data(tiny: TinySite, monkeypatch: pytest.MonkeyPatch, folder: Path, **entry: object) -> None:
    (tiny.tree.experiments / "gradlab" / "archives.py").write_text(ARCHIVES)
    (tiny.tree.experiments / "data_sets.yaml").write_text("tiny-imagenet-30: gradlab.archives\n")
    folder.mkdir()
    (folder / "data.txt").write_text("ab")
    monkeypatch.setenv("GRADLAB_DATA", str(folder))
    tiny.register(passing={"data": "tiny-imagenet-30", **entry})


def test_a_run_without_an_executed_notebook(tiny):
    assert state(tiny) == (State.MISSING, ())


def test_a_run_whose_inputs_are_as_recorded_is_fresh(done):
    assert state(done) == (State.FRESH, ())


def test_code_makes_it_stale(done):
    change_source(done, "scale * step", "scale + step")
    assert state(done) == (State.STALE, ("code cells changed",))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# How large is a sum?", "# Entirely other words"),
        ("#| lst-cap: The sum that the post speaks of.", "#| lst-cap: Another caption."),
        ("#| label: lst-sum", "#| label: lst-total"),
        ("#| label: lst-sum", '# | label: lst-sum\\n",\n    "# | warning: false'),
        ("total = sum(", '# A comment.\\n",\n    "total = sum('),
    ],
    ids=["prose", "caption", "label", "display", "comment"],
)
def test_prose_captions_labels_and_comments_do_not(done, old, new):
    change_source(done, old, new)
    assert state(done) == (State.FRESH, ())


def test_an_option_that_is_not_for_display_counts_as_code(done):
    change_source(done, "#| label: lst-sum", "#| cache: lst-sum")
    assert state(done)[1] == ("code cells changed",)


def test_parameters_are_named(done):
    done.register(passing={"parameters": {"count": 5, "scale": 2.0}})
    assert state(done)[1] == ("parameter count changed", "parameter scale is new")
    done.register(passing={})
    assert state(done)[1] == ("parameter count was removed",)


def test_an_imported_module_is_named_and_its_prose_does_not_count(done):
    module = done.tree.experiments / "gradlab" / "notebook" / "publish.py"
    module.write_text('"""Another docstring."""\n# A comment.\n\n' + module.read_text().split('"""', 2)[2])
    assert state(done) == (State.FRESH, ())
    module.write_text(module.read_text() + "\nCONSTANT = 1\n")
    assert state(done)[1] == ("gradlab/notebook/publish.py changed",)


def test_a_module_that_nobody_imports_does_not_count(done):
    (done.tree.experiments / "gradlab" / "notebook" / "figures.py").write_text("broken")
    assert state(done) == (State.FRESH, ())


def test_modules_are_found_through_functions_packages_and_relative_imports(tmp_path):
    def put(name: str, text: str) -> None:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    put("lib/__init__.py", "")
    put(
        "lib/a.py",
        "def f():\n    from . import b\n    import importlib\n    importlib.import_module('lib.sub.d')\n",
    )
    put("lib/b.py", "from .sub import c\nNAMES = 'names.txt'\n")
    put("lib/names.txt", "one\n")
    put("lib/sub/__init__.py", "import PIL.Image\n")
    put("lib/sub/c.py", "from ..e import thing\nimport json\n")
    put("lib/sub/d.py", "import sklearn.datasets as datasets\n")
    put("lib/e.py", "thing = 1\n")
    put("lib/unused.py", "import pandas\n")
    found = imports.reach(
        [("x.ipynb, cell 1", "%matplotlib inline\nimport lib.a\nimport torch.nn")], tmp_path
    )
    expected = {"__init__.py", "a.py", "b.py", "names.txt", "sub/__init__.py", "sub/c.py", "sub/d.py", "e.py"}
    assert found.files.keys() == {f"lib/{name}" for name in expected}
    assert found.packages == {"PIL", "sklearn", "torch"}


def test_what_is_not_python_names_notebook_and_cell_and_stops_no_other_run(done):
    done.register(passing={"parameters": {"count": 4}}, drawing={})
    change_source(done, "import random", "import random random")
    plans = done.plans()
    faulty = plans["passing"]
    assert (faulty.faulty, faulty.state, faulty.blocked) == (True, State.STALE, faulty.reasons)
    assert faulty.reasons == ("passing.ipynb, cell 3, line 1: not Python: invalid syntax",)
    assert (plans["drawing"].faulty, plans["drawing"].blocked) == (False, ())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("x = 1\n\n\n# why\ny = 2", "x = 1\ny = 2  # because", True),
        ('def f():\n    """Doc."""\n    return 1', "def f():\n    return 1", True),
        ('x = """a\n\nb"""', 'x = """a\nb"""', False),
        ("x = '# not a comment'", "x = '# other'", False),
        ("if x:\n    y = 1\nz = 2", "if x:\n    y = 1\n    z = 2", False),
    ],
)
def test_meaning_drops_prose_and_nothing_else(one, other, same):
    assert (imports.meaning(one) == imports.meaning(other)) is same


def test_a_pin_of_an_imported_package_says_both_versions(tiny):
    tiny.register(drawing={})
    tiny.pretend("drawing")
    requirements = tiny.tree.experiments / "requirements.txt"
    requirements.write_text("matplotlib==3.12.0  # newer\nnumpy==9.9.9\nscipy==9.9.9\nipykernel==8.0.0\n")
    # The notebook imports matplotlib, and numpy by way of the project's modules; scipy it does not.
    assert tiny.plans()["drawing"].reasons == ("matplotlib 3.11.2 → 3.12.0", "numpy 2.4.6 → 9.9.9")


def test_import_names_lead_to_the_names_under_which_packages_are_pinned():
    assert [fingerprint.distribution(name) for name in ("sklearn", "PIL", "yaml", "torch")] == [
        "scikit-learn",
        "pillow",
        "pyyaml",
        "torch",
    ]


def test_data_that_change_are_named_and_asked_for_once(tiny, monkeypatch, tmp_path):
    folder = tmp_path / "data"
    with_data(tiny, monkeypatch, folder)
    tiny.pretend("passing")
    assert state(tiny) == (State.FRESH, ())
    assert (tmp_path / "asked").read_text() == "x"
    (folder / "data.txt").write_text("cd!")
    assert state(tiny)[1] == ("data set tiny-imagenet-30 changed",)


def test_a_data_set_is_declared_and_needs_no_change_of_the_press(tiny, monkeypatch, tmp_path):
    with_data(tiny, monkeypatch, tmp_path / "data", data="two-moons")
    (tiny.tree.experiments / "data_sets.yaml").write_text("two-moons: gradlab.moons\n")
    module = tiny.tree.experiments / "gradlab" / "moons.py"
    module.write_text(ARCHIVES)
    tiny.pretend("passing")
    assert tiny.plans()["passing"].fingerprint.parts["data/two-moons"] == "ab" * 8
    module.write_text(ARCHIVES.replace("* 32", "* 32 + 'x'").replace("strip()", "strip()[:1]"))
    assert state(tiny)[1] == ("gradlab/moons.py changed", "data set two-moons changed")


def test_data_that_are_found_in_a_place_that_comes_first_are_asked_for_again(tiny, monkeypatch, tmp_path):
    with_data(tiny, monkeypatch, tmp_path / "data")
    first = tmp_path / "first"
    first.mkdir()
    module = tiny.tree.experiments / "gradlab" / "archives.py"
    places = 'next(p for p in os.environ["GRADLAB_DATA"].split(":") if pathlib.Path(p, "data.txt").exists())'
    module.write_text(ARCHIVES.replace('os.environ["GRADLAB_DATA"]', places))
    monkeypatch.setenv("GRADLAB_DATA", f"{first}:{tmp_path / 'data'}")
    tiny.pretend("passing")
    assert state(tiny) == (State.FRESH, ())
    (first / "data.txt").write_text("cd")
    assert state(tiny)[1] == ("data set tiny-imagenet-30 changed",)


def test_data_that_were_found_elsewhere_before_do_not_keep_plans_from_being_kept(tiny, monkeypatch, tmp_path):
    with_data(tiny, monkeypatch, tmp_path / "before")
    tiny.pretend("passing")
    (tmp_path / "now").mkdir()
    (tmp_path / "now" / "data.txt").write_text("ab")
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path / "now"))
    assert state(tiny) == (State.FRESH, ())
    (tmp_path / "before" / "data.txt").write_text("something else")
    tiny.plans()
    monkeypatch.setattr(fingerprint, "take", lambda *_: pytest.fail("it is planned anew"))
    assert state(tiny) == (State.FRESH, ())


def test_absent_data_leave_the_recorded_digest_and_block_an_execution(tiny, monkeypatch, tmp_path):
    with_data(tiny, monkeypatch, tmp_path / "data")
    tiny.pretend("passing")
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path / "elsewhere"))
    planned = tiny.plans()["passing"]
    assert (planned.state, planned.reasons) == (State.FRESH, ())
    (blocked,) = planned.blocked
    assert blocked.startswith("data set tiny-imagenet-30 not found: FileNotFoundError: ")


WEIGHTS = """\
import hashlib, json, pathlib, sys
{imports}
_, command, name, *options = sys.argv
path = pathlib.Path("{folder}", pathlib.PurePath(name).name)
if not path.is_file():
    print("looked in many places")
    sys.exit(f"{{name}} is nowhere: train it, {{options}}")
print(json.dumps({{"path": str(path), "digest": hashlib.sha256(path.read_bytes()).hexdigest()}}))
"""


def declare_weights(tiny: TinySite, folder: Path, imports: str = "") -> Path:
    """A module that knows ``checkpoint/...`` as files of ``folder``, with one of these."""
    (tiny.tree.experiments / "gradlab" / "trained.py").write_text(
        WEIGHTS.format(folder=folder, imports=imports)
    )
    (tiny.tree.experiments / "weights.yaml").write_text("checkpoint: gradlab.trained\n")
    folder.mkdir()
    weights = folder / "net-a"
    weights.write_bytes(b"one")
    return weights


def test_weights_that_change_or_are_missing(tiny, tmp_path):
    weights = declare_weights(tiny, tmp_path / "weights")
    tiny.register(passing={"weights": ["checkpoint/net-a"], "parameters": {"count": 4}})
    tiny.pretend("passing")
    assert state(tiny) == (State.FRESH, ())
    weights.write_bytes(b"other")
    assert state(tiny)[1] == ("weights checkpoint/net-a changed",)
    weights.unlink()
    planned = tiny.plans()["passing"]
    assert (planned.state, planned.blocked) == (
        State.FRESH,
        ("weights checkpoint/net-a not found: checkpoint/net-a is nowhere: train it, []",),
    )


def test_weights_are_asked_for_of_the_network_of_the_run(tiny, tmp_path):
    declare_weights(tiny, tmp_path / "weights").unlink()
    parameters = "network = 'resnet18'"
    tiny.edit("passing", lambda nb: nb["cells"][1].update(source=parameters))
    tiny.register(passing={"weights": ["checkpoint/net-a"], "parameters": {"network": "vgg16"}})
    assert tiny.plans()["passing"].blocked[0].endswith("train it, ['--network', 'vgg16']")


def test_a_remembered_digest_is_not_trusted_when_the_file_differs(tiny, tmp_path):
    weights = declare_weights(tiny, tmp_path / "weights")
    tiny.register(passing={"weights": ["checkpoint/net-a"]})
    first = tiny.plans()["passing"].fingerprint
    weights.write_bytes(b"two")
    os.utime(weights, ns=(1, 1))
    assert tiny.plans()["passing"].fingerprint.digest != first.digest


@pytest.mark.parametrize("answer", ["print('no JSON')", "print('{}')", "print('3')"])
def test_a_module_that_gives_no_answer_is_named(tiny, tmp_path, answer):
    declare_weights(tiny, tmp_path / "weights")
    (tiny.tree.experiments / "gradlab" / "trained.py").write_text(answer)
    tiny.register(passing={"weights": ["checkpoint/net-a"]})
    (blocked,) = tiny.plans()["passing"].blocked
    start = "weights checkpoint/net-a not found: gradlab.trained digest checkpoint/net-a gave no answer: "
    assert blocked.startswith(start)


def test_a_run_reaches_the_modules_that_know_its_own_inputs_and_no_others(tiny, monkeypatch, tmp_path):
    with_data(tiny, monkeypatch, tmp_path / "data", weights=["checkpoint/net-a"])
    declare_weights(tiny, tmp_path / "weights", "from gradlab.notebook import results")
    parts = tiny.plans()["passing"].fingerprint.parts
    own = {f"module/gradlab/{name}.py" for name in ("archives", "trained", "notebook/results")}
    assert own <= parts.keys()
    tiny.pretend("passing")
    # Another data set and another network come, and modules of other inputs change.
    (tiny.tree.experiments / "gradlab" / "others.py").write_text("import nothing_there\n")
    for file in ("data_sets.yaml", "weights.yaml"):
        path = tiny.tree.experiments / file
        path.write_text(f"{path.read_text()}others: gradlab.others\n")
    assert state(tiny) == (State.FRESH, ())
    with (tiny.tree.experiments / "gradlab" / "notebook" / "results.py").open("a") as module:
        module.write("\nMORE = 1\n")
    assert state(tiny)[1] == ("gradlab/notebook/results.py changed",)


def test_a_run_reaches_the_modules_that_the_register_names_for_it(tiny):
    tiny.pretend("passing")
    tiny.register(passing={"parameters": {"count": 4}, "modules": ["gradlab.notebook.rows"]})
    assert state(tiny)[1] == ("gradlab/notebook/rows.py is newly imported",)


def test_of_many_causes_of_a_kind_only_their_number_is_told():
    old = {f"module/gradlab/{letter}.py": "1" for letter in "abcde"} | {"parameter/seed": "1", "code": "x"}
    new = {"module/gradlab/e.py": "2", "parameter/seed": "2", "code": "y"}
    told = ("code cells changed", "parameter seed changed", "5 modules changed, came or went")
    assert fingerprint.differences(old, new) == told
    del old["module/gradlab/a.py"]
    assert len(fingerprint.differences(old, new)) == 2 + 4


def test_a_part_of_a_kind_from_another_time_is_told(tiny):
    tiny.pretend("passing")

    def change(notebook: dict[str, Any]) -> None:
        notebook["metadata"]["gradlab"]["fingerprint"]["parts"] |= {"checkpoint/net-a": "aa", "code": "bb"}

    tiny.executed_otherwise("passing", change)
    assert state(tiny)[1] == ("code cells changed", "checkpoint/net-a was removed")


@pytest.fixture
def comparing(tiny: TinySite) -> TinySite:
    """The tiny site with a second run, executed, that needs the first."""
    tiny.register(overview={"needs": ["passing"]}, passing={})
    tiny.pretend("passing", value("total", 1.5), value("noise", 0.5))
    tiny.pretend("overview")
    return tiny


def overview(tiny: TinySite) -> tuple[State, tuple[str, ...]]:
    planned = tiny.plans()["overview"]
    return planned.state, planned.reasons


@pytest.mark.parametrize(
    "records",
    [
        [value("total", 1.25), value("noise", 0.5)],
        [value("noise", 0.5), value("total", 1.5)],
        [value("total", 1.5)],
        [value("total", 1.5) | {"low": 1.0}, value("noise", 0.5)],
        [
            value("total", 1.5),
            value("noise", 0.5),
            {"kind": "rows", "name": "a", "columns": [], "data": "QUJD"},
        ],
    ],
    ids=["number", "order", "fewer", "interval", "packed rows"],
)
def test_other_results_of_a_needed_run_make_it_stale(comparing, records):
    comparing.pretend("passing", *records)
    assert overview(comparing) == (State.STALE, ("results of passing changed",))


def test_an_execution_of_a_needed_run_with_the_same_results_does_not(comparing):
    def change(notebook: dict[str, Any]) -> None:
        notebook["metadata"]["gradlab"] |= {"device": "another", "seconds": 9.0}
        notebook["cells"][0]["source"] = "Other prose."
        first, second = (output["data"] for output in notebook["cells"][-1]["outputs"])
        first["text/plain"] = "other words"
        second["image/png"] = "a picture"
        first["application/vnd.gradlab.record+json"]["caption"] = "new"

    comparing.executed_otherwise("passing", change)
    assert comparing.plans()["passing"].state is State.FRESH
    assert overview(comparing) == (State.FRESH, ())


def test_a_need_that_comes_or_goes_is_named(comparing):
    comparing.register(overview={}, passing={})
    assert overview(comparing)[1] == ("passing is no longer needed",)
    comparing.pretend("overview")
    comparing.register(overview={"needs": ["passing"]}, passing={})
    assert overview(comparing)[1] == ("passing is newly needed",)


@pytest.mark.parametrize("content", [None, "{damaged"])
def test_absent_results_leave_the_recorded_digest_and_wait_for_their_run(comparing, content):
    path = comparing.tree.executed / "passing.ipynb"
    path.unlink()
    if content:
        path.write_text(content)
    planned = comparing.plans()
    assert (planned["overview"].state, planned["overview"].blocked) == (State.FRESH, ())
    assert plan.queue(list(planned.values())) == {"passing": (), "overview": ("passing",)}


NO_GPU = "needs a GPU: execute it where there is one, and commit its executed notebook"


def test_absent_results_of_a_run_that_cannot_be_executed_block_all_that_need_them(comparing, monkeypatch):
    monkeypatch.setattr(machine, "gpus", lambda: {})
    comparing.register(
        drawing={"needs": ["overview"]}, overview={"needs": ["passing"]}, passing={"resource": "gpu"}
    )
    for executed in comparing.tree.executed.glob("*.ipynb"):
        executed.unlink()
    assert {name: one.blocked for name, one in comparing.plans().items()} == {
        "drawing": ("needs the results of overview, which cannot be executed here either",),
        "overview": ("needs the results of passing, which cannot be executed here either",),
        "passing": (NO_GPU,),
    }


def test_committed_results_of_a_run_that_cannot_be_executed_are_enough(comparing, monkeypatch):
    monkeypatch.setattr(machine, "gpus", lambda: {})
    comparing.register(overview={"needs": ["passing"]}, passing={"resource": "gpu"})
    change_source(comparing, "scale * step", "scale + step")
    (comparing.tree.executed / "overview.ipynb").unlink()
    planned = comparing.plans()
    assert (planned["passing"].state, planned["overview"].blocked) == (State.STALE, ())
    assert plan.queue(list(planned.values())) == {"overview": ()}


def test_a_run_waits_for_all_that_lead_to_it_and_each_has_one_turn(comparing):
    comparing.register(
        drawing={"needs": ["overview"]}, overview={"needs": ["passing"]}, passing={}, refuting={}
    )
    change_source(comparing, "scale * step", "scale + step")
    plans = list(comparing.plans().values())
    assert [one.state.name for one in plans] == ["MISSING", "FRESH", "STALE", "MISSING"]
    waiting = {"passing": (), "refuting": (), "overview": ("passing",), "drawing": ("overview",)}
    assert plan.queue(plans) == waiting
    assert plan.queue(plans, done={"passing", "refuting"}) == {"drawing": ()}
    assert plan.queue(plans, force=True, done={"passing", "refuting", "drawing"}) == {
        "overview": (), "drawing": ("overview",),
    }  # fmt: skip


def test_packages_that_are_not_installed_block_an_execution(tiny):
    tiny.edit("passing", lambda nb: nb["cells"][2].update(source="import absent_one\nimport absent_two.x"))
    assert tiny.plans()["passing"].blocked == (
        "absent_one, absent_two are not installed (make experiments installs them)",
    )


def test_of_many_absent_packages_a_few_are_named():
    names = ["a", "b", "c", "d", "torch"]
    expected = "torch, a, b and 2 more are not installed (make experiments installs them)"
    assert plan._uninstalled(names) == expected


def test_a_gpu_run_needs_a_gpu(tiny, monkeypatch):
    tiny.register(passing={"resource": "gpu"})
    monkeypatch.setattr(machine, "gpus", lambda: {})
    assert tiny.plans()["passing"].blocked == (NO_GPU,)
    monkeypatch.setattr(machine, "gpus", lambda: {"0": "Some GPU"})
    assert tiny.plans()["passing"].blocked == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "passing.ipynb: not a whole notebook"),
        ("[]", "passing.ipynb: not a notebook of format 4"),
        ('{"metadata": {}, "cells": []}', "its run record is not whole"),
        ('{"metadata": {"gradlab": {"run": "passing"}}, "cells": []}', "its run record is not whole"),
    ],
)
def test_a_damaged_executed_notebook_is_a_reason_to_execute(done, content, words):
    (done.tree.executed / "passing.ipynb").write_text(content)
    now, reasons = state(done)
    assert now is State.STALE
    assert reasons[0].startswith(f"the executed notebook is damaged: {words}")


def test_an_executed_notebook_of_another_run_is_not_taken_for_this_one(done):
    done.executed_otherwise("passing", lambda nb: nb["metadata"]["gradlab"].update(run="other"))
    assert state(done)[1] == ("the executed notebook is that of other",)


def test_improved_prose_is_carried_into_a_fresh_executed_notebook(tiny):
    tiny.register(passing={})
    tiny.pretend("passing")
    path = tiny.tree.executed / "passing.ipynb"
    printed = [{"output_type": "stream", "name": "stdout", "text": ["kept"]}]
    tiny.executed_otherwise("passing", lambda nb: nb["cells"][3].update(outputs=printed))
    change_source(tiny, "The sum that the post speaks of.", "A better caption.")
    run = tiny.plans()["passing"].run
    assert prose_refresh.refresh(run)
    cell = json.loads(path.read_text())["cells"][3]
    assert "A better caption." in "".join(cell["source"])
    assert cell["outputs"][0]["text"] == ["kept"]
    assert not prose_refresh.refresh(run)
    assert state(tiny) == (State.FRESH, ())
