"""What a reader takes from a post: words, figures, listings, formulas and citations, from either build.

Formulas, citations and footnotes leave a sign in the words, so that their places are compared too.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bs4 import BeautifulSoup, NavigableString, Tag

from site_builder import reserved

_TEX = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
UP = "../../../"
"""From the page of a post to the root of the site."""
_CODE = ("pre", "d-code", "code")


@dataclass(frozen=True)
class Reading:
    """``figures``: id, addresses of the pictures from the site's root, and their alternative texts."""

    words: tuple[str, ...]
    figures: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    listings: tuple[str, ...]
    formulas: tuple[str, ...]
    citations: tuple[tuple[str, ...], ...]
    footnotes: tuple[str, ...]


def slots_shown(text: str) -> str:
    """``text`` with its slots for formulas between ⟨ and ⟩, so that a test can be read."""
    begin, end = reserved.SLOT
    return text.replace(begin, f"⟨{begin}").replace(end, f"{end}⟩")


def of_jekyll(article: str, base: str) -> Reading:
    """The reading of what Jekyll put between ``<article>`` and ``</article>`` for a site at ``base``."""
    soup = BeautifulSoup(article, "html.parser")
    for listed in soup.select(".run-values"):
        listed.decompose()
    formulas: list[str] = []
    _delimited(soup, formulas)
    listings = _listings(soup)
    citations = [tuple(str(cite["key"]).split(",")) for cite in soup.find_all("d-cite")]
    _sign(soup, "d-cite", "[*]")
    footnotes = [_words(note) for note in soup.find_all("d-footnote")]
    _sign(soup, "d-footnote", "^")
    figures = _figures(soup, lambda address: address.removeprefix(f"{base}/"))
    return _reading(soup, figures, listings, formulas, citations, footnotes)


def of_ours(page: str) -> Reading:
    """The reading of one of our pages."""
    soup = BeautifulSoup(page, "html.parser")
    body, appendix = soup.select_one("article .body"), soup.select_one("article .appendix")
    assert body is not None
    for copy in soup.select(".margin-note"):
        copy.decompose()
    # Our pages list the values by section, and say below a table where it comes from.
    for moved in soup.select("figure .table-scroll > .provenance"):
        caption = moved.find_parent("figure").find("figcaption")
        caption.append(moved.extract())
    formulas = []
    for formula in soup.select(".formula[data-tex]"):
        formulas.append(_tidy(str(formula["data-tex"])))
        formula.replace_with(" ∎ ")
    footnotes = []
    for note in soup.select(".footnotes > li"):
        for back in note.select(".back"):
            back.decompose()
        footnotes.append(_words(note))
    added_by_us = ".footnotes, .references, .cell-link, .fold, .explore-bar, .figure-data, .numbers"
    for added in soup.select(f"#footnotes, #references, .records > summary, .run-values, {added_by_us}"):
        added.decompose()
    whole = BeautifulSoup("", "html.parser")
    for part in [*body.contents, *(appendix.contents if appendix else [])]:
        whole.append(part.extract())
    listings = _listings(whole)
    citations = [
        tuple(str(link["href"]).removeprefix("#ref-") for link in cite.select("a.cite"))
        for cite in whole.select(".citation")
    ]
    _sign(whole, ".citation", "[*]")
    _sign(whole, "sup.footnote", "^")
    figures = _figures(whole, lambda address: address.removeprefix(UP))
    return _reading(whole, figures, listings, formulas, citations, footnotes)


def _reading(
    soup: BeautifulSoup,
    figures: list[tuple[str, tuple[str, ...], tuple[str, ...]]],
    listings: list[str],
    formulas: list[str],
    citations: list[tuple[str, ...]],
    footnotes: list[str],
) -> Reading:
    # Our footnotes stand at the end of the page, so their formulas come last: order is not compared.
    return Reading(
        words=tuple(_words(soup).split()),
        figures=tuple(figures),
        listings=tuple(listings),
        formulas=tuple(sorted(formulas)),
        citations=tuple(citations),
        footnotes=tuple(footnotes),
    )


def _delimited(soup: BeautifulSoup, formulas: list[str]) -> None:
    """Take out what MathJax would typeset."""

    def take(match: re.Match[str]) -> str:
        formulas.append(_tidy(match[1] or match[2]))
        return " ∎ "

    for text in soup.find_all(string=_TEX):
        if not any(parent.name in _CODE for parent in text.parents):
            text.replace_with(NavigableString(_TEX.sub(take, str(text))))


def _tidy(tex: str) -> str:
    return " ".join(tex.split())


def _listings(soup: BeautifulSoup) -> list[str]:
    """Take out blocks of code, in the order of the page."""
    found = []
    for block in soup.select("pre"):
        found.append(block.get_text().strip("\n"))
        block.decompose()
    return found


def _sign(soup: BeautifulSoup, selector: str, sign: str) -> None:
    for element in soup.select(selector):
        element.replace_with(sign)


def _figures(
    soup: BeautifulSoup, address: Callable[[str], str]
) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    found = []
    for figure in soup.find_all("figure"):
        pictures = [picture for picture in figure.find_all("img") if isinstance(picture, Tag)]
        found.append(
            (
                str(figure.get("id", "")),
                tuple(address(str(picture["src"])) for picture in pictures),
                tuple(str(picture.get("alt", "")) for picture in pictures),
            )
        )
    return found


def _words(soup: Tag) -> str:
    """Text with the space that blocks make, and none where a sign follows a word."""
    for block in soup.find_all(
        ["p", "li", "td", "th", "dt", "dd", "h2", "h3", "h4", "summary", "figcaption", "div"]
    ):
        block.append(" ")
    return " ".join(soup.get_text().split())
