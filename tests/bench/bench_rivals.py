"""The press beside Jupyter Book 1 on the same posts: from nothing, after one changed word, after none.

    PYTHONPATH=. python tests/bench/bench_rivals.py [--posts 100] [--rounds 3]

Each post has six sections of 150 words, 13 formulas, two listings, a citation and a figure; mathematics and
citations are rendered by both (Jupyter Book leaves formulas to a script in the reader's browser). Jupyter
Book is installed into an environment of its own below ``.cache``. Times are of whole processes, medians of
rounds in turn; a ratio above one says how many times as long Jupyter Book takes.
"""

import argparse
import base64
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

import nbformat
import yaml
from tests.site_builder.harvest_fixtures import Place, cell, drawing, figure_cell

from site_builder.model import Tree
from site_builder.plan import plan, register, seal

ROOT = Path(__file__).resolve().parents[2]
RIVAL = "jupyter-book==1.0.4.post1"
ENVIRONMENT = ROOT / ".cache" / "rivals"
SECTIONS, WORDS, FORMULAS = 6, 150, 13
BIBLIOGRAPHY = "@article{a2020x,\n title = {On X},\n author = {Ada Lovelace},\n year = {2020},\n}\n"
WORDS_USED = (
    *(
        "gradient",
        "network",
        "channel",
        "layer",
        "filter",
        "variance",
        "photograph",
        "module",
        "mean",
        "kept",
    ),
    *("dropped", "input", "output", "deep", "sum", "width", "training", "random", "class", "measure", "box"),
)


def sections(number: int, formula: Callable[[str], str], head: Callable[[str], str]) -> list[str]:
    """The prose of a post, with its formulas and headings as the tool writes them."""
    drawn = random.Random(number)
    parts = []
    for section in range(SECTIONS):
        words = drawn.choices(WORDS_USED, k=WORDS)
        for place in range(section, FORMULAS, SECTIONS):
            words[10 + 5 * place] = formula(f"x_{{{number}}}^{place} = \\lVert y \\rVert_2 + {section}")
        parts.append(f"{head(f'Section {section}')}\n\n{' '.join(words)}.")
    return parts


def listing(number: int, place: int) -> str:
    """A few lines of code."""
    return f"def step_{number}_{place}(x):\n    return [entry + {number} for entry in x]"


def our_site(root: Path, count: int) -> Path:
    """The posts as templates with a run each; the path of the first one."""
    place = Place(root)
    place.references(BIBLIOGRAPHY)
    runs = {}
    for k in range(count):
        name = f"run-{k}"
        cells = [figure_cell(f"fig-{k}", caption=f"Line {k}.", alt=f"Line {k} rises.")]
        cells += [cell(f"#| label: lst-{k}-{i}\n#| lst-cap: Step {i}.\n{listing(k, i)}") for i in range(2)]
        place.run(name, *cells)
        source = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one.source) for one in cells])
        nbformat.write(source, place.tree.experiments / f"{name}.ipynb")
        runs[name] = {"notebook": f"{name}.ipynb", "title": f"The run {k}", "time_limit": 60}
        body = sections(k, lambda tex: f"$${tex}$$", lambda title: f"## {title}")
        body.insert(2, f'[[ figure("{name}", "fig-{k}") ]]')
        body += [f'[[ listing("{name}", "lst-{k}-{i}") ]]' for i in range(2)]
        body.append('As was found before[[ cite("a2020x") ]].')
        place.template(f"post-{k}", "\n\n".join(body), title=f"Post {k}")
    place.tree.register.write_text(yaml.safe_dump({"runs": runs}))
    settings = {"title": "Posts", "description": "Posts.", "authors": [{"name": "Ada Lovelace"}]}
    (root / "site.yaml").write_text(yaml.safe_dump(settings))
    _freshen(place.tree)
    return place.tree.post_templates / "2026-11-21-post-0.md.j2"


