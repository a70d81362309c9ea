"""A tiny site of real notebooks, laid out in a temporary folder: what the tests of the whole press build."""

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from site_builder.model import RunPlan, Tree
from site_builder.notebook.published import MIME
from site_builder.plan import plan, register, seal
from site_builder.plan.configuration import Configuration

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).resolve().parent / "fixtures"
CACHES = shutil.ignore_patterns("__pycache__")
LABORATORY = ROOT / "_experiments" / "gradlab"
SITE = {
    "title": "Tiny",
    "description": "A tiny site.",
    "authors": [{"name": "Site Author"}],
    "figure_theme": {"#1b1f24": "#e6e9ed"},
}
POST = """\
---
layout: distill
title: "Sums"
description: "A post about a sum."
date: 2024-01-02
---

The sum is [[ value("passing", "total", ".1f") ]]. [% claim "sum-is-positive" %]It is positive[% endclaim %].

## Where it comes from {#origin}

[[ table("passing", "tbl-steps") ]]

[[ provenance("passing") ]]
"""


@dataclass(frozen=True)
class TinySite:
    """The tree, with what tests change in it."""

    tree: Tree

    @property
    def post(self) -> Path:
        return self.tree.post_templates / "2024-01-02-sums.md.j2"

    def register(self, **runs: Mapping[str, Any]) -> None:
        """Write the register; underscores of a run's name stand for hyphens, its notebook is named alike."""
        entries = {
            name.replace("_", "-"): {"notebook": f"{name}.ipynb", "title": name, "time_limit": 60, **entry}
            for name, entry in runs.items()
        }
        self.tree.register.write_text(yaml.safe_dump({"runs": entries}, sort_keys=False))

    def configuration(self) -> Configuration:
        return register.load(self.tree)

    def plans(self) -> dict[str, RunPlan]:
        read = self.configuration()
        return {one.run.id: one for one in plan.plan_runs(self.tree, read.site, read.runs)}

    def edit(self, notebook: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Change a source notebook through its JSON."""
        path = self.tree.experiments / f"{notebook}.ipynb"
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content, indent=1) + "\n")

    def pretend(self, name: str, *records: Mapping[str, Any]) -> None:
        """Put an executed notebook of ``name`` there, as if it had run and published ``records``."""
        planned = self.plans()[name]
        notebook = json.loads(planned.run.notebook.read_text())
        notebook["metadata"]["gradlab"] = {
            "run": name,
            "fingerprint": {
                "digest": planned.fingerprint.digest,
                "parts": dict(planned.fingerprint.parts),
            },
            "parameters": dict(planned.run.parameters),
            "device": "a test",
            "versions": {},
            "started": "2024-01-02T03:04:05+00:00",
            "seconds": 1.0,
        }
        notebook["cells"][-1]["outputs"] = [displayed(record) for record in records]
        planned.run.executed.parent.mkdir(exist_ok=True)
        seal.put(notebook)
        planned.run.executed.write_text(json.dumps(notebook))

    def executed_otherwise(self, name: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Let ``name`` have been executed with another outcome: change its executed notebook, and seal it."""
        path = self.tree.executed / f"{name}.ipynb"
        notebook = json.loads(path.read_text())
        change(notebook)
        seal.put(notebook)
        path.write_text(json.dumps(notebook))


def displayed(record: Mapping[str, Any]) -> dict[str, Any]:
    """The output in which a notebook publishes ``record``."""
    return {"output_type": "display_data", "metadata": {}, "data": {MIME: record, "text/plain": "a record"}}


def value(name: str, number: float) -> dict[str, Any]:
    """The record of a value."""
    unknown = dict.fromkeys(("low", "high", "n", "tolerance"))
    return {"kind": "value", "name": name, "value": number, "unit": "", "note": "", **unknown}


def lay_out(root: Path) -> TinySite:
    """A tree with all fixture notebooks, a small gradlab, one post, and a register of one run."""
    tree = Tree(root)
    notebook_library = tree.experiments / "gradlab" / "notebook"
    notebook_library.mkdir(parents=True)
    tree.post_templates.mkdir(parents=True)
    for notebook in FIXTURES.glob("*.ipynb"):
        shutil.copy(notebook, tree.experiments)
    shutil.copy(LABORATORY / "__init__.py", notebook_library.parent)
    for module in ("__init__", "claims", "publish", "shown", "figures", "results", "rows"):
        shutil.copy(LABORATORY / "notebook" / f"{module}.py", notebook_library)
    shutil.copytree(LABORATORY / "statistics", notebook_library.parent / "statistics", ignore=CACHES)
    (tree.experiments / "requirements.txt").write_text(
        "numpy==2.4.6\nmatplotlib==3.11.2\nipykernel==7.4.0\nscipy==1.17.1\njaxtyping==0.3.11\n"
    )
    (root / "site.yaml").write_text(yaml.safe_dump(SITE))
    (root / "templates" / "references.bib").write_text("")
    site = TinySite(tree)
    site.post.write_text(POST)
    site.register(passing={"parameters": {"count": 4}})
    return site


def commit(tiny: TinySite, message: str) -> None:
    """Commit all, under a tag of that name."""
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", message], ["tag", message]):
        subprocess.run(["git", *words], cwd=tiny.tree.root, check=True, capture_output=True)


def snapshot(*places: Path) -> dict[str, bytes]:
    """The content of every file below ``places``, by path."""
    files = (path for place in places for path in sorted(place.rglob("*")) if path.is_file())
    return {str(path): path.read_bytes() for path in files}
