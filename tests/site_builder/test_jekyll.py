"""Posts built by Jekyll itself: the safe forms survive it, and each post says what our page says.

``tests/jekyll`` is a small site whose distill layout treats a post as al-folio's does. One build, with
every case as a post of its own, serves nearly all tests; a second one has a base URL.
"""

import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser
from tests.site_builder import paper_site, reading
from tests.site_builder.alfolio_cases import CASES, Case, post

from site_builder.model import Origin, Table
from site_builder.notebook import captions
from site_builder.post import headings, numbers, rules
from site_builder.render import pages
from site_builder.write import artifact_html

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "jekyll" / "_sample" / "2020-01-01-sample.md"
POSTS = sorted((ROOT / "_posts").glob("*.md"))
BASES = {"root": "", "base": "/al-folio"}

ALIKE = (
    "这是**“重点”**的说明，**注意：**请看。日本語の**「強調」**です。*斜体。*文字",
    "换行的中文\n第二行。 **Note:**text and foo-_bar_ and a_b_c and _“c”_",
    "**a *b* c** and *a **b** c* and 2*3*4 and a * b and ** c ** and a ** b",
    "Term\n: Its meaning, **bold**.\n: Another.\n\nOther\n\n: A paragraph.",
    "- [ ] to do\n- [x] done\n- plain\n  - [X] below",
    "~~struck~~ and ==marked== and H~2~O and x^2^",
    "'90s rock, 5' 6\", it's \"so\" -- 'a' ... and \\\"b\\\"",
    "text {.cls} and [a](https://example.org){.x} and `b`{.y}",
    "Line one  \nline two\\\nline three\n\n* * *\n\n> quote\ncontinues",
    "<https://example.com/a_b_c> and https://example.com/x_y_z.",
    "1. a\n\n   more\n\n2. b\n\n- c\n  - d",
    "| a | b |\n|:-:|--:|\n| `x` | \\| |\n| 1 |",
)
"""Markdown that both readers take alike."""
_STRUCTURE = (
    "strong",
    "em",
    "dt",
    "dd",
    "li",
    "code",
    "a",
    "del",
    "s",
    "input",
    "th",
    "td",
    "br",
    "blockquote",
)
PLAIN = ("$5", "$10 to $20", "**x** *y*", "{{ site.title }} {% raw %}", "a|b", "a < b & c", "__init__", "`c`",
         "[a](b)", "me@example.org", "# 1", "<b>x</b>", "one\n\ntwo", "R$", ":x:", "{: .c}")  # fmt: skip
"""Entries of a table, which readers see as they are."""
CAPTION = (
    "Cost $5 and $10, $x_1 < y$, **bold**, *斜*体, `a_b $c$`, {{ x }}, a|b, <i>, __n__, [l](https://e.org) ✔"
)
CAPTION_SHOWN = "Cost $5 and $10, ∎ , bold, 斜体, a_b $c$, {{ x }}, a|b, <i>, __n__, l"


def _shown_data() -> str:
    """A post with a table of ``PLAIN``, in its head too, one formula, and ``CAPTION``."""
    origin = Origin("run", 1, "tbl-a", "code")
    item = Table("tbl-a", (*PLAIN, "$y^2$"), ((*PLAIN, "$z^2$"),), CAPTION, origin)
    card = {"notebook": "a.ipynb", "digest": "0", "card": "tbl-a", "shared_with": ""}
    caption = artifact_html.caption(captions.delimited(CAPTION))
    return artifact_html.block(
        "table",
        item=item, label="tbl-a", numbered="Table 1", width="l-body", caption=caption,
        **artifact_html.table(item, {}, ""), **card,
    )  # fmt: skip


pytestmark = [
    pytest.mark.jekyll,
    pytest.mark.skipif(shutil.which("jekyll") is None, reason="Debian's jekyll is not installed"),
]


