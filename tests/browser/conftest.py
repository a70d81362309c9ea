"""The sites that browser tests look at: the fixture, and the project's own posts when there are any."""

import shutil
from pathlib import Path

import pytest
from tests.site_builder import pages_site

from site_builder.harvest import harvest
from site_builder.model import Tree
from site_builder.plan import register
from site_builder.render.pages import render_site

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def fixture_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pages_site.lay_out(tmp_path_factory.mktemp("fixture")).render()


@pytest.fixture(scope="session", params=["fixture", "own"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "fixture":
        return Path(request.getfixturevalue("fixture_site"))
    if not list((ROOT / "_posts").glob("*.md")):
        pytest.skip("the project has no posts yet")
    return _own(tmp_path_factory.mktemp("own"))


def _own(root: Path) -> Path:
    """The project's posts and executed notebooks, rendered from a copy so that nothing is touched."""
    for folder in ("_posts", "assets"):
        shutil.copytree(ROOT / folder, root / folder)
    leave = shutil.ignore_patterns("checkpoints", "__pycache__")
    shutil.copytree(ROOT / "_experiments", root / "_experiments", ignore=leave)
    # Weights are only looked for by name, so links do.
    (root / "_experiments" / "checkpoints").symlink_to(ROOT / "_experiments" / "checkpoints")
    shutil.copy(ROOT / "site.yaml", root)
    tree = Tree(root)
    loaded = register.load(tree)
    found = harvest.harvest_all(loaded.runs.values(), tree, loaded.site)
    render_site(tree, loaded.site, found, [], tree.site)
    return tree.site
