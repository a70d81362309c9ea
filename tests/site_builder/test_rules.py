"""Every row of the table is refused in its unsafe form with line and cure, and passes in its safe form."""

import datetime as dt
from pathlib import Path

import pytest
from tests.site_builder import alfolio_cases as cases

from site_builder.post import rules, rules_bibliography
from site_builder.post.post_file import Finding

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def post_path(tmp_path: Path) -> Path:
    (tmp_path / "_posts").mkdir()
    library = tmp_path / "assets" / "bibliography"
    library.mkdir(parents=True)
    (library / "cited.bib").write_text(cases.BIBLIOGRAPHY, encoding="utf-8")
    return tmp_path / "_posts" / "2020-01-01-slug.md"


def names(findings: list[Finding]) -> set[str]:
    return {finding.problem.split(":")[0] for finding in findings}


@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.name)
def test_the_unsafe_form_is_refused_where_it_stands(case: cases.Case, post_path: Path) -> None:
    text = cases.post(f"Words.\n\n{case.unsafe}")
    found = [f for f in rules.lint_post(text, post_path) if f.problem.startswith(f"{case.rule}:")]
    assert found
    assert case.cure in found[0].cure
    first = text[: text.index(case.unsafe)].count("\n") + 1
    assert first <= (found[0].line or 0) <= first + case.unsafe.count("\n")
    assert found[0].file == post_path


@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.name)
def test_the_safe_form_passes(case: cases.Case, post_path: Path) -> None:
    assert rules.lint_post(cases.post(f"Words.\n\n{case.safe}"), post_path) == []


def test_every_rule_of_a_body_has_a_case() -> None:
    front = {
        "front-matter", "layout", "title", "json-text", "file-name", "date", "published", "affiliations",
        "bibliography", "toc", "img", "citation-switch", "styles", "description",
    }  # fmt: skip
    assert {case.rule for case in cases.CASES} == set(rules.RULES) - front


@pytest.mark.parametrize("name", cases.UNSAFE_BIBLIOGRAPHIES)
def test_a_bibliography_that_the_reader_cannot_parse(name: str, post_path: Path) -> None:
    text, problem, cure = cases.UNSAFE_BIBLIOGRAPHIES[name]
    path = post_path.parent.parent / "assets" / "bibliography" / "cited.bib"
    path.write_text(text, encoding="utf-8")
    body = 'It says<d-cite key="a"></d-cite> so.'
    found = [f for f in rules.lint_post(cases.post(body), post_path) if problem in f.problem]
    assert [(f.file, cure in f.cure) for f in found] == [(path, True)]
    assert rules_bibliography.lint_bibliography(cases.BIBLIOGRAPHY, path) == []


AUTHOR = "[{{name: {}, affiliations: {{name: B, url: 'https://b.example'}}}}]"
FRONT_CASES = {
    "layout": ("layout", {"layout": "post"}, "layout: distill"),
    "title-quote": ("json-text", {"title": "'A \"quoted\" title'"}, "“"),
    "title-tag": ("json-text", {"title": "'A <b>bold</b> title'"}, "no tag"),
    "title-number": ("title", {"title": "2020"}, "text"),
    "description-backslash": ("json-text", {"description": "'A \\ here'"}, "no backslash"),
    "description-newline": ("json-text", {"description": "|\n  Two\n  lines"}, "one line"),
    "description-tab": ("json-text", {"description": '"a\\tb"'}, "one line"),
    "author-quote": ("json-text", {"authors": AUTHOR.format("'A \"B\" C'")}, "“"),
    "date-differs": ("date", {"date": "2019-12-31"}, "same date"),
    "date-no-date": ("date", {"date": "soon"}, "YYYY"),
    "published": ("published", {"published": "false"}, "leave the key out"),
    "affiliations-list": ("affiliations", {"authors": "[{name: A, affiliations: [{name: B}]}]"}, "{name"),
    "bibliography-folder": ("bibliography", {"bibliography": "a/cited.bib"}, "slug"),
    "bibliography-missing": ("bibliography", {"bibliography": "other.bib"}, "assets/bibliography"),
    "bibliography-uncited": ("bibliography", {"bibliography": "cited.bib"}, "leave the key out"),
    "toc": ("toc", {"toc": "[{name: H/L}]"}, "{#h-l}"),
    "toc-subsection": ("toc", {"toc": "[{name: Known, subsections: [{name: Not}]}]"}, "{#not}"),
    "img": ("img", {"img": "assets/a.png"}, "URL"),
    "citation": ("citation-switch", {"citation": "true"}, "cite box"),
    "styles": ("styles", {"_styles": "'a {} </style>'"}, "CSS"),
}  # fmt: skip


@pytest.mark.parametrize("name", FRONT_CASES)
def test_front_matter_that_the_theme_breaks_on(name: str, post_path: Path) -> None:
    rule, front, cure = FRONT_CASES[name]
    text = cases.post("## Known {#known}\n\nText.", **front)
    found = rules.lint_post(text, post_path)
    assert names(found) == {rule}
    (key,) = front
    (finding,) = [finding for finding in found if cure in finding.cure]
    assert text.split("\n")[(finding.line or 0) - 1].startswith(key)


def test_good_front_matter_passes(post_path: Path) -> None:
    text = cases.post(
        '## H/L & more {#h-l-more}\n\nText.\n\n### <span id="other"></span>Other {#mine}\n\nText.',
        title='"A “quoted” title: one"',
        authors=AUTHOR.format("Ada"),
        toc="[{name: H/L & more, subsections: [{name: Other}]}]",
        img="https://example.org/a.png",
        _styles='"figure > img { width: 100% }"',
    )
    assert rules.lint_post(text, post_path) == []