@dataclass(frozen=True)
class Built:
    """Jekyll's sites by base URL, and ours, from the same posts."""

    theirs: Mapping[str, Path]
    ours: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Both builds of every case, the sample and every post of the project."""
    source = tmp_path_factory.mktemp("jekyll")
    shutil.copytree(ROOT / "tests" / "jekyll", source, dirs_exist_ok=True)
    tree = paper_site.build(source)
    for path in tree.posts.iterdir():
        path.unlink()
    for case in CASES:
        path = tree.posts / f"2020-01-01-case-{case.name}.md"
        path.write_text(post(case.safe), encoding="utf-8")
    for place, text in enumerate(ALIKE):
        (tree.posts / f"2020-01-01-alike-{place}.md").write_text(post(text), encoding="utf-8")
    (tree.posts / "2020-01-01-data.md").write_text(post(_shown_data()), encoding="utf-8")
    for path in (SAMPLE, *POSTS):
        shutil.copy(path, tree.posts)
    for path in (ROOT / "assets" / "bibliography").glob("*.bib"):
        shutil.copy(path, tree.bibliography)
    pictures = shutil.ignore_patterns("*.pdf", "*.csv")
    shutil.copytree(ROOT / "assets" / "figures", tree.figures, ignore=pictures, dirs_exist_ok=True)
    theirs = {}
    for name, base in BASES.items():
        theirs[name] = source / f"_jekyll_{name}"
        run = jekyll(source, theirs[name], base)
        assert run.returncode == 0, run.stderr
    pages.render_site(tree, paper_site.SITE, {}, [], tree.site)
    return Built(theirs, tree.site)


def jekyll(source: Path, destination: Path, base: str = "", *more: str) -> subprocess.CompletedProcess[str]:
    places = ["-b", base, "-s", str(source), "-d", str(destination), *more]
    command = ["jekyll", "build", "-q", "--disable-disk-cache", *places]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def page(folder: Path, slug: str, year: str = "2020") -> str:
    return (folder / "blog" / year / slug / "index.html").read_text(encoding="utf-8")


def article(text: str) -> str:
    return text.split("<article>", 1)[1].rsplit("</article>", 1)[0]


def test_the_sample_is_safe() -> None:
    assert {finding.problem for finding in rules.lint_post(SAMPLE.read_text(encoding="utf-8"), SAMPLE)} <= {
        "bibliography: cited.bib does not exist"
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_safe_form_survives_jekyll(case: Case, built: Built) -> None:
    text = article(page(built.theirs["root"], f"case-{case.name}"))
    for expected in case.expected:
        assert expected in text


@pytest.mark.parametrize("base", BASES)
def test_the_front_matter_is_json_and_the_contents_lead_to_headings(base: str, built: Built) -> None:
    text = page(built.theirs[base], "sample")
    front = json.loads(text.split('id="front-matter">', 1)[1].split("</script>", 1)[0])
    assert front["title"] == "A “quoted” title: one"
    assert front["published"] == "2020-01-01"
    assert [author["author"] for author in front["authors"]] == ["Ada", "C"]
    assert front["authors"][0]["affiliations"] == [{"name": "B", "url": "https://b.example"}]
    contents = re.findall(r'href="#([^"]+)"', text.split("<nav>", 1)[1].split("</nav>", 1)[0])
    assert contents == ["h-l-more", headings.slug("Über $$x$$ — _so_")]
    assert set(contents) <= set(re.findall(r'\bid="([^"]+)"', article(text)))
    assert f'data-src="{BASES[base]}/assets/bibliography/cited.bib"' in text


@pytest.mark.parametrize("place", range(len(ALIKE)))
def test_both_builds_read_markdown_alike(place: int, built: Built) -> None:
    path = Path(f"2020-01-01-alike-{place}.md")
    assert rules.lint_post(post(ALIKE[place]), path) == []
    theirs = BeautifulSoup(article(page(built.theirs["root"], f"alike-{place}")), "html.parser")
    ours = _body(built, f"alike-{place}")
    structures = [
        [
            ("del" if part.name == "s" else part.name, " ".join(part.get_text().split()))
            for part in whole.find_all(_STRUCTURE)
        ]
        for whole in (theirs, ours)
    ]
    assert structures[0] == structures[1]
    assert theirs.get_text().split() == ours.get_text().split()


def test_data_are_shown_as_they_are_and_captions_with_their_markup(built: Built) -> None:
    assert rules.lint_post(post(_shown_data()), Path("2020-01-01-data.md")) == []
    ours, theirs = _body(built, "data"), article(page(built.theirs["root"], "data"))
    for formula in ours.select(".formula[data-tex]"):
        formula.replace_with(" ∎ ")
    mathjax = BeautifulSoup(re.sub(r"\\\(.+?\\\)", " ∎ ", theirs), "html.parser")
    for whole in (ours, mathjax):
        for cells in (whole.select("th"), whole.select("td")):
            shown = [" ".join(cell.get_text().split()) for cell in cells]
            assert shown == [*(" ".join(entry.split()) for entry in PLAIN), "∎"]
        caption = whole.select_one("figcaption")
        assert caption is not None
        # Our pages hold a formula and what stands behind it together by a sign of no width.
        text = " ".join(caption.get_text().replace("\N{WORD JOINER}", "").split())
        assert text.startswith(f"Table 1. {CAPTION_SHOWN}")
        assert [part.get_text() for part in caption.select("strong, em, a[href^=https]")] == [
            "bold",
            "斜",
            "l",
        ]


def _body(built: Built, slug: str) -> Tag:
    body = BeautifulSoup(page(built.ours, slug), "html.parser").select_one("article .body")
    assert body is not None
    return body


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("name", [path.stem for path in (SAMPLE, *POSTS)])
def test_both_builds_say_the_same(name: str, base: str, built: Built) -> None:
    year, slug = name[:4], name[11:]
    theirs = reading.of_jekyll(article(page(built.theirs[base], slug, year)), BASES[base])
    ours = reading.of_ours((built.ours / "blog" / year / slug / "index.html").read_text(encoding="utf-8"))
    for part in ("words", "figures", "listings", "formulas", "citations", "footnotes"):
        assert getattr(ours, part) == getattr(theirs, part), part


def test_an_address_gets_the_base_url(built: Built) -> None:
    text = article(page(built.theirs["base"], "case-asset-root"))
    assert 'src="/al-folio/assets/a.png"' in text


def has_gem(name: str) -> bool:
    """Whether Ruby finds a library of Jekyll's."""
    command = ["ruby", "-e", f"require 'jekyll'; require '{name}'"]
    return shutil.which("ruby") is not None and subprocess.run(command, capture_output=True).returncode == 0


