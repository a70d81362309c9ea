from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from site_builder import reserved
from site_builder.errors import BuildError, PageError
from site_builder.render import mathematics
from site_builder.render.mathematics import Typesetter

FORMULAS = [
    r"\mathbb{Q}_v",
    r"\frac{a}{b} + \sqrt{2} + \sqrt[3]{x}",
    r"\begin{aligned} a &= b \\ c &= d \end{aligned} \tag{1}",
    r"\begin{align} a &= b \\ c &= d \end{align}",
    r"\hat\gamma + \lVert x \rVert_2 + \lvert y \rvert",
    r"\sum_{i=1}^n \operatorname{Var}(x_i) \sim \mathcal N(0, 0.1)",
    r"\tau_d^2 = n_{\mathcal H}\,\sigma_{\mathcal H,d}^2",
    r"\operatorname*{arg\,max}_x \underbrace{f(x)}_{\text{a word}} \quad \boldsymbol\theta",
    r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix} \begin{cases} 1 & x \gt 0 \\ 0 & \text{else} \end{cases}",
]


@pytest.fixture(scope="module")
def typesetter() -> Iterator[Typesetter]:
    with Typesetter() as opened:
        yield opened


@pytest.mark.parametrize("tex", FORMULAS)
@pytest.mark.parametrize("display", [True, False])
def test_formula_has_a_look_mathml_and_tex(typesetter: Typesetter, tex: str, display: bool) -> None:
    if not display:
        tex = tex.replace(r" \tag{1}", "").replace("{align}", "{aligned}")
    made = typesetter.formula(tex, display)
    root = ElementTree.fromstring(made)
    assert root.tag == ("div" if display else "span")
    assert root.get("data-tex") == tex
    namespace = {"m": "http://www.w3.org/1998/Math/MathML"}
    annotation = root.find(".//m:annotation", namespace)
    assert annotation is not None
    assert annotation.text == tex
    assert annotation.get("encoding") == "application/x-tex"
    hidden = root.find(".//span[@aria-hidden='true']")
    assert hidden is not None
    assert hidden.get("class") == "katex-html"


def test_mathml_says_what_the_tex_says(typesetter: Typesetter) -> None:
    assert '<msub><mi mathvariant="double-struck">Q</mi><mi>v</mi></msub>' in typesetter.formula(FORMULAS[0])


def test_a_mistake_is_told_with_the_formula(typesetter: Typesetter) -> None:
    with pytest.raises(PageError, match=r"formula '\\\\foo\{': Undefined control sequence: \\foo"):
        typesetter.formula(r"\foo{")


def test_a_mistake_in_what_was_published_is_told_with_its_cell(typesetter: Typesetter) -> None:
    good, bad = typesetter.hold("x"), typesetter.hold(r"\bar{")
    page = f'<figure id="fig-a" class="l" data-run="one" data-cell="3">{good}</figure><p>{good}</p>'
    shown = f'{page}<figure id="tbl-b" class="l" data-run="two" data-cell="5"><b>{bad}</b></figure>{bad}'
    with pytest.raises(PageError, match=r"^blog/a: two.ipynb, cell 5 \(tbl-b\): formula '\\\\bar\{'"):
        typesetter.fill(shown, "blog/a")
    with pytest.raises(PageError, match=r"^blog/a: formula"):
        typesetter.fill(page + bad, "blog/a")


@pytest.mark.parametrize(
    "tex",
    [r"\htmlClass{x}{y}", r"\href{javascript:alert(1)}{x}", r"\includegraphics{https://example.org/x.png}"],
)
def test_no_formula_makes_a_link_or_an_element(typesetter: Typesetter, tex: str) -> None:
    with pytest.raises(PageError, match="have no place in a formula"):
        typesetter.formula(tex)


def test_text_in_a_formula_is_escaped(typesetter: Typesetter) -> None:
    assert "<script" not in typesetter.formula(r"\text{<script>}")


def test_slots_pass_through_text_and_are_filled(typesetter: Typesetter) -> None:
    text = typesetter.hold_delimited(r"before \(a_1\) between \[b_2\] after $$c_3$$, but 5$ and (d)")
    assert typesetter.plain(text) == "before a_1 between b_2 after c_3, but 5$ and (d)"
    filled = typesetter.fill(text)
    assert filled.count('class="formula"') == 3
    assert filled.count("katex-display") == 1
    assert reserved.ANY.search(filled) is None


def test_style_sheet_names_only_fonts_it_brings(typesetter: Typesetter) -> None:
    sheet, fonts = typesetter.style_sheet()
    assert set(fonts) == {f"{name}" for name in _urls(sheet)}
    assert "KaTeX_Main-Regular.woff2" in fonts
    assert all(content.startswith(b"wOF2") for content in fonts.values())
    assert "http" not in sheet


def test_code_and_style_sheet_are_of_one_release(typesetter: Typesetter) -> None:
    version = typesetter._engine.eval("katex.version")
    assert str(version).startswith("0.16.")
    assert f'content:"{version}"' in typesetter.style_sheet()[0]


def _urls(sheet: str) -> list[str]:
    return [piece.split(")")[0] for piece in sheet.split("url(")[1:]]


def test_a_missing_package_is_an_authors_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mathematics, "_PACKAGE", "no-such-package-of-katex")
    with pytest.raises(BuildError, match="no-such-package-of-katex is not installed"):
        Typesetter()
