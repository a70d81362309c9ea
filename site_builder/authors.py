"""Authors, in the one form that site.yaml, templates and al-folio's front matter share."""

from collections.abc import Mapping, Sequence
from typing import Any

from site_builder import web_address
from site_builder.errors import choices
from site_builder.model import Author

_KEYS = ("name", "url", "affiliations")
_PLACE = ("name", "url")


def read(entry: Any) -> Author:
    """An author from ``{name, url, affiliations: {name, url}}``; ``ValueError`` says what is wrong.

    The affiliation is one mapping: the theme shows an empty one for a list.
    """
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str) or not entry["name"]:
        raise ValueError("an author is a mapping with a name, url and affiliations (name, url)")
    place = entry.get("affiliations") or {}
    if not isinstance(place, Mapping):
        raise ValueError("affiliations is one mapping with name and url, not a list")
    for given, known in ((entry, _KEYS), (place, _PLACE)):
        if unknown := [key for key in given if key not in known]:
            raise ValueError(f"{unknown[0]}: unknown key; {choices(known, unknown[0])}")
    for given in (entry, place):
        if given.get("url") and (wrong := web_address.problem(str(given["url"]), mail=True)):
            raise ValueError(f"url: {wrong}")
    return Author(
        name=entry["name"],
        url=str(entry.get("url") or ""),
        affiliation=str(place.get("name") or ""),
        affiliation_url=str(place.get("url") or ""),
    )


def written(authors: Sequence[Author]) -> list[dict[str, Any]]:
    """Authors in the form that :func:`read` takes, without what is empty."""
    entries: list[dict[str, Any]] = []
    for author in authors:
        place = {"name": author.affiliation, "url": author.affiliation_url}
        entry = {"name": author.name, "url": author.url}
        entries.append({key: text for key, text in entry.items() if text})
        if author.affiliation:
            entries[-1]["affiliations"] = {key: text for key, text in place.items() if text}
    return entries
