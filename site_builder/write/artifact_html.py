"""HTML of figures, tables, listings, claims and records in the form that al-folio and our pages accept.

The forms themselves are Jinja macros. Each is raw HTML without a blank line, because a blank line ends a
block of HTML for a CommonMark reader; text is escaped for HTML, for Liquid, which reads first, and for the
theme's MathJax, which reads last. Captions may have formulas, emphasis, code, links; data stay as they are.
"""

import html
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import PurePath
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from site_builder import files, reserved
from site_builder.model import Claim, Scalar, Table, Value, is_number
from site_builder.notebook import cells
from site_builder.notebook.formulas import FORMULA, in_data
from site_builder.post import emphasis, numbers
from site_builder.verdict import Verdict
from site_builder.write import templating

_NO_NUMBER = re.compile(r"<(?!/?(?:sup|span)>)")
"""The begin of an element that no number has when it is shown."""
_MACROS = files.PROJECT / "templates" / "macros"


def text(value: Any) -> Markup:
    """``value`` escaped for an element of HTML; markup passes through."""
    if isinstance(value, Markup):
        return value
    pieces = FORMULA.split(attribute(value))
    return Markup(
        "".join(one if FORMULA.fullmatch(one) else one.replace("$", "<span>$</span>") for one in pieces)
    )


def attribute(value: Any) -> Markup:
    """``value`` escaped for an attribute of HTML; markup passes through."""
    return (
        value
        if isinstance(value, Markup)
        else Markup(str(escape(value)).replace("{{", "&#123;&#123;").replace("{%", "&#123;%"))
    )


def caption(written: str) -> Markup:
    """A notebook's caption: ``**strong**``, ``*emphasis*``, code, links and formulas; all else is text."""
    held = iter(FORMULA.findall(written))
    [line] = _captions().parseInline(FORMULA.sub("".join(reserved.KEPT), written))
    out = []
    for token in line.children or ():
        if token.type == "code_inline":
            out.append(f"<code>{text(token.content)}</code>")
        elif token.type == "link_open":
            out.append(f'<a href="{attribute(token.attrs["href"])}">')
        else:
            element = f"<{'/' * (token.nesting < 0)}{token.tag}>"
            out.append(element if token.tag else _inert(token.content))
    whole = re.sub("".join(reserved.KEPT), lambda _: str(text(next(held))), "".join(out))
    return Markup(whole)


def _inert(words: str) -> str:
    """The text of a caption, in which no reader of markdown finds more than was found."""
    return re.sub(r"[*`]|(?<![^\W_])_|_(?![^\W_])|(?<=\])\(", lambda sign: f"&#{ord(sign[0])};", text(words))


@cache
def _captions() -> MarkdownIt:
    reader = MarkdownIt("zero").enable(["emphasis", "backticks", "link", "escape"])
    reader.inline.ruler.at("emphasis", emphasis.stars)
    reader.validateLink = lambda url: url.startswith(("https://", "http://", "#"))  # type: ignore[method-assign]
    return reader


def markup(trusted: str) -> Markup:
    """HTML that an author or the press wrote, with Liquid's signs made harmless."""
    return Markup(trusted.replace("{{", "&#123;&#123;").replace("{%", "&#123;%"))


def kept_number(shown: str) -> Markup:
    """A number as a changelog keeps it: HTML already, but of no other element than a number has."""
    return markup(_NO_NUMBER.sub("&lt;", shown))


def plain(fragment: str) -> str:
    r"""The words of an HTML fragment; a raised or lowered part becomes a formula in ``\(...\)``."""
    raised = re.sub(r"<su([pb])>(.*?)</su\1>", _raised, fragment)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", raised)).split())


def _raised(match: re.Match[str]) -> str:
    sign = "^" if match[1] == "p" else "_"
    return rf"\({sign}{{{match[2].replace(numbers.MINUS, '-')}}}\)"


def code(source: str) -> Markup:
    """Code inside Liquid's raw tags and a block of HTML: no blank line, no early end of the raw part."""
    lines = "\n".join(line.rstrip() for line in source.strip("\n").splitlines())
    joined = re.sub(r"\n+(?=\n)", lambda match: "&#10;" * len(match[0]), html.escape(lines))
    return Markup(re.sub(r"\{%(?=-?\s*endraw)", "&#123;%", joined))


