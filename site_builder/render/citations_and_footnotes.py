"""Citations and footnotes of a post: numbered in the text, listed at its end."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

from site_builder.errors import PageError, choices
from site_builder.post import bibliography
from site_builder.post.bibliography import Reference
from site_builder.render.elements import having

_VENUES = ("journal", "booktitle", "publisher", "institution", "school", "howpublished")


@dataclass(frozen=True)
class Listed:
    """An entry of a list at the end of a post: the id that the text links to, and its HTML."""

    id: str
    html: str


def cite(soup: BeautifulSoup, references: Mapping[str, Reference], file: str) -> list[Listed]:
    """Number every ``d-cite`` in the order of first appearance; the reference list, in that order."""
    numbers: dict[str, int] = {}
    for element in soup.find_all("d-cite"):
        keys = [key.strip() for key in str(element["key"]).split(",")]
        for key in keys:
            if key not in references:
                raise PageError(
                    f"{file}: no reference {key!r} in its bibliography; {choices(references, key)}"
                )
            numbers.setdefault(key, len(numbers) + 1)
        links = ", ".join(f'<a class="cite" href="#ref-{key}">{numbers[key]}</a>' for key in keys)
        _replace(element, f'<span class="citation">[{links}]</span>')
    return [Listed(f"ref-{key}", entry(references[key])) for key in numbers]


def entry(reference: Reference) -> str:
    """A line of the reference list: title, authors, venue, year, and where to find it."""
    fields = {name: html.escape(text) for name, text in reference.fields.items()}
    venue = next((fields[name] for name in _VENUES if name in fields), "")
    number = ", ".join(
        f"{word}{fields[name]}"
        for name, word in (("volume", "vol. "), ("number", "no. "), ("pages", "pp. "))
        if name in fields
    )
    place = ", ".join(part for part in (venue, number.replace("--", "–"), fields.get("year", "")) if part)
    parts = [f'<span class="reference-title">{fields["title"]}</span>', authors(fields.get("author", ""))]
    links = ", ".join(f'<a href="{address}">{name}</a>' for name, address in addresses(reference))
    return ". ".join(part.rstrip(".") for part in (*parts, place) if part) + f". {links}".rstrip()


def authors(names: str) -> str:
    """``Last, First and Last, First and others`` as ``First Last, First Last et al.``"""
    people = [re.sub(r"^([^,]+),\s*(.+)$", r"\2 \1", person.strip()) for person in names.split(" and ")]
    more = " et al." if people[-1] in ("others", bibliography.OTHERS) else ""
    return ", ".join(person for person in (people[:-1] if more else people) if person) + more


def addresses(reference: Reference) -> list[tuple[str, str]]:
    """Names and addresses of where a reference is found: DOI, arXiv, URL."""
    fields = {name: html.escape(text, quote=True) for name, text in reference.fields.items()}
    found = []
    if "doi" in fields:
        found.append((f"doi:{fields['doi']}", f"https://doi.org/{fields['doi']}"))
    if fields.get("archiveprefix", "").lower() == "arxiv" and "eprint" in fields:
        found.append((f"arXiv:{fields['eprint']}", f"https://arxiv.org/abs/{fields['eprint']}"))
    if "url" in fields and all(fields["url"] != address for _, address in found):
        found.append((re.sub(r"^https?://(www\.)?([^/]+).*$", r"\2", fields["url"]), fields["url"]))
    return found


def footnotes(soup: BeautifulSoup) -> list[Listed]:
    """Number every ``d-footnote`` and every footnote of markdown; their list, in order."""
    _from_markdown(soup)
    listed: list[Listed] = []
    for element in soup.find_all("d-footnote"):
        number = len(listed) + 1
        back = f'<a class="back" href="#fnref-{number}" aria-label="Back to the text">↩</a>'
        listed.append(Listed(f"fn-{number}", f"{element.decode_contents().strip()} {back}"))
        _replace(
            element,
            f'<sup class="footnote"><a class="fn" id="fnref-{number}" href="#fn-{number}" '
            f'aria-label="Footnote {number}">{number}</a></sup>',
        )
    return listed


def beside(body: BeautifulSoup, listed: Sequence[Listed]) -> None:
    """A copy of each footnote at the head of its paragraph, which a wide page shows in the margin.

    It floats there, so the notes of a paragraph follow one another and never meet those of the next. The
    list stays what is read aloud and reached by keyboard. Figures and tables end elsewhere than the text,
    so their notes have no copy.
    """
    words = {note.id: note.html for note in listed}
    for block in body.find_all(["p", "ul", "ol", "blockquote"], recursive=False):
        for mark in having(block, "a", of_class="fn"):
            paragraph = mark.find_parent(["p", "li"]) or block
            note = _copy(mark.get_text(), words[str(mark["href"])[1:]])
            earlier = paragraph.find_all("small", class_="margin-note", recursive=False)
            if earlier:
                earlier[-1].insert_after(note)
            else:
                paragraph.insert(0, note)


def _copy(number: str, words: str) -> BeautifulSoup:
    opening = '<small class="margin-note" aria-hidden="true">'
    note = BeautifulSoup(f"{opening}<sup>{number}</sup> {words}</small>", "html.parser")
    for back in having(note, True, of_class="back"):
        back.decompose()
    for part in having(note, True, "id"):
        del part["id"]
    for link in note.find_all("a"):
        link["tabindex"] = "-1"  # what is not read aloud must not take the focus
    return note


def _from_markdown(soup: BeautifulSoup) -> None:
    """The footnotes that the markdown parser made, as ``d-footnote``."""
    for mark in having(soup, "sup", of_class="footnote-ref"):
        target = soup.find(id=str(mark.a["href"])[1:]) if mark.a else None
        if isinstance(target, Tag):
            for back in having(target, "a", of_class="footnote-backref"):
                back.decompose()
            words = " ".join(paragraph.decode_contents().strip() for paragraph in target.find_all("p"))
            _replace(mark, f"<d-footnote>{words}</d-footnote>")
    ends = having(soup, "hr", of_class="footnotes-sep") + having(soup, "section", of_class="footnotes")
    for made in ends:
        made.decompose()


def _replace(element: Tag, fragment: str) -> None:
    element.replace_with(BeautifulSoup(fragment, "html.parser"))
