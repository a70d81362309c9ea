"""The configuration: ``site.yaml`` and the register, read once, with every problem reported together."""

import math
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from site_builder import authors, web_address, yaml_text
from site_builder.errors import BuildError, ConfigError, choices
from site_builder.model import Author, Resource, Run, Site, Tree
from site_builder.notebook import python, reader
from site_builder.plan import inputs
from site_builder.plan.configuration import Configuration

_RUN_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WEIGHTS = re.compile(r"\w+([./-]\w+)*", re.ASCII)
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def _resource(value: Any) -> Any:
    if value in list(Resource):
        return Resource(value)
    raise ValueError(f"{value!r} is no resource; {choices(Resource, value)}")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_Model = TypeVar("_Model", bound=_Entry)


class _RunEntry(_Entry):
    notebook: str
    title: Annotated[str, Field(min_length=1)]
    parameters: dict[str, Any] = {}
    data: str | None = None
    weights: list[str] = []
    modules: list[str] = []
    needs: list[str] = []
    time_limit: Annotated[int, Field(gt=0, le=24 * 3600)]
    resource: Annotated[Resource, BeforeValidator(_resource)] = Resource.CPU
    off_pin: bool = False
    may_wait: bool = False


class _SiteEntry(_Entry):
    title: Annotated[str, Field(min_length=1)]
    description: str
    url: Annotated[str, Field(pattern=r"^(https?://[^\s/?#]+(/[^\s?#]*)?)?$")] = ""
    repository: Annotated[str, Field(pattern=f"^({web_address.PATTERN})?$")] = ""
    authors: Annotated[list[Annotated[Author, BeforeValidator(authors.read)]], Field(min_length=1)]
    figure_theme: dict[str, str] = {}
    data_folders: list[str] = []
    license: str = ""
    posts: dict[Literal["giscus_comments", "disqus_comments", "related_posts"], bool] = {}


def load(tree: Tree) -> Configuration:
    """Read both files; raise :class:`ConfigError` with all problems of both, each with file and key."""
    problems: list[str] = []
    site = _site(tree, problems)
    runs = _runs(tree, problems)
    if problems or site is None:
        raise ConfigError(problems)
    return Configuration(site, runs)


def _site(tree: Tree, problems: list[str]) -> Site | None:
    name = "site.yaml"
    read = yaml_text.read(tree.root / name, name, problems)
    entry = None if read is None else _checked(_SiteEntry, read, f"{name}: ", problems)
    if entry is None:
        return None
    for old, new in entry.figure_theme.items():
        problems.extend(
            f"{name}: figure_theme.{old}: {colour!r} is no colour of the form '#1b1f24'"
            for colour in (old, new)
            if not _COLOUR.fullmatch(colour)
        )
    given = dict(entry) | {
        "authors": tuple(entry.authors),
        "data_folders": tuple((tree.root / Path(folder).expanduser()) for folder in entry.data_folders),
        "switches": {str(name): shown for name, shown in entry.posts.items()},
    }
    return Site(**{name: value for name, value in given.items() if name != "posts"})


def _runs(tree: Tree, problems: list[str]) -> dict[str, Run]:
    name = tree.register.relative_to(tree.root).as_posix()
    read = yaml_text.read(tree.register, name, problems)
    if read is None:
        return {}
    problems.extend(f"{name}: {key}: unknown key; {choices(['runs'], key)}" for key in read if key != "runs")
    listed = read.get("runs")
    if not isinstance(listed, dict):
        problems.append(f"{name}: runs: is missing, or is no mapping from run id to run")
        return {}
    runs = {}
    declared = inputs.declared(tree, problems)
    for key, entry in listed.items():
        where = f"{name}: runs.{key}"
        if not isinstance(key, str) or not _RUN_ID.fullmatch(key):
            problems.append(f"{where}: a run id has lower-case letters, digits and single '-' only")
        elif (checked := _checked(_RunEntry, entry, f"{where}.", problems)) is not None:
            runs[key] = _run(key, checked, tree)
            problems.extend(f"{where}.{problem}" for problem in _faults(checked, runs[key], tree, declared))
    known = {key for key in listed if isinstance(key, str)}
    problems.extend(f"{name}: runs.{problem}" for problem in _needs_faults(runs, known))
    return runs


