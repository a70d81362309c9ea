"""What machines read of a post beside what the page templates say: JSON-LD."""

import json
from typing import Any

from site_builder.model import Author, Site
from site_builder.post import addresses
from site_builder.render.articles import Article


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
    place = {"@type": "Organization", "name": author.affiliation} if author.affiliation else None
    person = {"@type": "Person", "name": author.name, "url": author.url, "affiliation": place}
    return {name: entry for name, entry in person.items() if entry}
