"""What the plan reads in notebooks as people write them: magics, shells, optional imports, files, kernels."""

import json
from typing import Any

import pytest
from tests.site_builder.tiny_site import TinySite

from site_builder import build
from site_builder.execute.rounds import Selection
from site_builder.model import RunPlan, State
from site_builder.notebook import python
from site_builder.plan import imports
from site_builder.status import cells

PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def notebook(tiny: TinySite, *sources: str, name: str = "own", **metadata: Any) -> None:
    """Put a notebook of these code cells beside the others."""
    written = [{"cell_type": "code", "metadata": {}, "source": source, "outputs": []} for source in sources]
    content = {"cells": written, "metadata": metadata or PYTHON, "nbformat": 4, "nbformat_minor": 5}
    (tiny.tree.experiments / f"{name}.ipynb").write_text(json.dumps(content))


def planned(tiny: TinySite, *sources: str, **metadata: Any) -> RunPlan:
    """The plan of a run of this notebook."""
    notebook(tiny, *sources, **metadata)
    tiny.register(own={})
    return tiny.plans()["own"]


def put(tiny: TinySite, name: str, text: str) -> None:
    path = tiny.tree.experiments / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def parts(plan: RunPlan, kind: str) -> set[str]:
    return {name.partition("/")[2] for name in plan.fingerprint.parts if name.startswith(f"{kind}/")}


@pytest.mark.parametrize(
    "source",
    [
        "message = (\n    '%s of %s'\n    % (1, 2)\n)",
        "%%bash\nfor i in 1 2; do echo $i; done",
        "%%html\n<b>x</b>",
        "!ls -l | wc\nfiles = !ls\nlen?\nlen??\n?len\nx = %time 3\n%timeit -n 3 f(1)",
        "for name in names:\n    !echo $name\n    %time f(name)",
        "    x = 1\n    y = 2",
        "pip install nothing",
        "matplotlib inline",
        ">>> x = 1\n>>> x",
        "await f()\nasync with g() as h:\n    pass",
        "x = '\\d'",
        "",
    ],
)
def test_a_cell_that_ipython_executes_is_read(tiny, source):
    plan = planned(tiny, source, "import numpy")
    assert (plan.faulty, plan.blocked) == (False, ())
    assert parts(plan, "pin") == {"numpy"}


@pytest.mark.parametrize("source", ["y = x %in% z", "print 'x'", "pip install x\ny = (", "x = (", "x = 1\0"])
def test_a_cell_that_ipython_does_not_execute_is_not(tiny, source):
    plan = planned(tiny, source)
    assert plan.faulty
    assert plan.reasons[0].startswith("own.ipynb, cell 1, line 1: not Python: ")


@pytest.mark.parametrize(
    "source",
    [
        "%time import numpy",
        "%%time\nimport numpy",
        "%%capture out\n%%time\nimport numpy",
        "%pylab inline",
        "%%some_magic\nimport numpy",
    ],
)
def test_what_a_magic_executes_is_reached(tiny, source):
    assert parts(planned(tiny, source), "pin") == (
        {"numpy", "matplotlib"} if "pylab" in source else {"numpy"}
    )


def test_an_operator_at_the_start_of_a_line_of_a_module_is_no_magic(tiny):
    put(tiny, "tool.py", "def say(a):\n    return (\n        '%s'\n        % a\n    )\n")
    before = parts(planned(tiny, "import tool"), "module"), tiny.plans()["own"].fingerprint.digest
    assert before[0] == {"tool.py"}
    put(tiny, "tool.py", "def say(a):\n    return (\n        '%s'\n        % b\n    )\n")
    assert tiny.plans()["own"].fingerprint.digest != before[1]


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import not_here\nexcept ImportError:\n    not_here = None",
        "import sys\nif 'google.colab' in sys.modules:\n    import not_here",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import not_here",
        "def f():\n    import not_here",
        "from contextlib import suppress\nwith suppress(ImportError):\n    import not_here",
        "try:\n    import tool\nexcept ImportError:\n    pass",
        "import sys\nsys.path.insert(0, '../elsewhere')\nimport not_here",
        "import sys\nsys.path += ['lib']\nimport not_here",
        "!pip install not_here\nimport not_here",
        "%pip install not_here\nimport not_here",
        "%%writefile not_here.py\nx = 1",
    ],
)
def test_what_may_be_passed_over_or_found_otherwise_is_not_missing(tiny, source):
    put(tiny, "tool.py", "import not_here")
    assert planned(tiny, source).blocked == ()


