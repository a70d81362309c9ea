"""The figures and values of a post in papers of common classes, compiled, in any order of packages."""

import re
import shutil
import subprocess
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.site_builder import paper_site

from site_builder.deliver import paper
from site_builder.model import Author, Tree
from site_builder.post import tex

pytestmark = pytest.mark.latex


def found(*files: str) -> bool:
    """Whether LaTeX is here, and these files of it."""
    if shutil.which("kpsewhich") is None or shutil.which("pdftotext") is None:
        return False
    return all(
        subprocess.run(["kpsewhich", file], capture_output=True, check=False).returncode == 0
        for file in files
    )


needs_latex = pytest.mark.skipif(
    not found("article.cls"), reason="pdflatex or poppler-utils is not installed"
)
needs_asian = pytest.mark.skipif(
    not found("CJKutf8.sty", "c70gbsn.fd", "c70bsmi.fd", "c70min.fd", "c70mj.fd"),
    reason="latex-cjk is not installed",
)


@dataclass(frozen=True)
class Class:
    """A class of papers: what comes before and after the packages, and how it prints references."""

    begin: str
    files: tuple[str, ...]
    after: str = ""
    style: str = ""
    biber: bool = False


ARTICLE = r"\documentclass[twocolumn]{article}"
CLASSES = {
    "article": Class(ARTICLE + r"\usepackage[numbers]{natbib}", ("natbib.sty",), style="plainnat"),
    "ieee": Class(r"\documentclass[conference]{IEEEtran}", ("IEEEtran.cls",), style="IEEEtran"),
    "acm": Class(
        r"\documentclass[sigconf,nonacm]{acmart}",
        ("acmart.cls", "libertine.sty", "newtxmath.sty"),
        r"\title{T}\author{A}\affiliation{\institution{I}\country{C}}\maketitle",
        "ACM-Reference-Format",
    ),
    "revtex": Class(r"\documentclass[aps,prl,twocolumn]{revtex4-2}", ("revtex4-2.cls",), style="apsrev4-2"),
    "elsevier": Class(
        r"\documentclass[5p,twocolumn]{elsarticle}",
        ("elsarticle.cls",),
        r"\begin{frontmatter}\title{T}\author{A}\end{frontmatter}",
        "elsarticle-num",
    ),
    "biblatex": Class(
        ARTICLE + r"\usepackage[backend=biber]{biblatex}\addbibresource{gradlab/gradlab.bib}",
        ("biblatex.sty",),
        biber=True,
    ),
}
PACKAGES = r"\usepackage{hyperref}\usepackage{cleveref}"
INPUT = r"\input{gradlab/gradlab.tex}"
ORDERS = {
    "first": INPUT + PACKAGES,
    "last": PACKAGES + INPUT,
    "between": PACKAGES.replace("}\\", "}" + INPUT + "\\"),
}


