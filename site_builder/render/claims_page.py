"""The ledger: each claim with its state, its run, and the sentences that make it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from site_builder.model import Claim, Harvest
from site_builder.post import numbers
from site_builder.render.articles import Article


@dataclass(frozen=True)
class Entry:
    """A claim; ``sentences`` are addresses in posts, with the titles of these."""

    claim: Claim
    effects: tuple[tuple[str, str], ...]
    sentences: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        """The id of its row, unique over runs."""
        return f"{self.claim.origin.run}--{self.claim.name}"


def entries(harvests: Mapping[str, Harvest], articles: Sequence[Article]) -> list[Entry]:
    """Every claim of every run, in the order of the register."""
    places: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for article in articles:
        for made in article.claims:
            in_post = [(f"{article.page}#{sentence}", article.post.title) for sentence in made.sentences]
            places[made.run, made.name] += in_post
    return [
        Entry(
            claim,
            tuple((effect.what, numbers.effect(effect)) for effect in claim.effects),
            tuple(places[run, claim.name]),
        )
        for run, harvest in harvests.items()
        for claim in harvest.claims.values()
    ]


def of(article: Article, ledger: Sequence[Entry]) -> list[Entry]:
    """The claims that a post makes."""
    made = {(one.run, one.name) for one in article.claims}
    return [entry for entry in ledger if (entry.claim.origin.run, entry.claim.name) in made]
