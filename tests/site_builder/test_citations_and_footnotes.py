import pytest
from bs4 import BeautifulSoup

from site_builder.errors import PageError
from site_builder.post.bibliography import Reference
from site_builder.post.elements import inside, parse
from site_builder.render import citations_and_footnotes

REFERENCES = {
    "a": Reference(
        "article",
        "a",
        {
            "title": "On <b> & sums",
            "author": "Gauss, Carl Friedrich and Ada Example",
            "journal": "Journal of Orbits",
            "volume": "3",
            "pages": "12--15",
            "year": "1809",
            "doi": "10.1000/182",
        },
    ),
    "b": Reference(
        "misc", "b", {"title": "B", "author": "B", "year": "2020", "url": "https://example.org/x"}
    ),
    "c": Reference(
        "misc",
        "c",
        {"title": "C.", "author": "C", "year": "2021", "eprint": "2101.00001", "archiveprefix": "arXiv"},
    ),
}


def test_citations_are_numbered_by_first_appearance() -> None:
    page = parse('x<d-cite key="b"></d-cite> y<d-cite key="a, b"></d-cite>')
    listed = citations_and_footnotes.cite(page, REFERENCES, "x.md")
    assert [entry.id for entry in listed] == ["ref-b", "ref-a"]
    assert inside(page) == (
        'x<span class="citation">[<a class="cite" href="#ref-b">1</a>]</span> '
        'y<span class="citation">[<a class="cite" href="#ref-a">2</a>, '
        '<a class="cite" href="#ref-b">1</a>]</span>'
    )


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(PageError, match=r"x\.md: no reference 'z' in its bibliography; known: a, b, c"):
        citations_and_footnotes.cite(parse('x<d-cite key="z"></d-cite>'), REFERENCES, "x.md")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Gauss, Carl and Euler, L.", "Carl Gauss, L. Euler"),
        ("Gauss, Carl and others", "Carl Gauss et al."),
        ("Gauss, Carl and Others, Anna", "Carl Gauss, Anna Others"),
        ("Gauss, Carl and et\u00a0al.", "Carl Gauss et al."),
    ],
)
def test_others_are_no_author(written: str, shown: str) -> None:
    assert citations_and_footnotes.authors(written) == shown


def test_entries_of_the_reference_list() -> None:
    assert citations_and_footnotes.entry(REFERENCES["a"]) == (
        '<span class="reference-title">On &lt;b&gt; &amp; sums</span>. Carl Friedrich Gauss, Ada Example. '
        'Journal of Orbits, vol. 3, pp. 12–15, 1809. <a href="https://doi.org/10.1000/182">doi:10.1000/182</a>'
    )
    assert citations_and_footnotes.addresses(REFERENCES["b"]) == [("example.org", "https://example.org/x")]
    assert citations_and_footnotes.addresses(REFERENCES["c"]) == [
        ("arXiv:2101.00001", "https://arxiv.org/abs/2101.00001")
    ]
    assert ">C.</span>" in citations_and_footnotes.entry(REFERENCES["c"])


def test_footnotes_of_both_kinds_share_one_list() -> None:
    page = parse(
        '<p>x<d-footnote>one <em>1</em></d-footnote> y<sup class="footnote-ref">'
        '<a href="#fn1" id="fnref1">[1]</a>'
        '</sup></p><hr class="footnotes-sep"><section class="footnotes"><ol><li id="fn1"><p>two '
        '<a href="#fnref1" class="footnote-backref">↩</a></p></li></ol></section>'
    )
    listed = citations_and_footnotes.footnotes(page)
    assert [(note.id, note.html.split(" <a")[0]) for note in listed] == [
        ("fn-1", "one <em>1</em>"),
        ("fn-2", "two"),
    ]
    assert 'href="#fnref-2"' in listed[1].html
    assert inside(page) == (
        '<p>x<sup class="footnote">'
        '<a class="fn" id="fnref-1" href="#fn-1" aria-label="Footnote 1">1</a></sup> y<sup class="footnote">'
        '<a class="fn" id="fnref-2" href="#fn-2" aria-label="Footnote 2">2</a></sup></p>'
    )


def with_notes_beside(text: str) -> BeautifulSoup:
    page = parse(text)
    citations_and_footnotes.beside(page, citations_and_footnotes.footnotes(page))
    return BeautifulSoup(inside(page), "html.parser")


def test_the_notes_of_a_paragraph_stand_at_its_head_in_their_order() -> None:
    page = with_notes_beside(
        "<p>a<d-footnote>one</d-footnote> b<d-footnote>two</d-footnote></p>"
        "<ul><li>c<d-footnote>three</d-footnote></li></ul>"
    )
    paragraph, item = page.find("p"), page.find("li")
    assert paragraph is not None
    assert item is not None
    assert paragraph.get_text(" ", strip=True) == "1 one 2 two a 1 b 2"
    assert item.get_text(" ", strip=True) == "3 three c 3"
    assert all(note["aria-hidden"] == "true" for note in page.select(".margin-note"))


def test_the_notes_of_a_paragraph_follow_the_aside_beside_it() -> None:
    page = with_notes_beside(
        "<p>a<d-footnote>one</d-footnote></p><aside><p>by<d-footnote>two</d-footnote></p></aside><p>b</p>"
    )
    assert page.get_text(" ", strip=True) == "a 1 by 2 1 one 2 two b"
    assert [note.parent.name for note in page.select(".margin-note") if note.parent] == ["aside", "aside"]


def test_a_note_beside_the_text_takes_no_focus_and_no_id() -> None:
    page = with_notes_beside(
        '<p>a<d-footnote>see <a href="https://example.org" id="there">it</a></d-footnote></p>'
    )
    (note,) = page.select(".margin-note")
    assert [(link["href"], link["tabindex"]) for link in note.select("a")] == [("https://example.org", "-1")]
    assert not note.select("[id], .back")


def test_a_note_in_a_figure_is_in_the_list_only() -> None:
    page = parse("<figure><figcaption><p>a<d-footnote>one</d-footnote></p></figcaption></figure>")
    listed = citations_and_footnotes.footnotes(page)
    citations_and_footnotes.beside(page, listed)
    assert len(listed) == 1
    assert "margin-note" not in inside(page)
