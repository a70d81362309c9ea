"""Notebooks as people write them, executed: widgets, errors on purpose, cleared outputs, magics, exits."""

import pytest
from tests.site_builder.test_execute import executed, outputs, printed, run
from tests.site_builder.test_reading import notebook
from tests.site_builder.tiny_site import TinySite

from site_builder.execute import session
from site_builder.harvest import harvest

pytestmark = pytest.mark.kernel


def done(tiny: TinySite, *sources: str, **entry: object) -> dict:
    """The executed notebook of these cells."""
    error = failed(tiny, *sources, **entry)
    assert error is None
    return executed(tiny, "own")


def failed(tiny: TinySite, *sources: str, **entry: object) -> str | None:
    notebook(tiny, *sources)
    tiny.register(own={"time_limit": 60, **entry})
    return run(tiny)["own"].error


def shown(found: dict) -> list[tuple[str, ...]]:
    """The outputs: of streams their text, of others the kinds of data in them, or the name of the error."""
    return [
        ("".join(one["text"]),) if "text" in one else tuple(sorted(one.get("data", [one.get("ename")])))
        for one in outputs(found)
    ]


def words(found: dict) -> str:
    told = "\n".join("".join(one["data"]["text/plain"]) for one in outputs(found) if "data" in one)
    return told.replace("\N{FIGURE SPACE}", " ")


def test_what_a_widget_captures_is_shown_where_the_widget_is_and_nothing_waits(tiny):
    """Sixty cells: nbclient's own stand-in lost an answer of the kernel after a few, and waited for ever."""
    captures = ["with box:\n    print(end='inside ')"] * 60
    found = done(tiny, "import ipywidgets\nbox = ipywidgets.Output()\nbox", *captures, "print('outside')")
    assert shown(found) == [("inside " * 60,), ("outside\n",)]
    assert "model_id" not in str(found)


def test_a_widget_that_is_first_and_last_in_a_notebook(tiny):
    source = "import ipywidgets\nbox = ipywidgets.Output()\nwith box:\n    print('inside')\nprint('outside')"
    assert shown(done(tiny, source)) == [("outside\n",)]


def test_widgets_are_shown_as_they_were_at_the_end(tiny):
    interact = "import ipywidgets\nipywidgets.interact(lambda x: print(2 * x), x=3);"
    bar = "from tqdm.auto import tqdm\nfor _ in tqdm(range(3), desc='epochs'):\n    pass"
    slider = "ipywidgets.IntSlider(5, description='rate')"
    plain = "ipywidgets.Accordion()"
    made = "box = ipywidgets.Output()\nbox.append_stdout('put there')\nbox"
    asked = "print(box.outputs[0]['text'])"
    found = done(tiny, interact, bar, slider, plain, made, asked)
    told = words(found)
    assert told.startswith("x 3\n")
    assert "epochs: 100% 3 of 3" in told
    assert "rate 5" in told
    assert "Accordion()" in told
    assert told.count("(a widget, as it was when the run ended)") == 4
    assert printed(found) == "6\nput thereput there\n"


def test_a_picture_in_a_widget_is_a_picture(tiny):
    source = """
import ipywidgets
ipywidgets.HBox([ipywidgets.Image(value=b"as good as a picture", format="png")])
"""
    assert ("image/png", "text/plain") in shown(done(tiny, source))


def test_a_cleared_output_leaves_what_came_after(tiny):
    loop = "from IPython.display import clear_output, display\nfor i in range(5):\n"
    waiting = f"{loop}    clear_output(wait=True)\n    print('epoch', i)"
    at_once = f"{loop}    print('epoch', i)\n    display(i)\n    clear_output()\nprint('end')"
    pending = f"{loop}    print('epoch', i)\n    clear_output(wait=True)"
    flood = f"{loop}    clear_output(wait=True)\n    print('x' * {session.PRINT_LIMIT - 10})"
    found = done(tiny, waiting, at_once, pending, flood)
    assert shown(found)[:3] == [("epoch 4\n",), ("end\n",), ("epoch 4\n",)]
    assert "cut here" not in printed(found)


def test_text_that_was_written_over_is_gone(tiny):
    texts = ["loss 10.0\rloss 9.5", "ab\b\bX", "\bY\r", "\x1b[31mred\x1b[0m\rgone"]
    assert printed(done(tiny, *(f"print({text!r})" for text in texts))) == "loss 9.5\nX\nY\ngone\n"


@pytest.mark.parametrize("option", [True, False])
def test_a_cell_may_raise_if_it_says_so(tiny, option):
    sources = ["1 / 0", "x = (", "print('after')"]
    notebook(tiny, *(f"#| error: true\n{source}" if option else source for source in sources))
    if not option:
        tags = {"tags": ["raises-exception"]}
        tiny.edit("own", lambda nb: [cell.update(metadata=tags) for cell in nb["cells"]])
    tiny.register(own={})
    assert run(tiny)["own"].error is None
    assert shown(executed(tiny, "own")) == [("ZeroDivisionError",), ("SyntaxError",), ("after\n",)]
    harvest.harvest_all(tiny.configuration().runs.values(), tiny.tree, tiny.configuration().site)
    assert tiny.plans()["own"].reasons == ()