def compiled(folder: Path, text: str, *, biber: bool = False) -> tuple[str, str]:
    """The log of the last run, and the words of the pages."""
    (folder / "paper.tex").write_text(text, encoding="utf-8")
    run = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    for command in (run, ["biber" if biber else "bibtex", "paper"], run, run):
        done = subprocess.run(
            command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
        assert done.returncode == 0, f"{command[0]}:\n{done.stdout[-3000:]}"
    shown = subprocess.run(
        ["pdftotext", "paper.pdf", "-"], cwd=folder, capture_output=True, encoding="utf-8", check=True
    )
    log = (folder / "paper.log").read_text(encoding="utf-8", errors="replace").replace("\n", "")
    return log, " ".join(unicodedata.normalize("NFKC", shown.stdout).split())


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return paper_site.build(tmp_path / "site")


def lay(tree: Tree, folder: Path, words: str) -> None:
    """A paper's folder, with ``words`` in the title, the author and the caption of a post."""
    one = paper_site.posts()[0]
    shown = replace(one.figures[0], caption=words + r" and \(\lVert x \rVert_2 \lt \mathbb{R}\)")
    author = Author(words, "", "", "")
    changed = replace(one, title=f"[7] {words}", authors=(author,), figures=(shown,))
    (tree.assets / "values" / "one.json").write_text(changed.text(), encoding="utf-8")
    (tree.posts / "2020-02-01-two.md").unlink()
    harvests = paper_site.harvests()
    a = harvests["run-a"]
    effect = replace(a.values["effect"], unit="µm", n=30)
    harvests["run-a"] = replace(a, values={**a.values, "effect": effect})
    folder.mkdir()
    paper.copy_paper(tree, paper_site.SITE, harvests, folder)


BODY = r"""
\section{Values \gradlabvalue{run-a/effect}}
Value \gradlabvalue{run-a/effect} \gradlabunit{run-a/effect} in \gradlabinterval{run-a/effect} of
n=\gradlabn{run-a/effect}, raw \gradlabraw{run-a/effect}, from \gradlablow{run-a/effect}, p
\gradlabvalue{run-a/tiny_p}; \edef\raw{\gradlabraw{run-a/tiny_p}}expanded \raw; see \cref{fig:first}
\ifdim\gradlabraw{run-a/effect}pt>4pt larger\fi; said in \cite{one2020,one2020-fig-first}.
\begin{figure}\gradlabfigure[\linewidth]{fig-first}\end{figure}
"""
WORDS = "H₂ of “Größe” é σ & Łódź „ąđ” 50 % ≤ {x}"


@needs_latex
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", CLASSES)
def test_a_paper_of_this_class_has_everything(name: str, order: str, tree: Tree, tmp_path: Path) -> None:
    kind = CLASSES[name]
    if not found(*kind.files, "cleveref.sty") or (kind.biber and shutil.which("biber") is None):
        pytest.skip(f"{' or '.join(kind.files)}, cleveref or biber is not installed")
    lay(tree, tmp_path / "paper", WORDS)
    references = (
        r"\printbibliography"
        if kind.biber
        else rf"\bibliographystyle{{{kind.style}}}\bibliography{{gradlab/gradlab}}"
    )
    text = f"{kind.begin}{ORDERS[order]}\\begin{{document}}{kind.after}{BODY}{references}\\end{{document}}"
    log, words = compiled(tmp_path / "paper", text, biber=kind.biber)
    assert "undefined" not in log.lower()
    assert "Missing character" not in log
    for expected in ("4.512 µm in [4, 5] of n=30, raw 4.512345, from 4.0", "expanded -2.1e-09", "larger"):
        assert unicodedata.normalize("NFKC", expected) in words
    assert re.search(r"see fig(ure|\.) 1", words, re.IGNORECASE)
    assert words.count("Größe") >= 3, words
    assert "[7]" not in words
    # Of bitmap fonts, in which T1 is set without cm-super, words cannot be copied.
    assert len(re.findall(r"H\s?2 of “Größe” é σ & (?:Ł|L)ódź .{0,6}” 50 % ≤ \{x\}", words)) >= 3, words


@needs_latex
@pytest.mark.skipif(not found("siunitx.sty"), reason="siunitx is not installed")
def test_siunitx_takes_the_digits(tree: Tree, tmp_path: Path) -> None:
    lay(tree, tmp_path / "paper", "Words")
    body = r"\num{\gradlabraw{run-a/tiny_p}}, \num[round-mode=places]{\gradlabraw{run-a/effect}}\nocite{*}"
    text = rf"{ARTICLE}{INPUT}\usepackage{{siunitx}}\begin{{document}}{body}"
    _, words = compiled(
        tmp_path / "paper",
        text + r"\bibliographystyle{plain}\bibliography{gradlab/gradlab}\end{document}",
    )
    assert "−2.1 × 10−9, 4.51" in words.replace(" ,", ",")


@needs_latex
@needs_asian
@pytest.mark.parametrize("biber", [False, True], ids=["bibtex", "biber"])
def test_chinese_japanese_and_korean_survive(biber: bool, tree: Tree, tmp_path: Path) -> None:
    if biber and (shutil.which("biber") is None or not found("biblatex.sty")):
        pytest.skip("biber or biblatex is not installed")
    lay(tree, tmp_path / "paper", "梯度 漢字 ひらがな 峠 한국")
    kind = CLASSES["biblatex" if biber else "article"]
    references = (
        r"\printbibliography" if biber else r"\bibliographystyle{plainnat}\bibliography{gradlab/gradlab}"
    )
    text = f"{kind.begin}{PACKAGES}{INPUT}\\begin{{document}}{BODY}{references}\\end{{document}}"
    log, words = compiled(tmp_path / "paper", text, biber=biber)
    assert "Missing character" not in log
    for word in ("梯度", "漢字", "ひらがな", "峠"):  # the Korean font is of parts of signs
        assert words.count(word) >= 3, words


ACTIVE = "".join(rf"\catcode`\{sign}=13 \def{sign}{{\string{sign}}}" for sign in "!:;?<>*+/|") + (
    r"\catcode`\_=13 \def_{\ifmmode\sb\else\textunderscore\fi}"
)
"""What languages and packages make of signs, here of all at once."""


@needs_latex
def test_signs_that_packages_made_active_are_read_as_they_are(tree: Tree, tmp_path: Path) -> None:
    lay(tree, tmp_path / "paper", "Words: a_b; “c”!")
    begin, end = r"\documentclass{article}\usepackage{graphicx,amssymb,amsmath}", r"\begin{document}"
    body = r"\gradlabvalue{run-a/tiny_p} \gradlabvalue{run-a/network} \ref{fig:first}\nocite{*}"
    figure = r"\begin{figure}\gradlabfigure{fig-first}\end{figure}"
    references = r"\bibliographystyle{plain}\bibliography{gradlab/gradlab}\end{document}"
    for head in (begin + ACTIVE + INPUT + end, begin + end + ACTIVE + INPUT):
        log, words = compiled(tmp_path / "paper", f"{head}{body}{figure}{references}")
        assert "ResNet_18" in words.replace("ResNet 18", "ResNet_18")
        assert "undefined" not in log.lower()


@needs_latex
@pytest.mark.parametrize("fonts", ["OT1", "T1"])
def test_latex_knows_every_command_that_a_sign_becomes(fonts: str, tmp_path: Path) -> None:
    lines = []
    for sign in map(chr, [*range(0x20, 0x3000), *range(0x1D400, 0x1D800)]):
        missing: list[str] = []

        def cannot(one: str, missing: list[str] = missing) -> str:
            missing.append(one)
            return ""

        written = tex.text(sign, cannot)
        kept = unicodedata.normalize("NFC", sign) == sign
        if kept and unicodedata.category(sign)[0] not in "CM" and not missing:
            lines.append(rf"\typeout{{at {ord(sign):X}}}{written}")
    assert len(lines) > 800
    head = (
        rf"\documentclass{{article}}\usepackage[{fonts}]{{fontenc}}\usepackage{{amssymb}}\begin{{document}}"
    )
    (tmp_path / "signs.tex").write_text("\n\n".join([head, *lines, r"\end{document}"]), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "signs.tex"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-600:]
    assert "Missing character" not in (tmp_path / "signs.log").read_text(encoding="utf-8", errors="replace")
