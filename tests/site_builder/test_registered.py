"""A confirmatory claim: its rule was in the register before the runs that decide it."""

import datetime as dt
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from tests.site_builder.tiny_site import TinySite

from site_builder.check import registered
from site_builder.errors import CheckError
from site_builder.model import Claim, Harvest, Origin, Tree
from site_builder.verdict import Effect, Verdict

RULE = {"statement": "It rises.", "above": 0, "effects": ["slope"], "interval": "95 % interval"}
STARTED = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def git(root: Path, *arguments: str, day: str = "2026-02-01") -> None:
    date = f"{day}T12:00:00+0000"
    who = {f"GIT_{role}_{key}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    when = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, env=who | when | PATH)


PATH = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": "/nowhere"}


def commit(tree: Tree, rules: dict[str, object], day: str) -> None:
    """The register with these rules, committed on ``day``."""
    tree.register.parent.mkdir(exist_ok=True)
    runs = {"demo": {"notebook": "demo.ipynb", "parameters": {"rules": rules}}}
    tree.register.write_text(yaml.safe_dump({"runs": runs, "on": day}))
    git(tree.root, "add", ".", day=day)
    git(tree.root, "commit", "-m", "Register", day=day)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    git(tmp_path, "init")
    return Tree(tmp_path)


def harvest(tiny: TinySite, *, started: dt.datetime = STARTED, needs: tuple[str, ...] = ()) -> Harvest:
    tiny.pretend("passing")
    plan = tiny.plans()["passing"]
    assert plan.record is not None
    effects = (Effect("slope", 1.0, 0.5, 1.5, 10, None),)
    claim = Claim("rises", "It rises.", Verdict.HOLDS, effects, "it does", True, Origin("demo", 1, None, ""))
    record = replace(plan.record, parameters={"rules": {"rises": RULE}}, started=started)
    run = replace(plan.run, id="demo", needs=needs)
    return Harvest(run, record, {}, {}, {}, {}, {}, {"rises": claim})


def test_a_rule_that_was_committed_before_the_run(tree, tiny):
    commit(tree, {"rises": RULE}, "2026-02-01")
    commit(tree, {}, "2026-04-01")  # what becomes of it later does not matter
    registered.refuse(tree, {"demo": harvest(tiny)})


@pytest.mark.parametrize(
    "rules", [{}, {"rises": RULE | {"above": 1}}, {"rises": RULE | {"statement": "It falls."}}]
)
def test_a_rule_that_was_another_or_none_before_the_run(tree, tiny, rules):
    commit(tree, rules, "2026-02-01")
    commit(tree, {"rises": RULE}, "2026-03-02")
    with pytest.raises(CheckError, match="committed before 2026-03-01 12:00 UTC has not this rule"):
        registered.refuse(tree, {"demo": harvest(tiny)})


def test_the_runs_that_measured_count(tree, tiny):
    """A rule that was written when the measurements were known, and before they were judged."""
    commit(tree, {}, "2026-01-01")
    commit(tree, {"rises": RULE}, "2026-02-01")
    measured = harvest(tiny, started=STARTED - dt.timedelta(days=40))
    measured = replace(measured, claims={})
    with pytest.raises(CheckError, match="has not this rule"):
        registered.refuse(tree, {"measured": measured, "demo": harvest(tiny, needs=("measured",))})


def test_what_was_executed_without_the_rule(tree, tiny):
    commit(tree, {"rises": RULE}, "2026-02-01")
    found = harvest(tiny)
    found = replace(found, record=replace(found.record, parameters={}))
    with pytest.raises(CheckError, match="parameter 'rules' has no 'rises'"):
        registered.refuse(tree, {"demo": found})


def test_a_statement_that_is_not_the_registered_one(tree, tiny):
    commit(tree, {"rises": RULE}, "2026-02-01")
    found = harvest(tiny)
    found = replace(found, claims={"rises": replace(found.claims["rises"], statement="It soars.")})
    with pytest.raises(CheckError, match="its statement or its effects are not those of the rule"):
        registered.refuse(tree, {"demo": found})


def test_without_a_history_that_reaches_back_the_record_has_to_do(tmp_path, tree, tiny):
    commit(tree, {}, "2026-04-01")  # as in a shallow clone
    registered.refuse(tree, {"demo": harvest(tiny)})
    registered.refuse(Tree(tmp_path / "elsewhere"), {})