def test_no_other_cell_may_raise(tiny):
    error = failed(tiny, "#| error: true\n1 / 0", "2 / 0")
    assert error is not None
    assert "cell 2: ZeroDivisionError" in error


def test_an_error_that_a_widget_captured_is_one(tiny):
    error = failed(tiny, "from ipywidgets import interact\ninteract(lambda x: 1 / x, x=0);", "print('after')")
    assert error == "own (own.ipynb), cell 1, in a widget: ZeroDivisionError: division by zero"


def test_a_cell_that_is_not_to_be_executed_is_not(tiny):
    notebook(tiny, "#| eval: false\n1 / 0", "print(1)", "1 / 0")
    tiny.edit("own", lambda nb: nb["cells"][2].update(metadata={"tags": ["skip-execution"]}))
    tiny.register(own={})
    assert run(tiny)["own"].error is None
    assert shown(executed(tiny, "own")) == [("1\n",)]


def test_options_may_stand_before_a_magic_for_the_whole_cell(tiny):
    source = "#| lst-cap: A part of a page.\n\n%%html\n<b>not</b> <i>Python"
    found = done(tiny, source)
    assert shown(found) == [("text/html", "text/plain")]
    assert "".join(found["cells"][0]["source"]) == source


def test_magics_and_commands_are_executed(tiny):
    sources = ("%%bash\necho $((1 + 1))", "!echo three", "x = !echo 4\nprint(x)", "%%writefile m.py\ny = 5")
    found = done(tiny, *sources, "import m\nprint(m.y)")
    assert printed(found) == "2\nthree\n['4']\nWriting m.py\n5\n"
    assert tiny.plans()["own"].reasons == ()


def test_a_file_that_a_run_fetches_for_itself_does_not_make_it_stale(tiny):
    """Nor does its absence elsewhere; but another file of that name does."""
    done(tiny, "!echo 1 > fetched.csv", "open('fetched.csv').read()")
    assert tiny.plans()["own"].reasons == ()
    fetched = tiny.tree.experiments / "fetched.csv"
    fetched.write_text("2\n")
    assert tiny.plans()["own"].reasons == ("fetched.csv changed",)
    fetched.unlink()
    assert tiny.plans()["own"].reasons == ()


@pytest.mark.parametrize("window", ["widget", "notebook", "qt", "inline"])
def test_figures_are_drawn_whatever_window_is_asked_for(tiny, window):
    found = done(tiny, f"%matplotlib {window}\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    assert "image/png" in outputs(found)[0]["data"]


def test_a_breakpoint_that_was_left_behind_stops_nobody(tiny):
    assert printed(done(tiny, "breakpoint()\nprint(1)")) == "1\n"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1\nexit()", "SystemExit: exit() or quit() was called\n  a run is only good if all its cells"),
        ("import sys\nsys.exit(0)", "SystemExit: 0\n  a run is only good if all its cells"),
        ("name = input('Name? ')", "nobody is there to answer: take the input from a parameter"),
        ("%no_such_magic", "UsageError: Line magic function `%no_such_magic` not found."),
        ("%%no_such_magic\nx", "UsageError: Cell magic `%%no_such_magic` not found."),
        ("!exit 3\nraise SystemError", "SystemError"),
    ],
)
def test_what_stops_a_notebook_is_told_in_a_line(tiny, source, told):
    error = failed(tiny, source, "print('after')")
    assert error is not None
    assert error.startswith("own (own.ipynb), cell 1: ")
    assert told in error


TOOL = """\
def load(path):
    try:
        return open(path)
    except OSError as error:
        raise RuntimeError('no data') from error
"""
LOOKUP = "a = 1\nb = {}\n\n\ntry:\n    b['x']\nexcept KeyError:\n    raise ValueError('y')"


@pytest.mark.parametrize(
    ("sources", "line"),
    [
        (("import tool\na = 1\nb = 2\nc = 3\nd = 4\ne = 5\ntool.load('/nowhere')\nf = 6",), "7 tool.load"),
        ((LOOKUP,), "8     raise ValueError('y')"),
        (("def f():\n    return 1 / 0", "x = 1\ny = 2\nf()\nz = 3"), "3 f()"),
        (("def f():\n    return 1 / 0\n\n\nx = 1\nf()",), "2     return 1 / 0"),
        (("x = 1\ny = 2\nif x\n    y = 3",), "3 if x"),
        (("x = 1\n%matplotlib inline\n1 / 0",), "3 1 / 0"),
    ],
)
def test_the_line_that_failed_is_marked(tiny, sources, line):
    (tiny.tree.experiments / "tool.py").write_text(TOOL)
    error = failed(tiny, *sources)
    assert error is not None
    (marked,) = [text for text in error.splitlines() if text.startswith("  > ")]
    assert line in marked
