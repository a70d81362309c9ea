"""Versions: what tags hold, rendered below ``/v/``, so that what was cited is found again.

The press of today renders the posts, figures and executed notebooks that were committed then; nothing is
written or computed anew. The press of the tag would need packages, and one day a Python, that are not to be
had any more, while posts (of al-folio) and notebooks (of Jupyter) have formats that outlive presses.
"""

import contextlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from site_builder import history, yaml_text
from site_builder.errors import BuildError, PostError
from site_builder.files import digest
from site_builder.harvest import harvest
from site_builder.memo import PRESS_LOADED
from site_builder.model import Harvest, Resource, Run, Site, Tree
from site_builder.post import addresses, sidecar
from site_builder.post.sidecar import Sidecar
from site_builder.render import articles, pages
from site_builder.render.version import Version

_TAG = re.compile(r"v(\d[\w.-]*)", re.ASCII)
_LISTS = ("index", "series", "claims", "runs", "tags")
_OF_THE_PRESS = ("css", "js", "icons")


def tagged(tree: Tree, site: Site, pages: Sequence[str] = ()) -> list[Version]:
    """The versions of which there are tags ``v<name>``, the newest last; ``pages`` are those of today."""
    found = []
    for tag, day in history.tags(tree.root).items():
        if match := _TAG.fullmatch(tag):
            commit = history.commit(tree.root, f"refs/tags/{tag}")
            with tempfile.TemporaryDirectory() as place:
                old = Tree(Path(place))
                history.lay_out(tree.root, commit, ["assets/values"], old.root)
                posts = tuple((one.file, one.version) for one in _sidecars(old))
            found.append(Version(match[1], day, commit, posts, site, pages))
    return found


def bring(
    tree: Tree, site: Site, runs: Mapping[str, Harvest], wanted: bool, told: Callable[[str], None]
) -> dict[Version, Path]:
    """Each version with the folder of its pages; those not rendered yet are.

    None if they are not ``wanted`` and never were: each takes as long as a site from nothing. ``told`` hears
    what a version lacks. Raises ``BuildError`` with the tag of a version that cannot be rendered.
    """
    place = tree.cache / "versions"
    if not wanted and not place.is_dir():
        return {}
    place.mkdir(parents=True, exist_ok=True)
    posts = [articles.read_post(path, site) for path in sorted(tree.posts.glob("*.md"))]
    now = [addresses.page(post.date, post.slug) for post in posts]
    now += [f"runs/{run}.html" for run in runs] + [f"{name}.html" for name in _LISTS]
    kept = {
        one: place / f"{one.name}-{digest(repr((PRESS_LOADED, one)))}"
        for one in tagged(tree, site, tuple(now))
    }
    if wanted and not kept:
        told("there is no version: cut one with git tag -a v1.0")
    for version, folder in kept.items():
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(prefix="version-", dir=tree.cache) as beside:
                _render(tree, Tree(Path(beside)), version, told)
                Tree(Path(beside)).site.rename(folder)
    for folder in {*place.iterdir()} - {*kept.values()}:
        shutil.rmtree(folder)
    return kept


def _render(tree: Tree, old: Tree, version: Version, told: Callable[[str], None]) -> None:
    """Render the pages of a version, whose commit is laid out as the tree ``old``."""
    executed, register = (path.relative_to(old.root).as_posix() for path in (old.executed, old.register))
    history.lay_out(tree.root, version.commit, [executed, register], old.root)
    try:
        harvests = harvest.harvest_all(
            _runs(old), old, version.site, lambda line: told(f"v{version.name}: {line}")
        )
        # The figures of that day, over what the press of today makes of the notebooks.
        history.lay_out(tree.root, version.commit, ["_posts", "assets"], old.root)
        for name in _OF_THE_PRESS:
            shutil.rmtree(old.assets / name, ignore_errors=True)
        shown = list(_sidecars(old))
        pages.render_site(old, version.site, harvests, [], old.site, shown, version=version)
    except BuildError as fault:
        raise BuildError(f"v{version.name}: {fault}") from None


def _runs(old: Tree) -> Sequence[Run]:
    """What a register says of its runs; keys that the press of today would refuse are passed over."""
    listed = yaml_text.load(old.register.read_text(encoding="utf-8")) if old.register.is_file() else {}
    return [
        Run(
            id=key,
            notebook=old.experiments / entry.get("notebook", f"{key}.ipynb"),
            title=entry.get("title", key),
            parameters={},
            data=entry.get("data"),
            weights=tuple(entry.get("weights") or ()),
            time_limit=0,
            resource=Resource.ANY,
            executed=old.executed / f"{key}.ipynb",
            needs=tuple(entry.get("needs") or ()),
        )
        for key, entry in (listed.get("runs") or {}).items()
    ]


def _sidecars(old: Tree) -> Iterator[Sidecar]:
    """What the posts of a version show; one whose record cannot be read any more is shown without."""
    for path in sorted(sidecar.path(old.assets, "").parent.glob("*.json")):
        with contextlib.suppress(PostError):
            if found := sidecar.load(old.assets, path.stem):
                yield found
