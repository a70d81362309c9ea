"""What a paper takes from the site: an index of the figures, macros for LaTeX, copies that stay in step."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from site_builder.deliver import latex
from site_builder.deliver.manifest import deliver
from site_builder.deliver.shown import ShownFigure, ShownPost, shown_posts
from site_builder.errors import BuildError, choices
from site_builder.files import write_if_changed
from site_builder.model import Figure, Harvest, Scalar, Site, Tree, Value
from site_builder.post import citation

MANIFEST = ".gradlab-paper.json"
FOLDER = "gradlab"
INDEX = "figures.json"
_RECORD = "results.json"


def write_index(tree: Tree, site: Site, harvests: Mapping[str, Harvest]) -> list[Path]:
    """Write ``assets/figures/figures.json`` and for each post ``assets/tex/<slug>.tex`` and ``.bib``.

    Returns the paths. Raises ``BuildError`` if a post shows what no run published.
    """
    posts = shown_posts(tree, site, harvests)
    files = {tree.figures / INDEX: _json({"figures": _index(posts, harvests)})}
    folder = tree.root / "assets" / "tex"
    for post in posts:
        figures = [(shown, shown.figure.files["pdf"].as_posix()) for shown in post.figures]
        files[folder / f"{post.work.slug}.tex"] = latex.macros(post.values, figures, "assets/")
        files[folder / f"{post.work.slug}.bib"] = _bibliography([post])
    for path, content in files.items():
        write_if_changed(path, content)
    for path in folder.glob("*.*"):
        if path not in files and path.suffix in (".tex", ".bib"):
            path.unlink()
    return list(files)


def _index(posts: Iterable[ShownPost], harvests: Mapping[str, Harvest]) -> list[dict[str, Any]]:
    """An entry for each figure in each post that shows it, then the figures that no post shows."""
    shows = [(post, shown) for post in posts for shown in post.figures]
    entries = [_entry(shown.figure, harvests, post, shown) for post, shown in shows]
    used = {shown.figure.label for _, shown in shows}
    for _, harvest in sorted(harvests.items()):
        entries += [_entry(item, harvests) for label, item in harvest.figures.items() if label not in used]
    return entries


def _entry(
    figure: Figure,
    harvests: Mapping[str, Harvest],
    post: ShownPost | None = None,
    shown: ShownFigure | None = None,
) -> dict[str, Any]:
    """All that citing a figure needs; paths are from the root of the project."""
    run = figure.origin.run
    folder = f"assets/figures/{run}/{figure.label}"
    return {
        "label": figure.label,
        "run": run,
        "cell": figure.origin.cell,
        "post": post.work.slug if post else None,
        "number": shown.number if shown else None,
        "caption": shown.caption if shown else figure.caption,
        "alt": figure.alt,
        "files": {ending: f"assets/{path.as_posix()}" for ending, path in sorted(figure.files.items())},
        "size": {"width": figure.width, "height": figure.height},
        "data": [f"{folder}.{ending}" for ending in ("csv", "json")]
        if figure.label in harvests[run].data
        else [],
        "version": post.work.version if post else None,
    }


def _bibliography(posts: Iterable[ShownPost]) -> str:
    """An entry for each post and for each of its figures."""
    entries = []
    for post in posts:
        entries.append(citation.bibtex(post.work))
        entries += [
            citation.bibtex(post.work, f"Figure {shown.number}", shown.figure.label) for shown in post.figures
        ]
    return "\n\n".join(entries) + "\n"


def copy_paper(
    tree: Tree, site: Site, harvests: Mapping[str, Harvest], dest: Path, names: Sequence[str] = ()
) -> list[str]:
    """Lay figures, macros and entries into ``dest/gradlab``; a line for each file, and each value that moved.

    ``names`` are labels of figures, values as ``run/name``, or slugs of posts, which stand for all that
    they show; none means everything. Raises ``BuildError`` for an unknown name, or if a file of theirs is
    in the way.
    """
    if not dest.is_dir():
        raise BuildError(f"{dest} is no folder: name the folder of the paper")
    posts = shown_posts(tree, site, harvests)
    figures = {shown.figure.label: shown for post in posts for shown in post.figures}
    values = {name: value for post in posts for name, value in post.values.items()}
    figures, values = _chosen(posts, figures, values, names)
    concerned = [
        post
        for post in posts
        if any(shown.figure.label in figures for shown in post.figures) or values.keys() & post.values.keys()
    ]
    pictures = [(shown, f"figures/{label}.pdf") for label, shown in figures.items()]
    record = {"values": {name: _state(value) for name, value in sorted(values.items())}}
    files = {
        f"{FOLDER}/gradlab.tex": latex.macros(values, pictures, f"{FOLDER}/").encode(),
        f"{FOLDER}/gradlab.bib": _bibliography(concerned).encode(),
        f"{FOLDER}/{_RECORD}": _json(record).encode(),
    }
    for shown, file in pictures:
        files[f"{FOLDER}/{file}"] = (tree.root / "assets" / shown.figure.files["pdf"]).read_bytes()
    before = _recorded(dest / FOLDER / _RECORD)
    return deliver(files, dest, MANIFEST) + _moved(before, record["values"])


def _chosen(
    posts: Sequence[ShownPost],
    figures: Mapping[str, ShownFigure],
    values: Mapping[str, Value],
    names: Sequence[str],
) -> tuple[dict[str, ShownFigure], dict[str, Value]]:
    """The figures and values that ``names`` stand for."""
    if not names:
        return dict(figures), dict(values)
    slugs = {post.work.slug: post for post in posts}
    if unknown := [
        name for name in names if name not in figures and name not in values and name not in slugs
    ]:
        known = choices([*slugs, *figures, *values], unknown[0])
        raise BuildError(f"no figure, value or post is named {', '.join(map(repr, unknown))}; {known}")
    wanted = set(names)
    for slug in wanted & slugs.keys():
        wanted |= {shown.figure.label for shown in slugs[slug].figures} | slugs[slug].values.keys()
    return (
        {label: shown for label, shown in figures.items() if label in wanted},
        {name: value for name, value in values.items() if name in wanted},
    )


def _state(value: Value) -> dict[str, Scalar]:
    return {"value": value.value, "low": value.low, "high": value.high, "n": value.n, "unit": value.unit}


def _recorded(path: Path) -> dict[str, dict[str, Scalar]]:
    """The values of the last copy, none if there was none."""
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["values"])
    except (ValueError, KeyError, TypeError):
        raise BuildError(f"{path} is damaged: restore it or delete it") from None


def _moved(before: Mapping[str, Mapping[str, Scalar]], now: Mapping[str, Mapping[str, Scalar]]) -> list[str]:
    lines = []
    for name in sorted(before.keys() & now.keys()):
        lines += [
            f"value {name}{'' if key == 'value' else f' ({key})'}: {before[name].get(key)} → {now[name][key]}"
            for key in now[name]
            if before[name].get(key) != now[name][key]
        ]
    if before:
        lines += [f"value {name}: new, {now[name]['value']}" for name in sorted(now.keys() - before.keys())]
    return lines + [f"value {name}: no longer taken" for name in sorted(before.keys() - now.keys())]


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
