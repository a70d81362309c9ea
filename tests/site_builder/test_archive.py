"""A release packed as an RO-Crate, as whoever unpacks it years later reads it."""

import hashlib
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from rocrate.rocrate import ROCrate
from tests.site_builder.tiny_site import TinySite, commit
from tests.tools import kills

from site_builder import history, machine
from site_builder.__main__ import main
from site_builder.errors import BuildError
from site_builder.model import Tree

KNOWS = """\
import hashlib, json, os, pathlib, sys
name = sys.argv[2]
inside = pathlib.Path("_experiments", "net-a")
path = inside if name == "checkpoint/net-a" else pathlib.Path(os.environ["GRADLAB_DATA"], name)
print(json.dumps({"path": str(path), "digest": hashlib.sha256(path.read_bytes()).hexdigest()}))
"""
CITATION: dict[str, Any] = {
    "cff-version": "1.2.0",
    "message": "Cite it.",
    "title": "Sums, in all their glory",
    "version": "1.0",
    "date-released": "2024-02-03",
    "license": "MIT",
    "authors": [
        {
            "given-names": "Ada",
            "family-names": "Lovelace",
            "orcid": "https://orcid.org/0000-0000-0000-0001",
        },
        {"name": "The others"},
    ],
}
VERSIONS = {"numpy": "2.4.6", "python": "3.11.7"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> TinySite:
    """A release of two executed runs. The first read data that are gone and weights that are here."""
    place = tmp_path_factory.mktemp("release")
    tiny = kills.lay_out(place / "site")
    shutil.rmtree(tiny.tree.root / "theirs")
    (place / "data").mkdir()
    (place / "data" / "moons").write_text("two")
    (tiny.tree.experiments / "gradlab" / "known.py").write_text(KNOWS)
    (tiny.tree.experiments / "data_sets.yaml").write_text("moons: gradlab.known\n")
    (tiny.tree.experiments / "weights.yaml").write_text("checkpoint: gradlab.known\n")
    (tiny.tree.experiments / "net-a").write_bytes(b"one")
    reads = {"data": "moons", "weights": ["checkpoint/net-a"], "parameters": {"count": 4}}
    tiny.register(passing=reads, drawing={"needs": ["passing"]}, refuting={"may_wait": True})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADLAB_DATA", str(place / "data"))
        kills.execute(tiny, 9.0, "9 9")
    for name in ("passing", "drawing"):
        tiny.executed_otherwise(name, lambda nb: nb["metadata"]["gradlab"].update(versions=VERSIONS))
    assert main(["--root", str(tiny.tree.root), "site", "--no-execute"]) == 0
    cite(tiny)
    (tiny.tree.root / "LICENSE").write_text("MIT, but for the moons\n")
    (tiny.tree.root / "build it").write_text("#!/bin/sh\n")
    (tiny.tree.root / "build it").chmod(0o755)
    (tiny.tree.root / ".gitignore").write_text("/.cache/\n/_site/\n/build/\n")
    commit(tiny, "v1.0")
    return tiny


@pytest.fixture(scope="module")
def packed(built: TinySite) -> Path:
    """The archive of that release, elsewhere."""
    made = pack(built)
    moved = made.replace(built.tree.root.parent / made.name)
    made.parent.rmdir()
    return moved


def cite(tiny: TinySite, **changes: Any) -> None:
    said = {key: entry for key, entry in (CITATION | changes).items() if entry is not None}
    (tiny.tree.root / "CITATION.cff").write_text(yaml.safe_dump(said))


def pack(tiny: TinySite, *tag: str) -> Path:
    """The archive of a tag."""
    assert main(["--root", str(tiny.tree.root), "archive", *tag]) == 0
    (made,) = (tiny.tree.root / "build").iterdir()
    return made


def refused(tiny: TinySite, capsys: pytest.CaptureFixture[str], *tag: str) -> str:
    """What is said instead of an archive."""
    capsys.readouterr()
    assert main(["--root", str(tiny.tree.root), "archive", *tag]) == 1
    assert not [*(tiny.tree.root / "build").glob("*")]
    return capsys.readouterr().err


def test_an_execution_is_an_action_with_what_it_read_and_what_it_ran_on(packed):
    crate = ROCrate(packed)
    action = crate.get("#run/passing")
    assert action.type == "CreateAction"
    assert action["instrument"].id == "_experiments/passing.ipynb"
    assert "SoftwareSourceCode" in action["instrument"].type
    assert action["result"].id == "_experiments/executed/passing.ipynb"
    assert (action["startTime"], action["endTime"]) == (
        "2024-01-02T03:04:05+00:00",
        "2024-01-02T03:04:06+00:00",
    )
    assert action["description"] == "Executed on a test (cpu), in 1.0 s, with numpy 2.4.6, python 3.11.7."
    device = action["additionalProperty"]
    assert (device.type, device["name"], device["value"]) == ("PropertyValue", "device", "a test")
    numpy, python = action["softwareRequirements"]
    assert (numpy["softwareVersion"], numpy["url"]) == ("2.4.6", "https://pypi.org/project/numpy/2.4.6/")
    assert (python["softwareVersion"], python.get("url")) == ("3.11.7", None)
    count, moons, weights = action["object"]
    assert (count["name"], count["value"]) == ("count", 4)
    assert moons["identifier"] == hashlib.sha256(b"two").hexdigest()[:16]
    assert "gradlab.known in _experiments says where it comes from" in moons["description"]
    assert weights.id == "_experiments/net-a"
    assert "agent" not in action


def test_what_a_run_needs_is_the_result_of_another_action(packed):
    crate = ROCrate(packed)
    assert crate.get("#run/drawing")["object"] == crate.get("#run/passing")["result"]
    assert [one.id for one in crate.root_dataset["mentions"]] == ["#run/passing", "#run/drawing"]


def test_the_release_says_who_made_it_what_may_be_done_with_it_and_of_which_commit_it_is(packed, built):
    crate = ROCrate(packed)
    root = crate.root_dataset
    ada, others = root["author"]
    assert (ada.id, ada.type, ada["name"]) == (CITATION["authors"][0]["orcid"], "Person", "Ada Lovelace")
    assert (others.type, others["name"]) == ("Organization", "The others")
    assert (root["name"], root["version"], root["datePublished"]) == (CITATION["title"], "1.0", "2024-02-03")
    assert root["license"].id == "LICENSE"
    assert root["conformsTo"].id == "https://w3id.org/ro/wfrun/process/0.5"
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=built.tree.root, text=True)
    assert root["identifier"] == f"swh:1:rev:{head.strip()}"
    code = crate.get("_experiments/gradlab/")
    assert "SoftwareSourceCode" in code.type
    assert code["license"].id == "https://spdx.org/licenses/MIT"
    post = crate.get("_posts/2024-01-02-sums.md")
    assert (post["name"], post["author"]["name"]) == ("Sums", "Site Author")
    executed = [f"_experiments/executed/{run}.ipynb" for run in ("passing", "drawing")]
    assert [one.id for one in post["isBasedOn"]] == executed


