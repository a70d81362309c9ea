from pathlib import Path

import pytest

from site_builder.errors import PostError
from site_builder.post import bibliography

GOOD = (
    "@Article{a2020x,\n title = {On {X}\n and Y}, author = {A, B and C, D}, year = 2020, doi = {10.1/x}\n}\n"
)


def write(folder: Path, text: str) -> Path:
    path = folder / "references.bib"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_minimal_form(tmp_path: Path) -> None:
    known = bibliography.load(write(tmp_path, GOOD + GOOD.replace("a2020x", "b2021y")))
    assert bibliography.minimal(known, ["a2020x", "a2020x"]) == (
        "@article{a2020x,\n  title = {On X and Y},\n  author = {A, B and C, D},\n  year = {2020},\n"
        "  doi = {10.1/x}\n}\n"
    )


def test_no_file_is_no_reference(tmp_path: Path) -> None:
    assert bibliography.load(tmp_path / "references.bib") == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (GOOD.replace(", year = 2020", ""), "'a2020x' has no year"),
        (GOOD.replace("doi", "dio"), "has unknown fields dio; nearest of 18: doi, "),
        (GOOD.replace("10.1/x", "10.1/#x"), "doi holds '#'"),
        (GOOD.replace("On", '\\"On'), r"title holds '\\\\'"),
        (GOOD + GOOD, "references.bib:5"),
        ("@article{a, title = {x", "references.bib:1"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(PostError, match=problem):
        bibliography.load(write(tmp_path, text))


def test_the_references_of_this_project() -> None:
    known = bibliography.load(Path(__file__).parents[2] / "templates" / "references.bib")
    assert {"philipp2018gradients", "parchgrad2023code", "welch1947generalization"} <= set(known)
    without_address = [key for key, entry in known.items() if not {"doi", "url"} & set(entry.fields)]
    assert without_address == []