@pytest.mark.parametrize(
    "sources",
    [
        ("import not_here",),
        ("%%time\nimport not_here",),
        ("try:\n    import tool\nexcept ImportError:\n    pass", "import tool"),
        ("try:\n    import not_here\nexcept ImportError:\n    pass", "import not_here"),
        ("%run tool.py",),
    ],
)
def test_what_is_needed_and_not_installed_is_missing(tiny, sources):
    put(tiny, "tool.py", "import not_here")
    assert planned(tiny, *sources).blocked == ("not_here is not installed (make experiments installs it)",)


def test_a_module_that_the_notebook_writes_is_no_input_of_it(tiny):
    sources = ("%%writefile helper.py\nimport numpy", "import helper\n%run helper.py\nopen('helper.py')")
    before = planned(tiny, *sources)
    put(tiny, "helper.py", "import numpy\n")
    after = tiny.plans()["own"]
    assert before.fingerprint == after.fingerprint
    assert (parts(after, "module"), parts(after, "pin"), after.blocked) == (set(), {"numpy"}, ())


def test_modules_in_a_folder_that_is_added_to_the_path_are_inputs(tiny):
    put(tiny, "lib/mine.py", "import numpy\n")
    source = "import os, sys\nsys.path.append(os.path.abspath(os.path.join('lib')))\nimport mine"
    plan = planned(tiny, source.replace("os.path.abspath(os.path.join('lib'))", "'lib'"))
    assert (parts(plan, "module"), parts(plan, "pin"), plan.blocked) == ({"lib/mine.py"}, {"numpy"}, ())
    assert parts(planned(tiny, source), "module") == {"lib/mine.py"}
    for moves in ("%cd lib", "import os\nos.chdir('lib')"):
        assert parts(planned(tiny, f"{moves}\nimport mine"), "module") == {"lib/mine.py"}


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("%run used.py", "module"),
        ("%run -i used.py --seed 3", "module"),
        ("%run used", "module"),
        ("%run -m used", "module"),
        ("%%time\n%run used.py", "module"),
        ("!python used.py --fast", "module"),
        ("%%bash\ncd .\npython3 -u ./used.py", "module"),
        ("import importlib\nimportlib.import_module('used')", "module"),
        ("%load used.py", "file"),
        ("open('used.py')", "file"),
        ("from pathlib import Path\nPath('used.py').read_text()", "file"),
        ("import os\nplace = 'sub'\nopen(os.path.join(place, 'used.py'), encoding='utf-8')", "file"),
        ("from pathlib import Path\nplace = Path('sub')\nopen(place / 'used.py')", "file"),
        ("place = f()\nopen(place / 'used.py')", None),
        ("from pathlib import Path\nopen(Path('sub') / 'used.py')", "file"),
        ("import numpy as np\nnp.loadtxt('./used.py', delimiter=',')", "file"),
        ("import json\nwith open('used.py') as file:\n    json.load(file)", "file"),
        ("NAME = 'used.py'\nopen(NAME)", "file"),
        ("import os\nif os.path.exists('used.py'):\n    open('used.py')", "file"),
        ("open('used.py', 'w')", None),
        ("open('used.py')\nopen('used.py', mode='a')", None),
        ("NAME = 'used.py'\nopen(NAME)\nfetch(url, NAME)", None),
        ("open(name)", None),
        ("# used.py", None),
    ],
)
def test_a_file_that_is_read_by_its_name_is_an_input(tiny, source, kind):
    """But not one that the notebook may write itself: its own execution would make it stale."""
    for name in ("used.py", "sub/used.py"):
        put(tiny, name, "x = 1\n")
    plan = planned(tiny, source)
    found = parts(plan, "module") | parts(plan, "file")
    assert found == ({"sub/used.py" if "sub" in source else "used.py"} if kind else set())
    if kind:
        assert parts(plan, kind) == found
        tiny.pretend("own")
        put(tiny, next(iter(found)), "x = 2\n")
        assert tiny.plans()["own"].reasons == (f"{next(iter(found))} changed",)


