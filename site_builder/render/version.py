"""A version of the site: what a tag holds, which stays below an address of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from site_builder.model import Site
from site_builder.post import addresses, citation
from site_builder.post.elements import Element, around, having
from site_builder.post.sidecar import Sidecar


@dataclass(frozen=True, eq=False)
class Version:
    """The tag ``v<name>``, made on ``day``, of a ``commit``. Its ``posts`` are files with the version of what
    each shows; ``newest`` is the site of today, which has these ``pages``.
    """

    name: str
    day: str
    commit: str
    posts: Sequence[tuple[str, str]]
    newest: Site
    pages: Sequence[str]

    @property
    def folder(self) -> str:
        """Where its pages are, below the root of the site."""
        return f"v/{self.name}/"

    @property
    def site(self) -> Site:
        """Its own site: that of today in all but the address."""
        return replace(self.newest, url=addresses.absolute(self.newest, self.folder).rstrip("/"))

    def now(self, page: str) -> str:
        """The page of today that a reader of ``page`` is led to: the same, or the list of posts."""
        return page if page in self.pages else "index.html"

    def canonical(self, page: str) -> str:
        """The address that search engines list: that of today's page, its own where there is none."""
        return addresses.absolute(self.newest if page in self.pages else self.site, page)


def holding(versions: Iterable[Version]) -> dict[tuple[str, str], Version]:
    """The version that has a post as it is, the newest of several: by file, and version of what is shown."""
    return {post: one for one in versions for post in one.posts}


def cite(body: Element, shown: Sidecar, stays: Version) -> None:
    """Let the citations of a post and of its figures name the address at which it ``stays`` as it is."""
    work = citation.work(stays.site, shown.slug, shown.date, shown.title, shown.authors, shown.version)
    names = {one.label: f"Figure {one.number}" for one in shown.figures}
    for entry in having(body, "pre", of_class="bibtex"):
        figure = around(entry, "figure")
        label = "" if figure is None else figure.get("id", "")
        next(entry.iter("code"), entry).text = citation.bibtex(work, names.get(label, ""), label)
    for place in having(body, "div", of_class="cite-post"):
        sentence = next(place.iter("p"))
        sentence.clear(keep_tail=True)
        sentence.text = citation.sentence(work)
