"""No page and no executed notebook tells where on whose machine it was executed."""

import json
import sys
from pathlib import Path

import nbformat
import pytest
from tests.site_builder.harvest_fixtures import Place, value
from tests.site_builder.test_execute import run
from tests.site_builder.tiny_site import TinySite

from site_builder.notebook import machine_paths, reader

ROOT = Path("/srv/ada/blog")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/tmp/ipykernel_12/34.py:2: UserWarning: old", "cell.py:2: UserWarning: old"),
        ("/var/folders/a1/T/ipykernel_9/1.py:2", "cell.py:2"),
        (r"C:\Users\ada\AppData\Local\Temp\ipykernel_1\2.py:3", "cell.py:3"),
        ("/srv/ada/blog/_experiments, /srv/ada/blog, /srv/ada/blogs", "_experiments, ., /srv/ada/blogs"),
        (
            "\x1b[32m~/e/lib/python3.12/site-packages/a.py\x1b[0m",
            "\x1b[32m…/site-packages/a.py\x1b[0m",
        ),
        ("/usr/lib/python3/dist-packages/a.py", "…/dist-packages/a.py"),
        ("/usr/lib/python3.11/json/decoder.py", "…/python3.11/json/decoder.py"),
        (f"{sys.prefix}/bin/python", "…/bin/python"),
        ("['/home/ada', '/Users/Ada/x', '/root/.cache']", "['~', '~/x', '~/.cache']"),
        ("<td>file:///home/ada/a.csv</td>", "<td>~/a.csv</td>"),
        ("/usr/bin:/home/ada/bin", "/usr/bin:~/bin"),
        ("https://example.org/home/ada and a/home/b", "https://example.org/home/ada and a/home/b"),
        ("/rooted", "/rooted"),
        ("https://example.org/lib/python3.1/x and 1/2", "https://example.org/lib/python3.1/x and 1/2"),
    ],
)
def test_a_path_is_named_without_its_machine(text: str, shown: str) -> None:
    assert machine_paths.neutral(text, ROOT) == shown
    assert machine_paths.neutral(shown, ROOT) == shown


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_all_that_a_page_shows_of_an_older_notebook_is_without_them(place: Place) -> None:
    leak = "/home/ada/blog/x.py"
    cell = nbformat.v4.new_code_cell("'/home/ada/code' # the author's own words")
    cell.outputs = [
        nbformat.v4.new_output("stream", text=leak),
        nbformat.v4.new_output("error", ename="E", evalue=leak, traceback=[leak, leak]),
        nbformat.v4.new_output("display_data", data={"text/html": f"<b>{leak}</b>", "text/plain": leak}),
        nbformat.v4.new_output("display_data", data=value("path", leak)),
    ]
    made = place.run("one", cell)
    _, [found] = reader.executed(made.executed)
    assert json.dumps(found.outputs).count("/home/ada") == 1  # the value that the author published
    assert json.dumps(found.outputs).count("~/blog/x.py") == 6
    assert found.source == cell.source


@pytest.mark.kernel
def test_an_executed_notebook_is_stored_without_them(tiny: TinySite) -> None:
    code = "import os, sys, warnings\nprint(os.getcwd(), sys.executable)\nwarnings.warn('old')"
    tiny.edit(
        "passing",
        lambda content: content["cells"][2].update(
            source=code + "\n" + "".join(content["cells"][2]["source"])
        ),
    )
    outcome = run(tiny, "passing")["passing"]
    stored = tiny.configuration().runs["passing"].executed.read_text(encoding="utf-8")
    assert outcome.error is None
    assert str(tiny.tree.root) not in stored
    assert "ipykernel_" not in stored
    assert "_experiments …/bin/python" in stored
    assert "cell.py:3: UserWarning: old" in stored
