"""The Atom feed and the sitemap."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from site_builder.model import Site
from site_builder.post import addresses
from site_builder.render.articles import Article

_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def atom(site: Site, articles: Sequence[Article]) -> str:
    """All posts, newest first. Addresses are relative to the feed while the site has none.

    An entry's id is made from the names of site and post, so it stays when either moves.
    """
    feed = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _add(feed, "title", site.title)
    _add(feed, "subtitle", site.description)
    _add(feed, "id", _identity(site.title))
    newest = max((article.updated for article in articles), default=dt.date(1970, 1, 1))
    _add(feed, "updated", _instant(newest))
    _add(feed, "link", rel="self", href=addresses.absolute(site, "feed.xml") or "feed.xml")
    _add(feed, "link", rel="alternate", href=addresses.absolute(site, "index.html") or "index.html")
    for article in sorted(articles, key=lambda one: one.post.date, reverse=True):
        post = article.post
        entry = ElementTree.SubElement(feed, "entry")
        _add(entry, "title", post.title)
        _add(entry, "id", _identity(f"{site.title}/{post.date.year}/{post.slug}"))
        _add(entry, "link", rel="alternate", href=addresses.absolute(site, article.page) or article.page)
        _add(entry, "published", _instant(post.date))
        _add(entry, "updated", _instant(article.updated))
        _add(entry, "summary", post.description)
        for author in post.authors:
            _add(ElementTree.SubElement(entry, "author"), "name", author.name)
        for tag in post.tags:
            _add(entry, "category", term=tag)
    return _text(feed)


def sitemap(site: Site, pages: Iterable[str]) -> str:
    """The addresses of ``pages``, which a sitemap must give in full: only for a site that has one."""
    root = ElementTree.Element("urlset", {"xmlns": _SITEMAP})
    for page in pages:
        _add(ElementTree.SubElement(root, "url"), "loc", addresses.absolute(site, page))
    return _text(root)


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> None:
    ElementTree.SubElement(parent, name, attributes).text = text or None


def _identity(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def _instant(day: dt.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _text(root: ElementTree.Element) -> str:
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
