"""A build that repeats no work gives what a build from nothing gives, whatever was edited before it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.site_builder import tiny_site
from tests.site_builder.tiny_site import TinySite, snapshot, value

from site_builder import build
from site_builder.errors import BuildError
from site_builder.memo import Memo
from site_builder.model import Tree
from site_builder.write import posts

SENTENCES = (
    "The sum is [[ value('overview', 'total', '.1f') ]].",
    "Nothing is measured here, and $$a^2$$ is a formula.",
    "As was said[[ cite('first') ]].",
    "More of it is in [[ ref('eq-a') ]].",
    "[[ provenance('refuting') ]]",
    "[[ value('refuting', 'other', '.2f') ]] is another number.",
    "[% include 'parts/words.j2' %]",
    "A mistake: [[ value('overview', 'nothing', '.1f') ]].",
)
EQUATION = '\n\n[[ equation("eq-a", "E = m c^2") ]]\n'
SLUGS = ("one", "two", "three")
Edit = Callable[[TinySite], None]


def template(site: TinySite, slug: str) -> Path:
    return site.tree.post_templates / f"2024-01-0{SLUGS.index(slug) + 1}-{slug}.md.j2"


def references(title: str) -> str:
    return f"@article{{first,\n title = {{{title}}},\n author = {{Ada Lovelace}},\n year = {{1843}},\n}}\n"


@dataclass(frozen=True)
class Written:
    """A post of these sentences."""

    slug: str
    title: str
    sentences: tuple[str, ...]
    equation: bool

    def __call__(self, site: TinySite) -> None:
        text = "\n\n".join(self.sentences) + (EQUATION if self.equation else "")
        head = f'layout: distill\ntitle: "{self.title}"\ndescription: "About {self.slug}."'
        day = template(site, self.slug).name[:10]
        template(site, self.slug).write_text(f"---\n{head}\ndate: {day}\n---\n\n{text}\n")


@dataclass(frozen=True)
class Removed:
    slug: str

    def __call__(self, site: TinySite) -> None:
        template(site, self.slug).unlink(missing_ok=True)


@dataclass(frozen=True)
class Executed:
    """A run with another result."""

    run: str
    name: str
    number: float

    def __call__(self, site: TinySite) -> None:
        site.pretend(self.run, value(self.name, self.number))


@dataclass(frozen=True)
class Cited:
    title: str

    def __call__(self, site: TinySite) -> None:
        (site.tree.root / "templates" / "references.bib").write_text(references(self.title))


@dataclass(frozen=True)
class Titled:
    """Another title of the whole site."""

    title: str

    def __call__(self, site: TinySite) -> None:
        path = site.tree.root / "site.yaml"
        lines = [line for line in path.read_text().splitlines() if not line.startswith("title:")]
        path.write_text("\n".join([*lines, f"title: {self.title}"]) + "\n")


@dataclass(frozen=True)
class OwnPage:
    """A page template of the site's own, or none."""

    words: str

    def __call__(self, site: TinySite) -> None:
        own = site.tree.page_templates / "404.html.j2"
        own.parent.mkdir(exist_ok=True)
        own.write_text(
            f"<!doctype html>\n<p>{self.words} {{{{ title }}}}</p>\n"
        ) if self.words else own.unlink(missing_ok=True)


@dataclass(frozen=True)
class Named:
    """Another title of a run."""

    title: str

    def __call__(self, site: TinySite) -> None:
        site.register(overview={"title": self.title}, refuting={})


@dataclass(frozen=True)
class Included:
    """What posts include."""

    words: str

    def __call__(self, site: TinySite) -> None:
        parts = site.tree.post_templates / "parts"
        parts.mkdir(exist_ok=True)
        (parts / "words.j2").write_text(f"Included: {self.words}.")


@dataclass(frozen=True)
class ByHand:
    """A post that no template makes, of some day."""

    day: int

    def __call__(self, site: TinySite) -> None:
        site.tree.posts.mkdir(exist_ok=True)
        for old in site.tree.posts.glob("*-hand.md"):
            old.unlink()
        head = "layout: distill\ntitle: By hand\ndescription: Of a person."
        (site.tree.posts / f"2024-03-0{self.day}-hand.md").write_text(f"---\n{head}\n---\n\nWords.\n")


@dataclass(frozen=True)
class Touched:
    """Somebody changes or deletes what a build wrote."""

    slug: str
    gone: bool

    def __call__(self, site: TinySite) -> None:
        for post in site.tree.posts.glob(f"*-{self.slug}.md"):
            if self.gone:
                post.unlink()
            else:
                post.write_text(post.read_text() + "\nBy hand.\n")


