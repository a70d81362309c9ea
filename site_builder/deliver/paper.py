"""What a paper takes from the site: an index of the figures, macros for LaTeX, copies that stay in step."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from site_builder.deliver import latex
from site_builder.deliver.latex import Picture, Result
from site_builder.deliver.manifest import deliver
from site_builder.errors import BuildError, choices
from site_builder.files import as_json, digest, holds, read_kept, write_if_changed
from site_builder.memo import Memo
from site_builder.model import Figure, Harvest, RunPlan, Scalar, Site, State, Tree, Value
from site_builder.post import citation, sidecar
from site_builder.post.sidecar import ShownFigure, Sidecar
from site_builder.render.version import Version
from site_builder.states import state
from site_builder.together import in_threads
from site_builder.write import artifact_html

MANIFEST = ".gradlab-paper.json"
FOLDER = "gradlab"
INDEX = "figures.json"
_RECORD = "results.json"


@dataclass(frozen=True)
class _Record:
    """What a paper took: ``names`` as its author chose them, none for everything, and the values then."""

    names: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, Scalar]] = field(default_factory=dict)


def stale(plans: Iterable[RunPlan]) -> dict[str, str]:
    """Why the results of a run are not those of its code any more, for each of which that is so."""
    return {one.run.id: "; ".join(one.reasons) for one in plans if one.state is State.STALE}


def write_index(
    tree: Tree,
    site: Site,
    harvests: Mapping[str, Harvest],
    posts: Sequence[Sidecar],
    told: Callable[[str], None] = lambda line: None,
    late: Mapping[str, str] = {},
) -> list[Path]:
    """Write ``assets/figures/figures.json`` and for each post ``assets/tex/<slug>.tex`` and ``.bib``.

    ``posts`` is what the posts show, ``late`` as of ``stale``; ``told`` hears what LaTeX cannot set. Returns
    the paths.
    """
    files = {tree.figures / INDEX: as_json({"figures": _index(posts, harvests)})}
    folder, memo = tree.assets / "tex", Memo(tree.cache)
    for post in posts:
        runs = [harvests[run].run for run in post.runs if run in harvests]
        read = [post, site, late, [(run, state(run.executed)) for run in runs]]
        make = partial(_macros, post, site, harvests, late)
        macros, entries, lines = memo.get(f"tex/{post.slug}", digest(repr(read)), make)
        files |= {folder / f"{post.slug}.tex": macros, folder / f"{post.slug}.bib": entries}
        for line in lines:
            told(line)
    differing = [path for path, content in files.items() if not holds(path, content)]
    in_threads(lambda path: write_if_changed(path, files[path]), differing)
    for path in folder.glob("*.*"):
        if path not in files and path.suffix in (".tex", ".bib"):
            path.unlink()
    return list(files)


def _macros(
    post: Sidecar, site: Site, harvests: Mapping[str, Harvest], late: Mapping[str, str]
) -> tuple[str, str, list[str]]:
    """The macros of a post, its bibliography, and what LaTeX cannot set of it."""
    pictures = [_picture(shown, harvests, late) for shown in post.figures]
    entries, lines = _bibliography([post], site), list[str]()
    results = _results(post, harvests, late).values()
    return latex.macros(results, pictures, "assets/", lines.append, entries), entries, lines


def _figure(shown: ShownFigure, harvests: Mapping[str, Harvest]) -> Figure:
    """The figure that a post shows. Raises ``BuildError`` if no run publishes it any more."""
    figures = harvests[shown.run].figures if shown.run in harvests else {}
    if shown.label not in figures:
        known = choices(figures, shown.label)
        raise BuildError(f"run {shown.run!r} has no figure {shown.label!r}; {known}: make site")
    return figures[shown.label]


def _picture(shown: ShownFigure, harvests: Mapping[str, Harvest], late: Mapping[str, str]) -> Picture:
    """A figure with its drawings, below ``assets/``, for two columns and for one; they may be the same."""
    figure = _figure(shown, harvests)
    wide = figure.files["pdf"]
    narrow = figure.files.get("narrow.pdf", wide)
    return Picture(shown, figure.alt, wide.as_posix(), narrow.as_posix(), late.get(shown.run, ""))


def _results(post: Sidecar, harvests: Mapping[str, Harvest], late: Mapping[str, str]) -> dict[str, Result]:
    """Every value of the runs of a post by ``run/name``, in the format in which it stands there first."""
    runs = (harvests[run] for run in post.runs if run in harvests)
    found = {f"{run.run.id}/{name}": value for run in runs for name, value in run.values.items()}
    return {
        name: Result(
            name,
            value,
            _format(post, f"value {name}"),
            _format(post, f"interval {name}"),
            late.get(value.origin.run, ""),
        )
        for name, value in found.items()
    }


def _format(post: Sidecar, shown: str) -> str | None:
    result = post.results.get(shown)
    forms = result["shown"] if result else {}
    return next((form for form in forms if not form.startswith(sidecar.ENDS)), None)


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


def _bibliography(posts: Iterable[Sidecar], site: Site, stay: Mapping[tuple[str, str], Version] = {}) -> str:
    """An entry for each post and for each of its figures; ``stay`` is as of ``version.holding``."""
    entries = []
    for post in posts:
        held = stay.get((post.file, post.version))
        work = citation.work(
            held.site if held else site, post.slug, post.date, post.title, post.authors, post.version
        )
        entries.append(citation.entry(work))
        entries += [citation.entry(work, f"Figure {shown.number}", shown.label) for shown in post.figures]
    return citation.with_needs("\n\n".join(entries)) + "\n"


def copy_paper(
    tree: Tree,
    site: Site,
    harvests: Mapping[str, Harvest],
    dest: Path,
    names: Sequence[str] = (),
    late: Mapping[str, str] = {},
    stay: Mapping[tuple[str, str], Version] = {},
    *,
    afresh: bool = False,
    prune: bool = False,
) -> list[str]:
    """Lay figures, macros and entries into ``dest/gradlab``; a line for each file, for each value that moved
    and for what is of a stale run.

    ``names`` are labels of figures, values as ``run/name``, or slugs of posts, which stand for all that
    they show. They are added to those of earlier calls, unless ``afresh``; none at all means everything.
    ``late`` is as of ``stale``; an entry has the address at which its post does ``stay``. Raises
    ``BuildError`` for an unknown name, or if a file of theirs is in the way.
    """
    if not dest.is_dir():
        raise BuildError(f"{dest} is no folder: name the folder of the paper")
    before = read_kept(dest / FOLDER / _RECORD, _Record)
    posts = sidecar.load_all(tree.assets, tree.posts)
    of_post = {post.slug: _results(post, harvests, late) for post in posts}
    shown = {one.label: one for post in posts for one in post.figures}
    results: dict[str, Result] = {}
    for own in of_post.values():
        # In the format of the first post that prints it.
        results |= {name: one for name, one in own.items() if _unprinted(results.get(name))}
    shows = {post.slug: {*(one.label for one in post.figures), *of_post[post.slug]} for post in posts}
    chosen, lines = _remembered(before, names, {*shown, *results, *shows}, afresh)
    if chosen:
        taken = set[str]().union(*(shows.get(name, {name}) for name in chosen))
        shown = {label: one for label, one in shown.items() if label in taken}
        results = {name: one for name, one in results.items() if name in taken}
    concerned = [post for post in posts if shows[post.slug] & {*shown, *results}]
    pictures = [_picture(one, harvests, late) for one in shown.values()]
    files = _files(tree, results.values(), pictures, _bibliography(concerned, site, stay), lines.append)
    record = _Record(chosen, {name: _state(one.value) for name, one in sorted(results.items())})
    # Last, because by it the next call tells which values moved.
    files[f"{FOLDER}/{_RECORD}"] = as_json(asdict(record)).encode()
    moved = _moved(before.values if before else {}, record.values)
    late_lines = _late(late, results.values(), shown.values())
    return [*deliver(files, dest, MANIFEST, prune=prune), *moved, *lines, *late_lines]


def _unprinted(result: Result | None) -> bool:
    return result is None or result.format is None


def _files(
    tree: Tree,
    results: Iterable[Result],
    pictures: Sequence[Picture],
    entries: str,
    told: Callable[[str], None],
) -> dict[str, bytes]:
    """What is laid into a paper's folder, by path."""
    placed = [
        replace(one, wide=f"figures/{Path(one.wide).name}", narrow=f"figures/{Path(one.narrow).name}")
        for one in pictures
    ]
    drawn = sorted({file for one in pictures for file in (one.wide, one.narrow)})
    return {
        f"{FOLDER}/gradlab.tex": latex.macros(results, placed, f"{FOLDER}/", told, entries).encode(),
        f"{FOLDER}/gradlab.bib": entries.encode(),
        **{f"{FOLDER}/figures/{Path(file).name}": (tree.assets / file).read_bytes() for file in drawn},
    }


