"""What machines read beside what the page templates say: JSON-LD of a post, the feed, the sitemap."""

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from jinja2 import Environment

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


def feed_and_sitemap(
    site: Site, written: Sequence[Article], jinja: Environment, pages: Iterable[str]
) -> dict[str, str | bytes]:
    """The feed, and for a site with an address, which they need in full, the sitemap and where it is."""
    articles = sorted(written, key=lambda one: (one.post.date, one.post.title), reverse=True)
    feed = jinja.get_template("feed.xml.j2").render(
        site=site,
        articles=articles,
        newest=max((article.updated for article in articles), default=dt.date(1970, 1, 1)),
        identity=lambda name: f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}",
    )
    files: dict[str, str | bytes] = {"feed.xml": feed}
    if site.url:
        left_out = {"404.html", *(addresses.before(article.post.slug) for article in articles)}
        listed = [page for page in pages if page not in left_out]
        files["sitemap.xml"] = jinja.get_template("sitemap.xml.j2").render(pages=listed)
        place = addresses.absolute(site, "sitemap.xml")
        files["robots.txt"] = f"User-agent: *\nAllow: /\nSitemap: {place}\n"
    return files
