"""How to cite: BibTeX and plain text of a post or a figure, and the LaTeX that shows a figure."""

import datetime as dt
import re
from dataclasses import dataclass

from site_builder.model import Author, Site
from site_builder.post import addresses, tex

_PLACE = re.compile(r"^\[\d+\]\s+")
"""The number before the title of a post of a series: a reference list has its own."""


@dataclass(frozen=True)
class Work:
    """What is cited: a post in one version, at ``url`` ("" while it is not published)."""

    slug: str
    title: str
    authors: tuple[Author, ...]
    year: int
    url: str
    version: str
    site: str


def work(site: Site, slug: str, day: dt.date, title: str, authors: tuple[Author, ...], version: str) -> Work:
    """The work that a post of ``site`` is."""
    url = addresses.absolute(site, addresses.page(day, slug))
    return Work(slug, _PLACE.sub("", title), authors, day.year, url, version, site.title)


def bibtex(work: Work, figure: str = "", anchor: str = "") -> str:
    """The entry of :func:`entry` with all that it needs, to be copied alone."""
    return with_needs(entry(work, figure, anchor))


def with_needs(entries: str) -> str:
    """BibTeX with the commands that it uses."""
    return f'@preamble{{"{tex.PROVIDED}"}}\n{entries}' if tex.ASIAN in entries else entries


def entry(work: Work, figure: str = "", anchor: str = "") -> str:
    """BibTeX for the post, or for its ``figure`` (such as "Figure 2") at ``anchor``."""
    key = re.sub(r"[^a-z0-9]+", "", work.slug) + str(work.year)
    note = f"{figure}, version {work.version}" if figure else f"Version {work.version}"
    fields = [
        # Braced once more: BibTeX styles would put titles in lower case and take groups' names apart.
        ("title", f"{{{tex.text(work.title)}}}"),
        ("author", " and ".join(f"{{{tex.text(author.name)}}}" for author in work.authors)),
        ("year", str(work.year)),
        ("howpublished", tex.text(work.site)),
        ("url", work.url + (f"#{anchor}" if anchor and work.url else "")),
        ("note", note),
    ]
    lines = [f"  {name} = {{{written}}}" for name, written in fields if written]
    return f"@misc{{{key}{anchor and '-' + anchor},\n" + ",\n".join(lines) + "\n}"


def sentence(work: Work) -> str:
    """The post as a line of a reference list."""
    names = ", ".join(author.name for author in work.authors)
    address = f" {work.url}" if work.url else ""
    return f"{names} ({work.year}). {work.title}. {work.site}, version {work.version}.{address}"


def latex_figure(label: str, caption: str) -> str:
    """The float that shows the figure's PDF in a paper."""
    return "\n".join(
        (
            r"\begin{figure}",
            r"  \centering",
            rf"  \includegraphics[width=\linewidth]{{{label}.pdf}}",
            rf"  \caption{{{tex.text(caption)}}}",
            rf"  \label{{{label.replace('-', ':', 1)}}}",
            r"\end{figure}",
        )
    )
