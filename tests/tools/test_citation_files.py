"""What GitHub and Zenodo read about this project says the same as the package and each other."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def citation() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8")))


def valid(path: Path) -> subprocess.CompletedProcess[str]:
    """What the validator says, which has the schema of the Citation File Format's own repository."""
    schema = ("--builtin-schema", "vendor.citation-file-format")
    asked = [sys.executable, "-m", "check_jsonschema", *schema, str(path)]
    return subprocess.run(asked, capture_output=True, text=True, check=False)


def test_the_citation_file_is_valid():
    said = valid(ROOT / "CITATION.cff")
    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        ("license: MIT", "license: MITT", "license"),
        ("date-released: ", "date-released: 27/", "date-released"),
        ('  - name: "The', '  - orcid: "0000-0001-2345-6789"\n    name: "The', "authors[0]"),
        ("title: ", "titel: ", "'title' is a required property"),
    ],
)
def test_the_validator_tells_a_citation_file_that_is_not_valid(tmp_path, right, wrong, key):
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert right in text
    damaged = tmp_path / "CITATION.cff"
    damaged.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    said = valid(damaged)
    assert said.returncode == 1
    assert key in said.stdout


def test_all_files_say_the_same(citation):
    zenodo = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert zenodo["version"] == citation["version"] == project["version"]
    assert zenodo["license"] == citation["license"] == project["license"]
    assert zenodo["publication_date"] == citation["date-released"].isoformat()
    assert zenodo["title"] == citation["title"]
    assert zenodo["keywords"] == citation["keywords"]
    names = [{"name": one["name"]} for one in citation["authors"]]
    assert zenodo["creators"] == names == project["authors"]