texts = st.sampled_from(("Sums", "Other sums", "A third"))
slugs = st.sampled_from(SLUGS)
sentences = st.lists(st.sampled_from(SENTENCES[:7]), min_size=1, max_size=4, unique=True).map(tuple)
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(Written, slugs, texts, sentences, st.booleans()),
    st.builds(Written, slugs, texts, st.just(SENTENCES[:1]), st.booleans()),
    st.builds(Written, slugs, texts, st.just(SENTENCES[7:]), st.just(False)),
    st.builds(Removed, slugs),
    st.builds(Executed, st.just("overview"), st.just("total"), st.sampled_from((1.0, 2.5))),
    st.builds(Executed, st.just("refuting"), st.just("other"), st.sampled_from((1.0, 2.5))),
    st.builds(Cited, texts),
    st.builds(Titled, texts),
    st.builds(OwnPage, st.sampled_from(("", "Lost", "Gone"))),
    st.builds(Named, texts),
    st.builds(Included, texts),
    st.builds(ByHand, st.sampled_from((1, 5))),
    st.builds(Touched, slugs, st.booleans()),
)


def laid_out(root: Path) -> TinySite:
    site = tiny_site.lay_out(root)
    site.register(overview={}, refuting={})
    site.post.unlink()
    for first in (
        Executed("overview", "total", 1.0), Executed("refuting", "other", 1.0),
        Cited("Notes"), Included("Notes"),
        Written("one", "Sums", SENTENCES[:3], True), Written("two", "Others", SENTENCES[3:4], False),
    ):  # fmt: skip
        first(site)
    return site


def built(tree: Tree) -> tuple[str, dict[str, bytes]]:
    """The words of an error, and every file that a build wrote or left."""
    try:
        assert build.build_site(tree, execute=False) == 0
        words = ""
    except BuildError as error:
        words = str(error).replace(str(tree.root), "")
    found = snapshot(tree.posts, tree.assets, *([] if words else [tree.site]))
    return words, {name.removeprefix(str(tree.root)): content for name, content in found.items()}


def from_nothing(tree: Tree, elsewhere: Path) -> Tree:
    """The same tree without anything that only saves time."""
    shutil.copytree(tree.root, elsewhere, ignore=shutil.ignore_patterns(".cache", "_site"))
    return Tree(elsewhere)


@settings(
    max_examples=12, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(st.lists(edits, min_size=1, max_size=5))
def test_whatever_was_edited(tmp_path_factory, edited):
    root = tmp_path_factory.mktemp("incremental")
    site = laid_out(root / "site")
    assert built(site.tree)[0] == ""
    for count, edit in enumerate(edited):
        edit(site)
        scratch = from_nothing(site.tree, root / f"scratch-{count}")
        assert built(site.tree) == built(scratch), edit


def test_a_second_build_composes_nothing_again(tmp_path, monkeypatch):
    site = laid_out(tmp_path / "site")
    assert built(site.tree)[0] == ""
    made = []
    keep = Memo.keep

    def counted(self: Memo, thing: str, read: object, result: object) -> None:
        made.append(thing)
        keep(self, thing, read, result)

    monkeypatch.setattr(Memo, "keep", counted)
    built(site.tree)
    assert made == []
    Written("two", "Others", (*SENTENCES[3:4], SENTENCES[1]), False)(site)
    built(site.tree)
    of_posts = {thing for thing in made if thing.startswith(("posts/", "articles/"))}
    assert of_posts == {"posts/2024-01-02-two.md.j2", "articles/2024-01-02-two.md"}
    assert not [thing for thing in made if thing.startswith(("harvest/", "pages/runs/", "refreshed/"))]


def test_what_is_saved_while_a_build_reads_it_is_seen_by_the_next(tmp_path, monkeypatch):
    site = laid_out(tmp_path / "site")
    first = Written("one", "Sums", ("Old words.",), True)
    first(site)
    draft = posts._Press._draft

    def slow(self: posts._Press, path: Path) -> posts._Post:
        drafted = draft(self, path)
        if path == template(site, "one"):
            replace(first, sentences=("New words.",))(site)
        return drafted

    monkeypatch.setattr(posts._Press, "_draft", slow)
    built(site.tree)
    monkeypatch.undo()
    built(site.tree)
    assert "New words." in (site.tree.posts / "2024-01-01-one.md").read_text()


def test_what_cannot_be_read_is_made_again(tmp_path):
    memo = Memo(tmp_path)
    assert memo.get("a/thing", [1], lambda: "one") == "one"
    assert memo.get("a/thing", [1], lambda: "two") == "one"
    assert memo.get("a/thing", [2], lambda: "two") == "two"
    (path,) = (path for path in tmp_path.rglob("thing") if path.is_file())
    path.write_bytes(path.read_bytes()[:20])
    assert memo.get("a/thing", [2], lambda: "three") == "three"


def test_a_disk_that_takes_no_more_costs_time_only(tmp_path, monkeypatch):
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    memo = Memo(tmp_path)
    assert [memo.get("thing", 1, lambda: 5), memo.find("thing", 1)] == [5, None]


pytestmark = pytest.mark.filterwarnings("ignore")