def test_whatever_is_referred_to_is_there_and_is_what_its_digest_says(packed):
    with zipfile.ZipFile(packed) as archive:
        graph = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
        known = {entity["@id"]: entity for entity in graph}
        assert len(known) == len(graph)
        files = [entity for entity in graph if "File" in entity["@type"]]
        assert len(files) >= 8
        for entity in files:
            content = archive.read(entity["@id"])
            digest, size = hashlib.sha256(content).hexdigest(), str(len(content))
            assert (entity["sha256"], entity["contentSize"]) == (digest, size)
        referred = json.dumps(graph).split('{"@id": "')[1:]
        outside = {one.partition('"')[0] for one in referred if '"}' in one[:200]} - known.keys()
        assert {one for one in outside if not one.startswith("https://w3id.org/ro/crate/")} == set()


def test_the_archive_has_the_files_of_the_tag_whatever_became_of_the_tree(site):
    wanted = subprocess.check_output(["git", "ls-files", "-z"], cwd=site.tree.root, text=True)
    (site.tree.root / "LICENSE").write_text("edited\n")
    (site.tree.root / "build it").unlink()
    with zipfile.ZipFile(pack(site, "v1.0")) as packed:
        names = sorted(one for one in packed.namelist() if not one.endswith("/"))
        assert names == sorted([*wanted.split("\0")[:-1], "ro-crate-metadata.json"])
        assert packed.read("LICENSE") == b"MIT, but for the moons\n"
        assert packed.getinfo("build it").external_attr >> 16 & 0o777 == 0o755


