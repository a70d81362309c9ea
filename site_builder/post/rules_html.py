"""Liquid, HTML and code in a post's body: one rule for each way in which al-folio breaks them silently."""

import re
from collections.abc import Iterator

from site_builder.post.post_file import Fault, PostSource, cover

LANGUAGES = (
    "bash", "clike", "css", "go", "html", "javascript", "js", "julia", "lua", "markdown", "markup", "mathml",
    "md", "python", "svg", "xml",
)  # fmt: skip
"""Languages that the highlighter behind d-code knows; it shows an empty box for any other."""
LAYOUTS = (
    "l-body",
    "l-body-outset",
    "l-gutter",
    "l-page",
    "l-page-outset",
    "l-screen",
    "l-screen-inset",
)

NARROW_PAGE = "screen and (max-width: 719px)"
"""The pages, as a media query, that have no room for a wide drawing at its own size."""

MARKS = re.compile(
    r"\*\*?\S(?:[^*\n]*\S)?\*\*?|(?<![\w/])__?[^\W_](?:[^_\n]*\w)?__?(?!\w)|`[^`\n]+`"
    r"|\[[^\]\n]+\]\([^)\n]+\)|\$\$"
)
"""What looks like markdown."""
_ADDRESS = re.compile(r"\{\{-?\s*(?:'[^'{}]*'|\"[^\"{}]*\")\s*\|\s*relative_url\s*-?\}\}")
_LIQUID = re.compile(r"\{\{|\{%")
_RAW = "{% raw %}...{% endraw %}"
_SAFE_CODE = (
    _RAW + ' round <pre style="white-space:normal;..."><d-code block language="python">, a newline, '
    "escaped code, a newline, </d-code></pre>"
)
_BOOTSTRAP = re.compile(
    r"row|col(?:-(?:xs|sm|md|lg|xl))?(?:-(?:\d+|auto))?|container(?:-fluid)?|card(?:-\w+)?|btn(?:-[\w-]+)?|"
    r"[mp][trblxyse]?-(?:\d|auto)|"
    r"img-fluid|d-(?:flex|block|none|inline-block)|text-(?:center|muted|right|left)|rounded|z-depth-\d|"
    r"justify-content-\w+|align-items-\w+|offset-\w+-\d+|table-(?:striped|hover|bordered|responsive)|jumbotron"
)
_TAG = re.compile(r"<(?P<name>[A-Za-z][\w-]*+)(?P<rest>(?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+)>")
_BARE = re.compile(r"(?:^|\s)([A-Za-z][\w-]*)(?=\s|/|$)")
_QUOTED = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_BOOLEAN = re.compile("hidden|open|block|async|defer|controls|autoplay|loop|muted|reversed|disabled|checked")
_VOID = re.compile("br|hr|img|input|source|track|wbr|link|meta|col|area")
_ELEMENT = re.compile(
    r"a|abbr|address|article|aside|audio|b|bdi|bdo|blockquote|button|caption|center|cite|"
    r"code|colgroup|data|dd|del|details|dfn|div|dl|dt|em|fieldset|figcaption|figure|"
    r"footer|form|h1|h2|h3|h4|h5|h6|header|i|iframe|ins|kbd|label|legend|li|main|"
    r"mark|math|nav|ol|optgroup|option|p|picture|pre|q|rp|rt|ruby|s|samp|script|"
    r"section|select|small|span|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|"
    r"tfoot|th|thead|time|tr|u|ul|var|video|path|g|defs|use|rect|circle|line|text|"
    r"polyline|polygon|d-cite|d-footnote|d-code|d-math"
)


def liquid_in_code(source: PostSource) -> Iterator[Fault]:
    """Liquid runs before kramdown, also inside code: outputs vanish, tags stop the site's build."""
    for span in source.code:
        if span.kind == "tag":
            continue
        for match in _LIQUID.finditer(source.liquid, span.start, span.end):
            yield match.start(), f"{match[0]} in code is run by Liquid", f"{_RAW} round the code"


