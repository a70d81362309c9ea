import pytest

from site_builder.post import headings
from site_builder.write import prose
from site_builder.write.placeholders import Marks, Place


class Refused(Exception):
    pass


def safe(text: str) -> str:
    return prose.safe(text, lambda snippet, problem: Refused(problem)).text


@pytest.mark.parametrize(
    ("written", "emitted"),
    [
        ("Plain words.", "Plain words."),
        ("so $$a<b$$ here", "so $$a < b$$ here"),
        ("so $$\\frac{{a}}{b}$$ here", "so $$\\frac{ {a}}{b}$$ here"),
        ("a share of $$5%$$ here", "a share of $$5\\%$$ here"),
        ("words of\n$$x$$ and more", "words of $$x$$ and more"),
        ("words $$a\n+ b$$ more", "words $$a + b$$ more"),
        ("before\n$$\na = b\n$$\nafter", "before\n\n$$\na = b\n$$\n\nafter"),
        ("`{{ x }}` stays", "{% raw %}`{{ x }}`{% endraw %} stays"),
        ("`a | b $ __x__`", "`a | b $ __x__`"),
        ("```python\n{% for %}\n```", "{% raw %}\n```python\n{% for %}\n```\n{% endraw %}"),
        ("```\n$5 | <b\n```", "```\n$5 | <b\n```"),
        ("<div>\n$x$ | y\n</div>", "<div>\n$x$ | y\n</div>"),
        (
            "<script>\nlet a = `$1`;\n\nif (a < b) {}\n</script>",
            "<script>\nlet a = `$1`;\n\nif (a < b) {}\n</script>",
        ),
        ("1986. A year", "1986\\. A year"),
        ("1. One\n2. Two", "1. One\n2. Two"),
        (
            "words\n| a | b |\n|---|---|\n| 1 | 2 |\nmore",
            'words\n\n<div class="table-scroll" tabindex="0" role="region" '
            'aria-label="Table without a number, 1" markdown="1">\n\n'
            "| a | b |\n|---|---|\n| 1 | 2 |\n\n</div>\n\nmore",
        ),
        ("10<sup>2</sup> and <br> and <https://a.b>", "10<sup>2</sup> and <br> and <https://a.b>"),
        ("<span>$</span>5", "<span>$</span>5"),
        (
            'One[^a], two[^b].\n\n[^a]: It is *so*,\nif $$x<2$$, and `{{ c }}`.\n[^b]: A "word".\n\nMore.',
            "One<d-footnote>It is <em>so</em>, if \\(x &lt; 2\\), and {% raw %}<code>{{ c }}</code>"
            "{% endraw %}.</d-footnote>, two<d-footnote>A “word”.</d-footnote>.\n\nMore.",
        ),
        ("[x]({{ '/assets/a.svg' | relative_url }})", "[x]({{ '/assets/a.svg' | relative_url }})"),
        ("{% raw %}$ {{ x }}{% endraw %}", "{% raw %}$ {{ x }}{% endraw %}"),
    ],
)
def test_what_is_emitted(written: str, emitted: str) -> None:
    assert safe(written) == emitted


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("## One\n\n## One", "a second heading with the id 'one'"),
        ("One[^aa].\n\n[^ab]: Words.", r"no words \[\^aa\]: for this footnote; known: ab"),
        ("One.\n\n[^a]: Words.", r"no \[\^a\] in the text for the words of this footnote"),
    ],
)
def test_what_is_refused(written: str, problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        safe(written)


def test_marks_in_the_wrong_place() -> None:
    marks = Marks()
    note = marks.add(Place.INLINE, 3, lambda: "<d-cite></d-cite>")
    with pytest.raises(Refused, match=r"use number\(\)"):
        safe(f"so $$x = {note}$$ here")
    assert marks.resolve(safe(f"Words{note}.")) == "Words<d-cite></d-cite>."


def test_headings_get_the_id_that_the_theme_links_to() -> None:
    text = "## H/L & `aggregation`\nwords\n### Why _it_ is so {#why}\n#### Deep\n"
    read = prose.safe(text, lambda snippet, problem: Refused(problem))
    assert read.text.strip().splitlines()[0] == "## H/L & `aggregation` {#h-l-aggregation}"
    assert '### <span id="why-it-is-so"></span>Why _it_ is so {#why}' in read.text.splitlines()
    assert "\n\nwords\n\n" in read.text
    assert headings.contents(read.headings) == [
        {"name": "H/L & aggregation", "subsections": [{"name": "Why _it_ is so"}]}
    ]


@pytest.mark.parametrize(
    ("text", "slug"),
    [("A first / part", "a-first-part"), ("  Été_2 — $x$ ", "été-2-x"), ("!?", ""), ("C++ & Co.", "c-co")],
)
def test_slugs_are_those_of_liquid(text: str, slug: str) -> None:
    assert headings.slug(text) == slug
