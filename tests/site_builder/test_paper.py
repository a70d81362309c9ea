"""What a LaTeX paper takes: the index, the macros, the copies, and a sample paper that cites all of it."""

import json
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.site_builder import paper_site

from site_builder.deliver import latex, paper
from site_builder.errors import BuildError
from site_builder.model import Harvest, Tree
from site_builder.post.sidecar import Result

ROOT = Path(__file__).resolve().parents[2]
PAPER = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
@INPUTS@
\begin{document}
@VALUES@
@FIGURES@
\nocite{*}
\bibliographystyle{plain}
\bibliography{@BIBLIOGRAPHIES@}
\end{document}
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return paper_site.build(tmp_path / "site")


def test_the_index_has_every_figure_with_what_citing_it_needs(tree: Tree) -> None:
    harvests = paper_site.harvests()
    harvests["run-c"] = paper_site.harvest(
        "run-c", [paper_site.figure("run-c", "fig-third", "Not shown", wide=False)], [], {}
    )
    written = paper.write_index(tree, paper_site.SITE, harvests, paper_site.posts()[1:])
    index = json.loads((tree.figures / "figures.json").read_text(encoding="utf-8"))["figures"]
    assert [(entry["label"], entry["post"], entry["number"]) for entry in index] == [
        ("fig-first", "two", 1), ("fig-second", "two", 2), ("fig-third", None, None),
    ]  # fmt: skip
    first = index[0]
    assert (first["run"], first["cell"], first["version"]) == ("run-a", 2, "abc123")
    assert (first["caption"], first["alt"]) == ("Again it", "What it shows")
    assert first["size"] == {"width": 672, "height": 192}
    assert sorted(first["files"]) == sorted((*paper_site.ENDINGS, *paper_site.NARROW))
    assert first["narrow"] == {"width": 326, "height": 192}
    assert all((tree.root / path).is_file() for path in first["files"].values())
    assert first["data"] == [f"assets/figures/run-a/fig-first.{ending}" for ending in ("csv", "json")]
    assert index[1]["data"] == []
    assert sorted(path.name for path in written) == ["figures.json", "two.bib", "two.tex"]


def test_a_second_index_is_the_same_and_drops_posts_that_are_gone(tree: Tree) -> None:
    posts, harvests = paper_site.posts(), paper_site.harvests()
    first, again = (
        {path: path.read_bytes() for path in paper.write_index(tree, paper_site.SITE, harvests, posts)}
        for _ in range(2)
    )
    assert again == first
    paper.write_index(tree, paper_site.SITE, harvests, posts[1:])
    assert sorted(path.name for path in (tree.root / "assets" / "tex").iterdir()) == ["two.bib", "two.tex"]


def test_macros_hold_numbers_and_escaped_captions(tree: Tree) -> None:
    paper.write_index(tree, paper_site.SITE, paper_site.harvests(), paper_site.posts())
    text = (tree.root / "assets" / "tex" / "one.tex").read_text(encoding="utf-8")
    assert (
        r"\gradlab@set{run-a/effect}{\ensuremath{4.512}}{4.512345}{}{}{4.0}{5.0}{\ensuremath{[4, 5]}}" in text
    )
    assert r"\gradlab@set{run-a/tiny_p}{\ensuremath{-2.1 \times 10^{-9}}}{-2.1e-09}{}{}{}{}{}" in text
    assert r"\gradlab@set{run-a/count}{\ensuremath{30}}{30}{}{}{}{}{}" in text
    assert r"\gradlab@set{run-a/network}{ResNet\_18}{ResNet\_18}{}{}{}{}{}" in text
    assert r"50~\% of \(a_b < c\) \& more: x\_1 \ensuremath{<}y\ensuremath{>}" in text
    assert r"\ensuremath{\sigma}\textsuperscript{2} $-$ 3 \#1, 10\(^{-3}\)" in text
    assert r"\gradlab@picture{figures/run-a/fig-first.pdf}{figures/run-a/fig-first.narrow.pdf}" in text


def test_the_bibliography_cites_the_post_and_each_figure_with_the_version(tree: Tree) -> None:
    paper.write_index(tree, paper_site.SITE, paper_site.harvests(), paper_site.posts())
    text = (tree.root / "assets" / "tex" / "two.bib").read_text(encoding="utf-8")
    assert re.findall(r"@misc\{([^,]+),", text) == ["two2020", "two2020-fig-first", "two2020-fig-second"]
    assert "Figure 2, version abc123" in text
    assert r"title = {{Gr{\"o}\ss{}e \& Ma\ss{}}}" in text