def _remembered(
    before: _Record | None, new: Sequence[str], known: set[str], afresh: bool
) -> tuple[tuple[str, ...], list[str]]:
    """What is chosen from now on, and what has to be said about it: of earlier names some may be gone."""
    if unknown := [name for name in new if name not in known]:
        near = choices(known, unknown[0])
        raise BuildError(f"no figure, value or post is named {', '.join(map(repr, unknown))}; {near}")
    if before is None or afresh:
        return tuple(dict.fromkeys(new)), []
    if not before.names:
        return (), ["everything is taken already: --afresh takes only what is named"] if new else []
    gone = [name for name in before.names if name not in known]
    lines = [f"{name}: no figure, value or post has this name any more" for name in gone]
    return tuple(dict.fromkeys([*before.names, *new])), lines


def _late(late: Mapping[str, str], results: Iterable[Result], shown: Iterable[ShownFigure]) -> list[str]:
    """A line for each stale run with what is taken from it."""
    taken = [(one.value.origin.run, one.name) for one in results] + [(one.run, one.label) for one in shown]
    of_run = {run: [name for origin, name in taken if origin == run] for run in late}
    return [
        f"stale: {', '.join(names)}: run {run} is not as its code ({late[run]})"
        for run, names in of_run.items()
        if names
    ]


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
