"""What every post ends with: its claims, how it was made, how to cite it, and its versions."""

from collections.abc import Mapping
from typing import Any

from site_builder.post import citation
from site_builder.write import artifact_html, claim_records
from site_builder.write.draft import Draft
from site_builder.write.editions import Edition
from site_builder.write.in_sentences import run_record
from site_builder.write.prose import Prose

KEY = (
    "A mark stands behind the words of a claim and leads to its record here: ✓ the claim holds, ✗ the "
    "opposite is established, ? it is undecided, ○ it was not tested here. A claim is confirmatory if its "
    "rule was registered before the run that decides it, and exploratory otherwise."
)
OTHERS = "The other claims of the runs that this post shows. Each was decided by the rule in its cell."


def sections(draft: Draft, prose: Prose, edition: Edition, work: citation.Work) -> list[str]:
    """Claims, runs, how to cite and versions, each under its heading; what is empty is left out."""
    sections: list[str] = []
    if draft.sentences or draft.others:
        sections.append("## Claims of this post {#claims}")
    if draft.sentences:
        sections += [KEY, *claim_records.records(draft, edition)]
    if draft.others:
        sections += [OTHERS, claim_records.table(draft)]
    missing = [harvest for run, harvest in draft.harvests.items() if run not in draft.placed]
    if missing:
        if all(heading.id != "provenance" for heading in prose.headings):
            sections.append("## How this was made {#provenance}")
        sections += [run_record(draft, harvest, edition) for harvest in missing]
    entry, sentence = citation.bibtex(work), citation.sentence(work)
    sections += [
        "## Cite this post {#cite}",
        artifact_html.block("cite_post", sentence=sentence, bibtex=entry),
    ]
    if edition.changes:
        log = artifact_html.block("changes", entries=[_typeset(entry) for entry in edition.changes])
        sections += ["## Versions {#versions}", log]
    return sections


def _typeset(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A changelog entry for the page. What was shown is HTML already, a rule is a notebook's text."""
    changes = [
        {**change, **{end: artifact_html.kept_number(change[end]) for end in ("old", "new")}}
        for change in entry["changes"]
    ]
    return {**entry, "changes": changes}
