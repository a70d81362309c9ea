from collections.abc import Iterator

import pytest
from tests.site_builder.reading import slots_shown

from site_builder.render import markdown
from site_builder.render.mathematics import Typesetter


@pytest.fixture(scope="module")
def typesetter() -> Iterator[Typesetter]:
    with Typesetter() as opened:
        yield opened


def html(text: str, typesetter: Typesetter) -> str:
    """HTML with formulas as ⟨TeX⟩, so that a test can be read."""
    made = markdown.to_html(text, typesetter)
    return typesetter.plain(slots_shown(made)).strip()


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("## A $$x$$ {#the-id}", '<h2 id="the-id">A ⟨x⟩</h2>'),
        ("a $$x_1 \\{ b_2 \\}$$ c", "<p>a ⟨x_1 \\{ b_2 \\}⟩ c</p>"),
        ("$$\nx\n$$", '<div class="equation">⟨\nx\n⟩</div>'),
        ("$5 then $10, a $x$", "<p>$5 then $10, a $x$</p>"),
        ("`$$x$$`", "<p><code>$$x$$</code></p>"),
        ('"a" -- b --- c...', "<p>“a” – b — c…</p>"),
        ("`a -- b`", "<p><code>a -- b</code></p>"),
        ("<figure><b>*a* \\(x\\)</b></figure>", "<figure><b>*a* \\(x\\)</b></figure>"),
        ("a<d-footnote>*b* \\(x\\)</d-footnote>", "<p>a<d-footnote>*b* \\(x\\)</d-footnote></p>"),
        ('a <span class="c">*b*</span>', '<p>a <span class="c"><em>b</em></span></p>'),
        ("a~~b~~", "<p>a<s>b</s></p>"),
    ],
)
def test_reads_as_kramdown_does(typesetter: Typesetter, text: str, made: str) -> None:
    assert html(text, typesetter) == made


def test_tables_and_fenced_code(typesetter: Typesetter) -> None:
    assert "<td" in html("| a | b |\n|---|--:|\n| 1 | 2 |", typesetter)
    fenced = html("```python\ndef f(): pass\n```", typesetter)
    assert '<span class="k">def</span>' in fenced
    assert fenced.count("<pre") == 1
