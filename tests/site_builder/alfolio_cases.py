"""Every row of what breaks in al-folio: the form that breaks, the rule that refuses it, and the safe form."""

from dataclasses import dataclass

CODE = '<pre style="white-space:normal;background:none"><d-code block language="{}">\n{}\n</d-code></pre>'


@dataclass(frozen=True)
class Case:
    """``expected`` is what a reader of the built page must find in it when ``safe`` was written."""

    name: str
    rule: str
    unsafe: str
    cure: str
    safe: str
    expected: tuple[str, ...]


def raw(code: str) -> str:
    return f"{{% raw %}}{code}{{% endraw %}}"


CASES = (
    Case(
        "output-in-fence",
        "liquid-in-code",
        "```python\nf'{{ x }}'\n```",
        "{% raw %}",
        "{% raw %}\n```python\nf'{{ x }}'\n```\n{% endraw %}",
        ("{{ x }}",),
    ),
    Case(
        "output-in-code-span",
        "liquid-in-code",
        "Write `{{ x }}` there.",
        "{% raw %}",
        "Write {% raw %}`{{ x }}`{% endraw %} there.",
        ("<code", "{{ x }}</code>"),
    ),
    Case(
        "tag-in-code",
        "liquid-in-code",
        "```\n{% for a in b %}\n```",
        "{% raw %}",
        "{% raw %}\n```\n{% for a in b %}\n```\n{% endraw %}",
        ("{% for a in b %}",),
    ),
    Case(
        "unknown-tag",
        "liquid",
        "Text {% gradlab %} here.",
        "{% raw %}",
        "Text {% raw %}{% gradlab %}{% endraw %} here.",
        ("{% gradlab %}",),
    ),
    Case(
        "output-in-formula",
        "liquid",
        "A fraction $$\\frac{{a}}{b}$$ here.",
        "{ {",
        "A fraction $$\\frac{ {a} }{b}$$ here.",
        ("\\(\\frac{ {a} }{b}\\)",),
    ),
    Case(
        "include-figure",
        "include-figure",
        '{% include figure.html path="a.png" %}',
        "<figure",
        '<figure id="f"><img src="{{ \'/assets/a.png\' | relative_url }}" alt="a" width="1" height="1">'
        "<figcaption>A</figcaption></figure>",
        ('<figure id="f"><img src="/assets/a.png" alt="a"',),
    ),
    Case(
        "raw-open",
        "raw-closed",
        "{% raw %}\ntext\n",
        "{% endraw %}",
        "{% raw %}\ntext\n{% endraw %}",
        ("text",),
    ),
    Case(
        "d-code-plain",
        "d-code",
        '<d-code block language="python">\na = 1\n\nb = 2\n</d-code>',
        "white-space:normal",
        raw(CODE.format("python", "a = 1\n\nb = 2")),
        ("a = 1\n\nb = 2\n",),
    ),
    Case(
        "d-code-language",
        "d-code",
        raw(CODE.format("ipython3", "a")),
        "python",
        raw(CODE.format("python", "a = '$x$ :x: {{ x }}' &lt; 1")),
        ("a = '$x$ :x: {{ x }}' &lt; 1",),
    ),
    Case("d-code-no-language", "d-code", raw(CODE.format("r", "a")), "one of", "```r\na <- 1\n```", ("a",)),
    Case(
        "single-dollar",
        "single-dollar",
        "The set $a_{b}_c \\{ x'$ is.",
        "$$x$$",
        "The set $$a_{b}\\_c \\{ x'$$ is.",
        ("\\(a_{b}\\_c \\{ x'\\)",),
    ),
    Case("bare-tex", "bare-tex", "so \\(x\\) here", "$$x$$", "so $$x$$ here", ("so \\(x\\) here",)),
    Case(
        "pipe-inline",
        "pipe",
        "The value $$|x|$$ is.",
        "\\lvert",
        "The value $$\\lvert x\\rvert$$ is.",
        ("\\(\\lvert x\\rvert\\)",),
    ),
    Case(
        "pipe-display",
        "pipe",
        "$$\na | b\n$$",
        "\\mid",
        "$$\na \\mid b\n$$",
        ("\\[a \\mid b\\]",),
    ),
    Case(
        "pipe-text", "pipe", "Either one | or two.", "&#124;", "Either one &#124; or two.", ("one | or two",)
    ),
    Case(
        "pipe-norm-in-table",
        "pipe",
        "| a | b |\n|---|---|\n| $$\\|x\\|$$ | c |",
        "\\Vert",
        "| a | b |\n|---|---|\n| $$\\Vert x\\Vert$$ | c |",
        ("<td>\\(\\Vert x\\Vert\\)</td>",),
    ),
    Case("math-less", "math-less", "$$\na<b\n$$", "\\lt", "$$\na \\lt b < c\n$$", ("\\[a \\lt b &lt; c\\]",)),
    Case(
        "display-crowded",
        "math-lines",
        "Words before\n$$\nx\n$$",
        "blank line",
        "Words before\n\n$$\nx\n$$",
        ("<p>Words before</p>", "\\[x\\]"),
    ),
    Case(
        "display-in-text",
        "math-lines",
        "Words $$\nx\n$$ after",
        "lines of its own",
        "Words $$x$$ after",
        ("Words \\(x\\) after",),
    ),
    Case("alone", "math-alone", "$$x$$", "add words", "Here $$x$$.", ("<p>Here \\(x\\).</p>",)),
    Case(
        "alone-in-item",
        "math-alone",
        "- $$x$$\n- y",
        "add words",
        "- the $$x$$\n- y",
        ("<li>the \\(x\\)</li>",),
    ),
    Case(
        "money",
        "money",
        "First $5 then $10.",
        "<span>$</span>",
        "First <span>$</span>5 then USD 10.",
        ("<span>$</span>5 then USD 10",),
    ),
    Case("money-escaped", "money", "First \\$5 then &#36;10.", "USD", "First USD 5.", ("First USD 5.",)),
    Case(
        "dollars-open",
        "dollars-closed",
        "A $$x here.\n\nNext.",
        "close it",
        "A $$x$$ here.",
        ("A \\(x\\) here",),
    ),
    Case("d-math", "d-math", "A <d-math>x</d-math> here.", "$$x$$", "A $$x$$ here.", ("A \\(x\\) here",)),
    Case(
        "cite-first",
        "note-first",
        '<d-cite key="a"></d-cite> says **so**.',
        "words",
        'It says<d-cite key="a"></d-cite> **so**.',
        ('<p>It says<d-cite key="a"></d-cite> <strong>so</strong>.</p>',),
    ),
    Case(
        "footnote-first",
        "note-first",
        "Before.\n\n<d-footnote>n</d-footnote> **so**.",
        "words",
        "Here<d-footnote>n</d-footnote> **so**.",
        ("<p>Here<d-footnote>n</d-footnote> <strong>so</strong>.</p>",),
    ),
    Case(
        "caption-markdown",
        "literal-markdown",
        "<figure><figcaption>A **b** c</figcaption></figure>",
        "HTML",
        "<figure><figcaption>A <b>b</b> \\(a_b\\)</figcaption></figure>",
        ("<figcaption>A <b>b</b> \\(a_b\\)</figcaption>",),
    ),
    Case(
        "center-markdown",
        "literal-markdown",
        "<center>A `b` c</center>",
        "HTML",
        "<center>A <code>b</code> c</center>",
        ("<center>A <code>b</code> c</center>",),
    ),
    Case(
        "footnote-formula",
        "literal-markdown",
        "Word<d-footnote>A $$x$$ c</d-footnote>.",
        "\\(...\\)",
        "Word<d-footnote>A \\(x\\) c</d-footnote>.",
        ("<d-footnote>A \\(x\\) c</d-footnote>",),
    ),
    Case(
        "asset-root",
        "asset-url",
        '<img src="/assets/a.png" alt="a">',
        "'/assets/a.png' | relative_url",
        '<img src="{{ \'/assets/a.png\' | relative_url }}" alt="a">',
        ('src="/assets/a.png"',),
    ),
    Case(
        "asset-relative",
        "asset-url",
        "![a](assets/a.png) text",
        "'/assets/a.png' | relative_url",
        "![a]({{ '/assets/a.png' | relative_url }}) text",
        ('src="/assets/a.png"',),
    ),
    Case(
        "asset-above",
        "asset-url",
        "[a](../assets/a.csv) text",
        "'/assets/a.csv' | relative_url",
        "[a]({{ '/assets/a.csv' | relative_url }}) text",
        ('href="/assets/a.csv"',),
    ),
    Case(
        "bootstrap",
        "bootstrap",
        '<div class="row mt-3">a</div>',
        "l- class",
        '<div class="l-page">a</div>',
        ('<div class="l-page">a</div>',),
    ),
    Case(
        "jquery",
        "jquery",
        "<script>$('#a').hide()</script>",
        "plain JavaScript",
        "<script>document.title</script>",
        ("document.title",),
    ),
    Case(
        "l-middle",
        "layout-class",
        '<div class="l-middle">a</div>',
        "l-page",
        '<div class="l-page">a</div>',
        ('class="l-page"',),
    ),
    Case(
        "angle",
        "bare-angle",
        "Where a<b and b>c holds.",
        "&lt;",
        "Where a&lt;b and b&gt;c holds.",
        ("a&lt;b and b&gt;c",),
    ),
    Case(
        "angle-unknown",
        "bare-angle",
        "A tensor<float> there.",
        "&lt;",
        "A `tensor<float>` there.",
        ("tensor&lt;float&gt;",),
    ),
    Case(
        "dunder",
        "underscores",
        "The __init__ method.",
        "backticks",
        "The `__init__` method.",
        ("__init__</code>",),
    ),
    Case(
        "year-line", "number-line", "1986. A year.", "1986\\.", "1986\\. A year.", ("<p>1986. A year.</p>",)
    ),
    Case(
        "number-in-paragraph",
        "number-line",
        "In the model\n3. Next sentence.",
        "3\\.",
        "In the model\n3\\. Next sentence.",
        ("3. Next",),
    ),
    Case(
        "table-crowded",
        "table-blank",
        "Text:\n| a | b |\n|---|---|\n| 1 | 2 |",
        "blank line",
        "Text:\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        ("<p>Text:</p>", "<td>1</td>"),
    ),
    Case(
        "heading",
        "heading-id",
        "## H/L aggregation",
        "{#h-l-aggregation}",
        "## H/L aggregation {#h-l-aggregation}",
        ('<h2 id="h-l-aggregation">',),
    ),
    Case(
        "list-from-three",
        "list-start",
        "Steps:\n\n3. three\n4. four",
        "<ol start",
        "Steps:\n\n1. one\n\n   more\n\n2. two",
        ("<ol>",),
    ),
    Case(
        "list-bracket",
        "list-start",
        "1) one\n2) two",
        "1\\)",
        "1\\) one and 2) two",
        ("1) one and 2) two",),
    ),
    Case(
        "class-after",
        "attribute-list",
        "Words.\n{: .note}",
        "HTML",
        '<p class="note">Words.</p>',
        ("Words.",),
    ),
    Case("class-inside", "attribute-list", "A `b`{:.c} d", "HTML", "A `b`{.c} d", ("</code>{.c} d",)),
    Case(
        "extension",
        "attribute-list",
        "{::comment}\nx\n{:/comment}",
        "HTML",
        "a<!-- x --> b",
        ("a<!-- x --> b",),
    ),
    Case(
        "abbreviation",
        "abbreviation",
        "HT here.\n\n*[HT]: Hyper Text",
        "<abbr",
        'An <abbr title="Hyper Text">HT</abbr> here.',
        ('<abbr title="Hyper Text">HT</abbr>',),
    ),
    Case("emoji-name", "emoji", "Well :rocket: done", "🚀", "At 12:30:45 a 🚀", ("At 12:30:45 a 🚀",)),
    Case("two-backslashes", "line-end", "one\\\\\ntwo", "two spaces", "one  \ntwo", ("one<br />",)),
    Case("code-space", "code-span", "A ` b ` c", "no space", "A `b` c and `` ` ``", ("b</code> c",)),
    Case(
        "fence-words",
        "code-span",
        '```python title="x"\nx\n```',
        "the language alone",
        "```python\nx\n```",
        ("<pre",),
    ),
    Case(
        "table-long-row",
        "table-shape",
        "| a |\n|---|\n| 1 | 2 |",
        "empty cells",
        "| a | |\n|---|---|\n| 1 | 2 |",
        ("<td>2</td>",),
    ),
    Case(
        "table-two-bodies",
        "table-shape",
        "| a |\n|---|\n| 1 |\n|---|\n| 2 |",
        "a table for each",
        "| a |\n|---|\n| 1 |\n| 2 |",
        ("<td>2</td>",),
    ),
    Case(
        "two-terms",
        "definition",
        "One\nOther\n: Both.",
        "below each",
        "One\n: First.\n\nOther\n: Second.",
        ("<dt>One</dt>", "<dd>Second.</dd>"),
    ),
    Case(
        "markdown-in-details",
        "markdown-in-html",
        "<details><summary>S</summary>\n\n**a**\n\n</details>",
        "HTML inside",
        "<details><summary>S</summary>\n<b>a</b>\n</details>\n\n*b*",
        ("<b>a</b>", "<em>b</em>"),
    ),
    Case(
        "markdown-after-html",
        "markdown-in-html",
        "<p>a</p>\n*b*",
        "a blank line after",
        "<p>a</p>\n\n*b*",
        ("<em>b</em>",),
    ),
    Case(
        "markdown-one",
        "markdown-in-html",
        '<div markdown="1">\n*a*\n</div>',
        "HTML inside",
        '<div markdown="1">\n\n*a*\n\n</div>',
        ("<em>a</em>",),
    ),
    Case(
        "markdown-in-kbd",
        "literal-markdown",
        "Press <kbd>*a*</kbd> now",
        "HTML",
        "Press <kbd>a</kbd>",
        ("<kbd>a",),
    ),
)

