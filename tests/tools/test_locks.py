"""The locks hold what the requirements ask for; ``make lock`` makes them anew."""

import re
from pathlib import Path

import pytest

from site_builder.plan.fingerprint import normal, pins

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("site_builder", "_experiments", "tests")


def locked(folder: str) -> dict[str, set[str]]:
    """Package -> versions; there are several where they depend on the version of Python."""
    found: dict[str, set[str]] = {}
    text = (ROOT / folder / "requirements.lock").read_text(encoding="utf-8")
    for name, version in re.findall(r"^([A-Za-z0-9][\w.-]*)==([^\s;]+)", text, re.MULTILINE):
        found.setdefault(normal(name), set()).add(version)
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_lock_has_every_requirement_in_its_version_and_what_that_needs(folder):
    wanted, found = pins(ROOT / folder / "requirements.txt"), locked(folder)
    assert wanted
    assert {name: found.get(name) for name in wanted} == {name: {version} for name, version in wanted.items()}
    assert len(found) > len(wanted)


def test_what_an_archive_needs_is_locked_with_the_tests():
    wanted, found = pins(ROOT / "site_builder" / "requirements-archive.txt"), locked("tests")
    assert wanted
    assert {name: found.get(name) for name in wanted} == {name: {version} for name, version in wanted.items()}


def test_the_locks_agree_where_they_name_the_same_package():
    press, laboratory, tests = (locked(folder) for folder in FOLDERS)
    for one, other in ((press, laboratory), (press, tests), (laboratory, tests)):
        both = one.keys() & other.keys()
        assert both
        assert {name: one[name] for name in both} == {name: other[name] for name in both}


def test_each_package_of_the_press_has_a_hash():
    text = (ROOT / "site_builder" / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) >= len(locked("site_builder"))
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_what_torch_needs_of_a_gpu_is_left_to_the_machine():
    assert [name for name in locked("_experiments") if name.startswith(("nvidia", "cuda", "triton"))] == []
