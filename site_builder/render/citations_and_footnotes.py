"""Citations and footnotes of a post: numbered in the text, listed at its end."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from site_builder.errors import PageError, choices
from site_builder.post import bibliography
from site_builder.post.bibliography import Reference
from site_builder.post.elements import (
    Element,
    around,
    having,
    inside,
    parse,
    put_first,
    put_last,
    replace,
    take,
)

_VENUES = ("journal", "booktitle", "publisher", "institution", "school", "howpublished")


@dataclass(frozen=True)
class Listed:
    """An entry of a list at the end of a post: the id that the text links to, and its HTML."""

    id: str
    html: str


def cite(root: Element, references: Mapping[str, Reference], file: str) -> list[Listed]:
    """Number every ``d-cite`` in the order of first appearance; the reference list, in that order."""
    numbers: dict[str, int] = {}
    for element in having(root, "d-cite"):
        keys = [key.strip() for key in element.attrib["key"].split(",")]
        for key in keys:
            if key not in references:
                raise PageError(
                    f"{file}: no reference {key!r} in its bibliography; {choices(references, key)}"
                )
            numbers.setdefault(key, len(numbers) + 1)
        links = ", ".join(f'<a class="cite" href="#ref-{key}">{numbers[key]}</a>' for key in keys)
        replace(element, f'<span class="citation">[{links}]</span>')
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


def footnotes(root: Element) -> list[Listed]:
    """Number every ``d-footnote`` and every footnote of markdown; their list, in order."""
    _from_markdown(root)
    listed: list[Listed] = []
    for element in having(root, "d-footnote"):
        number = len(listed) + 1
        back = f'<a class="back" href="#fnref-{number}" aria-label="Back to the text">↩</a>'
        listed.append(Listed(f"fn-{number}", f"{inside(element).strip()} {back}"))
        replace(
            element,
            f'<sup class="footnote"><a class="fn" id="fnref-{number}" href="#fn-{number}" '
            f'aria-label="Footnote {number}">{number}</a></sup>',
        )
    return listed


def beside(body: Element, listed: Sequence[Listed]) -> None:
    """A copy of each footnote at the head of its paragraph, which a wide page shows in the margin.

    It floats there, so the notes of a paragraph follow one another and never meet those of the next. Where
    an aside stands beside the paragraph, they are at its end. The list stays what is read aloud and reached
    by keyboard. Figures and tables end elsewhere than the text, so their notes have no copy.
    """
    words = {note.id: note.html for note in listed}
    for block in body.iterchildren("p", "ul", "ol", "blockquote", "aside"):
        notes: dict[Element, str] = {}
        for mark in having(block, "a", of_class="fn"):
            paragraph = around(mark, "p", "li")
            paragraph = block if paragraph is None else paragraph
            copy = _copy(mark.text_content(), words[mark.get("href")[1:]])
            notes[paragraph] = notes.get(paragraph, "") + copy
        after = block if block.tag == "aside" else block.getnext()
        if after is not None and after.tag == "aside":
            put_last(after, "".join(notes.values()))
            continue
        for paragraph, copies in notes.items():
            put_first(paragraph, copies)


def _copy(number: str, words: str) -> str:
    note = parse(f'<small class="margin-note" aria-hidden="true"><sup>{number}</sup> {words}</small>')
    for back in having(note, "*", of_class="back"):
        take(back)
    for part in having(note, "*", "id"):
        del part.attrib["id"]
    for link in having(note, "a"):
        link.set("tabindex", "-1")  # what is not read aloud must not take the focus
    return inside(note)


def _from_markdown(root: Element) -> None:
    """The footnotes that the markdown parser made, as ``d-footnote``."""
    for mark in having(root, "sup", of_class="footnote-ref"):
        link = next(mark.iter("a"), None)
        target = None if link is None else root.get_element_by_id(link.get("href", "#")[1:], None)
        if target is not None:
            for back in having(target, "a", of_class="footnote-backref"):
                take(back)
            words = " ".join(inside(paragraph).strip() for paragraph in having(target, "p"))
            replace(mark, f"<d-footnote>{words}</d-footnote>")
    for made in having(root, "hr", of_class="footnotes-sep") + having(root, "section", of_class="footnotes"):
        take(made)