def asset(path: PurePath) -> Markup:
    """The address of a file below ``assets/``, right under any base URL."""
    return Markup("{{{{ '/assets/{}' | relative_url }}}}").format(path.as_posix())


@cache
def _macros() -> Any:
    jinja = Environment(
        loader=templating.Loader(_MACROS),
        bytecode_cache=FileSystemBytecodeCache(),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=text,
        **templating.DELIMITERS,
    )
    jinja.filters |= {"code": code, "asset": asset, "cell_code": cells.code, "attribute": attribute}
    return jinja.get_template("artifacts.html.j2").module


def block(macro: str, **things: Any) -> str:
    """What a macro writes, without blank lines."""
    written = str(getattr(_macros(), macro)(**things))
    return re.sub(r"\n[ \t]*(?=\n)", "", written).strip()


@cache
def styles() -> str:
    """The style sheet that a post brings along into an al-folio site."""
    return (_MACROS / "al_folio.css").read_text(encoding="utf-8")


def table(item: Table, formats: dict[str, str], result: str) -> dict[str, list[Any]]:
    """The ``heads`` and ``rows`` of a table's macro; ``formats`` maps columns to format specifications, and
    ``result`` is the column that stays in view.
    """
    numeric = [any(is_number(row[place]) for row in item.rows) for place in range(len(item.columns))]
    specs = [formats.get(column, "") for column in item.columns]
    kinds = [
        " ".join(kind for kind, so in (("number", right), ("result", column == result)) if so)
        for column, right in zip(item.columns, numeric, strict=True)
    ]
    return {
        "heads": [
            {"text": in_data(column), "kind": kind} for column, kind in zip(item.columns, kinds, strict=True)
        ],
        "rows": [
            [
                {"text": _entry(entry, spec), "kind": kind}
                for entry, spec, kind in zip(row, specs, kinds, strict=True)
            ]
            for row in item.rows
        ],
    }


def _entry(entry: Scalar, spec: str) -> Markup:
    if isinstance(entry, str):
        return text(in_data(entry))
    return Markup(numbers.in_table(entry, spec))


def value(item: Value, shown: str) -> str:
    """A traced number in a sentence; ``shown`` is HTML."""
    origin = item.origin
    return (
        f'<span class="value" data-run="{origin.run}" data-name="{item.name}" '
        f'data-cell="{origin.cell}">{shown}</span>'
    )


def value_row(item: Value, shown: Sequence[str], before: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """A value as the record of its run lists it; ``shown`` are the forms in which the post prints it, and
    ``before`` says what it and its interval were, as ``Edition.before`` does.
    """
    interval = ""
    if item.low is not None and item.high is not None:
        interval = f"{numbers.in_table(item.low, '')} to {numbers.in_table(item.high, '')}"
    unit = text(f" {item.unit}") if item.unit else ""
    return {
        "name": item.name,
        "text": Markup("; ".join(shown)) + unit,
        "interval": Markup(interval),
        "n": "" if item.n is None else f"{item.n:,}",
        "note": item.note,
        "before": [{**one, "old": kept_number(one["old"])} for one in before],
        "cell": item.origin.cell,
    }


def claim_start(finding: Verdict, identity: str) -> str:
    """What comes before a sentence that makes a claim."""
    return f'<span class="claim claim-{finding}" id="{identity}">'


def claim_end(finding: Verdict, record: str) -> str:
    """What comes after it: the mark that leads to its record."""
    return (
        f'</span><a class="claim-mark" href="#{record}" aria-label="claim: {finding.words}">'
        f"{finding.sign}</a>"
    )


def effects(item: Claim) -> list[tuple[str, Markup]]:
    """What a claim is about, typeset."""
    return [(effect.what, Markup(numbers.effect(effect))) for effect in item.effects]


def equation(label: str, tex: str, number: int) -> str:
    """A numbered display formula, with the element that a reference leads to before it."""
    return f'<a id="{label}" class="anchor"></a>\n\n$$\n{tex} \\tag{{{number}}}\n$$'