def test_a_notebook_that_is_run_by_another_is_an_input_with_all_that_it_reads(tiny):
    put(tiny, "tool.py", "x = 1\n")
    notebook(tiny, "import tool, numpy", "%run own.ipynb", name="first")
    plan = planned(tiny, "%run first.ipynb")
    assert (parts(plan, "module"), parts(plan, "pin")) == ({"first.ipynb", "tool.py", "own.ipynb"}, {"numpy"})
    tiny.pretend("own")
    notebook(tiny, "import tool, numpy", "%run own.ipynb", "y = 1", name="first")
    assert tiny.plans()["own"].reasons == ("first.ipynb changed",)


@pytest.mark.parametrize(
    ("source", "unseen"),
    [
        ("import pytest", "import of pytest is not pinned"),
        ("def f():\n    import pytest", "import of pytest is not pinned"),
        ("try:\n    import not_here\nexcept ImportError:\n    pass", None),
        ("import sys\nsys.path.append('../src')\nimport mine", "import of mine is not pinned"),
        ("import importlib\nimportlib.import_module(name)", "imports modules by names that it computes"),
        ("import os\nos.environ['RATE']", "reads the environment variable RATE"),
        ("import os\nfloat(os.environ.get('RATE', '0'))", "reads the environment variable RATE"),
        ("import os\nNAME = 'RATE'\nos.getenv(NAME)", "reads the environment variable RATE"),
        ("import os\n'RATE' in os.environ", "reads the environment variable RATE"),
        ("%env RATE", "reads the environment variable RATE"),
        ("%env RATE=3\nimport os\nos.environ['RATE']", None),
        ("import os\nos.environ['RATE'] = '3'\nos.environ['RATE']", None),
        ("import os\nos.environ['PYTHONHASHSEED'], os.environ['GRADLAB_CORES']", None),
        ("!pip install x", "installs packages while it runs"),
        ("!make data", "runs commands of the shell"),
        ("import numpy, json, IPython, tqdm, ipywidgets", None),
    ],
)
def test_status_names_what_no_fingerprint_covers(tiny, source, unseen):
    plan = planned(tiny, source)
    assert plan.unseen == ((unseen,) if unseen else ())
    assert cells(plan)[2] == (f"not covered: {unseen}" if unseen else "")


def test_modules_that_the_register_lists_are_no_computed_imports(tiny):
    notebook(tiny, "import importlib\nimportlib.import_module(name)")
    tiny.register(own={"modules": ["gradlab.notebook.rows"]})
    assert tiny.plans()["own"].unseen == ()


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({"kernelspec": {"name": "ir", "language": "R"}, "language_info": {"name": "R"}}, "'ir' executes R"),
        ({"kernelspec": {"name": "ir"}}, "'ir' executes R"),
        ({"kernelspec": {"name": "julia-1.10", "display_name": "Julia"}}, "'julia-1.10' executes Julia"),
        ({"kernelspec": {"name": ".net-csharp", "language": "C#"}}, "'.net-csharp' executes C#"),
        ({"language_info": {"name": "bash"}}, "is written in bash"),
    ],
)
def test_a_notebook_of_another_language_is_refused_by_its_kernel(tiny, metadata, told):
    """Even where its code and its parameters read like Python."""
    notebook(tiny, "n = 3", **metadata)
    notebook(tiny, "n = 3", name="other")
    tiny.register(own={"parameters": {"n": 4}}, other={})
    plans = tiny.plans()
    assert told in plans["own"].reasons[0]
    assert plans["own"].reasons[0].endswith("and only Python is executed here")
    assert cells(plans["own"])[1:3] == ("registered, not executed", plans["own"].reasons[0])
    assert not plans["other"].faulty


