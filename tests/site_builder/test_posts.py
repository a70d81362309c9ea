"""Posts: the golden text of a small one, what an author can get wrong, and builds that change nothing."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.site_builder.harvest_fixtures import (
    Place,
    cell,
    claim,
    data,
    drawing,
    figure_cell,
    snapshot,
    table,
    value,
)

from site_builder import yaml_text
from site_builder.deliver import al_folio, paper
from site_builder.errors import PostError
from site_builder.harvest import harvest
from site_builder.model import Resource, State
from site_builder.post import numbers, post_file, sidecar
from site_builder.post.sidecar import MadeClaim, ShownFigure
from site_builder.write import artifact_html, editions, posts

GOLDEN = Path(__file__).parent / "fixtures_harvest"
IMAGENET = {
    "data": "imagenet-val",
    "weights": ("torchvision/IMAGENET1K_V1",),
    "resource": Resource.GPU,
}
CODE = """
#| label: lst-code
#| lst-cap: A step.
x = "{{ a }}"

y = 1 < 2 | 4  # {% endraw %} $5
"""
RECORDS = (
    value("slope", -2.1234e-9, low=-3e-9, high=1.5, n=1000, unit="m", note="bootstrap"),
    value("share", 0.1234),
    value("word", "a<b"),
    table("tbl-all", ["name", "x"], [["a<b", 1.5], [None, -2]]),
    claim("rises", "holds", slope=1.23456),
    claim("falls", "refuted"),
    claim("turns", "untested"),
    claim("sways", "undecided"),
    data("fig-lines", ["t", "y"], [[1, 2.5]]),
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.references(
        "@article{a2020x, title = {On X}, author = {A, B}, year = {2020}, doi = {10.1/x}}\n"
        "@article{b2021y, title = {On Y}, author = {A, B}, year = {2021}, doi = {10.1/y}}\n"
    )
    lab = place.tree.experiments / "lab"
    lab.mkdir()
    (lab / "shapes.py").write_text("def area(x):\n    return x * x\n")
    place.run(
        "demo", cell("import x"), figure_cell("fig-lines", caption="Lines of 50%."), cell(CODE, *RECORDS)
    )
    return place


def build(place: Place, *plans: Any, news: Any = None) -> list[Path]:
    found = harvest.harvest_all(place.runs.values(), place.tree, place.site)
    shown = posts.write_posts(place.tree, place.site, found, plans, news or (lambda line: None))
    return [place.tree.posts / one.file for one in shown]


def written(place: Place, body: str, **more: Any) -> str:
    """The body of the post that ``body`` makes, without its appendix."""
    place.template("first", body, **more)
    (path,) = build(place)
    text = path.read_text().split("\n---\n", 1)[1]
    return re.split(r"\n## (?:Claims|How|Cite)", text)[0].strip()


def refusal(place: Place, body: str, **more: Any) -> str:
    place.template("first", body, **more)
    with pytest.raises(PostError) as caught:
        build(place)
    return str(caught.value)


# -- golden -----------------------------------------------------------------------------------------


def test_golden_post(place: Place) -> None:
    template = (GOLDEN / "post.md.j2").read_text()
    (place.tree.post_templates / "2026-11-21-first.md.j2").write_text(template)
    place.register("later", **IMAGENET)
    stale = place.plan("demo", State.STALE, "lab/shapes.py changed", blocked=("no data",))
    (path,) = build(place, stale, place.plan("later", State.MISSING, blocked=("no data",)))
    assert path.name == "2026-11-21-first.md"
    text = re.sub(r"\n_styles: \|\n(?:  .*\n)+", "\n", path.read_text())
    assert text == (GOLDEN / "post.md").read_text()
    assert (place.tree.bibliography / "first.bib").read_text() == (
        "@article{a2020x,\n  title = {On X},\n  author = {A, B},\n  year = {2020},\n  doi = {10.1/x}\n}\n"
    )


@pytest.mark.parametrize(("url", "card"), [("", ""), ("https://x.org/b/", "https://x.org/b")])
def test_a_cover_is_written_as_the_theme_takes_it_and_is_no_figure_of_the_text(
    place: Place, url: str, card: str
) -> None:
    place.site = replace(place.site, url=url)
    place.template("first", "Text.\n", title="A\ncover: [demo, fig-lines]")
    (path,) = build(place)
    front = yaml.safe_load(path.read_text().split("---\n")[1])
    drawn = "/assets/figures/demo/fig-lines"
    assert {key: front.get(key) for key in ("img", "thumbnail", "og_image", "cover")} == {
        "img": f"{drawn}.svg",
        "thumbnail": f"{drawn}.svg",
        "og_image": f"{card}{drawn}.png",
        "cover": None,
    }
    assert front["runs"] == ["demo"]
    shown = sidecar.load(place.tree.assets, "first")
    assert shown is not None
    assert shown.figures == ()
    used = al_folio.used_assets(post_file.PostSource(path, path.read_text()))
    assert used == [f"assets/figures/demo/fig-lines.{ending}" for ending in ("png", "svg")]


def test_a_feed_takes_the_description_and_one_picture_and_switches_come_from_the_site(place: Place) -> None:
    place.site = replace(place.site, switches={"giscus_comments": True, "related_posts": False})
    template = place.template("first", '[[ figure("demo", "fig-lines") ]]')
    template.write_text(template.read_text().replace("tags:", "related_posts: true\ntags:"))
    (path,) = build(place)
    front = post_file.PostSource(path, path.read_text()).front
    assert front["feed"] == {"excerpt_only": True}
    assert front["image"] == "/assets/figures/demo/fig-lines.png"
    assert (place.tree.root / front["image"].removeprefix("/")).is_file()
    assert (front["giscus_comments"], front["related_posts"]) == (True, True)
    assert front["authors"] == [{"name": "Ada Lovelace", "affiliations": {"name": "Analytical Engines"}}]
    place.template("first", "Words only.")
    (path,) = build(place)
    assert "image" not in post_file.PostSource(path, path.read_text()).front


def test_blocks_of_html_have_no_blank_line_and_code_survives_liquid(place: Place) -> None:
    text = written(
        place,
        '[[ listing("demo", "lst-code") ]]\n\n[[ source("lab.shapes.area", caption="An <b>area</b>.") ]]\n',
    )
    first, second = text.split("\n\n")
    assert first.startswith('<figure id="lst-code" class="listing" data-run="demo" data-cell="3">')
    assert first.endswith("</figure>")
    inside = re.search(r"\{% raw %\}(<pre style.*?</pre>)\{% endraw %\}", first, re.DOTALL)
    assert inside is not None
    assert "{{ a }}" in inside[1]
    assert "{%" not in inside[1]
    assert "&#10;\ny = 1 &lt; 2 | 4" in inside[1]
    assert second.startswith(
        '<figure id="lst-lab-shapes-area" class="listing" data-module="lab/shapes.py" data-line="1">'
    )
    assert "<b>Listing 2.</b> An <b>area</b>." in second


def test_liquid_in_captions_and_alt_texts_is_harmless(place: Place) -> None:
    place.run("braces", figure_cell("fig-b", caption="A {{ x }} {% y %} <b>", alt='A "{{ x }}" <b>'))
    text = written(place, '[[ figure("braces", "fig-b") ]]')
    assert "A &#123;&#123; x }} &#123;% y %} &lt;b&gt;" in text
    assert 'alt="A &#34;&#123;&#123; x }}&#34; &lt;b&gt;"' in text


def test_the_code_of_a_cell_stands_once_and_all_that_it_made_leads_to_it(place: Place) -> None:
    tables = [table(f"tbl-{name}", ["x"], [[1]]) for name in ("one", "two")]
    place.run("more", figure_cell("fig-two", drawing(), *tables, claim("steady", "holds")))
    place.template(
        "first",
        """
        [[ table("more", "tbl-one") ]]

        [% claim "steady" %]It is[% endclaim %], and it is not true that
        [% claim "falls", finding="refuted" %]so[% endclaim %].

        [[ table("more", "tbl-two") ]]

        [[ figure("more", "fig-two") ]]
        """,
    )
    (path,) = build(place)
    text = path.read_text()
    assert text.count("plot(x)") == 1
    assert text.index('id="provenance-tbl-one"') < text.index("plot(x)") < text.index('id="tbl-two"')
    assert text.count('<a class="provenance" href="#provenance-tbl-one">Provenance, with Table 1</a>') == 2
    assert 'cell <a href="#provenance-tbl-one">1</a> of <code>more.ipynb</code>' in text
    assert "cell 3 of <code>demo.ipynb</code>" in text  # the post shows nothing else of that cell


# -- numbers and references -------------------------------------------------------------------------


def test_each_kind_is_counted_for_itself_and_references_point_forward(place: Place) -> None:
    place.run("more", figure_cell("fig-two"))
    text = written(
        place,
        """
        See [[ ref("fig-two") ]], [[ ref("tbl-all") ]], [[ ref("eq-b") ]], [[ ref("sec-end") ]].

        [[ figure("demo", "fig-lines", caption='Before ' ~ ref("fig-two")) ]]
        [[ equation("eq-a", "a") ]]
        [[ figure("more", "fig-two", width="l-page") ]]
        [[ table("demo", "tbl-all") ]]
        [[ equation("eq-b", "b < c") ]]

        ## The end {#sec-end}
        """,
    )
    for link in (
        '<a class="ref" href="#fig-two">Figure 2</a>',
        '<a class="ref" href="#tbl-all">Table 1</a>',
        '<a class="ref" href="#eq-b">Equation 2</a>',
        '<a class="ref" href="#sec-end">The end</a>',
    ):
        assert link in text
    assert '<b>Figure 1.</b> Before <a class="ref" href="#fig-two">Figure 2</a>' in text
    assert "\\caption{Before Figure 2}" in text
    assert '\n\n<a id="eq-b" class="anchor"></a>\n\n$$\nb < c \\tag{2}\n$$\n\n' in text


def test_a_reference_into_another_post(place: Place) -> None:
    place.template("other", '[[ figure("demo", "fig-lines") ]]', title="The other", date="2026-11-20")
    place.template("first", 'As in [[ ref("fig-lines") ]].')
    other, first = build(place)
    assert other.name == "2026-11-20-other.md"
    place_of = "{{ '/blog/2026/other/' | relative_url }}#fig-lines"
    assert f'<a class="ref" href="{place_of}">Figure 1 of “The other”</a>' in first.read_text()
    place.template("third", '[[ figure("demo", "fig-lines") ]]')
    with pytest.raises(
        PostError, match=r"first.md.j2:7: 'fig-lines' is in several other posts: other and third"
    ):
        build(place)


def test_numbers_in_sentences_formulas_and_front_matter(place: Place) -> None:
    text = written(
        place,
        'It is [[ value("demo", "share", ".1%") ]], [[ interval("demo", "slope", ".1e") ]], '
        '$$x = [[ number("demo", "slope", ".1e") ]]$$, $$[[ number("demo", "share", ".0%") ]]$$ and '
        '[[ value("demo", "word") ]].',
        title='With [[ number("demo", "share", ".2f") ]]',
    )
    assert '<span class="value" data-run="demo" data-name="share" data-cell="3">12.3%</span>' in text
    assert 'data-name="slope" data-cell="3">−3.0 × 10<sup>−9</sup> to 1.5</span>' in text
    assert r"$$x = -2.1 \times 10^{-9}$$, $$12\%$$" in text
    assert ">a&lt;b</span>." in text
    (path,) = place.tree.posts.glob("*.md")
    assert "\ntitle: With 0.12\n" in path.read_text()


def test_claims_in_all_four_states(place: Place) -> None:
    text = written(
        place,
        """
        [% claim "rises" %]It rises by [[ value("demo", "share", ".2f") ]]
        and $$x$$[% endclaim %]. Again: [% claim "demo", "rises" %]it rises[% endclaim %].
        That [% claim "falls", finding="refuted" %]it falls[% endclaim %] is wrong;
        whether [% claim "turns", finding="untested" %]it turns[% endclaim %] is open;
        it is open, too, that [% claim "sways", finding="undecided" %]it sways[% endclaim %].
        """,
    )
    assert text.startswith('<span class="claim claim-holds" id="claim-rises">It rises by <span class="value"')
    assert (
        'and $$x$$</span><a class="claim-mark" href="#claim-rises-record" aria-label="claim: holds">✓</a>. '
        'Again: <span class="claim claim-holds" id="claim-rises-2">it rises</span>'
        '<a class="claim-mark" href="#claim-rises-record"'
    ) in text
    assert 'href="#claim-falls-record" aria-label="claim: refuted">✗</a>' in text
    assert 'href="#claim-turns-record" aria-label="claim: not tested here">○</a>' in text
    assert 'href="#claim-sways-record" aria-label="claim: undecided">?</a>' in text
    (path,) = place.tree.posts.glob("*.md")
    whole = path.read_text()
    assert whole.count('<details class="claim-record"') == 4
    assert "<dt>slope</dt><dd>1.235</dd>" in whole
    assert '<a href="#claim-rises">in the text (1)</a>, <a href="#claim-rises-2">in the text (2)</a>' in whole


def test_one_claim_name_in_two_runs(place: Place) -> None:
    place.run("twin", cell("x", claim("rises", "holds")))
    text = written(
        place, '[% claim "demo", "rises" %]a[% endclaim %] [% claim "twin", "rises" %]b[% endclaim %]'
    )
    assert 'id="claim-rises">a<' in text
    assert 'id="claim-rises-twin">b</span><a class="claim-mark" href="#claim-rises-twin-record"' in text
    assert "claim 'rises' is published by several runs: name one first; known: demo, twin" in refusal(
        place, '[% claim "rises" %]a[% endclaim %]'
    )


def test_an_aside_stands_beside_the_paragraph_before_it(place: Place) -> None:
    text = written(
        place,
        """
        A paragraph.
        [% aside %]It is *[[ value("demo", "share", ".2f") ]]*, of $$x$$,
        as others say [[ cite("a2020x") ]][[ footnote("or do they") ]].[% endaside %]
        The next one.
        """,
    )
    assert text.startswith('A paragraph.\n\n<aside markdown="1">\n\nIt is *<span class="value"')
    assert "</d-footnote>.\n\n</aside>\n\nThe next one." in text
    assert "of $$x$$,\nas others" in text


def test_the_markdown_in_an_aside_obeys_the_rules(place: Place) -> None:
    assert ":8: pipe: a | in a formula" in refusal(place, "A.\n[% aside %]But $$a|b$$ too.[% endaside %]")
    assert ":7: an aside needs words" in refusal(place, "[% aside %] [% endaside %]")
    written = '---\n---\n<aside markdown="1">\n\nIt is *so*.\n\n</aside>\n'
    post = post_file.PostSource(Path("x.md"), written)
    assert post.markdown.split() == ["It", "is", "*so*."]


# -- what an author can get wrong -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("words\n\n[[ figrue() ]]", ":9: 'figrue' is undefined; nearest of 16: figure, ref, cite"),
        ("[[ figure('demo') ]]", ":7: figure(): missing a required argument: 'label'"),
        ("[[ figure(", ":7: unexpected"),
        ("[[ figure('dmeo', 'fig-lines') ]]", ":7: no run 'dmeo'; known: demo"),
        ("[[ figure('demo', 'fig-x') ]]", ":7: run 'demo' published no figure 'fig-x'; known: fig-lines"),
        (
            "[[ table('demo', 'tbl-all', width='l-middle') ]]",
            ":7: no width 'l-middle'; nearest of 7: l-body, ",
        ),
        ("[[ figure('demo', 'fig-lines', 'l-middle') ]]", ":7: no width 'l-middle'; nearest of 7: l-body, "),
        ("[[ listing('demo', 'lst-x') ]]", "published no listing 'lst-x'; known: lst-code"),
        ("[[ table('demo', 'tbl-x') ]]", "published no table 'tbl-x'; known: tbl-all"),
        ("[[ table('demo', 'tbl-all', formats={'y': '.1f'}) ]]", "no column 'y'; known: name, x"),
        (
            "[[ table('demo', 'tbl-all', formats={'x': 'd'}) ]]",
            "an entry of 'tbl-all' is 1.5, which the format 'd'",
        ),
        ("[[ source('lab.shapes.aera') ]]", "shapes.py has no 'aera'; known: area"),
        ("a [[ value('demo', 'slpe') ]]", "published no value 'slpe'; known: share, slope, word"),
        (
            "a [[ value('demo', 'word', '.2f') ]]",
            "value 'word' of run 'demo' is the text 'a<b'; the format '.2f'",
        ),
        ("a [[ interval('demo', 'share') ]]", "value 'share' of run 'demo' has no interval; known: slope"),
        ("a [[ cite('a2020') ]]", ":7: no reference 'a2020' in references.bib; known: a2020x, b2021y"),
        ("a [[ cite() ]]", "cite() needs a key"),
        ("a\n\nb\n[[ ref('fig-x') ]]\n\n[[ equation('eq-a', 'a') ]]", ":10: no label 'fig-x'; known: eq-a"),
        ("[[ equation('a', 'a') ]]", "'a' is no label of an equation"),
        ("[[ equation('eq-a', 'p(a|b)') ]]", ":7: 'eq-a': '|' makes the line a table"),
        (
            "[[ equation('eq-a', 'a') ]]\n\n[[ equation('eq-a', 'b') ]]",
            ":9: 'eq-a' is already Equation 1, line 7",
        ),
        (
            "[[ figure('demo', 'fig-lines') ]]\n\n[[ figure('demo', 'fig-lines') ]]",
            "already Figure 1, line 7",
        ),
        ("words\n\nso $x$ here", ":9: single-dollar: between single dollars"),
        ("so $$p(a|b)$$ here", ":7: pipe: a | in a formula"),
        ("a\n\n[[ cite('a2020x') ]] opens", ":9: note-first: d-cite first in a paragraph"),
        ("$$x = [[ value('demo', 'share') ]]$$", ":7: value(), ref() and the like cannot stand in a formula"),
        (
            "a [[ figure('demo', 'fig-lines') ]]",
            ":7: figures, tables, listings and equations stand on lines of",
        ),
        ("## A\n\n## A", ": a second heading with the id 'a'"),
        (
            '[% claim "falls", finding="refuted" %]It does not fall[% endclaim %]',
            ":7: the words of claim 'falls' say 'not', which the claim does not: a cross would stand on",
        ),
        ("words\n\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x", ":9: '<<<<<<<' is left from a merge"),
        ("words\n\na \ufdd0b0\ufdd1 mark", ":9: U+FDD0 is no character for text"),
        (
            "$$[[ number('demo', 'word') ]]$$",
            "value 'word' of run 'demo' is the text 'a<b'; only a number can stand",
        ),
        (
            "[% claim 'up' %]x[% endclaim %]",
            "no run published a claim 'up'; nearest of 4: turns, falls, rises",
        ),
        ("[% claim 'demo', 'up' %]x[% endclaim %]", "run 'demo' published no claim 'up'"),
        (
            "[% claim 'rises', finding='true' %]x[% endclaim %]",
            "no finding 'true'; nearest of 4: refuted, untested, undecided",
        ),
        (
            "[% claim 'falls' %]x[% endclaim %]",
            ":7: the sentence on claim 'falls' says 'holds', but the record of run 'demo' says 'refuted' "
            '(criterion: the slope is above 1): write what was found, with finding="refuted"',
        ),
        ("[% claim 'turns' %]x[% endclaim %]", "says 'not tested here'"),
        (
            "[% claim 'rises', finding='refuted' %]x[% endclaim %]",
            "says 'refuted', but the record of run 'demo' says 'holds'",
        ),
    ],
)
def test_what_an_author_can_get_wrong(place: Place, body: str, problem: str) -> None:
    found = refusal(place, body)
    assert problem in found
    assert found.startswith("templates/posts/2026-11-21-first.md.j2:")


@pytest.mark.parametrize(
    ("title", "problem"),
    [
        ("'A \"quoted\" title'", ":2: json-text: title holds a straight double quote"),
        ("A \\frac title", ":2: json-text: title holds a backslash"),
        ('"two\\nlines"', ":2: json-text: title holds a line break"),
        ("A <b>bold</b> title", ":2: json-text: title holds a tag"),
        ("", ":1: the front matter has no title"),
        ("A: B: C", "no YAML, line 2: mapping values are not allowed"),
        ("A\ntgas: [x]", ":3: unknown key 'tgas'; nearest of 17: tags, authors"),
        ("A\nlayout: page", ":3: layout is always 'distill'"),
        ("A\nauthors: [{name: B, affiliations: [{name: C}]}]", ":3: affiliations is one mapping"),
        ("A\ncover: demo", ":3: cover is no [run, figure]"),
        ("A\ncover: [demo, 1]", ":3: cover is no [run, figure]"),
        ("A\nimg: /assets/a.png\ncover: [demo, fig-lines]", ":4: cover writes img: leave that out"),
        ("A\ncover: [demo, fig-line]", ":3: run 'demo' published no figure 'fig-line'; known: fig-lines"),
        ("A\ncover: [dmo, fig-lines]", ":3: no run 'dmo'; known: demo"),
        ("A [[ value('demo', 'share') ]]", ":1: value(), cite() and the like cannot stand in front matter"),
    ],
)
def test_front_matter_that_breaks_the_theme(place: Place, title: str, problem: str) -> None:
    assert problem in refusal(place, "words", title=title)


def test_dates_names_and_addresses(place: Place) -> None:
    path = place.template("first", "words")
    path.rename(path.with_name("2026-11-22-first.md.j2"))
    with pytest.raises(PostError, match="the date 2026-11-21 beats the file name's 2026-11-22"):
        build(place)
    path.with_name("2026-11-22-first.md.j2").rename(path.with_name("First.md.j2"))
    with pytest.raises(PostError, match="a template is named <date>-<slug>"):
        build(place)
    path.with_name("First.md.j2").unlink()
    place.template("first", "words")
    place.template("first", "words", date="2026-01-01")
    with pytest.raises(PostError, match=r"duplicate-slug: .* both have the slug first"):
        build(place)


def test_a_run_that_was_never_executed(place: Place) -> None:
    place.register("later")
    place.template("first", "a [[ value('later', 'x') ]]")
    with pytest.raises(
        PostError, match=r'never executed; .*: make experiments RUN=later .*if executed\("later"\)'
    ):
        build(place, place.plan("later", State.MISSING))


SAYS_BOTH = """
    [% if executed("later") %]
    The share is [[ value("later", "share", ".2f") ]].
    [% else %]
    Nobody has looked yet.

    [[ not_executed("later") ]]
    [% endif %]
    """


def test_a_post_can_speak_of_a_run_that_was_never_executed(place: Place) -> None:
    place.register("later", title="Is it <so>?", **IMAGENET)
    place.template("first", SAYS_BOTH)
    texts = set()
    for missing in ((), ("data set imagenet-val not found: buy it", "needs a GPU")):
        (path,) = build(place, place.plan("later", State.MISSING, blocked=missing))
        texts.add(path.read_text())
    # What this machine lacks is no part of a committed post.
    (text,) = texts
    box = (
        '\n\nNobody has looked yet.\n\n<div class="not-executed" data-run="later"><p>'
        "<b>Registered, not executed.</b> The run <code>later</code> (“Is it &lt;so&gt;?”) needs a GPU, the "
        "data set imagenet-val and the weights torchvision/IMAGENET1K_V1: "
        "<code>make experiments RUN=later</code>.</p></div>\n\n"
    )
    assert box in text
    assert "\nruns: []\n" in text


def test_the_same_post_shows_the_results_once_they_are_there(place: Place) -> None:
    place.run("later", cell("x", value("share", 0.5)))
    place.template("first", SAYS_BOTH + '\n[[ not_executed("later") ]]\n')
    (path,) = build(place, place.plan("later"))
    body = path.read_text().split("\n---\n", 1)[1]
    assert ">0.50</span>." in body
    assert "not-executed" not in body
    assert "Nobody" not in body


@pytest.mark.parametrize("call", ['[% if executed("latr") %]a[% endif %]', '[[ not_executed("latr") ]]'])
def test_an_unknown_run_is_named_with_the_nearest(place: Place, call: str) -> None:
    for name in ("later", "latest", "other"):
        place.register(name)
    plans = [place.plan(name, State.MISSING) for name in ("later", "latest", "other")]
    place.template("first", call)
    with pytest.raises(PostError) as caught:
        build(place, *plans)
    assert str(caught.value).endswith(":7: no run 'latr'; nearest of 4: later, latest, other")


def test_problems_of_all_posts_come_together_and_nothing_is_written(place: Place) -> None:
    place.template("good", "words")
    place.template("bad", "a $x$")
    place.template("worse", "a [[ cite('z') ]]")
    with pytest.raises(PostError) as caught:
        build(place)
    said = {line.partition(":")[0].rpartition("-")[2] for line in str(caught.value).splitlines()}
    assert said == {"bad.md.j2", "worse.md.j2"}
    assert not place.tree.posts.exists()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("[[ 1 // 0 ]]", "ZeroDivisionError: integer division or modulo by zero"),
        ("[[ 'a' + 1 ]]", 'can only concatenate str (not "int") to str'),
        ("[[ '%d' % 'a' ]]", "%d format: a real number is required, not str"),
        ("[[ '' | round ]]", "type str doesn't define __round__ method"),
        ("[[ executed([]) ]]", "executed(): run is []: it should be a valid string"),
        ("[[ source(1) ]]", "source(): name is 1: it should be a valid string"),
        ("[[ figure('demo', 'fig-lines', interactive=[1]) ]]", "figure(): interactive is [1]: "),
    ],
)
def test_what_a_template_cannot_compute_is_told_with_its_line(place: Place, body: str, problem: str) -> None:
    assert f"first.md.j2:7: {problem}" in refusal(place, body)


def test_a_bug_keeps_its_traceback(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.template("first", '[[ value("demo", "share") ]]')
    monkeypatch.setattr(numbers, "in_text", lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        build(place)


# -- versions ---------------------------------------------------------------------------------------


def test_a_second_build_changes_nothing(place: Place) -> None:
    (place.tree.post_templates / "2026-11-21-first.md.j2").write_text((GOLDEN / "post.md.j2").read_text())
    place.register("later", **IMAGENET)
    waiting = place.plan("later", State.MISSING)
    build(place, waiting)
    before = snapshot(place.tree.root)
    build(place, waiting)
    assert snapshot(place.tree.root) == before


def test_a_changed_value_enters_the_changelog_once(place: Place) -> None:
    place.template("first", '[% claim "rises" %]A[% endclaim %] [[ value("demo", "share", ".2f") ]]')
    build(place)
    record = json.loads((place.tree.root / "assets" / "values" / "first.json").read_text())
    assert record["results"]["value demo/share"]["shown"] == {".2f": "0.12"}
    parts = {"digest": "new", "parts": {"code": "bb", "data/digits": "dd11"}}
    changed = (value("share", 0.5), claim("rises", "holds"))
    place.run("demo", cell(CODE, *changed), fingerprint=parts, started="2026-12-01T08:00:00+00:00")
    news: list[str] = []
    (path,) = build(place, news=news.append)
    assert news == ["first: value demo/share: 0.12 → 0.50 (code cells changed)"]
    (entry,) = json.loads((place.tree.root / "assets" / "changelog" / "first.json").read_text())
    assert entry["date"] == "2026-12-01"
    assert (entry["from"], entry["to"]) == (record["version"], _version(path))
    text = path.read_text()
    assert "\nlast_updated: 2026-12-01\n" in text
    assert "<dd><code>value demo/share</code>: 0.12 → 0.50 (code cells changed)</dd>" in text
    before = snapshot(place.tree.root)
    build(place, news=news.append)
    assert len(news) == 1
    assert snapshot(place.tree.root) == before
    # A build that was killed between its two records leaves the sidecar as it was.
    (place.tree.root / "assets" / "values" / "first.json").write_text(json.dumps(record))
    build(place)
    after = snapshot(place.tree.root)
    assert {name: content for name, (content, *_) in after.items()} == {
        name: content for name, (content, *_) in before.items()
    }


def test_a_bound_that_changed_is_not_called_the_value(place: Place) -> None:
    for low in (0.1, 0.2):
        place.run("demo", cell(CODE, value("share", 0.5, low=low, high=0.9)))
        place.template(
            "first",
            '[[ value("demo", "share", ".1f") ]] above [[ number("demo", "share", ".1f", end="low") ]]',
        )
        news: list[str] = []
        (path,) = build(place, news=news.append)
    assert news[0].startswith("first: the low end of value demo/share: 0.1 → 0.2 (")
    assert "was 0.1" not in path.read_text()


def _version(path: Path) -> str:
    front = yaml.safe_load(path.read_text().split("---\n")[1])
    return str(front["gradlab"]["version"])


def test_a_rule_that_changes_after_a_verdict_is_announced_and_shown(place: Place) -> None:
    place.run("demo", cell(CODE, claim("rises", "refuted", "the interval lies above 0", slope=-0.01)))
    place.template("first", 'Not that [% claim "rises", finding="refuted" %]it rises[% endclaim %]')
    build(place)
    place.run("demo", cell(CODE, claim("rises", "holds", "the interval exceeds -0.02", slope=-0.01)))
    place.template("first", '[% claim "rises" %]It rises[% endclaim %]')
    news: list[str] = []
    (path,) = build(place, news=news.append)
    old = "the interval lies above 0 Effects: slope. (refuted)"
    assert news == [
        f"first: the rule of claim demo/rises: {old} → the interval exceeds -0.02 Effects: slope. (holds) "
        "(the rule itself was changed)"
    ]
    record = path.read_text().split('id="claim-rises-record"')[1].split("</details>")[0]
    assert f"<dd>{old}</dd>" in record
    assert "the interval exceeds -0.02" in record
    # It stays on record when the post is written again.
    assert f"<dd>{old}</dd>" in build(place)[0].read_text()


def test_a_rule_is_text_among_the_versions(place: Place) -> None:
    place.template("first", '[% claim "rises" %]A[% endclaim %] is so.')
    for rule in ("<a href='javascript:alert(1)'>a < b</a>", "another rule"):
        place.run("demo", cell(CODE, claim("rises", "holds", rule, slope=1)))
        build(place)
    log = (place.tree.posts / "2026-11-21-first.md").read_text().partition("## Versions")[2]
    assert "&lt;a href=" in log
    assert "<a href=" not in log


def test_another_effect_under_the_same_words_is_another_rule(place: Place) -> None:
    place.run("demo", cell(CODE, claim("rises", "refuted", density=-0.01)))
    place.template("first", 'Not that [% claim "rises", finding="refuted" %]it rises[% endclaim %]')
    build(place)
    place.run("demo", cell(CODE, claim("rises", "refuted", mass=-0.01)))
    news: list[str] = []
    build(place, news=news.append)
    assert "Effects: density. (refuted) → " in news[0]


def test_another_finding_is_a_change_and_another_sentence_is_none(place: Place) -> None:
    place.template("first", '[% claim "rises" %]A[% endclaim %]')
    build(place)
    place.run("demo", cell(CODE, claim("rises", "refuted", slope=1.23456)))
    place.template("first", 'New words: not that [% claim "rises", finding="refuted" %]A[% endclaim %]')
    news: list[str] = []
    build(place, news=news.append)
    assert news == ["first: claim demo/rises: holds → refuted (the executed notebook or the press changed)"]
    (path,) = build(place)
    version = _version(path)
    place.template("first", 'Newer words: not that [% claim "rises", finding="refuted" %]A[% endclaim %]')
    (path,) = build(place, news=news.append)
    assert len(news) == 1
    assert _version(path) == version


def test_a_damaged_record_is_named(place: Place) -> None:
    place.template("first", "words")
    build(place)
    (place.tree.root / "assets" / "values" / "first.json").write_text("{")
    with pytest.raises(PostError, match=r"assets/values/first\.json is damaged"):
        build(place)


@pytest.mark.parametrize(
    "content", ["{", "[1]", "[{}]", '[{"date": "x", "from": "a", "to": "b", "changes": [1]}]']
)
def test_a_damaged_changelog_is_named(place: Place, content: str) -> None:
    place.template("first", "words")
    build(place)
    path = editions.changes_path(place.tree.assets, "first")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    with pytest.raises(PostError, match=r"assets/changelog/first\.json is damaged"):
        build(place)


def test_posts_without_a_template_go_if_they_are_ours(place: Place) -> None:
    template = place.template("first", "a[[ cite('a2020x') ]]")
    (path,) = build(place)
    foreign = place.tree.posts / "2020-01-01-hand.md"
    foreign.write_text("---\ntitle: By hand\n---\n\ngradlab:\n  version: of the text\n---\n")
    template.unlink()
    assert build(place) == []
    assert not path.exists()
    assert foreign.exists()
    assert not (place.tree.bibliography / "first.bib").exists()


def test_stale_runs_are_announced(place: Place) -> None:
    place.template("first", 'a [[ value("demo", "share", ".2f") ]]')
    (path,) = build(place, place.plan("demo", State.STALE, "code changed", blocked=("no GPU",)))
    notice = (
        '\n\n<div class="stale-notice" role="note" data-run="demo">The results of demo are those of '
        "2026-11-20 and may be out of date: code changed.</div>\n\n"
    )
    assert notice in path.read_text()
    (path,) = build(place, place.plan("demo"))
    assert "stale-notice" not in path.read_text().split("\n---\n", 1)[1]


def test_provenance_where_the_author_wants_it(place: Place) -> None:
    text = written(place, 'a [[ value("demo", "share", ".2f") ]]\n\n## Runs\n\n[[ provenance("demo") ]]\n')
    assert '## Runs {#runs}\n\n<details class="run-record" id="run-demo" data-run="demo">' in text
    assert '<tr id="value-demo-share"><td><code>share</code></td><td class="number">0.12</td>' in text
    assert "<dt>Seed</dt><dd>3</dd>" in text
    assert "<dt>Data digest, digits</dt><dd>dd11</dd>" in text
    (path,) = place.tree.posts.glob("*.md")
    assert "How this was made" not in path.read_text()


def test_what_a_post_shows_is_handed_on_whatever_its_html(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifact_html, "block", lambda macro, **things: f'<div class="{macro}">x</div>')
    shows = '[[ figure("demo", "fig-lines", caption="10<sup>−3</sup> of it") ]]'
    place.template("first", f'{shows}\n\n[% claim "rises" %]It rises[% endclaim %].')
    found = harvest.harvest_all(place.runs.values(), place.tree, place.site)
    (shown,) = posts.write_posts(place.tree, place.site, found, ())
    assert shown.figures == (ShownFigure("fig-lines", "demo", 1, r"10\(^{-3}\) of it"),)
    assert shown.claims == (MadeClaim("demo", "rises", "claim-rises-record", ("claim-rises",)),)
    assert sidecar.load(place.tree.assets, "first") == shown
    paper.write_index(place.tree, place.site, found, [shown])
    index = json.loads((place.tree.figures / "figures.json").read_text())["figures"]
    assert [(entry["label"], entry["number"]) for entry in index if entry["post"]] == [("fig-lines", 1)]


def test_all_mistakes_of_a_template_are_told_at_once(place: Place) -> None:
    body = """
        [[ value("demo", "shore", ".2f") ]], [[ ref("fig-none") ]], [[ cite("nobody") ]]

        [% if number("demo", "shore", ".2f") > 3 %]never[% endif %]

        [[ undefined_name ]]
        """
    place.template("first", body)
    with pytest.raises(PostError) as refused:
        build(place)
    told = [line.partition(": ")[0].rpartition(":")[2] for line in str(refused.value).splitlines()]
    assert told == ["7", "7", "9"]  # what comes after a comparison with nothing is not asked for
    place.template(
        "first", '[[ value("demo", "shore") ]] at [[ ref("fig-none") ]] and [[ ref("fig-no-other") ]].'
    )
    with pytest.raises(PostError) as refused:
        build(place)
    names = ("no value 'shore'", "no label 'fig-none'", "no label 'fig-no-other'")
    for name, line in zip(names, str(refused.value).splitlines(), strict=True):
        assert name in line


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('Words.\n\n[% claim "rises" %]It rises.\n\nMore.\n', "9: the block 'claim'"),
        ("[% if true %]\n[% for x in [1] %]\na\n[% endfor %]\n", "7: the block 'if'"),
    ],
)
def test_a_block_that_does_not_end_is_told_where_it_begins(place: Place, body: str, line: str) -> None:
    place.template("first", body)
    told = re.escape(f"templates/posts/2026-11-21-first.md.j2:{line} that begins here has no end")
    with pytest.raises(PostError, match=told):
        build(place)


@pytest.mark.parametrize("mistake", ["[[ value('demo', 'shore') ]]", "[[ nothing ]]"])
def test_what_refers_to_a_post_with_mistakes_has_none(place: Place, mistake: str) -> None:
    place.template("first", f'[[ figure("demo", "fig-lines") ]]\n\nIt is {mistake}.')
    place.template("second", 'As in [[ ref("fig-lines") ]] and [[ ref("fig-gone") ]].')
    with pytest.raises(PostError) as refused:
        build(place)
    (line,) = str(refused.value).splitlines()
    assert "first.md.j2:9" in line


def test_wrong_references_of_several_posts_are_told_together(place: Place) -> None:
    for slug in ("first", "second"):
        place.template(slug, 'As in [[ ref("fig-gone") ]].')
    with pytest.raises(PostError) as refused:
        build(place)
    assert len(str(refused.value).splitlines()) == 2


@pytest.mark.parametrize("said", ["no", "off", "1e-3", "012", "1_000", "1:30", "[a, yes]"])
def test_front_matter_that_jekyll_reads_otherwise_is_refused_with_its_line(place: Place, said: str) -> None:
    path = place.template("one", "Text.")
    path.write_text(path.read_text().replace("tags: [tests]", f"featured: {said}"))
    with pytest.raises(PostError, match="the front matter, line 5: readers of YAML disagree on"):
        build(place)


def test_front_matter_keeps_quoted_texts_as_texts(place: Place) -> None:
    tags = ["no", "1e-3", "012", "0o7", "2024-01-02"]
    path = place.template("one", "Text.")
    path.write_text(path.read_text().replace("[tests]", repr(tags)))
    front = build(place)[0].read_text(encoding="utf-8").split("---")[1]
    assert list(yaml_text.ambiguous(front, yaml_text.DatedLoader)) == []
    assert yaml_text.load(front)["tags"] == yaml.safe_load(front)["tags"] == tags
