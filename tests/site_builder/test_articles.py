import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from tests.site_builder import pages_site
from tests.site_builder.reading import slots_shown

from site_builder.errors import PageError
from site_builder.render import articles
from site_builder.render.articles import Article
from site_builder.render.mathematics import Typesetter

GOLDEN = Path(__file__).resolve().parent / "golden_pages" / "many-sums.html"


@pytest.fixture(scope="module")
def typesetter() -> Iterator[Typesetter]:
    with Typesetter() as opened:
        yield opened


def compose(root: Path, typesetter: Typesetter, name: str = "2026-01-05-many-sums.md") -> Article:
    made = pages_site.lay_out(root)
    post = articles.read_post(made.tree.posts / name, made.site)
    shown = pages_site.SHOWN if name.endswith(pages_site.SHOWN.file) else None
    return articles.compose(post, made.tree, made.site, made.harvests, typesetter, shown)


def readable(article: Article, typesetter: Typesetter) -> str:
    """An article for a person to compare: formulas as ⟨TeX⟩."""
    notes = "\n".join(f"{note.id}: {note.html}" for note in (*article.footnotes, *article.references))
    text = f"{article.body}\n<!-- appendix -->\n{article.appendix}\n<!-- notes -->\n{notes}\n"
    return typesetter.plain(slots_shown(text))


def test_golden_article(tmp_path: Path, typesetter: Typesetter) -> None:
    """To accept a change on purpose: delete the golden file, run this test once, read what it wrote."""
    found = readable(compose(tmp_path, typesetter), typesetter)
    if not GOLDEN.is_file():
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(found, encoding="utf-8")
        pytest.fail(f"there was no {GOLDEN.name}; it was written: read it and run again")
    assert found == GOLDEN.read_text(encoding="utf-8")


def test_what_an_article_knows(tmp_path: Path, typesetter: Typesetter) -> None:
    article = compose(tmp_path, typesetter)
    assert article.page == "blog/2026/many-sums/index.html"
    assert article.post.title == "What a sum of many “small” numbers hides"
    assert [author.affiliation for author in article.post.authors] == ["Institute of Sums"] * 2
    assert f"{article.updated}" == "2026-02-03"
    assert article.version == "a1b2c3d4"
    assert [(heading.id, heading.level) for heading in article.contents] == [
        ("many-against-few", 2),
        ("code", 3),
    ]
    assert [(claim.record, claim.sentences) for claim in article.claims] == [
        ("claim-grows-record", ("claim-grows",)),
        ("claim-linear-record", ("claim-linear",)),
        ("claim-heavy-record", ("claim-heavy",)),
    ]
    assert article.image == "assets/figures/toy-sums/fig-toy-growth.svg"
    assert article.dark_image == "assets/figures/toy-sums/fig-toy-growth.dark.svg"
    assert article.minutes == 1


def test_a_post_without_authors_is_the_sites(tmp_path: Path, typesetter: Typesetter) -> None:
    article = compose(tmp_path, typesetter, "2026-02-01-second-look.md")
    assert [author.name for author in article.post.authors] == ["Site Author"]
    assert article.updated == article.post.date
    assert article.version == ""
    assert article.appendix == ""


def test_code_keeps_its_blank_lines_braces_and_dollars(tmp_path: Path, typesetter: Typesetter) -> None:
    body = BeautifulSoup(compose(tmp_path, typesetter).body, "html.parser")
    listing = body.select_one("#lst-toy pre")
    assert listing is not None
    assert listing.get_text() == (
        "def total(n: int, seed: int = 0) -> float:\n"
        '    """Length of a sum; {{ braces }} and {% tags %} are code here."""\n'
        "    terms = generator(seed).normal(size=n)  # $x$ is no formula\n\n"
        "    return abs(terms.sum()) if n < 10_000 else math.nan"
    )


def test_only_runs_with_a_page_are_linked(tmp_path: Path, typesetter: Typesetter) -> None:
    made = pages_site.lay_out(tmp_path)
    post = articles.read_post(made.tree.posts / "2026-01-05-many-sums.md", made.site)
    article = articles.compose(post, made.tree, made.site, {}, typesetter)
    assert "runs/" not in article.body + article.appendix
    linked = articles.compose(post, made.tree, made.site, made.harvests, typesetter)
    value = BeautifulSoup(linked.body, "html.parser").select_one("[data-name=exponent]")
    assert value is not None
    assert (value.name, value["href"], value.get_text()) == (
        "a",
        "../../../runs/toy-sums.html#cell-5",
        "0.502",
    )


def test_first_picture_at_once_the_others_when_seen(tmp_path: Path, typesetter: Typesetter) -> None:
    body = BeautifulSoup(compose(tmp_path, typesetter).body, "html.parser")
    pictures = [
        (one["class"], one.img["loading"], one.img["width"], one.source["width"])
        for one in body.select("a.zoom > picture")
    ]
    assert pictures == [(["figure-light"], "eager", "672", "326"), (["figure-dark"], "lazy", "672", "326")]


def test_a_mistake_in_a_formula_is_told(tmp_path: Path, typesetter: Typesetter) -> None:
    shutil.copytree(pages_site.FIXTURES, tmp_path, dirs_exist_ok=True)
    made = pages_site.lay_out(tmp_path)
    path = made.tree.posts / "2026-02-01-second-look.md"
    text = path.read_text(encoding="utf-8").replace("$$E = mc^2$$", "$$E = \\mass c^2$$", 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PageError, match=r"Undefined control sequence: \\mass"):
        whole(path, made, typesetter)


def whole(path: Path, made: pages_site.FixtureSite, typesetter: Typesetter) -> str:
    """The body of a post with its formulas, read from its file."""
    post = articles.read_post(path, made.site)
    return typesetter.fill(articles.compose(post, made.tree, made.site, made.harvests, typesetter).body)


def test_no_line_ends_between_a_number_and_its_sign(tmp_path: Path, typesetter: Typesetter) -> None:
    made = pages_site.lay_out(tmp_path)
    path = made.tree.posts / "2026-01-01-hand.md"
    words = "A 95 % t interval, n = 12 and 0.1 ± 0.2; `n = 1`, not an 8 or $$n = 3$$."
    path.write_text(f"---\ntitle: Hand\ndescription: By hand.\n---\n\n{words}\n", encoding="utf-8")
    text = BeautifulSoup(whole(path, made, typesetter), "html.parser").get_text()
    assert "A 95\xa0%\xa0t interval, n\xa0=\xa012 and 0.1\xa0±\xa00.2; n = 1, not an 8 or" in text


@pytest.mark.parametrize(
    ("front", "tags", "updated"),
    [
        ("tags: deep learning", ("deep", "learning"), "2026-01-01"),
        ("tags: [deep learning, 2026]", ("deep learning", "2026"), "2026-01-01"),
        ("tags: 2026", ("2026",), "2026-01-01"),
        ("date:\nlast_updated: 2026-02-02 10:00:00", (), "2026-02-02"),
    ],
)
def test_front_matter_as_people_write_it(
    tmp_path: Path, typesetter: Typesetter, front: str, tags: tuple[str, ...], updated: str
) -> None:
    made = pages_site.lay_out(tmp_path)
    path = made.tree.posts / "2026-01-01-hand.md"
    path.write_text(f"---\ntitle: Hand\ndescription: By hand.\n{front}\n---\n\nText.\n", encoding="utf-8")
    post = articles.read_post(path, made.site)
    assert post.tags == tags
    assert f"{articles.compose(post, made.tree, made.site, (), typesetter).updated}" == updated
