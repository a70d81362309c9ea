"""Jinja for the templates of our own pages."""

import base64
import hashlib
from functools import partial

from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined
from markupsafe import Markup

from site_builder.files import PROJECT
from site_builder.memo import Memo
from site_builder.model import Site, Tree
from site_builder.post import addresses
from site_builder.write import templating

THEME = (
    'try { const theme = localStorage.getItem("theme"); '
    "if (theme) document.documentElement.dataset.theme = theme; } catch {}"
)
"""The only script that is written into pages: the chosen theme, before anything is drawn."""
POLICY = (
    "default-src 'none'; "
    f"script-src 'self' 'sha256-{base64.b64encode(hashlib.sha256(THEME.encode()).digest()).decode()}'; "
    "style-src 'self' 'unsafe-inline'; style-src-elem 'self'; "
    "font-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""What a browser may load for a page: files of the site, and nothing else that is written into it. Formulas
and interactive figures have styles of single elements; ``make serve`` asks for the number of its build.
"""


def environment(tree: Tree, site: Site, memo: Memo) -> Environment:
    """Templates of the site's own tree first, then those of the press."""
    places = [tree.page_templates, PROJECT / "templates" / "pages"]
    jinja = Environment(
        loader=templating.Loader(places),
        bytecode_cache=FileSystemBytecodeCache(str(memo.place("compiled-pages"))),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.globals |= {
        "policy": POLICY,
        "theme": THEME,
        "Markup": Markup,
        "absolute": partial(addresses.absolute, site),
    }
    return jinja