def test_a_letter_that_latex_cannot_set_is_an_error_that_names_it() -> None:
    with pytest.raises(BuildError, match="the caption of fig-x: LaTeX cannot set '☃'"):
        latex.text("☃", "the caption of fig-x")
    assert latex.text("Ω é ł → ✔ H₂", "x") == (
        r"\ensuremath{\Omega} {\'e} \l{} \ensuremath{\to} yes H\textsubscript{2}"
    )


@pytest.mark.parametrize("caption", ["Потери падают.", "𒀀", "done 🎉"])
def test_a_caption_that_latex_cannot_set_loses_its_macro_alone_and_the_site_is_built(
    tree: Tree, caption: str
) -> None:
    posts = paper_site.posts()
    shown = replace(posts[-1].figures[0], caption=caption)
    posts[-1] = replace(posts[-1], figures=(shown, *posts[-1].figures[1:]))
    told: list[str] = []
    paper.write_index(tree, paper_site.SITE, paper_site.harvests(), posts, told.append)
    text = (tree.root / "assets" / "tex" / f"{posts[-1].slug}.tex").read_text(encoding="utf-8")
    assert told == [line for line in told if f"the caption of {shown.label}: LaTeX cannot set" in line]
    assert len(told) == 1
    assert f"% {told[0].removeprefix('no LaTeX macro: ')}" in text.replace("% no macro: ", "% ")
    assert rf"\gradlab@put{{figure}}{{{shown.label}}}" not in text
    assert r"\gradlab@set{run-a/effect}" in text


def test_a_post_that_shows_what_no_run_published_is_an_error(tree: Tree) -> None:
    only_a = {"run-a": paper_site.harvests()["run-a"]}
    with pytest.raises(BuildError, match="run 'run-b' has no figure 'fig-second'; none is known"):
        paper.write_index(tree, paper_site.SITE, only_a, paper_site.posts())


def test_everything_is_copied_and_a_second_copy_says_what_moved(tree: Tree, tmp_path: Path) -> None:
    dest = tmp_path / "paper"
    dest.mkdir()
    first = paper.copy_paper(tree, paper_site.SITE, paper_site.harvests(), dest)
    assert first == [
        f"added gradlab/{name}"
        for name in (
            "figures/fig-first.narrow.pdf",
            "figures/fig-first.pdf",
            "figures/fig-second.pdf",
            "gradlab.bib",
            "gradlab.tex",
            "results.json",
        )
    ]
    assert all(line.startswith("unchanged ") for line in
               paper.copy_paper(tree, paper_site.SITE, paper_site.harvests(), dest))  # fmt: skip
    second = paper.copy_paper(tree, paper_site.SITE, paper_site.harvests(effect=4.75), dest)
    assert "value run-a/effect: 4.512345 → 4.75" in second
    assert "changed gradlab/gradlab.tex" in second
    assert "unchanged gradlab/figures/fig-first.pdf" in second


def test_a_chosen_set_is_copied_alone(tree: Tree, tmp_path: Path) -> None:
    names = ["fig-second", "run-a/count"]
    paper.copy_paper(tree, paper_site.SITE, paper_site.harvests(), tmp_path, names)
    assert [path.name for path in (tmp_path / "gradlab" / "figures").iterdir()] == ["fig-second.pdf"]
    text = (tmp_path / "gradlab" / "gradlab.tex").read_text(encoding="utf-8")
    assert r"\gradlab@set{run-a/count}" in text
    assert r"\gradlab@set{run-a/effect}" not in text


def test_chosen_names_are_remembered_and_added_to_until_they_are_forgotten(
    tree: Tree, tmp_path: Path
) -> None:
    harvests, folder = paper_site.harvests(), tmp_path / "gradlab"

    def taken(*names: str, afresh: bool = False) -> tuple[list[str], set[str]]:
        report = paper.copy_paper(tree, paper_site.SITE, harvests, tmp_path, names, afresh=afresh)
        text = (folder / "gradlab.tex").read_text(encoding="utf-8")
        return report, set(re.findall(r"^\\gradlab@(?:set|put\{figure\})\{([^}]+)\}", text, re.MULTILINE))

    assert taken("fig-second")[1] == {"fig-second"}
    assert taken()[1] == {"fig-second"}
    report, names = taken("run-a/count")
    assert names == {"fig-second", "run-a/count"}
    assert "value run-a/count: new, 30" not in report, "the first values are no news"
    report, names = taken("one")
    assert names == {"fig-second", "fig-first", *(f"run-a/{name}" for name in harvests["run-a"].values)}
    assert "value run-a/effect: new, 4.512345" in report
    report, names = taken("fig-first", afresh=True)
    assert names == {"fig-first"}
    assert "left gradlab/figures/fig-second.pdf (no longer part of it: --prune removes it)" in report
    assert len(taken(afresh=True)[1]) == 6
    report, names = taken("fig-first")
    assert len(names) == 6
    assert "everything is taken already: --afresh takes only what is named" in report


