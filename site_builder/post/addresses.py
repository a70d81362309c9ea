"""Where a post is found: one rule for our pages and for al-folio, so that what is cited answers in both."""

import datetime as dt
import re
from pathlib import Path

from site_builder.model import Site

IN_THEME = re.compile(r"^/?blog/(?P<year>\d{4})/(?P<slug>[^/]+)/(?:index\.html)?(?=$|[?#])")
"""What a post's address looks like in the theme, below the base URL."""


def slug(post: Path) -> str:
    """The slug in the name of a post's file, ``<date>-<slug>.md``."""
    return post.stem[len("2000-01-01-") :]


def in_theme(day: dt.date, slug: str) -> str:
    """The address of a post below the base URL, as al-folio makes it."""
    return f"/blog/{day.year}/{slug}/"


def page(day: dt.date, slug: str) -> str:
    """The file of a post's page below the root of the site. Links spell it out, for pages opened as files."""
    return f"{in_theme(day, slug)[1:]}index.html"


def before(slug: str) -> str:
    """The file at which a post's page stood until 2026-11, which leads on to where it is now."""
    return f"{slug}.html"


def up(page: str) -> str:
    """The way from a page to the root of the site: "" or a number of "../"."""
    return "../" * page.count("/")


def absolute(site: Site, page: str) -> str:
    """The whole address of a page, "" while the site has none. A server leaves ``index.html`` unsaid."""
    if not site.url or re.match("https?://", page):
        return page if site.url else ""
    unsaid = re.sub(r"(^|/)index\.html$", r"\1", page)
    return f"{site.url.rstrip('/')}/{unsaid}"
