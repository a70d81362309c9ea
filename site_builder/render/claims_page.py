"""The ledger: every claim of the site with its state, its run, and the sentences that make it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from site_builder.model import Claim, Harvest
from site_builder.post import numbers
from site_builder.render.articles import Article, Written


@dataclass(frozen=True)
class Entry:
    """A claim; ``sentences`` are addresses in posts, with the titles of these."""

    claim: Claim
    measured: tuple[tuple[str, str], ...]
    sentences: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        """The id of its row, unique over runs."""
        return f"{self.claim.origin.run}--{self.claim.name}"


def entries(harvests: Mapping[str, Harvest], articles: Sequence[Article]) -> list[Entry]:
    """Every claim of every run, in the order of the register."""
    return [
        Entry(
            claim,
            tuple((name, numbers.in_table(entry, "")) for name, entry in claim.measured.items()),
            tuple(_sentences(claim, articles)),
        )
        for harvest in harvests.values()
        for claim in harvest.claims.values()
    ]


def of(article: Article, ledger: Sequence[Entry]) -> list[Entry]:
    """The claims that a post makes."""
    return [entry for entry in ledger if any(_is_of(entry.claim, written) for written in article.claims)]


def _sentences(claim: Claim, articles: Sequence[Article]) -> list[tuple[str, str]]:
    return [
        (f"{article.page}#{sentence}", article.post.title)
        for article in articles
        for written in article.claims
        if _is_of(claim, written)
        for sentence in written.sentences
    ]


def _is_of(claim: Claim, written: Written) -> bool:
    """Whether a record in a post is that of ``claim``: its id has the claim's name, and may have its run."""
    run = claim.origin.run
    return written.run == run and written.record in (
        f"claim-{claim.name}-record",
        f"claim-{claim.name}-{run}-record",
    )
