"""Executed notebooks as lab records: every cell with its outputs, and nothing in them that could run.

nbconvert walks through the cells, chooses a form of each output, and reads Markdown and the colours of a
terminal; the template is ``notebook.html.j2``. To import it takes more than a second, so only who writes such
a page imports this.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.datatypefilter import DataTypeFilter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import from_dict

from site_builder.errors import PageError
from site_builder.files import PROJECT
from site_builder.model import Figure, Harvest, Listing, Table
from site_builder.notebook import cells, reader
from site_builder.post.elements import inside, parse
from site_builder.render import highlight, safe_html, terminal
from site_builder.render.mathematics import Typesetter
from site_builder.render.run_outputs import PRIORITY, Outputs
from site_builder.write import artifact_html

_MATHEMATICS = re.compile(
    r"\$\$(.+?)\$\$|\\\[(.+?)\\\]|(\\begin\{(\w+\*?)\}.*?\\end\{\4\})|\\\((.+?)\\\)|\$(.+?)\$", re.DOTALL
)
"""Formulas in a LaTeX output; those of the first three groups are displayed."""

_BEGIN = re.compile(r"\\begin\{([a-z]*\*?)\}|\\\\([\[(])")
_END = re.compile(r"\\end\{([a-z]*\*?)\}|(?<!\\)\\\\([\])])")
_MOST_WRONG = 20
"""Formulas of a LaTeX output that KaTeX cannot read: what follows so many is shown as it was written."""
_OPENS = {"]": "[", ")": "("}
_MOST_OPEN = 100
"""The reader of Markdown looks for the end of each to the end of the text."""


def read_cells(
    path: Path, harvest: Harvest, typesetter: Typesetter, up: str, notebooks: Mapping[str, str]
) -> str:
    """All cells of the executed notebook at ``path`` as HTML for a page below the root by ``up``.

    ``notebooks`` maps the notebooks of the folder to the pages of their runs, as links to them shall read.
    """
    strangers = safe_html.Strangers(notebooks, partial(_in_head, typesetter))
    outputs, labels = Outputs(harvest, strangers, typesetter, up), _labels(harvest)
    nodes: list[dict[str, Any]] = []
    for cell in reader.executed(path)[1]:
        node = {"cell_type": cell.kind, "metadata": {}, "source": cell.source, "number": cell.index}
        if cell.kind == "markdown":
            where = f"cell {cell.index}"
            nodes.append(node | {"where": where, "title": where, "attachments": cell.attachments})
        elif cell.kind == "code" and cell.source.strip():
            shown = list(outputs.of(cell))
            given = reader.INJECTED in cell.tags
            nodes.append(node | {"label": labels.get(cell.index, ""), "given": given, "outputs": shown})
    exporter = _exporter()
    for name, made in (
        ("markdown", partial(_markdown, typesetter, strangers)),
        ("latex", partial(_latex, typesetter)),
    ):
        exporter.register_filter(name, made)
    exporter.register_filter("words", partial(_words, typesetter))
    notebook = from_dict({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": nodes})
    try:
        root = parse(exporter.from_notebook_node(notebook)[0])
    except PageError as wrong:
        raise PageError(f"{path.name}, {wrong}") from None
    safe_html.fold_long(root)
    return inside(root)


def _labels(harvest: Harvest) -> dict[int, str]:
    """The label of each cell that has one, by its number: the harvest knows what parameters made of it."""
    items: list[Figure | Listing | Table] = [*harvest.figures.values(), *harvest.listings.values()]
    items += harvest.tables.values()
    return {item.origin.cell: item.origin.label for item in items if item.origin.label}


@cache
def _exporter() -> Any:
    """The exporter, with a template of our own, and without steps that change a notebook."""
    exporter = TemplateExporter(
        template_name="base",
        template_file="notebook.html.j2",
        extra_template_paths=[str(PROJECT / "templates" / "pages")],
        default_preprocessors=[],
    )
    jinja = exporter.environment
    jinja.autoescape = jinja.trim_blocks = jinja.lstrip_blocks = True
    exporter.register_filter("filter_data_type", DataTypeFilter(display_data_priority=PRIORITY))
    for name, made in (("code", _code), ("terminal", terminal.block), ("traceback", terminal.traceback)):
        exporter.register_filter(name, made)
    return exporter


def _code(cell: Mapping[str, Any]) -> Markup:
    return Markup(highlight.block(cells.code(cell["source"]), "python", f"Code of cell {cell['number']}"))


def _markdown(
    typesetter: Typesetter, strangers: safe_html.Strangers, source: str, of: Mapping[str, Any]
) -> Markup:
    """Markdown of a cell or an output; of the first, whose author can mend it, no mistake is passed over."""

    def formula(tex: str, display: bool) -> str:
        return _typeset(typesetter, tex, display, of.get("where", ""))

    if _open(source) > _MOST_OPEN:
        raise PageError(f"{of['title']}: more than {_MOST_OPEN} formulas of TeX are begun and not ended")
    renderer = _Renderer(formula, of.get("attachments", {}))
    return Markup(strangers.safe(MarkdownWithMath(renderer).render(source), of["title"]))


def _open(source: str) -> int:
    """How many openings have no end of their kind behind them."""
    ends = {
        match[1] if match[2] is None else _OPENS[match[2]]: match.start() for match in _END.finditer(source)
    }
    names = ((match[1] if match[2] is None else match[2], match.start()) for match in _BEGIN.finditer(source))
    return sum(start > ends.get(name, -1) for name, start in names)


class _Renderer(IPythonRenderer):  # type: ignore[misc]
    """nbconvert's, but formulas are typeset here and not by the reader's browser."""

    def __init__(self, formula: Callable[[str, bool], str], attachments: dict[str, dict[str, str]]) -> None:
        by_address = {quote(name): forms for name, forms in attachments.items()}
        super().__init__(escape=False, exclude_anchor_links=True, attachments=by_address | attachments)
        self._formula = formula

    def block_code(self, code: str, info: str | None = None) -> str:
        """Code with the name of its language; it is coloured with all that is preformatted."""
        return str(super(IPythonRenderer, self).block_code(code, info))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture; one that is not among the attachments has no address, and is named later."""
        missing = url.startswith("attachment:") and url.removeprefix("attachment:") not in self.attachments
        return str(super().image(text, "" if missing else url, title))

    def inline_math(self, body: str) -> str:
        """A formula; no formula begins or ends with a space, so two prices are none."""
        return self._formula(body, False) if body == body.strip() else f"${self.escape_html(body)}$"

    def block_math(self, body: str) -> str:
        """A displayed formula."""
        return self._formula(body, True)

    def latex_environment(self, name: str, body: str) -> str:
        """A displayed formula that needs no dollars."""
        return self._formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", True)

    def task_list_item(self, text: str, checked: bool = False) -> str:
        """An entry of a list of tasks, with a sign where nbconvert has a switch."""
        return f"<li>{'☑' if checked else '☐'} {text}</li>\n"