@pytest.mark.parametrize(
    "metadata",
    [
        {"x": 1},
        {"kernelspec": {"name": "my-env", "display_name": "Mine"}},
        {"kernelspec": {"name": "conda-env-x-py", "language": "python"}},
        {"kernelspec": None},
        {"language_info": {"name": "ipython"}},
    ],
)
def test_a_kernel_of_any_name_executes_python_if_it_says_nothing_else(tiny, metadata):
    assert not planned(tiny, "x = 1", **metadata).faulty


def test_a_cell_that_is_not_executed_is_not_read(tiny):
    plan = planned(tiny, "#| eval: false\ny = x %in% z", "import numpy")
    assert (plan.faulty, parts(plan, "pin")) == (False, {"numpy"})
    tiny.pretend("own")
    tiny.edit(
        "own", lambda nb: nb["cells"][0].update(source="y = x %in% z", metadata={"tags": ["skip-execution"]})
    )
    assert tiny.plans()["own"].state is State.FRESH


def test_a_tag_that_lets_a_cell_raise_is_part_of_the_code(tiny):
    planned(tiny, "x = 1")
    tiny.pretend("own")
    tiny.edit("own", lambda nb: nb["cells"][0].update(metadata={"tags": ["raises-exception"]}))
    assert tiny.plans()["own"].reasons == ("code cells changed",)
    tiny.edit("own", lambda nb: nb["cells"][0].update(metadata={"tags": ["hide-input"]}))
    assert tiny.plans()["own"].state is State.FRESH


def test_a_faulty_notebook_stops_its_own_run_and_is_told(tiny, capsys):
    """Also if it is no notebook at all; the site is built, and the exit status says so."""
    notebook(tiny, "y = x %in% z")
    put(tiny, "half.ipynb", "{")
    tiny.register(passing={"parameters": {"count": 4}}, own={"may_wait": True}, half={})
    tiny.post.write_text(tiny.post.read_text().partition("---\n\nThe sum")[0] + "---\n\nWords.\n")
    assert build.build_site(tiny.tree, execute=False) == 1
    told = capsys.readouterr().err
    assert "own: own.ipynb, cell 1, line 1: not Python: " in told
    assert "half: half.ipynb: not a whole notebook: " in told
    assert "2 of 3 runs failed" in told
    assert (tiny.tree.site / "index.html").is_file()
    assert build.run_experiments(tiny.tree, Selection(("own",))) == 1
    assert "own: own.ipynb, cell 1, line 1: not Python: " in capsys.readouterr().err


def test_parameters_beside_a_magic_are_found(tiny):
    notebook(tiny, "%matplotlib inline\nn = 3")
    tiny.edit("own", lambda nb: nb["cells"][0].update(metadata={"tags": ["parameters"]}))
    tiny.register(own={"parameters": {"n": 4}})
    assert not tiny.plans()["own"].faulty


def test_plain_python_needs_no_ipython(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "IPython.core.inputtransformer2", None)
    assert python.tree("x = 1").body
    with pytest.raises(ImportError):
        python.tree("!ls")


@pytest.mark.parametrize("cell", ["-" * 100_000 + "1", "*a " * 30_000, "(" * 100_000])
def test_a_cell_whose_signs_stand_in_each_other_without_end_is_not_python(tiny, cell):
    with pytest.raises(SyntaxError):
        python.tree(cell)
    assert imports.meaning(cell) == cell
    assert planned(tiny, cell).faulty
