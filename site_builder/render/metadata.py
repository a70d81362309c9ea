"""What machines read of a page: OpenGraph, ``citation_*`` for scholarly indexes, and JSON-LD."""

import json
from collections.abc import Sequence
from typing import Any

from site_builder.model import Author, Site
from site_builder.post import addresses
from site_builder.render.articles import Article


def open_graph(site: Site, page: str, title: str, description: str, image: str = "") -> list[tuple[str, str]]:
    """``property`` and content; the address and the picture only if they can be absolute."""
    pairs = [
        ("og:site_name", site.title),
        ("og:type", "article" if image else "website"),
        ("og:title", title),
        ("og:description", description),
        ("og:url", addresses.absolute(site, page)),
        ("og:image", addresses.absolute(site, image.removesuffix(".svg") + ".png") if image else ""),
    ]
    return [(name, content) for name, content in pairs if content]


def citation(site: Site, article: Article) -> list[tuple[str, str]]:
    """``name`` and content of the tags that Google Scholar reads."""
    post = article.post
    pairs = [("citation_title", post.title)]
    for author in post.authors:
        pairs.append(("citation_author", author.name))
        pairs.append(("citation_author_institution", author.affiliation))
    pairs += [
        ("citation_publication_date", f"{post.date:%Y/%m/%d}"),
        ("citation_online_date", f"{article.updated:%Y/%m/%d}"),
        ("citation_journal_title", site.title),
        ("citation_fulltext_html_url", addresses.absolute(site, article.page)),
        ("citation_language", "en"),
    ]
    return [(name, content) for name, content in pairs if content]


def json_ld(site: Site, article: Article) -> str:
    """A ``ScholarlyArticle``, safe inside a script element."""
    post = article.post
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "headline": post.title,
        "description": post.description,
        "author": [_person(author) for author in post.authors],
        "datePublished": post.date.isoformat(),
        "dateModified": article.updated.isoformat(),
        "keywords": list(post.tags),
        "isPartOf": {"@type": "WebSite", "name": site.title},
        "version": article.version,
        "url": addresses.absolute(site, article.page),
        "image": addresses.absolute(site, article.image) if article.image else "",
    }
    kept = {name: entry for name, entry in data.items() if entry}
    return json.dumps(kept, ensure_ascii=False).replace("<", "\\u003c")


def _person(author: Author) -> dict[str, Any]:
    person: dict[str, Any] = {"@type": "Person", "name": author.name}
    if author.url:
        person["url"] = author.url
    if author.affiliation:
        person["affiliation"] = {"@type": "Organization", "name": author.affiliation}
    return person


def affiliations(authors: Sequence[Author]) -> list[Author]:
    """The first author of each affiliation, for a byline that names an affiliation once."""
    first: dict[str, Author] = {}
    for author in authors:
        if author.affiliation:
            first.setdefault(author.affiliation, author)
    return list(first.values())
