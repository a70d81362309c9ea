"""What a post template can ask for. Each function takes what the author wrote and returns a mark, or
plain digits; everything it refuses names the template's line and the choices. Here are those that stand
in sentences; what a post shows with a number is in ``numbered``.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from site_builder.errors import choices
from site_builder.model import Claim, Harvest, Scalar, Value
from site_builder.post import citation, numbers, run_facts
from site_builder.verdict import Verdict
from site_builder.write import artifact_html, claim_records
from site_builder.write.draft import Draft, Sentence
from site_builder.write.editions import Edition
from site_builder.write.numbered import Exhibits
from site_builder.write.placeholders import Place

EXHIBITS = ("figure", "table", "listing", "source", "equation")
NAMES = (
    *(*EXHIBITS, "value", "number", "interval", "claim", "cite", "footnote", "aside", "ref", "provenance"),
    *("executed", "not_executed"),
)
"""What a template may call."""
_DENIALS = re.compile(
    r"\b(?:not|no|never|none|nor|neither|nobody|nothing|cannot|hardly|without|fails?|\w+n['’]t|"
    r"too (?:small|few|little))\b",
    re.IGNORECASE,
)


def _denial(words: str, statement: str) -> str | None:
    """A word in an author's words that denies, if the claim's own statement has none that does."""
    found = _DENIALS.search(words)
    return found[0] if found and not _DENIALS.search(statement) else None


class Functions:
    """The names of one post's template. ``work`` gives what is cited, ``edition`` what it shows and showed,
    and ``link`` a reference's HTML, all known only when the whole post is.
    """

    def __init__(
        self,
        draft: Draft,
        assets: Path,
        work: Callable[[], citation.Work],
        edition: Callable[[], Edition],
        link: Callable[[str, int], str],
    ) -> None:
        self.draft, self.edition, self.link = draft, edition, link
        self.executed = draft.executed
        self.exhibits = Exhibits(draft, assets, work)

    def names(self) -> dict[str, Callable[..., Any]]:
        """The functions by the names that templates call them."""
        own = {name: getattr(self.exhibits if name in EXHIBITS else self, name) for name in NAMES}
        return {name: self.draft.at_line(function) for name, function in own.items()}

    # -- numbers in sentences -------------------------------------------------------------------

    def value(self, run: str, name: str, format: str = "") -> str:
        """A published value in a sentence, with its origin."""
        item = self._value(run, name)
        shown = self._format(run, name, item.value, format, numbers.in_text)
        self.draft.used("value", run, name, {format: shown})
        return self.draft.mark(Place.INLINE, lambda: artifact_html.value(item, shown), shown)

    def number(self, run: str, name: str, format: str = "", end: str = "value") -> str:
        """A published value as digits, for a formula, a caption, an attribute or the front matter.

        Of its interval where ``end`` is "low" or "high".
        """
        item = self._value(run, name)
        ends = {"value": item.value, "low": item.low, "high": item.high}
        if end not in ends:
            self.draft.fail(f"a value has no end {end!r}; {choices(ends, end)}")
        digits = self._format(run, name, ends[end], format, numbers.in_formula)
        form = format if end == "value" else f"{end} {format}"
        self.draft.used("value", run, name, {form: numbers.in_text(ends[end], format)})
        return digits

    def interval(self, run: str, name: str, format: str = "") -> str:
        """The interval of a published value: "a to b"."""
        item = self._value(run, name)
        if item.low is None or item.high is None:
            with_one = [
                key for key, entry in self.draft.harvests[run].values.items() if entry.low is not None
            ]
            self.draft.fail(f"value {name!r} of run {run!r} has no interval; {choices(with_one, name)}")
        low, high = (self._format(run, name, end, format, numbers.in_text) for end in (item.low, item.high))
        shown = f"{low} to {high}"
        self.draft.used("interval", run, name, {format: shown})
        return self.draft.mark(Place.INLINE, lambda: artifact_html.value(item, shown), shown)

    def _value(self, run: str, name: str) -> Value:
        return self.draft.find(run, "value", name, self.draft.harvest(run).values)

    def _format(
        self, run: str, name: str, number: Scalar, spec: str, typeset: Callable[[Scalar, str], str]
    ) -> str:
        try:
            return typeset(number, spec)
        except numbers.NumberError as misfit:
            self.draft.fail(f"value {name!r} of run {run!r} {misfit}")

    # -- claims, citations, references ----------------------------------------------------------

    def claim(
        self,
        first: str,
        second: str | None = None,
        *,
        caller: Callable[[], str],
        finding: str = "holds",
    ) -> str:
        """The block ``[% claim run, "id" %]``: a sentence tied to its record, which it must agree with."""
        draft = self.draft
        record = self._claim(*((first, second) if second is not None else (None, first)))
        found = record.verdict
        said = next((verdict for verdict in Verdict if verdict == finding), None)
        if said is None:
            draft.fail(f"no finding {finding!r}; {choices(Verdict, finding)}")
        if said is not found:
            draft.fail(
                f"the sentence on claim {record.name!r} says {said.words!r}, but the record of "
                f"run {record.origin.run!r} says {found.words!r} (criterion: {record.criterion}): write what "
                f'was found, with finding="{found}"'
            )
        words = " ".join(caller().split())
        if found is Verdict.REFUTED and (denial := _denial(words, record.statement)):
            draft.fail(
                f"the words of claim {record.name!r} say {denial!r}, which the claim does not: a cross would "
                f"stand on a true sentence. Wrap the claim itself ({record.statement!r}), and say beside it "
                "that it is refuted"
            )
        claim_records.use(draft, record)
        identity, place = self._ids(record)
        opening = draft.mark(Place.INLINE, lambda: artifact_html.claim_start(found, identity))
        closing = draft.mark(Place.INLINE, lambda: artifact_html.claim_end(found, place))
        draft.sentences.append(Sentence(record, identity, place, draft.line, opening, closing))
        return opening + words + closing

    def _claim(self, run: str | None, name: str) -> Claim:
        draft = self.draft
        if run is not None:
            return draft.find(run, "claim", name, draft.harvest(run).claims)
        runs = [key for key, harvest in draft.shelf.harvests.items() if name in harvest.claims]
        if len(runs) > 1:
            draft.fail(f"claim {name!r} is published by several runs: name one first; {choices(runs, name)}")
        if not runs:
            every = {known for harvest in draft.shelf.harvests.values() for known in harvest.claims}
            draft.fail(f"no run published a claim {name!r}; {choices(every, name)}")
        return draft.harvest(runs[0]).claims[name]

    def _ids(self, record: Claim) -> tuple[str, str]:
        """The ids of a new sentence and of its record, which several sentences of one claim share."""
        same_name = [other for other in self.draft.sentences if other.claim.name == record.name]
        same = [other for other in same_name if other.claim.origin.run == record.origin.run]
        base = f"claim-{record.name}" + (f"-{record.origin.run}" if same_name and not same else "")
        base = same[0].id if same else base
        return (f"{base}-{len(same) + 1}" if same else base), f"{base}-record"

    def cite(self, *keys: str) -> str:
        """A citation of one or more entries of the reference file."""
        draft, known = self.draft, self.draft.shelf.references
        if not keys:
            draft.fail(f"cite() needs a key; {choices(known, '')}")
        for key in keys:
            if key not in known:
                draft.fail(f"no reference {key!r} in references.bib; {choices(known, key)}")
            draft.keys[key] = None
        return draft.mark(Place.INLINE, lambda: f'<d-cite key="{",".join(keys)}"></d-cite>')

    def footnote(self, html: str) -> str:
        """A footnote; its text is HTML, markdown is shown as it stands."""
        words = artifact_html.markup(" ".join(html.split()))
        return self.draft.mark(Place.INLINE, lambda: f"<d-footnote>{words}</d-footnote>")

    def aside(self, *, caller: Callable[[], str]) -> str:
        """The block ``[% aside %]``: words of markdown beside the paragraph before it, in the margin."""
        words = caller().strip()
        if not words:
            self.draft.fail("an aside needs words")
        # The themes know the element, and kramdown reads markdown in it where it is told to.
        opening, closing = (
            self.draft.mark(Place.BLOCK, lambda tag=tag: tag)  # type: ignore[misc]
            for tag in ('<aside markdown="1">', "</aside>")
        )
        return f"\n\n{opening}\n\n{words}\n\n{closing}\n\n"

    def ref(self, label: str) -> str:
        """A reference to a figure, table, listing, equation or section, here or in another post."""
        line = self.draft.line
        return self.draft.mark(Place.INLINE, lambda: self.link(label, line))

    def provenance(self, run: str) -> str:
        """The record of a run here instead of in the appendix."""
        harvest = self.draft.harvest(run)
        self.draft.placed.add(run)
        return self.draft.mark(Place.BLOCK, lambda: run_record(self.draft, harvest, self.edition()))

    def not_executed(self, run: str) -> str:
        """The box that says what a run needs that was never executed; nothing for one that was."""
        if self.draft.executed(run):
            return ""
        missing = self.draft.shelf.plans[run]
        wanted = run_facts.wanted(missing.run)
        box = artifact_html.block("not_executed", run=missing.run, state=missing.state, wanted=wanted)
        return self.draft.mark(Place.BLOCK, lambda: box)


def run_record(draft: Draft, harvest: Harvest, edition: Edition) -> str:
    """The record of a run with the values that the post prints."""
    run = harvest.run.id
    values = []
    for name, item in harvest.values.items():
        entry = draft.results.get(f"value {run}/{name}")
        if entry:
            forms = list(dict.fromkeys(entry["shown"].values()))
            values.append(artifact_html.value_row(item, forms, edition.before(run, name)))
    facts = run_facts.facts(harvest)
    return artifact_html.block("run_record", run=run, title=harvest.run.title, facts=facts, values=values)
