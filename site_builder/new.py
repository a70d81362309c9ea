"""A post, a notebook and a run to start from; nothing that exists is overwritten.

The starters are in ``templates/new``, a folder a kind, with ``SLUG``, ``TITLE`` and ``DATE`` in their places.
"""

import datetime as dt
import re

from site_builder.errors import BuildError, ConfigError, choices
from site_builder.files import PROJECT, write_if_changed
from site_builder.model import Tree
from site_builder.plan import register

_STARTERS = PROJECT / "templates" / "new"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def start(tree: Tree, slug: str, day: dt.date, kind: str = "question") -> list[str]:
    """Write both files for ``slug`` and enter the run; what a person has to know and do next, in lines."""
    kinds = sorted(folder.name for folder in _STARTERS.iterdir())
    if kind not in kinds:
        raise BuildError(f"{kind!r} is no kind of notebook to start from; {choices(kinds, kind)}")
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
    write_if_changed(post, _starter(kind, "post.md.j2", slug, day))
    write_if_changed(notebook, _starter(kind, "notebook.ipynb", slug, day))
    listed, entry = tree.register.relative_to(tree.root), _starter(kind, "run.yaml", slug, day)
    if _register(tree, slug, entry):
        entered = [f"entered the run in {listed}"]
    else:
        entered = [f"now enter the run in {listed}, below runs:", entry.rstrip()]
    return [
        f"wrote {post.relative_to(tree.root)}",
        f"wrote {notebook.relative_to(tree.root)}",
        *entered,
        f"then: make experiments RUN={slug} (installs what an execution needs), and make site",
    ]


def _starter(kind: str, name: str, slug: str, day: dt.date) -> str:
    text = (_STARTERS / kind / name).read_text(encoding="utf-8")
    title = slug.replace("-", " ").capitalize()
    return text.replace("SLUG", slug).replace("TITLE", title).replace("DATE", day.isoformat())


def _register(tree: Tree, slug: str, entry: str) -> bool:
    """Enter a run at the end of the register; False, with the register as it was, where that does not fit."""
    before = tree.register.read_text(encoding="utf-8") if tree.register.is_file() else "runs:\n"
    write_if_changed(tree.register, f"{before.rstrip()}\n{entry}")
    try:
        if slug in register.load(tree).runs:
            return True
    except ConfigError:
        pass  # of the register as it was, or because its last key is not `runs`
    write_if_changed(tree.register, before)
    return False