def test_one_tag_gives_the_same_bytes_anywhere(packed, built, monkeypatch, tmp_path):
    first = packed.read_bytes()
    clone = TinySite(Tree(tmp_path / "clone"))
    subprocess.run(["git", "clone", "-q", built.tree.root, clone.tree.root], check=True)
    subprocess.run(["git", "config", "core.autocrlf", "true"], cwd=clone.tree.root, check=True)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    before = os.umask(0o077)
    try:
        assert pack(clone).read_bytes() == first
    finally:
        os.umask(before)


def test_the_newest_tag_at_head_is_packed(site):
    cite(site, version="10.0")
    commit(site, "v9.0")
    subprocess.run(["git", "tag", "v10.0"], cwd=site.tree.root, check=True)
    assert pack(site).name == "tiny-v10.0.crate.zip"


def test_the_name_of_a_tag_makes_no_folder(site):
    subprocess.run(["git", "tag", "rc/1"], cwd=site.tree.root, check=True)
    assert pack(site, "rc/1").name == "tiny-rc-1.crate.zip"


def test_an_unknown_tag_is_answered_with_the_nearest_three(site, capsys):
    for tag in ("v1.1", "v2.0", "v3.0"):
        subprocess.run(["git", "tag", tag], cwd=site.tree.root, check=True)
    said = refused(site, capsys, "v1.2")
    assert "'v1.2' is no tag of copy; nearest of 4: v1.0, v1.1, v2.0" in said


def test_a_commit_without_a_tag_is_not_packed(site, capsys):
    (site.tree.root / "LICENSE").write_text("more\n")
    commit(site, "v1.1")
    subprocess.run(["git", "tag", "-d", "v1.1"], cwd=site.tree.root, check=True, capture_output=True)
    assert "no tag stands at HEAD: TAG=... names another (newest: v1.0)" in refused(site, capsys)


def test_a_tag_with_a_stale_run_is_refused_though_the_tree_is_mended(site, capsys):
    module = site.tree.experiments / "gradlab" / "known.py"
    module.write_text("import math\n" + KNOWS)
    commit(site, "slip")
    module.write_text(KNOWS)
    said = refused(site, capsys, "slip")
    late = "error: slip: 1 of 3 runs are not fresh, or off pin:\npassing: stale: gradlab/known.py changed; "
    assert said.startswith(late)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"authors": None}, "v1.1: CITATION.cff: Object missing required field `authors`"),
        ({"authors": ["Ada"]}, "v1.1: CITATION.cff: Expected `object`, got `str` - at `$.authors[0]`"),
        ({"version": "1.0.1"}, "v1.1: CITATION.cff: version is 1.0.1, not that of the tag"),
        ({"date-released": "soon"}, "CITATION.cff: Invalid RFC3339 encoded date - at `$.date-released`"),
    ],
)
def test_a_citation_file_that_does_not_go_with_the_tag_is_refused(site, capsys, changes, said):
    cite(site, **{"version": "1.1"} | changes)
    commit(site, "v1.1")
    assert said in refused(site, capsys)


@pytest.mark.parametrize("name", ["CITATION.cff", "LICENSE"])
def test_a_file_that_every_release_has_is_missed(site, capsys, name):
    (site.tree.root / name).unlink()
    commit(site, "final")
    assert f"{name}: there is no such file" in refused(site, capsys)


def test_it_is_said_what_installs_the_library(site, capsys, monkeypatch):
    has: Callable[[str], bool] = machine.has
    monkeypatch.setattr(machine, "has", lambda name: name != "rocrate" and has(name))
    assert "rocrate is not installed: make archive installs it" in refused(site, capsys)


def test_a_tree_that_came_out_of_an_archive_can_be_packed_again(site):
    (site.tree.root / "ro-crate-metadata.json").write_text("{}")
    commit(site, "again")
    with zipfile.ZipFile(pack(site)) as packed:
        assert packed.namelist().count("ro-crate-metadata.json") == 1
        assert b"CreateAction" in packed.read("ro-crate-metadata.json")


def test_what_git_cannot_pack_leaves_the_last_archive(site):
    made = pack(site)
    with pytest.raises(BuildError, match=f"{made}: fatal: .*nonsense"):
        history.pack(site.tree.root, "nonsense", site.tree.root / "LICENSE", made)
    assert zipfile.is_zipfile(made)
    assert [*made.parent.iterdir()] == [made]
