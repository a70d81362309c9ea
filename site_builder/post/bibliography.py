"""References: one checked source file, and for each post the small .bib that al-folio's reader parses.

That reader runs in the browser and gives up on anything unusual, with every citation lost, so a post's
file has only its cited entries, every value in braces, no braces inside, and plain UTF-8.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from site_builder import files, web_address
from site_builder.errors import PostError, choices

_FIELDS = (
    *("title", "author", "editor", "journal", "booktitle", "publisher", "institution", "school"),
    *("howpublished", "year", "volume", "number", "pages", "eprint", "archiveprefix", "doi", "url", "note"),
)
_WANTED = ("title", "author", "year")
OTHERS = "et\u00a0al."
"""A name without a plain space, so that no reader takes it for a first and a last one."""
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9:_-]*")


@dataclass(frozen=True)
class Reference:
    """One entry: its type ("article", ...), key, and fields in plain UTF-8 by lower-case name."""

    type: str
    key: str
    fields: Mapping[str, str]


def load(path: Path) -> dict[str, Reference]:
    """All entries of ``path`` by key; a missing file has none. Raises ``PostError`` with every problem."""
    if not path.is_file():
        return {}
    import bibtexparser

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = bibtexparser.parse_string(files.read_text(path, error=PostError))
    problems = [
        f"{path.name}:{block.start_line + 1}: {str(block.error) or 'this entry cannot be read'}"
        for block in library.failed_blocks
    ]
    references = {}
    for entry in library.entries:
        fields = {field.key.lower(): _plain(str(field.value)) for field in entry.fields}
        where = f"{path.name}:{entry.start_line + 1}: {entry.key!r}"
        problems += _problems(where, entry.key, fields)
        references[entry.key] = Reference(entry.entry_type.lower(), entry.key, fields)
    if problems:
        raise PostError("\n".join(problems))
    return references


def _plain(value: str) -> str:
    return " ".join(value.replace("{", "").replace("}", "").split())


def _problems(where: str, key: str, fields: Mapping[str, str]) -> list[str]:
    problems = [f"{where} has no {name}" for name in _WANTED if not fields.get(name)]
    if not _KEY.fullmatch(key):
        problems.append(f"{where}: a key has letters, digits, '-', '_' and ':' only")
    if unknown := [name for name in fields if name not in _FIELDS]:
        problems.append(f"{where} has unknown fields {', '.join(unknown)}; {choices(_FIELDS, unknown[0])}")
    if fields.get("url") and (wrong := web_address.problem(fields["url"])):
        problems.append(f"{where}: url: {wrong}")
    problems += [
        f"{where}: {name} holds {sign!r}, which the pages' reader cannot parse; write plain UTF-8"
        for name, value in fields.items()
        for sign in ("\\", "#", '"')
        if sign in value
    ]
    return problems


def minimal(references: Mapping[str, Reference], keys: Iterable[str]) -> str:
    """The .bib of a post that cites ``keys``, all known."""
    return "\n".join(entry(references[key]) for key in sorted(set(keys)))


def entry(reference: Reference) -> str:
    """One entry as BibTeX."""
    written = dict(reference.fields)
    for name in ("author", "editor"):
        # BibTeX's word for "and more", which the pages' reader would print as one more person.
        if name in written:
            written[name] = re.sub(r" and others$", f" and {OTHERS}", written[name])
    fields = [f"  {name} = {{{written[name]}}}" for name in _FIELDS if name in written]
    return f"@{reference.type}{{{reference.key},\n" + ",\n".join(fields) + "\n}\n"