def _latex(typesetter: Typesetter, source: str) -> Markup:
    """A LaTeX output: its formulas, and the words between them."""
    source, shown, end, wrong = source[: terminal.SHOWN_CHARACTERS], [], 0, 0
    for match in _MATHEMATICS.finditer(source):
        display = match.lastindex is not None and match.lastindex <= 3
        tex = next(filter(None, match.groups()))
        formula = _typeset(typesetter, tex, display, "")
        shown += [escape(source[end : match.start()]), Markup(formula)]
        end = match.end()
        wrong += formula.startswith("<code>")
        if wrong >= _MOST_WRONG:
            break
    return Markup().join([*shown, escape(source[end:])])


def _in_head(typesetter: Typesetter, tex: str) -> str:
    slot = _typeset(typesetter, tex, False, "")
    return f"${tex}$" if slot.startswith("<") else slot


def _words(typesetter: Typesetter, text: str) -> Markup:
    """A text, or the HTML of one, with its formulas."""
    return Markup(typesetter.hold_delimited(artifact_html.text(text), escaped=True))


def _typeset(typesetter: Typesetter, tex: str, display: bool, where: str) -> str:
    """A slot for a formula; one that KaTeX cannot read is shown as it was written, if nobody is ``where``."""
    try:
        typesetter.formula(tex, display)
    except PageError as wrong:
        if where:
            raise PageError(f"{where}: {wrong}") from None
        return f"<code>{escape(tex)}</code>"
    slot = typesetter.hold(tex, display)
    return f'<div class="equation">{slot}</div>' if display else slot
