"""What a post published, and what changed between its versions.

A post's sidecar (:mod:`site_builder.post.sidecar`) keeps what it shows of each result, and the fingerprints
of its runs; ``assets/changelog/<slug>.json`` grows by an entry when a build shows something else than the one
before. Both are committed, and a build that changes no result leaves both as they are.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typing_extensions import TypedDict

from site_builder import files
from site_builder.errors import PostError
from site_builder.model import Claim, Harvest, RunPlan, State
from site_builder.plan import fingerprint
from site_builder.post import sidecar

_Entry = TypedDict("_Entry", {"date": str, "from": str, "to": str, "changes": list[dict[str, str]]})


@dataclass(frozen=True)
class Edition:
    """A post's results in one version, with the runs they are from, and the changelog that leads to it."""

    version: str
    runs: Mapping[str, Any]
    results: Mapping[str, Any]
    changes: tuple[_Entry, ...]
    news: tuple[str, ...]

    def rules_of(self, claim: Claim) -> list[tuple[str, str]]:
        """The days on which the rule of a claim was changed, and the rule with its verdict before."""
        what = _rule_of(f"claim {claim.origin.run}/{claim.name}")
        return [
            (entry["date"], change["old"])
            for entry in self.changes
            for change in entry["changes"]
            if change["what"] == what
        ]

    def before(self, run: str, name: str) -> list[dict[str, str]]:
        """What a value and its interval were shown as before they changed last: "what" was "old" until the
        version "to" of a "date".
        """
        names = {f"value {run}/{name}": "was", f"interval {run}/{name}": "interval was"}
        last = {
            change["what"]: {
                "what": names[change["what"]],
                "old": change["old"],
                "to": entry["to"],
                "date": entry["date"],
            }
            for entry in self.changes
            for change in entry["changes"]
            if change["what"] in names
        }
        return [last[name] for name in names if name in last]


def changes_path(assets: Path, slug: str) -> Path:
    """Where a post's changelog is kept."""
    return assets / "changelog" / f"{slug}.json"


def edition(
    assets: Path,
    slug: str,
    results: Mapping[str, Mapping[str, Any]],
    harvests: Mapping[str, Harvest],
    plans: Mapping[str, RunPlan],
) -> Edition:
    """The version that ``results`` make, compared with the one on record. Nothing is written.

    ``news`` says in one line each what changed since, for the terminal.
    """
    old = sidecar.load(assets, slug)
    changes = files.read_kept(changes_path(assets, slug), list[_Entry], PostError) or []
    if old and changes and changes[-1]["from"] == old.version:
        # The build that wrote it was killed before the sidecar, which is what stands: it is found again.
        changes = changes[:-1]
    shown = {name: result["shown"] for name, result in results.items()}
    version = files.digest(json.dumps(shown, sort_keys=True), 10)
    runs = {
        run: {
            "executed": harvest.record.started.isoformat(),
            "fingerprint": harvest.record.fingerprint.digest,
            "parts": dict(sorted(harvest.record.fingerprint.parts.items())),
        }
        for run, harvest in sorted(harvests.items())
    }
    found = _differences(old, runs, results, plans) if old else []
    if old and found:
        day = max(harvest.record.started for harvest in harvests.values()).date().isoformat()
        entry: _Entry = {"date": day, "from": old.version, "to": version, "changes": found}
        changes = [*changes, entry]
    news = tuple(f"{slug}: {c['what']}: {c['old']} → {c['new']} ({c['cause']})" for c in found)
    return Edition(version, runs, results, tuple(changes), news)


def _differences(
    old: sidecar.Sidecar, runs: Mapping[str, Any], results: Mapping[str, Any], plans: Mapping[str, RunPlan]
) -> list[dict[str, str]]:
    """Results that both versions show in the same form, but not alike."""
    found = []
    for name, result in results.items():
        before = old.results[name]["shown"] if name in old.results else {}
        moved = [form for form, shown in result["shown"].items() if before.get(form, shown) != shown]
        if sidecar.RULE in moved:  # said with the verdicts, whether they changed or not
            both = (before, result["shown"])
            old_rule, rule = (f"{one[sidecar.RULE]} ({one.get('', '?')})" for one in both)
            cause = "the rule itself was changed"
            found.append({"what": _rule_of(name), "old": old_rule, "new": rule, "cause": cause})
        elif moved:
            cause = _cause(result["run"], old.runs, runs, plans)
            form = min(moved, key=lambda form: form.startswith(sidecar.ENDS))
            end = f"the {form.partition(' ')[0]} end of " if form.startswith(sidecar.ENDS) else ""
            shown = result["shown"][form]
            found.append({"what": end + name, "old": before[form], "new": shown, "cause": cause})
    return found


def _rule_of(result: str) -> str:
    return f"the rule of {result}"


def _cause(run: str, old: Mapping[str, Any], new: Mapping[str, Any], plans: Mapping[str, RunPlan]) -> str:
    before, after = old.get(run, {}).get("parts", {}), new[run]["parts"]
    if before and (causes := fingerprint.differences(before, after)):
        return "; ".join(causes)
    if run in plans and plans[run].state is not State.FRESH and plans[run].reasons:
        return "; ".join(plans[run].reasons)
    if old.get(run, {}).get("executed") != new[run]["executed"]:
        return "executed again with the same inputs"
    return "the executed notebook or the press changed"
