"""What a post shows with a number: figures, tables, listings, code of the project, formulas.

Each function takes what the author wrote and returns a mark; what it refuses names the template's line.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from site_builder.errors import choices
from site_builder.files import digest
from site_builder.model import Harvest, Origin
from site_builder.post import citation, headings, interactive, kinds, numbers
from site_builder.post.rules_html import LAYOUTS, NARROW_PAGE
from site_builder.post.sidecar import ShownFigure
from site_builder.write import artifact_html, project_code, prose
from site_builder.write.draft import Draft
from site_builder.write.placeholders import Place

_EQUATION = re.compile(r"eq-[a-z0-9]+(-[a-z0-9]+)*")


class Exhibits:
    """The functions of one post's template that number what they show. ``work`` gives what is cited,
    which is known only when the whole post is.
    """

    def __init__(self, draft: Draft, assets: Path, work: Callable[[], citation.Work]) -> None:
        self.draft, self.assets, self.work = draft, assets, work

    def figure(
        self,
        run: str,
        label: str,
        width: str = "l-body",
        caption: str | None = None,
        interactive: str | Mapping[str, Any] | None = None,
    ) -> str:
        """A figure of ``run``; ``caption`` is HTML that replaces the notebook's.

        ``interactive`` is a mapping of ``kind``, one of ``kinds.KINDS``, and its options.
        """
        draft, harvest = self.draft, self.draft.harvest(run)
        item = draft.find(run, "figure", label, harvest.figures)
        self._check_width(width)
        explored = self._interactive(label, interactive, harvest)
        numbered = draft.number(label, "Figure")
        draft.codes.setdefault((run, item.origin.cell), label)
        drawn = [item.files[ending] for ending in ("svg", "narrow.svg") if ending in item.files]
        content = b"".join((self.assets / path).read_bytes() for path in drawn)
        draft.used("figure", run, label, {"": digest(content, 12)})
        folder = item.files["svg"].parent
        data = [folder / f"{label}.{ending}" for ending in ("csv", "json")] if label in harvest.data else []

        def resolve() -> str:
            shown = self._caption(caption, item.caption)
            words = artifact_html.plain(shown)
            draft.figures[label] = ShownFigure(label, run, numbered.number, words)
            return artifact_html.block(
                "figure",
                item=item,
                narrow_page=NARROW_PAGE,
                numbered=numbered.name,
                width=width,
                caption=shown,
                alt=item.alt,
                latex=citation.latex_figure(label, words),
                bibtex=citation.bibtex(self.work(), numbered.name, label),
                data=data,
                interactive=explored,
                **self._card(label, item.origin),
            )

        return draft.mark(Place.BLOCK, resolve)

    def _check_width(self, width: str) -> None:
        if width not in LAYOUTS:
            self.draft.fail(f"no width {width!r}; {choices(LAYOUTS, width)}")

    def _interactive(
        self, label: str, asked: str | Mapping[str, Any] | None, harvest: Harvest
    ) -> dict[str, str]:
        """The attributes that make a figure interactive on our pages."""
        if asked is None:
            return {}
        try:
            found = interactive.attributes(asked, harvest.data.get(label))
        except kinds.InteractiveError as problem:
            self.draft.fail(f"figure {label!r}: {problem}")
        path = harvest.figures[label].files["svg"].with_name(f"{label}.json")
        return found | {"source": artifact_html.asset(path)}

    def table(
        self,
        run: str,
        label: str,
        caption: str | None = None,
        formats: Mapping[str, str] | None = None,
        width: str = "l-body",
        result: str = "",
    ) -> str:
        """A table of ``run``; ``formats`` maps column names to format specifications. The first column and
        the one named ``result`` stay in view where the table is wider than the page.
        """
        draft, harvest, formats = self.draft, self.draft.harvest(run), dict(formats or {})
        item = draft.find(run, "table", label, harvest.tables)
        self._check_width(width)
        if unknown := [
            column for column in (*formats, *filter(None, [result])) if column not in item.columns
        ]:
            draft.fail(f"{label!r} has no column {unknown[0]!r}; {choices(item.columns, unknown[0])}")
        try:
            cells = artifact_html.table(item, formats, result)
        except numbers.NumberError as misfit:
            draft.fail(f"an entry of {label!r} {misfit}")
        numbered = draft.number(label, "Table")
        draft.codes.setdefault((run, item.origin.cell), label)
        draft.used("table", run, label, {"": digest(repr((item.columns, item.rows)), 12)})

        def resolve() -> str:
            shown = self._caption(caption, item.caption)
            return artifact_html.block(
                "table",
                item=item,
                label=label,
                numbered=numbered.name,
                width=width,
                caption=shown,
                **cells,
                **self._card(label, item.origin),
            )

        return draft.mark(Place.BLOCK, resolve)

    def listing(self, run: str, label: str, caption: str | None = None) -> str:
        """A code cell of ``run`` as it was executed."""
        draft, harvest = self.draft, self.draft.harvest(run)
        item = draft.find(run, "listing", label, harvest.listings)
        numbered = draft.number(label, "Listing")
        draft.codes[run, item.origin.cell] = label  # also before a figure of this cell: here it is unfolded

        def resolve() -> str:
            shown = self._caption(caption, item.caption)
            card = self._card(label, item.origin)
            return artifact_html.block("listing", item=item, numbered=numbered.name, caption=shown, **card)

        return draft.mark(Place.BLOCK, resolve)

    def source(self, name: str, caption: str | None = None, label: str | None = None) -> str:
        """The code of an object of the project; its label is ``lst-`` and the slug of its name."""
        draft = self.draft
        try:
            item = project_code.find(draft.shelf.experiments, name)
        except project_code.SourceError as missing:
            draft.fail(str(missing))
        label = label or f"lst-{headings.slug(name)}"
        numbered = draft.number(label, "Listing")

        def resolve() -> str:
            shown = self._caption(caption, "")
            return artifact_html.block(
                "source", item=item, label=label, numbered=numbered.name, caption=shown
            )

        return draft.mark(Place.BLOCK, resolve)

    def equation(self, label: str, tex: str) -> str:
        """A numbered display formula."""
        draft = self.draft
        if not _EQUATION.fullmatch(label):
            draft.fail(f"{label!r} is no label of an equation: eq- and lower-case letters, digits, '-'")
        if "|" in tex:
            draft.fail(f"{label!r}: '|' makes the line a table: write \\lvert, \\rvert, \\Vert or \\mid")
        safe = prose.safe_tex(tex.strip())
        numbered = draft.number(label, "Equation")
        return draft.mark(Place.BLOCK, lambda: artifact_html.equation(label, safe, numbered.number))

    def _caption(self, own: str | None, notebook: str) -> Markup:
        if own is None:
            return artifact_html.caption(notebook)
        return Markup(self.draft.marks.resolve(artifact_html.markup(own)))

    def _card(self, label: str, origin: Origin) -> dict[str, Any]:
        """What a provenance card says: ``card`` is the label whose card has the cell's code, and
        ``shared_with`` its name where that is another label, so that no code stands twice in a post.
        """
        harvest = self.draft.harvests[origin.run]
        owner = self.draft.codes[origin.run, origin.cell]
        return {
            "notebook": harvest.run.notebook.name,
            "digest": harvest.record.fingerprint.digest[:12],
            "card": owner,
            "shared_with": "" if owner == label else self.draft.labels[owner].name,
        }