def _freshen(tree: Tree) -> None:
    """Give the executed notebooks the fingerprints that their sources have."""
    read = register.load(tree)
    for one in plan.plan_runs(tree, read.site, read.runs):
        notebook = json.loads(one.run.executed.read_text())
        made = {"digest": one.fingerprint.digest, "parts": dict(one.fingerprint.parts)}
        notebook["metadata"]["gradlab"] |= {"fingerprint": made, "parameters": {}}
        seal.put(notebook)
        one.run.executed.write_text(json.dumps(notebook, indent=1) + "\n")


def their_book(root: Path, count: int) -> Path:
    """The same as a book of Markdown files; the path of the first one."""
    root.mkdir()
    (root / "_config.yml").write_text(
        "title: Posts\nauthor: Ada Lovelace\nexecute: {execute_notebooks: 'off'}\nbibtex_bibfiles: [r.bib]\n"
        "sphinx: {config: {bibtex_reference_style: author_year}}\n"
    )
    (root / "r.bib").write_text(BIBLIOGRAPHY)
    (root / "intro.md").write_text("# Posts\n\nAll of them.\n\n```{bibliography}\n```\n")
    chapters = [{"file": f"post-{k}"} for k in range(count)]
    (root / "_toc.yml").write_text(
        yaml.safe_dump({"format": "jb-book", "root": "intro", "chapters": chapters})
    )
    (root / "line.png").write_bytes(base64.b64decode(drawing()["image/png"]))
    for k in range(count):
        body = sections(k, lambda tex: f"${tex}$", lambda title: f"## {title}")
        body.insert(2, f"```{{figure}} line.png\n:name: fig-{k}\nLine {k}.\n```")
        body += [f"```python\n{listing(k, i)}\n```" for i in range(2)]
        body.append("As was found before {cite}`a2020x`.")
        (root / f"post-{k}.md").write_text(f"# Post {k}\n\n" + "\n\n".join(body) + "\n")
    return root / "post-0.md"


def rival() -> Path:
    """The program of Jupyter Book, installed if it is not."""
    program = ENVIRONMENT / "bin" / "jupyter-book"
    if not program.exists():
        print(f"installing {RIVAL} into {ENVIRONMENT}", flush=True)
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([ENVIRONMENT / "bin" / "pip", "install", "-q", RIVAL], check=True)
    return program


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of a process, the interpreter's start included."""
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - started


def changed_word(path: Path, turn: int) -> None:
    """Put one more word into the first paragraph."""
    text = path.read_text()
    at = text.index(" ", text.index("Section 0") + 40)
    path.write_text(f"{text[:at]} word{turn}{text[at:]}")


def main() -> None:
    """Print the table, and write it as JSON where that is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    program = str(rival())
    found: dict[str, dict[str, list[float]]] = {}
    for turn in range(chosen.rounds):
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs = Path(folder, "ours"), Path(folder, "theirs")
            posts = {"press": our_site(ours, chosen.posts), "jupyter-book": their_book(theirs, chosen.posts)}
            commands = {
                "press": [sys.executable, "-m", "site_builder", "--root", str(ours), "site", "--no-execute"],
                "jupyter-book": [program, "build", "-q", str(theirs)],
            }
            for step in ("from nothing", "one changed word", "nothing changed"):
                for tool, command in commands.items():
                    if step == "one changed word":
                        changed_word(posts[tool], turn)
                    found.setdefault(step, {}).setdefault(tool, []).append(seconds(command))
    print(f"{chosen.posts} posts, medians of {chosen.rounds} rounds\n")
    print(f"{'':17} {'press s':>8} {'jupyter-book s':>15} {'ratio':>6}")
    for step, spent in found.items():
        pairs = zip(spent["press"], spent["jupyter-book"], strict=True)
        ratio = statistics.median(their / our for our, their in pairs)
        press, book = (statistics.median(spent[tool]) for tool in ("press", "jupyter-book"))
        print(f"{step:17} {press:8.2f} {book:15.2f} {ratio:6.1f}")
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