@pytest.mark.skipif(not has_gem("jekyll-feed"), reason="Debian's ruby-jekyll-feed is not installed")
def test_the_feed_of_an_al_folio_site_is_small_and_has_one_picture_a_post(
    built: Built, tmp_path: Path
) -> None:
    source = built.theirs["root"].parent
    (tmp_path / "feed.yml").write_text(
        "url: https://e.example\nplugins: [jekyll-feed]\nfeed: {posts_limit: 999}\n"
    )
    configuration = f"{source / '_config.yml'},{tmp_path / 'feed.yml'}"
    run = jekyll(source, tmp_path / "feed", "/base", "--config", configuration)
    assert run.returncode == 0, run.stderr
    atom, media = "{http://www.w3.org/2005/Atom}", "{http://search.yahoo.com/mrss/}"
    entries = ElementTree.parse(tmp_path / "feed" / "feed.xml").getroot().findall(f"{atom}entry")
    ours = {f"/{path.stem[11:]}/" for path in POSTS}
    found = [
        one
        for one in entries
        if any(str(link.get("href")).endswith(tuple(ours)) for link in one.iter(f"{atom}link"))
    ]
    assert len(found) == len(ours) > 0
    for entry in found:
        assert len(ElementTree.tostring(entry)) < 4_000
        assert entry.find(f"{atom}content") is None
        assert len(str(entry.findtext(f"{atom}summary"))) > 80
        (picture,) = entry.findall(f"{media}content")
        address = str(picture.get("url"))
        assert address.startswith("https://e.example/base/assets/figures/")
        assert (source / address.removeprefix("https://e.example/base/")).is_file()


BREAKS = {
    "output-in-fence": "f'{{ x }}'",
    "bare-tex": "\\(x\\)",
    "pipe-inline": "\\(|x|\\)",
    "pipe-norm-in-table": "\\(\\|x\\|\\)",
    "display-crowded": "\\[x\\]",
    "alone-in-item": "\\(x\\)",
    "cite-first": '<p><d-cite key="a"></d-cite> says',
    "single-dollar": "$a_{b}_c \\{ x'$",
    "angle": "a&lt;b and b&gt;c",
    "dunder": "__init__",
    "year-line": "<p>1986.",
    "table-crowded": "<table>",
    "heading": 'id="h-l-aggregation"',
}