def liquid(source: PostSource) -> Iterator[Fault]:
    """In text only the address of a file may be Liquid's: all else is emptied, or unknown to our pages."""
    hidden = [(span.start, span.end) for span in source.code if span.kind != "tag"]
    for match in _LIQUID.finditer(source.liquid):
        if any(start <= match.start() < end for start, end in hidden):
            continue
        if match[0] == "{{" and not _ADDRESS.match(source.liquid, match.start()):
            yield (
                match.start(),
                "{{ in the text is run by Liquid",
                f"{_RAW}, '/a' | relative_url, or '{{ {{' in a formula",
            )
        tag = re.compile(r"\{%-?\s*(\w*)").match(source.liquid, match.start())
        if tag and tag[1] != "include":
            yield (
                match.start(),
                f"the Liquid tag {tag[1]!r} stops the whole site's build or prints nothing",
                _RAW,
            )


def include_figure(source: PostSource) -> Iterator[Fault]:
    """The include is named ``figure.html`` in old themes and ``figure.liquid`` in new ones."""
    for match in re.finditer(r"\{%-?\s*include\b", source.liquid):
        if not any(span.start <= match.start() < span.end for span in source.code):
            yield (
                match.start(),
                "an include exists in old themes only, or in new ones only",
                '<figure id="..."><img alt="..."><figcaption>',
            )


def raw_closed(source: PostSource) -> Iterator[Fault]:
    """Liquid stops at a raw block without an end."""
    tags = list(re.finditer(r"\{%-?\s*(raw|endraw)\s*-?%\}", source.body))
    if len(tags) % 2 and tags[-1][1] == "raw":
        yield tags[-1].start(), "raw is not closed: the site's build stops", "{% endraw %}"


def d_code(source: PostSource) -> Iterator[Fault]:
    """A minifier joins the lines of a plain d-code, and an unknown language shows an empty box."""
    for span in source.code:
        if span.kind not in ("pre", "d-code"):
            continue
        for match in re.finditer(r"<d-code\b([^>]*)>(.?)", span.text, re.DOTALL):
            offset = span.start + match.start()
            style = re.match(r"<pre\b[^>]*style=[\"'][^\"']*white-space:\s*normal", span.text)
            outside = source.liquid[offset : offset + 2].strip()
            if not style or outside or match[2] != "\n" or not re.search(r"\bblock\b", match[1]):
                yield offset, "a plain d-code loses its lines and has its $ typeset", _SAFE_CODE
            language = re.search(r"language=[\"']([^\"']*)[\"']", match[1])
            if language is None or language[1] not in LANGUAGES:
                named = repr(language[1]) if language else "missing"
                yield (
                    offset,
                    f"the language is {named}: d-code shows an empty box",
                    f"one of {', '.join(LANGUAGES)}",
                )


def d_math(source: PostSource) -> Iterator[Fault]:
    """Formulas are written the one way that every reader shows."""
    for match in re.finditer(r"<d-math\b", source.prose):
        yield match.start(), "d-math needs a third party's script", "$$x$$"


def note_first(source: PostSource) -> Iterator[Fault]:
    """Kramdown takes it for a block of its own and splits the paragraph."""
    for match in re.finditer(
        r"^[ \t>]*+(?:(?:[-*+]|\d+\.)[ \t]+)?<(d-cite|d-footnote)\b", source.markdown, re.MULTILINE
    ):
        line_before = source.markdown[: match.start()].rstrip(" \t").removesuffix("\n").rpartition("\n")[2]
        item = not match[0].lstrip(" \t>").startswith("<")
        if item or not line_before.strip():
            yield match.start(), f"{match[1]} first in a paragraph splits it", "put words before it"


def literal_markdown(source: PostSource) -> Iterator[Fault]:
    """Kramdown leaves the content of these elements alone."""
    formula = re.compile(r"\\\(.*?\\\)|\\\[.*?\\\]|(?<!\$)\$[^$\n]+\$(?!\$)", re.DOTALL)
    # Code spans are what is looked for, too; the code of elements is not.
    code = [(span.start, span.end) for span in source.code if span.kind != "ticks"]
    body = cover(source.body, code, " ")
    for span in source.literals:
        text = re.sub(r"<[^>]*>|\{\{.*?\}\}", lambda tag: " " * len(tag[0]), body[span.start : span.end])
        text = formula.sub(lambda found: " " * len(found[0]), text)
        if match := MARKS.search(text):
            yield (
                span.start + match.start(),
                f"{match[0]!r} in <{span.kind}> is shown literally",
                "HTML, or \\(...\\)",
            )