def test_a_post_of_the_future_is_hidden(post_path: Path) -> None:
    tomorrow = dt.date.today() + dt.timedelta(days=1)
    path = post_path.with_name(f"{tomorrow}-slug.md")
    found = rules.lint_post(cases.post("Text.", date=str(tomorrow)), path)
    assert "silently not generated" in found[0].problem


def test_a_name_without_a_date_is_hidden(post_path: Path) -> None:
    found = rules.lint_post(cases.post("Text."), post_path.with_name("slug.md"))
    assert names(found) == {"file-name"}


@pytest.mark.parametrize("text", ["Text.", "---\ntitle: [\n---\nText.", "---\n- a\n---\nText."])
def test_unreadable_front_matter_is_one_finding(text: str, post_path: Path) -> None:
    assert names(rules.lint_post(text, post_path)) == {"front-matter"}


def test_citations_need_a_bibliography_with_their_key(post_path: Path) -> None:
    body = 'It says<d-cite key="a,unknown"></d-cite> so.'
    found = rules.lint_post(cases.post(body), post_path)
    assert "'unknown' is unknown" in found[0].problem
    assert "known: a" in found[0].cure
    without = cases.post(body).replace("bibliography: cited.bib\n", "")
    assert "no bibliography" in rules.lint_post(without, post_path)[0].problem


def test_one_slug_twice() -> None:
    posts = [
        Path("2020-01-01-a.md"),
        Path("2020-05-01-a.md"),
        Path("2021-01-01-a.md"),
        Path("2021-01-01-b.md"),
    ]
    findings = rules.lint_slugs(posts)
    assert [found.file for found in findings] == posts[1:3]
    assert {found.problem.partition(" both ")[2] for found in findings} == {"have the slug a"}


HAZARDS = 'a | b $x$ __init__ a<b and b>c <d-math> $5 ![a](/assets/a.png) <div class="row"> $$x'


@pytest.mark.parametrize(
    "code",
    [
        f"```python\n{HAZARDS}\n1986. A line\n## No heading\n\nText:\n| a |\n|---|\n```",
        f"~~~\n{HAZARDS}\n~~~",
        f"Some `{HAZARDS}` in a line.",
        f"Some <code>{HAZARDS}</code> in a line.",
        f"<!-- {HAZARDS} -->",
        cases.raw(cases.CODE.format("python", f"{HAZARDS}\n\n1986. A line\n## No heading\n{{{{ x }}}}")),
        '<figure id="lst-a" class="listing"><figcaption><b>Listing 1.</b> A</figcaption>\n'
        + cases.raw(cases.CODE.format("python", f"{HAZARDS}\n\n{{{{ x }}}}"))
        + "\n</figure>",
        f"{{% raw %}}\n```\n{HAZARDS} {{{{ x }}}}\n```\n{{% endraw %}}",
    ],
    ids=["fence", "tildes", "span", "element", "comment", "d-code", "listing", "raw-fence"],
)  # fmt: skip
def test_code_raises_no_alarm(code: str, post_path: Path) -> None:
    assert rules.lint_post(cases.post(f"Words.\n\n{code}\n\nWords."), post_path) == []


EMITTED = """
<figure id="fig-x" class="l-body" data-run="a-b" data-cell="7"><picture class="figure-light"><source media="screen and (max-width: 719px)" srcset="{{ '/assets/figures/a-b/fig-x.narrow.svg' | relative_url }}" width="326" height="211"><img src="{{ '/assets/figures/a-b/fig-x.svg' | relative_url }}" alt="A_b_c | d" width="600" height="300" loading="lazy"></picture><picture class="figure-dark" hidden><source media="screen and (max-width: 719px)" srcset="{{ '/assets/figures/a-b/fig-x.narrow.dark.svg' | relative_url }}" width="326" height="211"><img src="{{ '/assets/figures/a-b/fig-x.dark.svg' | relative_url }}" alt="A_b_c | d" width="600" height="300" loading="lazy"></picture><figcaption><b>Figure 1.</b> A caption with \\(a_b < c\\). <details class="cite-figure"><summary>Cite</summary><pre>\\includegraphics{fig-x.pdf} $5 | __x__</pre></details></figcaption></figure>

<a id="eq-x" class="anchor"></a>

$$
a < b \\tag{1}
$$

See <a class="ref" href="#fig-x">Figure 1</a> and <span class="claim claim-holds" id="claim-x">that $$x_1$$ is
<span class="value" data-run="a-b" data-name="x" data-cell="9">−4.51</span></span><a class="claim-mark" href="#claim-x-record" aria-label="claim: holds">✓</a>,
as $$\\mathcal H$$ says; it costs <span>$</span>5 **and** H<sub>2</sub>O.

| a | b |
|---|--:|
| $$x$$ | `a|b` |

1. one
2. two

10. ten
11. eleven

<aside class="stale-notice" data-run="a-b">Why | not: __x__</aside>
"""  # noqa: E501


def test_what_the_press_writes_raises_no_alarm(post_path: Path) -> None:
    assert rules.lint_post(cases.post(EMITTED), post_path) == []


WRITTEN = [*sorted((ROOT / "_posts").glob("*.md")), ROOT / "tests/site_builder/fixtures_harvest/post.md"]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_posts_written_by_the_press_pass(path: Path) -> None:
    found = names(rules.lint_post(path.read_text(encoding="utf-8"), path))
    # The golden post lies outside of _posts, so its name and its bibliography are not what they would be.
    assert found <= ({"file-name", "bibliography"} if path.name == "post.md" else set())
