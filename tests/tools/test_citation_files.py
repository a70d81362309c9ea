"""What GitHub and Zenodo read about this project says the same as the package and each other."""

import datetime as dt
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def citation() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8")))


def test_a_citation_file_has_what_its_format_needs(citation):
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= citation.keys()
    assert isinstance(citation["version"], str)
    assert isinstance(citation["date-released"], dt.date)


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