def markdown_in_html(source: PostSource) -> Iterator[Fault]:
    """To kramdown a block of HTML ends with its element, to CommonMark at a blank line."""
    blank = re.compile(r"\n[ \t]*\n")
    for span in source.html:
        inner, after = blank.search(source.body, span.start, span.end), blank.search(source.prose, span.end)
        begin = inner.end() if inner else span.end
        if "markdown=" in span.text:
            crowded = re.match(r"[^>\n]*markdown=[^>\n]*>[^\n]*\n[ \t]*\S", span.text)
            begin = span.start if crowded else span.end
        for text, start, end in (
            (source.prose, begin, span.end),
            (source.markdown, span.end, after.start() if after else len(source.prose)),
        ):
            if match := MARKS.search(text, start, end):
                problem = f"{match[0]!r} is markdown to one reader and text to another"
                yield match.start(), problem, "HTML inside an element, a blank line after it"


def asset_url(source: PostSource) -> Iterator[Fault]:
    """A path from the root breaks under a baseurl; a relative one always."""
    pattern = re.compile(
        r"(?:\b(?:src|href|srcset|poster|data)=[\"']|\]\(\s*)(?P<to>/(?!/)[^\"')\s]*|(?:\.{1,2}/)*assets/[^\"')\s]*"
        r"|\.\./[^\"')\s]*)"
    )
    for match in pattern.finditer(source.prose):
        yield (
            match.start("to"),
            f"{match['to']} breaks under a baseurl",
            f"{{{{ '/{match['to'].lstrip('./')}' | relative_url }}}}",
        )


def bootstrap(source: PostSource) -> Iterator[Fault]:
    """Classes of a style sheet that newer themes no longer load."""
    for match in re.finditer(r"<[A-Za-z][^<>]*\bclass=[\"']([^\"']*)[\"']", source.prose):
        if found := [name for name in match[1].split() if _BOOTSTRAP.fullmatch(name)]:
            yield (
                match.start(),
                f"Bootstrap's {' '.join(found)} is gone in al-folio v1",
                "plain HTML, or an l- class",
            )


def jquery(source: PostSource) -> Iterator[Fault]:
    """A script library that newer themes no longer load."""
    for span in source.code:
        if span.kind == "script" and (match := re.search(r"\bjQuery\b|\$\s*\(|\$\.", span.text)):
            yield span.start + match.start(), "jQuery is gone in al-folio v1", "plain JavaScript"


def layout_class(source: PostSource) -> Iterator[Fault]:
    """An unknown width class leaves a figure at no width at all."""
    for match in re.finditer(r"<[A-Za-z][^<>]*\bclass=[\"']([^\"']*)[\"']", source.prose):
        for name in match[1].split():
            if name.startswith("l-") and name not in LAYOUTS:
                yield match.start(), f"there is no layout class {name}", f"one of {', '.join(LAYOUTS)}"


def bare_angle(source: PostSource) -> Iterator[Fault]:
    """``a<b and b>c`` holds a tag named b."""
    for match in re.finditer(r"<(?=[A-Za-z])", source.markdown):
        if re.match(r"<[a-z]+:[^\s<>]+>|<[\w.+-]+@[\w.-]+>", source.markdown[match.start() :]):
            continue
        tag = _TAG.match(source.markdown, match.start())
        if tag is None or not _is_element(tag, source.markdown):
            yield (
                match.start(),
                f"{source.body[match.start() : match.start() + 12]!r} becomes a tag",
                "&lt;, or spaces",
            )


def _is_element(tag: re.Match[str], text: str) -> bool:
    """Whether it is an element that someone meant: known, with proper attributes, closed."""
    name = tag["name"].lower()
    bare = _BARE.findall(_QUOTED.sub("=", tag["rest"]).replace("=", "= "))
    if not (_ELEMENT.fullmatch(name) or _VOID.fullmatch(name)) or not all(map(_BOOLEAN.fullmatch, bare)):
        return False
    end = re.compile(r"\n[ \t]*\n").search(text, tag.end())
    rest = text[tag.end() : end.start() if end else len(text)]
    return bool(_VOID.fullmatch(name)) or tag["rest"].endswith("/") or f"</{name}" in rest.lower()
