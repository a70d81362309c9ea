"""The ledger: every claim of the site with its state, its run, and the sentences that make it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from site_builder.model import Claim, Harvest
from site_builder.post import numbers
from site_builder.post.sidecar import MadeClaim
from site_builder.render.articles import Article


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
    return [entry for entry in ledger if any(_is_of(entry.claim, made) for made in article.claims)]


def _sentences(claim: Claim, articles: Sequence[Article]) -> list[tuple[str, str]]:
    return [
        (f"{article.page}#{sentence}", article.post.title)
        for article in articles
        for made in article.claims
        if _is_of(claim, made)
        for sentence in made.sentences
    ]


def _is_of(claim: Claim, made: MadeClaim) -> bool:
    return (made.run, made.name) == (claim.origin.run, claim.name)
