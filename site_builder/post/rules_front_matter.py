"""Front matter as al-folio takes it: one rule for each row of what is known to go wrong there."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

from site_builder import authors
from site_builder.errors import choices
from site_builder.post import headings, rules_bibliography
from site_builder.post.post_file import Fault, PostSource

_NAME = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})-(?P<slug>[^/]+)\.(?:md|markdown)")
_UNSAFE = {'"': "a straight double quote", "\\": "a backslash", "\n": "a line break", "\t": "a tab"}
_CITES = re.compile(r"<d-cite\b[^>]*\bkey=[\"']([^\"']*)[\"']")
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*$", re.MULTILINE)
_HEADING_ID = re.compile(r"\{#([\w.:-]+)[^}]*\}[ \t]*$")


def _key(
    key: str, wrong: Callable[[Any], Any], problem: str, cure: str
) -> Callable[[PostSource], Iterator[Fault]]:
    """The rule that ``key`` is not ``wrong``; the problem may show its ``{value}``."""

    def rule(source: PostSource) -> Iterator[Fault]:
        value = source.front.get(key)
        if not source.front_error and wrong(value):
            yield (key,), problem.format(value=value), cure

    return rule


layout = _key(
    "layout",
    lambda value: value != "distill",
    "the layout is {value!r}, which has no byline and no citations",
    "layout: distill",
)
title = _key("title", lambda value: not isinstance(value, str), "title is no text", "title: one line of text")
description = _key(
    "description",
    lambda value: not isinstance(value, str),
    "description is no text",
    "description: one line of text",
)
published = _key(
    "published",
    lambda value: value is False,
    "published: false is silently not generated",
    "leave the key out",
)
img = _key(
    "img",
    lambda value: value and not re.match(r"https?://|/assets/", str(value)),
    "img {value!r} is printed as it stands, so it leads nowhere from another folder",
    "a whole URL, or /assets/..., which is found on a site without a baseurl",
)
citation_switch = _key(
    "citation",
    lambda value: value is True,
    "citation: true is ignored by the distill layout",
    "leave it out and write a cite box",
)
styles = _key(
    "_styles",
    lambda value: value is not None and (not isinstance(value, str) or "</" in value),
    "_styles is copied raw into a <style>; this would end it",
    "plain CSS as text",
)


def front_matter(source: PostSource) -> Iterator[Fault]:
    """Nothing else can be checked without it."""
    if source.front_error:
        yield (), source.front_error, "begin the file with --- and YAML"


def json_text(source: PostSource) -> Iterator[Fault]:
    """The theme prints these unescaped into JSON; a broken JSON loses byline, formulas and citations."""
    listed = source.front.get("authors")
    entries = listed if isinstance(listed, list) else []
    places: list[tuple[tuple[str | int, ...], object]] = [
        (("title",), source.front.get("title", "")),
        (("description",), source.front.get("description", "")),
    ]
    for index, author in enumerate(entries):
        if isinstance(author, dict):
            places += [(("authors", index, key), author.get(key, "")) for key in ("name", "url")]
            work = author.get("affiliations")
            if isinstance(work, dict):
                places += [
                    (("authors", index, "affiliations", key), work.get(key, "")) for key in ("name", "url")
                ]
    for place, text in places:
        signs = [name for sign, name in _UNSAFE.items() if sign in str(text).rstrip("\n")]
        if str(text).endswith("\n"):
            signs.append(_UNSAFE["\n"])
        if re.search(r"</?[A-Za-z]", str(text)):
            signs.append("a tag")
        if signs:
            yield (
                place,
                f"{place[-1]} holds {', '.join(dict.fromkeys(signs))}; the theme prints it raw into JSON",
                "one line, typographic quotes “ ”, no backslash, no tag",
            )


def file_name(source: PostSource) -> Iterator[Fault]:
    """Jekyll takes only dated names for posts."""
    if not _NAME.fullmatch(source.path.name):
        yield (), f"{source.path.name} is silently not generated", "name the file YYYY-MM-DD-slug.md"


def date(source: PostSource) -> Iterator[Fault]:
    """The front matter's date decides; one after today hides the post."""
    found, name = source.front.get("date"), _NAME.fullmatch(source.path.name)
    if isinstance(found, dt.datetime):
        found = found.date()
    if found is None:
        return
    if not isinstance(found, dt.date):
        yield ("date",), f"the date {found!r} is none", "date: YYYY-MM-DD"
        return
    if name and name["date"] != found.isoformat():
        yield ("date",), f"the date {found} beats the file name's {name['date']}", "give both the same date"
    if found > dt.date.today():
        yield (
            ("date",),
            f"a post of the future, {found}, is silently not generated",
            "use today's date or earlier",
        )


