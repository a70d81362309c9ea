"""The claims at the end of a post: a record for each that its text makes, a table of the others."""

import re

from markupsafe import Markup

from site_builder.model import Claim
from site_builder.post import sidecar
from site_builder.write import artifact_html, scope
from site_builder.write.draft import Draft
from site_builder.write.editions import Edition

_IN_BRACKETS = re.compile(r"(?P<claim>.+?) \((?P<scope>[^()]*(?:\([^()]*\)[^()]*)*)\)\.?", re.DOTALL)


def use(draft: Draft, claim: Claim) -> None:
    """Keep that the post shows a claim: its verdict, and what this rests on beside the numbers."""
    about = "; ".join(effect.what for effect in claim.effects)
    rule = f"{claim.criterion} Effects: {about}." if about else claim.criterion
    draft.used("claim", claim.origin.run, claim.name, {"": claim.verdict.words, sidecar.RULE: rule})


def use_others(draft: Draft) -> None:
    """Keep the claims of the post's runs on which no mark stands: a table shows them."""
    made = {(sentence.claim.origin.run, sentence.claim.name) for sentence in draft.sentences}
    for run, harvest in draft.harvests.items():
        for claim in harvest.claims.values():
            if (run, claim.name) not in made:
                draft.others.append(claim)
                use(draft, claim)


def records(draft: Draft, edition: Edition) -> list[str]:
    """The records of the claims that the text makes, in its order."""
    written = []
    for place in dict.fromkeys(sentence.record for sentence in draft.sentences):
        sentences = [sentence for sentence in draft.sentences if sentence.record == place]
        claim = sentences[0].claim
        harvest = draft.harvests[claim.origin.run]
        written.append(
            artifact_html.block(
                "claim_record",
                claim=claim,
                scope=scope.of_claim(draft, claim).words(),
                id=place,
                backs=[sentence.id for sentence in sentences],
                effects=artifact_html.effects(claim),
                rules=edition.rules_of(claim),
                notebook=harvest.run.notebook.name,
                digest=harvest.record.fingerprint.digest[:12],
                card=draft.codes.get((claim.origin.run, claim.origin.cell), ""),
            )
        )
    return written


def table(draft: Draft) -> str:
    """All other claims of the post's runs; nothing if there are none."""
    return artifact_html.block("claims_table", rows=[_row(draft, claim) for claim in draft.others])


def _row(draft: Draft, claim: Claim) -> tuple[Claim, str, str, list[tuple[str, Markup]]]:
    """A claim with its scope apart, which a statement has in brackets at its end or in its words."""
    parts = _IN_BRACKETS.fullmatch(claim.statement)
    statement = f"{parts['claim']}." if parts else claim.statement
    names = [name for name in scope.of_claim(draft, claim).names if name not in claim.statement]
    told = [", ".join(names), parts["scope"] if parts else ""]
    return claim, statement, "; ".join(filter(None, told)), artifact_html.effects(claim)
