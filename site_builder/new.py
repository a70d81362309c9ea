"""A post, a notebook and a run to start from; nothing that exists is overwritten."""

import datetime as dt
import json
import re

from site_builder.errors import BuildError, ConfigError
from site_builder.files import write_if_changed
from site_builder.model import Tree
from site_builder.plan import register

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_POST = """\
---
layout: distill
title: "{title}"
description: "One sentence for listings."
date: {date}
tags: []
categories: []
---

What is asked, and why it matters.

## What was done {{#what-was-done}}

The mean of [[ value("{slug}", "{slug}-count", "d") ]] draws is
[[ value("{slug}", "{slug}-mean", ".3f") ]] ([[ interval("{slug}", "{slug}-mean", ".3f") ]]).
[[ ref("fig-{slug}-draws") ]] shows them.

[[ figure("{slug}", "fig-{slug}-draws") ]]

[[ provenance("{slug}") ]]
"""
_CELLS = (
    ("markdown", "# {title}\n\nThe question of this notebook, in a sentence."),
    ("parameters", "count = 1000\nseed = 0"),
    (
        "code",
        "import math\n\nimport matplotlib.pyplot as plt\nimport numpy as np\n"
        "from gradlab import figures, publish\n\nfigures.use_house_style()",
    ),
    (
        "code",
        "draws = np.random.default_rng(seed).normal(size=count)\n"
        "half = 1.96 * draws.std(ddof=1) / math.sqrt(count)\n"
        'publish.value("{slug}-count", count)\n'
        "publish.value(\n"
        '    "{slug}-mean", draws.mean(), low=draws.mean() - half, high=draws.mean() + half, n=count,\n'
        '    note="95 % normal interval",\n'
        ")",
    ),
    (
        "code",
        "#| label: fig-{slug}-draws\n#| fig-cap: What the figure shows, its units, n and kind of interval.\n"
        "#| fig-alt: What is seen, for a reader who does not see it.\n"
        "figure, axes = plt.subplots(figsize=(figures.ONE_COLUMN, 2.2))\n"
        'axes.hist(draws, bins=30, color=figures.BLUE)\naxes.set(xlabel="draw", ylabel="count")\nplt.show()',
    ),
)
_REGISTER = """\
  {slug}:
    notebook: {slug}.ipynb
    title: {title}
    parameters: {{count: 1000, seed: 0}}
    time_limit: 300
    resource: cpu"""


def start(tree: Tree, slug: str, day: dt.date) -> list[str]:
    """Write both files for ``slug`` and enter the run; what a person has to know and do next, in lines."""
    if not _SLUG.fullmatch(slug):
        raise BuildError(f"{slug!r} is no slug: lower-case letters, digits and single '-' only")
    post = tree.post_templates / f"{day}-{slug}.md.j2"
    notebook = tree.experiments / f"{slug}.ipynb"
    taken = [*tree.post_templates.glob(f"*-{slug}.md.j2"), *([notebook] if notebook.exists() else [])]
    # "*-slug" also finds longer slugs that end alike: those are other posts.
    taken = [path for path in taken if path == notebook or path.name[11:] == f"{slug}.md.j2"]
    if taken:
        names = " and ".join(str(path.relative_to(tree.root)) for path in taken)
        raise BuildError(f"{names}: exists already and was left alone; choose another slug")
    title = slug.replace("-", " ").capitalize()
    write_if_changed(post, _POST.format(title=title, date=day, slug=slug))
    write_if_changed(notebook, json.dumps(_notebook(slug, title), indent=1) + "\n")
    register, entry = tree.register.relative_to(tree.root), _REGISTER.format(slug=slug, title=title)
    if _register(tree, slug, entry):
        entered = [f"entered the run in {register}"]
    else:
        entered = [f"now enter the run in {register}, below runs:", entry]
    return [
        f"wrote {post.relative_to(tree.root)}",
        f"wrote {notebook.relative_to(tree.root)}",
        *entered,
        f"then: make experiments RUN={slug} (installs what an execution needs), and make site",
    ]


def _register(tree: Tree, slug: str, entry: str) -> bool:
    """Enter a run at the end of the register; False, with the register as it was, where that does not fit."""
    before = tree.register.read_text(encoding="utf-8") if tree.register.is_file() else "runs:\n"
    write_if_changed(tree.register, f"{before.rstrip()}\n{entry}\n")
    try:
        if slug in register.load(tree).runs:
            return True
    except ConfigError:
        pass  # of the register as it was, or because its last key is not `runs`
    write_if_changed(tree.register, before)
    return False


def _notebook(slug: str, title: str) -> dict[str, object]:
    cells = []
    for number, (kind, source) in enumerate(_CELLS, start=1):
        lines = source.replace("{slug}", slug).replace("{title}", title).splitlines(keepends=True)
        cell: dict[str, object] = {
            "id": f"{slug}-{number}"[-64:],
            "cell_type": "markdown" if kind == "markdown" else "code",
            "metadata": {"tags": ["parameters"]} if kind == "parameters" else {},
            "source": lines,
        }
        cells.append(cell if kind == "markdown" else cell | {"execution_count": None, "outputs": []})
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