def test_a_remembered_name_that_is_gone_is_named_and_costs_nothing_else(tree: Tree, tmp_path: Path) -> None:
    harvests = paper_site.harvests()
    paper.copy_paper(tree, paper_site.SITE, harvests, tmp_path, ["run-a/count", "run-a/effect"])
    a = harvests["run-a"]
    harvests["run-a"] = replace(a, values={name: v for name, v in a.values.items() if name != "count"})
    for _ in range(2):
        report = paper.copy_paper(tree, paper_site.SITE, harvests, tmp_path)
        assert "run-a/count: no figure, value or post has this name any more" in report
        assert r"\gradlab@set{run-a/effect}" in (tmp_path / "gradlab/gradlab.tex").read_text(encoding="utf-8")


def test_what_comes_from_a_stale_run_is_said_in_the_terminal_and_in_the_file(
    tree: Tree, tmp_path: Path
) -> None:
    harvests = paper_site.harvests()
    late = {"run-b": "code changed", "run-a": "module gradlab.models changed"}
    names = ["run-a/count", "run-a/effect", "fig-second"]
    report = paper.copy_paper(tree, paper_site.SITE, harvests, tmp_path, names, late)
    assert report[-2:] == [
        "stale: fig-second: run run-b is not as its code (code changed)",
        "stale: run-a/effect, run-a/count: run run-a is not as its code (module gradlab.models changed)",
    ]
    text = (tmp_path / "gradlab" / "gradlab.tex").read_text(encoding="utf-8")
    assert "% From a run that is stale: module gradlab.models changed\n\\gradlab@set{run-a/count}" in text
    assert "% From a run that is stale: code changed\n\\gradlab@put{figure}{fig-second}" in text
    assert r"\@latex@warning@no@line{gradlab: from stale runs:" in text
    paper.copy_paper(tree, paper_site.SITE, harvests, tmp_path)
    assert "stale" not in (tmp_path / "gradlab" / "gradlab.tex").read_text(encoding="utf-8").lower()


def test_a_value_is_printed_as_its_post_prints_it(tree: Tree) -> None:
    (one, two), harvests = paper_site.posts(), paper_site.harvests()
    a = harvests["run-a"]
    share = replace(a.values["effect"], value=0.1514, low=0.1, high=0.2, unit="µm²", n=30)
    harvests["run-a"] = replace(a, values={"share": share, "big": replace(a.values["count"], value=123456)})
    shown: dict[str, Result] = {
        "value run-a/share": {"run": "run-a", "shown": {"low .3f": "0.100", ".1%": "15.1%"}},
        "interval run-a/share": {"run": "run-a", "shown": {".0%": "10% to 20%"}},
        "value run-a/big": {"run": "run-a", "shown": {",": "123,456"}},
    }
    paper.write_index(tree, paper_site.SITE, harvests, [replace(one, results=shown), two])
    text = (tree.root / "assets" / "tex" / "one.tex").read_text(encoding="utf-8")
    unit = r"\textmu{}m\textsuperscript{2}"
    share_line = rf"{{run-a/share}}{{\ensuremath{{15.1\%}}}}{{0.1514}}{{{unit}}}{{30}}{{0.1}}{{0.2}}"
    assert share_line + r"{\ensuremath{[10\%, 20\%]}}" in text
    assert r"{run-a/big}{\ensuremath{123{,}456}}{123456}" in text
    plain = (tree.root / "assets" / "tex" / "two.tex").read_text(encoding="utf-8")
    assert r"{run-a/share}{\ensuremath{0.1514}}" in plain


def test_a_title_leaves_its_number_to_the_list_of_references(tree: Tree) -> None:
    one = replace(paper_site.posts()[0], title="[2] What [1] says")
    paper.write_index(tree, paper_site.SITE, paper_site.harvests(), [one])
    text = (tree.root / "assets" / "tex" / "one.bib").read_text(encoding="utf-8")
    assert "title = {{What [1] says}}" in text


