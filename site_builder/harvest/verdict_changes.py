"""Claims between builds: what was found last time, and which verdicts are different now."""

import json
from collections.abc import Mapping

from site_builder.files import write_if_changed
from site_builder.model import Harvest, Tree


def changes(tree: Tree, harvests: Mapping[str, Harvest]) -> list[str]:
    """A line for each claim whose verdict changed since :func:`remember`, as "claim: holds → refuted"."""
    path = tree.cache / "claims.json"
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    now = _verdicts(harvests)
    return [
        f"{name.partition('/')[2]}: {before[name]} → {now[name]} (run {name.partition('/')[0]})"
        for name in sorted(before.keys() & now.keys())
        if before[name] != now[name]
    ]


def remember(tree: Tree, harvests: Mapping[str, Harvest]) -> None:
    """Keep the verdicts for the next build."""
    text = json.dumps(_verdicts(harvests), indent=1, sort_keys=True) + "\n"
    write_if_changed(tree.cache / "claims.json", text)


def _verdicts(harvests: Mapping[str, Harvest]) -> dict[str, str]:
    return {
        f"{run}/{name}": claim.verdict.words
        for run, harvest in harvests.items()
        for name, claim in harvest.claims.items()
    }
