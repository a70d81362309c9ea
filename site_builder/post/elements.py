"""Trees of HTML: read from a fragment, changed in place, written again.

The parser is libxml2's, in C. Text belongs to the element before it (``tail``) or around it (``text``), so
whatever moves elements has to take care of the text behind them: that is done here.
"""

import re
from collections.abc import Mapping
from html import escape
from itertools import accumulate
from typing import Any

from lxml import etree, html

Element = Any
"""An ``lxml.html.HtmlElement``."""
_EMPTY = ("source", "track", "wbr")
"""Elements without content that are younger than libxml2's list of them."""
DEEPEST = 200
"""Elements in each other: more than any page needs. Some readers of HTML take the square of its depth."""
_THEIR_ENDS = re.compile(f"</(?:{'|'.join(_EMPTY)})>")


_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Signs that a tree takes from a file, and from nobody who changes it."""


def parse(fragment: str) -> Element:
    """An element around a fragment of HTML."""
    fragment = _NO_TEXT.sub("", fragment)
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    root = html.document_fromstring(f"<html><body>{fragment}</body></html>".encode(), parser=parser).body
    for element in list(root.iter(*_EMPTY)):
        element.addprevious(element.makeelement(element.tag, element.attrib))
        element.drop_tag()
    return root


def depth(root: Element) -> int:
    """How many elements lie in each other, ``root`` being one."""
    steps = (1 if event == "start" else -1 for event, _ in etree.iterwalk(root, events=("start", "end")))
    return max(accumulate(steps))


def inside(element: Element) -> str:
    """The HTML of what an element holds."""
    parts = [etree.tostring(part, method="html", encoding="unicode") for part in element]
    return escape(element.text or "", quote=False) + _THEIR_ENDS.sub("", "".join(parts))


def having(root: Element, name: str, *attributes: str, of_class: str = "") -> list[Element]:
    """The elements below ``root`` of that ``name`` ("*": of any) with all these attributes and the class."""
    return [
        element
        for element in root.iterdescendants(name)
        if all(one in element.attrib for one in attributes) and (not of_class or of_class in classes(element))
    ]


def classes(element: Element) -> list[str]:
    """The classes of an element."""
    return str(element.get("class", "")).split()


def around(element: Element, *names: str) -> Element | None:
    """The nearest element of one of these names that holds ``element``, if one does."""
    return next(element.iterancestors(*names), None)


def put_before(element: Element, fragment: str) -> None:
    """Put a fragment of HTML before an element."""
    parts, earlier = parse(fragment), element.getprevious()
    if earlier is None:
        element.getparent().text = (element.getparent().text or "") + (parts.text or "") or None
    else:
        earlier.tail = (earlier.tail or "") + (parts.text or "") or None
    for part in parts:
        element.addprevious(part)


def put_first(element: Element, fragment: str) -> None:
    """Put a fragment of HTML at the beginning of an element."""
    mark = element.makeelement("mark")
    mark.tail, element.text = element.text, None
    element.insert(0, mark)
    replace(mark, fragment)


def put_last(element: Element, fragment: str) -> None:
    """Put a fragment of HTML at the end of an element."""
    replace(etree.SubElement(element, "mark"), fragment)


def take(element: Element) -> Element:
    """An element out of its tree; the text behind it stays."""
    element.drop_tree()
    element.tail = None
    return element


def replace(element: Element, fragment: str) -> None:
    """Put a fragment of HTML in the place of an element."""
    put_before(element, fragment)
    take(element)


def wrap(element: Element, name: str, attributes: Mapping[str, str]) -> Element:
    """A new element of that ``name`` around ``element``."""
    box = element.makeelement(name, attributes)
    element.addprevious(box)
    box.tail, element.tail = element.tail, None
    box.append(element)
    return box