def test_unknown_names_and_folders_and_files_of_theirs_are_refused(tree: Tree, tmp_path: Path) -> None:
    harvests = paper_site.harvests()
    with pytest.raises(BuildError, match=r"named 'fig-thrid'; nearest of 8: fig-first, fig-second, "):
        paper.copy_paper(tree, paper_site.SITE, harvests, tmp_path, ["fig-thrid"])
    with pytest.raises(BuildError, match="is no folder"):
        paper.copy_paper(tree, paper_site.SITE, harvests, tmp_path / "none")
    (tmp_path / "gradlab").mkdir()
    (tmp_path / "gradlab" / "gradlab.bib").write_text("theirs", encoding="utf-8")
    with pytest.raises(BuildError, match=r"gradlab/gradlab\.bib"):
        paper.copy_paper(tree, paper_site.SITE, harvests, tmp_path)
    assert not (tmp_path / "gradlab" / "gradlab.tex").exists()


# -- compiled ------------------------------------------------------------------------------------

needs_latex = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in ("pdflatex", "bibtex", "pdftotext", "pdffonts", "pdfinfo")),
    reason="pdflatex, bibtex or poppler-utils is not installed",
)


def compile_paper(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run pdflatex, bibtex and pdflatex twice; the last run's outcome."""
    (folder / "paper.tex").write_text(text, encoding="utf-8")
    latex_run = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    for command in (latex_run, ["bibtex", "paper"], latex_run, latex_run):
        done = subprocess.run(
            command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
        if done.returncode:
            return done
    return done


def sample(
    inputs: list[str], bibliographies: list[str], harvests: Mapping[str, Harvest], labels: set[str]
) -> str:
    """A paper that prints every value and interval and shows every figure."""
    values = [
        (f"{run}/{name}", v.low is not None) for run, h in harvests.items() for name, v in h.values.items()
    ]
    printed = "\n\n".join(
        rf"Value \gradlabvalue{{{name}}}" + (rf" in \gradlabinterval{{{name}}}" if interval else "")
        for name, interval in values
    )
    shown = "\n".join(
        rf"\begin{{figure}}\gradlabfigure[0.5\linewidth]{{{label}}}\end{{figure}}\clearpage"
        for label in sorted(labels)
    )
    return (
        PAPER.replace("@INPUTS@", "\n".join(rf"\input{{{name}}}" for name in inputs))
        .replace("@VALUES@", printed)
        .replace("@FIGURES@", shown)
        .replace("@BIBLIOGRAPHIES@", ",".join(bibliographies))
    )


@pytest.mark.latex
@needs_latex
def test_a_sample_paper_with_every_figure_and_value_compiles(tree: Tree, tmp_path: Path) -> None:
    dest = tmp_path / "paper"
    dest.mkdir()
    harvests = paper_site.harvests()
    paper.copy_paper(tree, paper_site.SITE, harvests, dest)
    text = sample(["gradlab/gradlab.tex"], ["gradlab/gradlab"], harvests, {"fig-first", "fig-second"})
    done = compile_paper(dest, text)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "undefined" not in done.stdout
    page = subprocess.run(
        ["pdftotext", "paper.pdf", "-"], cwd=dest, capture_output=True, encoding="utf-8", check=True
    )
    for words in ("4.512", "[4, 5]", "ResNet", "Figure 2:", "The second", "version abc123", "Größe"):
        assert words in unicodedata.normalize("NFC", page.stdout)


@pytest.mark.latex
@needs_latex
@pytest.mark.parametrize(
    ("width", "drawing", "printed"),
    [
        ("3.3in", "fig-first.narrow.pdf", 3.3),
        (r"0.5\linewidth", "fig-first.narrow.pdf", 3.0),
        ("5in", "fig-first.narrow.pdf", 1.15 * 3.4),
        (r"\linewidth", "fig-first.pdf", 6.0),
        ("12in", "fig-first.pdf", 1.15 * 7),
        ("2in", "fig-first.narrow.pdf", 2.0),
    ],
)
def test_a_figure_is_the_drawing_for_the_width_it_is_given(
    tree: Tree, tmp_path: Path, width: str, drawing: str, printed: float
) -> None:
    paper.copy_paper(tree, paper_site.SITE, paper_site.harvests(), tmp_path)
    text = rf"""\documentclass{{article}}\setlength{{\textwidth}}{{6in}}
\input{{gradlab/gradlab.tex}}
\begin{{document}}\makeatletter\def\gradlab@width{{{width}}}
\setbox0=\hbox{{\gradlab@picture{{figures/fig-first.pdf}}{{figures/fig-first.narrow.pdf}}}}
\typeout{{printed \the\wd0}}\box0
\begin{{figure}}\gradlabfigure[{width}]{{fig-first}}\end{{figure}}
\end{{document}}"""
    (tmp_path / "paper.tex").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
    assert set(re.findall(r"gradlab/figures/([\w.-]+)>", done.stdout.replace("\n", ""))) == {drawing}
    points = float(re.findall(r"printed ([0-9.]+)pt", done.stdout)[-1])
    assert points == pytest.approx(printed * 72.27, abs=0.1)
    assert ("so small that its text has less than 7pt" in done.stdout.replace("\n", "")) is (printed < 2.8)


@pytest.mark.latex
@needs_latex
def test_the_macros_of_a_post_compile_beside_the_site(tree: Tree) -> None:
    harvests = paper_site.harvests()
    paper.write_index(tree, paper_site.SITE, harvests, paper_site.posts())
    text = sample(
        ["assets/tex/one.tex", "assets/tex/two.tex"], ["assets/tex/one", "assets/tex/two"], harvests,
        {"fig-first", "fig-second"},
    )  # fmt: skip
    done = compile_paper(tree.root, text)
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.latex
@needs_latex
def test_an_unknown_name_stops_latex_with_a_clear_word(tree: Tree, tmp_path: Path) -> None:
    paper.copy_paper(tree, paper_site.SITE, paper_site.harvests(), tmp_path)
    text = PAPER.replace("@INPUTS@", r"\input{gradlab/gradlab.tex}").replace(
        "@VALUES@", r"\gradlabvalue{run-a/efect_x}"
    )
    done = compile_paper(
        tmp_path, text.replace("@FIGURES@", "").replace("@BIBLIOGRAPHIES@", "gradlab/gradlab")
    )
    assert done.returncode != 0
    assert "gradlab: no value named 'run-a/efect_x'" in done.stdout


# -- the project's own figures -------------------------------------------------------------------

PICTURES = sorted((ROOT / "assets" / "figures").rglob("*.pdf"))
MACROS = sorted((ROOT / "assets" / "tex").glob("*.tex"))
COLUMNS = (3.4, 7.0)
"""Widths in inches of one and two columns of a paper."""


@pytest.mark.latex
@needs_latex
@pytest.mark.skipif(not PICTURES, reason="no run has been executed yet")
def test_figures_are_fit_for_print() -> None:
    for path in PICTURES:
        assert path.stat().st_size < 300_000, path
        fonts = subprocess.run(["pdffonts", path], capture_output=True, encoding="utf-8", check=True).stdout
        for line in fonts.splitlines()[2:]:
            assert re.search(r"(Type 3|CID TrueType|TrueType)\s+\S+\s+yes", line), f"{path}: {line}"
        info = subprocess.run(["pdfinfo", path], capture_output=True, encoding="utf-8", check=True).stdout
        size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", info)
        assert size is not None
        width = float(size[1]) / 72
        if path.name.startswith("fig-cover-"):
            continue  # a cover is for screens
        assert any(abs(width - column) < 0.05 for column in COLUMNS), f"{path} is {width:.2f} inches wide"


@pytest.mark.latex
@needs_latex
@pytest.mark.skipif(not MACROS, reason="the site has not been built yet")
def test_a_paper_with_every_figure_and_value_of_the_site_compiles(tmp_path: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in MACROS)
    names = {
        "value": sorted(set(re.findall(r"^\\gradlab@set\{([^}]+)\}", text, re.MULTILINE))),
        "interval": sorted(
            set(re.findall(r"^\\gradlab@set\{([^}]+)\}.*\{\\ensuremath\{\[.*\]\}\}$", text, re.MULTILINE))
        ),
        "figure": sorted(set(re.findall(r"^\\gradlab@put\{figure\}\{([^}]+)\}", text, re.MULTILINE))),
    }
    assert names["value"]
    printed = "\n\n".join(
        rf"\gradlab{kind}{{{name}}}" for kind in ("value", "interval") for name in names[kind]
    )
    floats = "\n".join(
        rf"\begin{{figure}}\gradlabfigure{{{label}}}\end{{figure}}\clearpage" for label in names["figure"]
    )
    for path in MACROS:
        shutil.copy(path, tmp_path)
        shutil.copy(path.with_suffix(".bib"), tmp_path)
    shutil.copytree(ROOT / "assets" / "figures", tmp_path / "assets" / "figures")
    whole = (
        PAPER.replace("@INPUTS@", "\n".join(rf"\input{{{path.name}}}" for path in MACROS))
        .replace("@VALUES@", printed)
        .replace("@FIGURES@", floats)
        .replace("@BIBLIOGRAPHIES@", ",".join(path.stem for path in MACROS))
    )
    done = compile_paper(tmp_path, whole)
    assert done.returncode == 0, done.stdout[-3000:]
    pages = subprocess.run(
        ["pdftotext", "paper.pdf", "-"], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True
    ).stdout
    assert len(re.findall(r"^Figure \d+:", pages, re.MULTILINE)) >= len(names["figure"])