def affiliations(source: PostSource) -> Iterator[Fault]:
    """Each author has a name and at most one affiliation, a mapping: for a list the byline shows none."""
    listed = source.front.get("authors", [])
    if not isinstance(listed, list):
        yield ("authors",), "authors is no list", "a list of name, url, affiliations"
        return
    for index, author in enumerate(listed):
        try:
            authors.read(author)
        except ValueError as problem:
            yield ("authors", index), str(problem), "- {name: ..., affiliations: {name: ..., url: ...}}"


def bibliography(source: PostSource) -> Iterator[Fault]:
    """The key, its file, and that each citation is in it."""
    found, cited = source.front.get("bibliography"), _citations(source)
    file = rules_bibliography.cited_file(source)
    if found is None and cited:
        problem = "something is cited, but the front matter has no bibliography"
        yield cited[0][0], problem, "bibliography: <slug>.bib"
    elif found is not None and not cited:
        yield ("bibliography",), "a bibliography, but nothing is cited", "leave the key out"
    if found is not None and (not str(found).endswith(".bib") or "/" in str(found)):
        yield ("bibliography",), f"bibliography {found!r} is no plain file name", "bibliography: <slug>.bib"
    elif found is not None and file is None:
        yield ("bibliography",), f"{found} does not exist", "put it into assets/bibliography/"
    if file is not None:
        known = rules_bibliography.keys(file[1])
        for offset, key in cited:
            if key not in known:
                yield offset, f"citation key {key!r} is unknown; it shows as ?", choices(known, key)


def _citations(source: PostSource) -> list[tuple[int, str]]:
    """Each key cited in the body and where."""
    return [
        (match.start(), key.strip()) for match in _CITES.finditer(source.prose) for key in match[1].split(",")
    ]


def toc(source: PostSource) -> Iterator[Fault]:
    """Every entry has a heading with the id that Liquid's slugify gives its name."""
    ids = set(re.findall(r"\{#([\w.:-]+)", source.prose))
    ids |= set(re.findall(r"\bid=[\"']([^\"']+)[\"']", source.prose))
    entries = source.front.get("toc", [])
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and "name" in entry for entry in entries
    ):
        yield ("toc",), "toc is no list of names", "toc: [{name: ...}]"
        return
    for index, entry in enumerate(entries):
        place: tuple[str | int, ...] = ("toc", index)
        below = entry.get("subsections") or []
        for name in [entry["name"], *(sub.get("name", "") for sub in below if isinstance(sub, dict))]:
            if (slug := headings.slug(str(name))) not in ids:
                yield (
                    place,
                    f"toc entry {name!r} links to #{slug}, which no heading has",
                    f"give its heading {{#{slug}}}",
                )


def heading_id(source: PostSource) -> Iterator[Fault]:
    """Kramdown's own ids differ from what the theme's table of contents links to."""
    for match in _HEADING.finditer(source.markdown):
        if not _HEADING_ID.search(source.body[match.start() : match.end()]):
            text = headings.name(source.body[match.start(2) : match.end(2)])
            yield (
                match.start(),
                f"heading {text!r} has no id of its own",
                f"## {text} {{#{headings.slug(text)}}}",
            )
