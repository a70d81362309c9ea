"""What a paper takes from the site: an index of the figures, macros for LaTeX, copies that stay in step."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from site_builder.deliver import latex
from site_builder.deliver.manifest import deliver
from site_builder.errors import BuildError, choices
from site_builder.files import as_json, holds, read_kept, write_if_changed
from site_builder.model import Figure, Harvest, Scalar, Site, Tree, Value
from site_builder.post import citation, sidecar
from site_builder.post.sidecar import ShownFigure, Sidecar
from site_builder.together import in_threads
from site_builder.write import artifact_html

MANIFEST = ".gradlab-paper.json"
FOLDER = "gradlab"
INDEX = "figures.json"
_RECORD = "results.json"


def write_index(
    tree: Tree,
    site: Site,
    harvests: Mapping[str, Harvest],
    posts: Sequence[Sidecar],
    told: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Write ``assets/figures/figures.json`` and for each post ``assets/tex/<slug>.tex`` and ``.bib``.

    ``posts`` is what the posts show; ``told`` hears what LaTeX cannot set. Returns the paths.
    """
    files = {tree.figures / INDEX: as_json({"figures": _index(posts, harvests)})}
    folder = tree.assets / "tex"
    for post in posts:
        figures = [(shown, *_printed(_figure(shown, harvests))) for shown in post.figures]
        files[folder / f"{post.slug}.tex"] = latex.macros(_values(post, harvests), figures, "assets/", told)
        files[folder / f"{post.slug}.bib"] = _bibliography([post], site)
    differing = [path for path, content in files.items() if not holds(path, content)]
    in_threads(lambda path: write_if_changed(path, files[path]), differing)
    for path in folder.glob("*.*"):
        if path not in files and path.suffix in (".tex", ".bib"):
            path.unlink()
    return list(files)


def _figure(shown: ShownFigure, harvests: Mapping[str, Harvest]) -> Figure:
    """The figure that a post shows. Raises ``BuildError`` if no run publishes it any more."""
    figures = harvests[shown.run].figures if shown.run in harvests else {}
    if shown.label not in figures:
        known = choices(figures, shown.label)
        raise BuildError(f"run {shown.run!r} has no figure {shown.label!r}; {known}: make site")
    return figures[shown.label]


def _printed(figure: Figure) -> tuple[str, str]:
    """The drawings for two columns and for one, below ``assets/``; one file where there is one drawing."""
    wide = figure.files["pdf"]
    return wide.as_posix(), figure.files.get("narrow.pdf", wide).as_posix()


def _values(post: Sidecar, harvests: Mapping[str, Harvest]) -> dict[str, Value]:
    """Every value of the runs of a post by ``run/name``."""
    runs = (harvests[run] for run in post.runs if run in harvests)
    return {f"{run.run.id}/{name}": value for run in runs for name, value in run.values.items()}


def _index(posts: Iterable[Sidecar], harvests: Mapping[str, Harvest]) -> list[dict[str, Any]]:
    """An entry for each figure in each post that shows it, then the figures that no post shows."""
    shows = [(post, shown) for post in posts for shown in post.figures]
    entries = [_entry(_figure(shown, harvests), harvests, post, shown) for post, shown in shows]
    used = {shown.label for _, shown in shows}
    for _, harvest in sorted(harvests.items()):
        entries += [_entry(item, harvests) for label, item in harvest.figures.items() if label not in used]
    return entries


def _entry(
    figure: Figure,
    harvests: Mapping[str, Harvest],
    post: Sidecar | None = None,
    shown: ShownFigure | None = None,
) -> dict[str, Any]:
    """All that citing a figure needs; paths are from the root of the project."""
    run = figure.origin.run
    endings = ("csv", "json") if figure.label in harvests[run].data else ()
    data = [f"assets/figures/{run}/{figure.label}.{ending}" for ending in endings]
    return {
        "label": figure.label,
        "run": run,
        "cell": figure.origin.cell,
        "post": post.slug if post else None,
        "number": shown.number if shown else None,
        "caption": shown.caption if shown else artifact_html.plain(artifact_html.caption(figure.caption)),
        "alt": figure.alt,
        "files": {ending: f"assets/{path.as_posix()}" for ending, path in sorted(figure.files.items())},
        "size": figure.size._asdict(),
        "narrow": figure.narrow and figure.narrow._asdict(),
        "data": data,
        "version": post.version if post else None,
    }


def _bibliography(posts: Iterable[Sidecar], site: Site) -> str:
    """An entry for each post and for each of its figures."""
    entries = []
    for post in posts:
        work = citation.work(site, post.slug, post.date, post.title, post.authors, post.version)
        entries.append(citation.bibtex(work))
        entries += [citation.bibtex(work, f"Figure {shown.number}", shown.label) for shown in post.figures]
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
    posts = sidecar.load_all(tree.assets, tree.posts)
    of_post = {post.slug: _values(post, harvests) for post in posts}
    figures = {shown.label: shown for post in posts for shown in post.figures}
    values = {name: value for own in of_post.values() for name, value in own.items()}
    figures, values = _chosen(posts, figures, values, of_post, names)
    concerned = [
        post
        for post in posts
        if any(shown.label in figures for shown in post.figures) or values.keys() & of_post[post.slug].keys()
    ]
    drawn = {label: _printed(_figure(shown, harvests)) for label, shown in figures.items()}
    pictures = [
        (figures[label], f"figures/{Path(wide).name}", f"figures/{Path(narrow).name}")
        for label, (wide, narrow) in drawn.items()
    ]
    record = {"values": {name: _state(value) for name, value in sorted(values.items())}}
    untold: list[str] = []
    files = {
        f"{FOLDER}/gradlab.tex": latex.macros(values, pictures, f"{FOLDER}/", untold.append).encode(),
        f"{FOLDER}/gradlab.bib": _bibliography(concerned, site).encode(),
    }
    for file in {file for printed in drawn.values() for file in printed}:
        files[f"{FOLDER}/figures/{Path(file).name}"] = (tree.assets / file).read_bytes()
    # Last, because by it the next call tells which values moved.
    files[f"{FOLDER}/{_RECORD}"] = as_json(record).encode()
    kept = read_kept(dest / FOLDER / _RECORD, dict[str, dict[str, dict[str, Scalar]]])
    before = (kept or {}).get("values", {})
    return deliver(files, dest, MANIFEST) + _moved(before, record["values"]) + untold


def _chosen(
    posts: Sequence[Sidecar],
    figures: Mapping[str, ShownFigure],
    values: Mapping[str, Value],
    of_post: Mapping[str, Mapping[str, Value]],
    names: Sequence[str],
) -> tuple[dict[str, ShownFigure], dict[str, Value]]:
    """The figures and values that ``names`` stand for."""
    if not names:
        return dict(figures), dict(values)
    slugs = {post.slug: post for post in posts}
    if unknown := [
        name for name in names if name not in figures and name not in values and name not in slugs
    ]:
        known = choices([*slugs, *figures, *values], unknown[0])
        raise BuildError(f"no figure, value or post is named {', '.join(map(repr, unknown))}; {known}")
    wanted = set(names)
    for slug in wanted & slugs.keys():
        wanted |= {shown.label for shown in slugs[slug].figures} | of_post[slug].keys()
    return (
        {label: shown for label, shown in figures.items() if label in wanted},
        {name: value for name, value in values.items() if name in wanted},
    )


def _state(value: Value) -> dict[str, Scalar]:
    return {"value": value.value, "low": value.low, "high": value.high, "n": value.n, "unit": value.unit}


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