BIBLIOGRAPHY = "@article{a,\n  title = {T & é},\n  author = {A and B},\n  year = {2020}\n}\n"
UNSAFE_BIBLIOGRAPHIES = {
    "string": ("@string{x = {y}}\n" + BIBLIOGRAPHY, "'@string", "every value in braces"),
    "comment": ("@comment{no}\n" + BIBLIOGRAPHY, "'@comment", "every value in braces"),
    "bare": (
        "@article{a,\n  title = {T},\n  year = {2020},\n  volume = 20\n}\n",
        "'volume = 20'",
        "year = {2020}",
    ),
    "quoted": ('@article{a,\n  title = "T",\n  year = {2020}\n}\n', "'title = ", "in braces"),
    "hash": ("@article{a,\n  title = {T #1},\n  year = {2020}\n}\n", "#", "without braces, #"),
    "unclosed": ("@article{a,\n  title = {T,\n  year = {2020}\n}\n" + BIBLIOGRAPHY, "{T,'", "braces"),
    "inner": ("@article{a,\n  title = {The {ReLU}},\n  year = {2020}\n}\n", "{ReLU}", "without braces"),
    "tex": ('@article{a,\n  title = {\\"a},\n  year = {2020}\n}\n', "{\\", "TeX"),
    "year": ("@article{a,\n  title = {T}\n}\n", "no year", "year"),
    "open-entry": ("@article{a,\n  title = {T},\n  year = {2020}\n", "not closed", "}"),
}


def post(body: str, **front: str) -> str:
    """A whole post; a keyword replaces or adds a key of its front matter."""
    lines = {
        "layout": "distill",
        "title": '"A title"',
        "description": '"What it says."',
        "date": "2020-01-01",
    }
    if "<d-cite" in body:
        lines["bibliography"] = "cited.bib"
    lines |= front
    return "---\n" + "".join(f"{key}: {entry}\n" for key, entry in lines.items()) + f"---\n\n{body}\n"
