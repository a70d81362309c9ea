"""What both packages have to agree on and each writes down for itself, because neither imports the other."""

import ast
from pathlib import Path
from typing import Any

import yaml
from tests.site_builder.tiny_site import ROOT

from site_builder.execute import kernel
from site_builder.model import Tree
from site_builder.notebook import published
from site_builder.plan import inputs, register
from site_builder.verdict import Verdict

LABORATORY = ROOT / "_experiments" / "gradlab"


def constants(name: str) -> dict[str, Any]:
    """The names that a module, or a function of it, gives to literals; read, not imported."""
    found = {}
    for node in ast.walk(ast.parse((LABORATORY / f"{name}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


def test_records_have_one_mime_type() -> None:
    assert constants("notebook/publish")["MIME"] == published.MIME


def test_variables_have_one_name() -> None:
    assert constants("notebook/results")["NEEDS"] == kernel.NEEDS
    assert constants("photographs/archives")["DATA_VARIABLE"] == inputs.VARIABLE


def test_a_verdict_has_one_word() -> None:
    assert constants("notebook/claims")["VERDICTS"] == tuple(Verdict)


def test_the_neutral_colours_of_figures_have_a_counterpart_on_a_dark_page() -> None:
    drawn = {constants("notebook/figures")[name] for name in ("INK", "MUTED", "GRID", "PAPER")}
    assert yaml.safe_load((ROOT / "site.yaml").read_text())["figure_theme"].keys() == drawn


def test_the_press_looks_for_data_wherever_the_laboratory_does() -> None:
    from gradlab.photographs import archives

    folders = register.load(Tree(ROOT)).site.data_folders
    assert [folder.resolve() for folder in folders] == [
        Path(one).resolve() for one in archives.DEFAULT_FOLDERS
    ]


def test_the_laboratorys_own_declarations_are_whole() -> None:
    problems: list[str] = []
    declared = inputs.declared(Tree(ROOT), problems)
    for module, name in (("archives", "TINY_IMAGENET"), ("ilsvrc", "NAME")):
        data_set = f"data/{constants(f'photographs/{module}')[name]}"
        assert declared[data_set] == f"gradlab.photographs.{module}"
    assert problems == []