def _needs_faults(runs: Mapping[str, Run], known: set[str]) -> Iterator[str]:
    """What is wrong with the runs that runs need; a run of the register that is ``known`` may be faulty."""
    needs = {key: set(run.needs) for key, run in runs.items()}
    for key, needed in needs.items():
        others = known - {key}
        for name in sorted(needed - others):
            what = "the run itself" if name == key else "no run"
            yield f"{key}.needs: {name!r} is {what}; {choices(others, name)}"
            needed.discard(name)
    while circle := _circle(needs):
        first, second = circle[0], circle[1]
        yield f"{first}.needs: {' needs '.join(circle)}: a circle; one of these has to do without the next"
        needs[first].discard(second)


def _circle(needs: Mapping[str, set[str]]) -> list[str]:
    """Runs each of which needs the next, the last of which is the first; empty if there are none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as found:
        return list(reversed(found.args[1]))
    return []


def _run(key: str, entry: _RunEntry, tree: Tree) -> Run:
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in entry
    }
    given |= {"needs": tuple(dict.fromkeys(entry.needs)), "notebook": tree.experiments / entry.notebook}
    return Run(id=key, executed=tree.executed / f"{key}.ipynb", **given)


def _faults(entry: _RunEntry, run: Run, tree: Tree, declared: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with a run beyond the types of its entries."""
    for part in inputs.of(run):
        kind, _, name = part.partition("/")
        if kind == "weights" and not _WEIGHTS.fullmatch(name):
            yield f"weights: {name!r} is no name of weights"
        elif inputs.module(part, declared) is None:
            near = choices((one.partition("/")[2] for one in declared if one.startswith(kind)), name)
            yield f"{kind}: {name!r} is declared in no line of {inputs.FILES[kind]}; {near}"
    modules = inputs.modules(tree.experiments) if run.modules else set()
    for module in sorted({*run.modules} - modules):
        yield f"modules: {module!r} is no module of {tree.experiments.name}; {choices(modules, module)}"
    present = sorted(path.name for path in tree.experiments.glob("*.ipynb"))
    if entry.notebook not in present:
        near = choices(present, entry.notebook)
        yield f"notebook: there is no {entry.notebook!r} in {tree.experiments.name}; {near}"
        return
    try:
        found = reader.source(run.notebook)
        for cell in found:
            if reader.PARAMETERS in cell.tags:
                python.tree(cell.source)
    except (BuildError, SyntaxError):
        return  # its plan says so, and no other run is stopped
    known = reader.parameter_names(found)
    for name, value in entry.parameters.items():
        if name not in known:
            yield f"parameters.{name}: {entry.notebook} has no such parameter; {choices(known, name)}"
        elif not _is_plain(value):
            yield f"parameters.{name}: not a number, text, truth value, null, or list or mapping of these"


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(entry) for key, entry in value.items())
    if isinstance(value, float):
        return math.isfinite(value)  # JSON and Python's own literals know no other
    return value is None or isinstance(value, str | int | bool)


def _checked(kind: type[_Model], entry: Any, where: str, problems: list[str]) -> _Model | None:
    """``entry`` as ``kind``; its problems, one for each key, are added and the result is None."""
    try:
        return kind.model_validate(entry)
    except ValidationError as found:
        for error in found.errors():
            key = ".".join(str(part) for part in error["loc"])
            place = f"{where}{key}" if key else where.rstrip(".: ")
            problems.append(f"{place}: {_words(error, kind)}")
    return None


def _words(error: Any, kind: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        return f"unknown key; {choices(kind.model_fields, error['loc'][-1])}"
    if error["type"] == "string_pattern_mismatch":
        return f"{error['input']!r} is no address such as https://example.org/blog"
    if error["type"] == "missing":
        return "is missing"
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[0].lower() + message[1:]