def test_the_unsafe_forms_do_break(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "jekyll", tmp_path, dirs_exist_ok=True)
    (tmp_path / "_posts").mkdir()
    for case in CASES:
        if case.name in BREAKS:
            path = tmp_path / "_posts" / f"2020-01-01-{case.name}.md"
            path.write_text(post(f"Words.\n\n{case.unsafe}"), encoding="utf-8")
    assert jekyll(tmp_path, tmp_path / "_site").returncode == 0
    survived = {name for name, meant in BREAKS.items() if meant in article(page(tmp_path / "_site", name))}
    assert survived == set()


HOSTILE = (
    "[a](javascript:alert(1))",
    "![a](x){: onerror='alert(1)'}",
    '<img src=x onerror="alert(1)">',
    "<javascript:alert(1)>",
    "**a** `b` ~~c~~ __d__ *e*",
    "{{ site.title }} {% include x %}",
    "\\(\\href{javascript:alert(1)}{a}\\) $a$ $$b$$",
    "a | b",
    "one\n\n# two\n- three",
    'it\'s "so"',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_value_is_shown_as_it_is(text: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "jekyll", tmp_path, dirs_exist_ok=True)
    tree = paper_site.build(tmp_path)
    for path in tree.posts.iterdir():
        path.unlink()
    said = f'The text <span class="value">{numbers.in_text(text, "")}</span> ends.'
    (tree.posts / "2020-01-01-a.md").write_text(post(said), encoding="utf-8")
    assert jekyll(tmp_path, tmp_path / "_jekyll").returncode == 0
    pages.render_site(tree, paper_site.SITE, {}, [], tree.site)
    theirs = BeautifulSoup(article(page(tmp_path / "_jekyll", "a")), "html.parser")
    ours = BeautifulSoup(
        (tree.site / "blog/2020/a/index.html").read_text(encoding="utf-8"), "html.parser"
    ).select_one(".body")
    assert ours is not None
    for shown in (theirs, ours):
        value = shown.select_one(".value")
        assert value is not None
        assert value.get_text() == " ".join(text.split("\n")).replace("   ", " ").replace("  ", " ")
        assert {part.name for part in value.find_all()} <= {"span"}
        assert len(shown.find_all("p")) == 1


@pytest.mark.parametrize("name", ["unknown-tag", "include-figure", "raw-open"])
def test_some_unsafe_forms_stop_the_whole_site(name: str, tmp_path: Path) -> None:
    (case,) = [case for case in CASES if case.name == name]
    shutil.copytree(ROOT / "tests" / "jekyll", tmp_path, dirs_exist_ok=True)
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_posts" / "2020-01-01-a.md").write_text(post(case.unsafe), encoding="utf-8")
    assert jekyll(tmp_path, tmp_path / "_site").returncode != 0


WIDTHS = (390, 1440)
THEMES = ("new", "author")
BROWSER = ROOT / "tests" / "browser"
LOADED = """Promise.all([...document.images].map(image => {
  image.loading = "eager";
  return image.decode().catch(() => null);
}))"""


@pytest.fixture(scope="module")
def served(built: Built) -> Iterator[str]:
    """The address of Jekyll's site without a base URL."""
    handler = partial(_Quiet, directory=str(built.theirs["root"]))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [path.stem for path in POSTS])
def test_a_theme_shows_every_figure_whole(
    name: str, theme: str, scheme: str, served: str, browser: Browser
) -> None:
    page = browser.new_page()
    look, contrast = ((BROWSER / name).read_text(encoding="utf-8") for name in ("look.js", "contrast.js"))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{served}/blog/{name[:4]}/{name[11:]}/?theme={theme}&scheme={scheme}")
        page.evaluate(LOADED)
        seen = page.evaluate(look)
        assert seen["figures"] > 5
        assert seen["pictures"] == [f"figure-{scheme}"] * seen["figures"], width
        assert seen["sources"] == [width == WIDTHS[0]] * seen["figures"], width
        assert seen["narrow"] == [], width
        assert seen["cut"] == [], width
        assert seen["faint"] == [], width
        boxed = """parts => parts.map(part => getComputedStyle(part)).filter(
            style => style.backgroundColor !== "rgba(0, 0, 0, 0)" || style.padding !== "0px").length"""
        assert page.eval_on_selector_all("d-article details", boxed) == 0, "a theme's boxes"
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
        assert page.evaluate(contrast) == [], width
        assert page.evaluate(look)["cut"] == [], width
    page.close()
