"""Posts that an earlier build wrote, where neither what they read nor their files changed since."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from site_builder.files import digest
from site_builder.memo import Memo
from site_builder.model import RunPlan, Site, Tree
from site_builder.post import addresses
from site_builder.post.sidecar import Sidecar
from site_builder.states import folders, state
from site_builder.write import post_files


@dataclass(frozen=True)
class Surface:
    """What other posts may refer to: ``labels`` maps each to its name, such as "Figure 2"."""

    slug: str
    address: str
    title: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Written:
    """What is kept of a post that was written; ``elsewhere`` has what it found in others, by label."""

    file: str
    surface: Surface
    elsewhere: Mapping[str, list[Surface]]
    shown: Sidecar


class KeptPosts:
    """Written posts by their templates."""

    def __init__(self, tree: Tree, site: Site, plans: Mapping[str, RunPlan]) -> None:
        self._tree, self._site, self._plans = tree, site, list(plans.values())
        self._memo = Memo(tree.cache)
        self._states: dict[Path, str] = {}
        self._shared = self._all_may_read()

    def find(self, templates: Iterable[Path]) -> dict[Path, Written]:
        """Those of ``templates`` whose posts are as a build would write them now.

        Where their references lead has to be looked at: that is a matter of the other posts.
        """
        # Before anything is read: what is saved meanwhile is seen by the next build.
        self._states = {one: state(one) for one in templates}
        found = {one: self._memo.find(f"posts/{one.name}", self._read(one)) for one in self._states}
        return {template: kept for template, kept in found.items() if kept}

    def keep(self, written: Mapping[Path, Written]) -> None:
        """Keep what was written now."""
        for template, one in written.items():
            self._memo.keep(f"posts/{template.name}", self._read(template), one)

    def _all_may_read(self) -> str:
        """A digest of what every post may read, beside its template; what is written is seen in its files."""
        tree = self._tree
        others = {str(post) for post in tree.post_templates.glob("*.j2")}
        templates = state(tree.root / "templates", others)
        # A date of tomorrow is a mistake only today.
        today = dt.date.today()
        own = [self._site, self._plans, templates, state(tree.experiments), folders(tree.figures), today]
        return digest(repr(own))

    def _read(self, template: Path) -> list[object]:
        file = template.name.removesuffix(".j2")
        own = [self._tree.posts / file, *post_files.beside(self._tree, addresses.slug(Path(file)))]
        return [self._shared, self._states[template], *map(state, own)]
