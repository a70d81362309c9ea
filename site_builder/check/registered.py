"""Whether the rule of a confirmatory claim stood in the register before the runs that decide it."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from site_builder import history, yaml_text
from site_builder.errors import CheckError
from site_builder.memo import Memo
from site_builder.model import Claim, Harvest, Tree


def refuse(tree: Tree, harvests: Mapping[str, Harvest]) -> None:
    """Raise ``CheckError`` for each claim that is called confirmatory and is not.

    Its rule must be among the parameters that its run was executed with, and in the register as it was
    committed last before the run, or one that it needs, was started. Where the history does not reach so far
    back, as in a shallow clone, the second is not looked at.
    """
    claims = [(harvest, claim) for harvest in harvests.values() for claim in harvest.claims.values()]
    asked = [(harvest, claim) for harvest, claim in claims if claim.registered]
    head = history.answer(tree.root, "rev-parse", "HEAD") if asked else ""
    memo = Memo(tree.cache)

    def register(moment: dt.datetime) -> Any:
        """The register before a moment, from before as long as nothing was committed."""
        stamp = f"{moment:%Y%m%d-%H%M%S}"
        return memo.get(f"register-before-{stamp}", (stamp, head), lambda: _register_before(tree, moment))

    problems = [
        f"{harvest.run.executed.name}: the claim {claim.name!r} is called confirmatory, but {problem}"
        for harvest, claim in asked
        for problem in _problems(harvests, harvest, claim, register)
    ]
    if problems:
        raise CheckError(problems)


def _problems(
    harvests: Mapping[str, Harvest], harvest: Harvest, claim: Claim, register: Callable[[dt.datetime], Any]
) -> Iterator[str]:
    rule = (harvest.record.parameters.get("rules") or {}).get(claim.name)
    if rule is None:
        yield f"the run's parameter 'rules' has no {claim.name!r}"
        return
    if rule.get("statement") != claim.statement or rule.get("effects") != [e.what for e in claim.effects]:
        yield "its statement or its effects are not those of the rule"
    starts = [harvests[run].record.started for run in harvest.run.needs if run in harvests]
    began = min([harvest.record.started, *starts])
    before = register(began)
    if before is not None and _rule(before, harvest.run.id, claim.name) != rule:
        yield f"the register committed before {began:%Y-%m-%d %H:%M} UTC has not this rule: it is exploratory"


def _register_before(tree: Tree, moment: dt.datetime) -> Any:
    """The register of the last commit before ``moment``; None if the history does not say."""
    path = tree.register.relative_to(tree.root).as_posix()
    commit = history.answer(
        tree.root, "log", "-1", "--format=%H", f"--before={moment.isoformat()}", "--", path
    )
    text = history.answer(tree.root, "show", f"{commit.strip()}:{path}") if commit else ""
    return yaml_text.load(text) if text else None


def _rule(register: Any, run: str, claim: str) -> Any:
    try:
        return register["runs"][run]["parameters"]["rules"][claim]
    except (KeyError, TypeError):
        return None
