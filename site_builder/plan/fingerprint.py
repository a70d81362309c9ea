"""Fingerprints: everything that can change a result of a run, in named parts, and what changed in words."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from site_builder import machine
from site_builder.files import digest
from site_builder.model import Fingerprint, Run, RunRecord, Tree
from site_builder.notebook import cells, published, python, reader
from site_builder.plan import imports, inputs, reading
from site_builder.plan.digests import Digests

DISTRIBUTIONS = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "mpl_toolkits": "matplotlib",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "pyyaml",
}
"""Import names that differ from the name under which a package is pinned."""
FRONT_ENDS = frozenset(
    {
        "ipykernel",
        "ipython",
        "ipywidgets",
        "jupyter",
        "jupyterlab",
        "nbclient",
        "nbconvert",
        "nbformat",
        "rich",
        "tqdm",
    }
)
"""Packages that run or show a notebook and have no part in its numbers."""
_PIN = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;#]+)")
_DISPLAY = re.compile(
    r"label|echo|warning|output|include|column|classes|panel|tags|layout[\w-]*|(fig|lst|tbl|cap|code)-[\w-]+"
)


@dataclass(frozen=True)
class Taken:
    """The fingerprint of a run, the packages that have to be installed for it, and what it lacks: inputs in
    words, and results. ``unseen`` says what may change its results and is no part of the fingerprint.
    """

    fingerprint: Fingerprint
    packages: frozenset[str]
    absent: tuple[str, ...]
    absent_results: tuple[str, ...]
    unseen: tuple[str, ...]


def take(run: Run, tree: Tree, digests: Digests, record: RunRecord | None) -> Taken:
    """The fingerprint of ``run``; for absent files, data, weights or results, the recorded digest stands.

    It reaches the modules that know its own inputs, though its code imports them by name only: so the data
    sets and weights of other runs are no part of it.
    """
    recorded = record.fingerprint.parts if record else {}
    code = reader.code_cells(reader.source(run.notebook))
    sources = [
        (f"{run.notebook.name}, {cell.title}", cells.for_kernel(cell.source))
        for cell in code
        if _is_read(cell)
    ]
    by_name = (*run.modules, *digests.modules(run))
    sources += [(tree.register.name, f"import {module}") for module in by_name]
    reach = imports.reach(sources, tree.experiments)
    parts = {"code": digest(json.dumps([executable(cell) for cell in code]))}
    parts |= {f"parameter/{name}": json.dumps(value) for name, value in run.parameters.items()}
    parts |= {f"module/{name}": one for name, one in reach.files.items()}
    parts |= {f"file/{name}": one for name, one in reach.data.items()}
    absent = {f"file/{name}" for name in reach.absent}
    parts |= {name: recorded[name] for name in absent & recorded.keys()}
    pinned = pins(tree.experiments / "requirements.txt")
    wanted = {distribution(package) for package in reach.packages} - FRONT_ENDS
    parts |= {f"pin/{name}": pinned[name] for name in wanted & pinned.keys()}
    taken = digests.of(run)
    results = {name: _published(tree.executed / f"{name}.ipynb") for name in run.needs}
    found = {part: one.digest for part, one in taken.items()}
    found |= {f"results/{name}": one for name, one in results.items()}
    for name, one in found.items():
        parts[name] = one or recorded.get(name, "not found")
    # What the code installs, or looks for in an unknown place, is not missing before it was executed.
    known = (
        reach.required
        if not reach.elsewhere
        else (one for one in reach.required if distribution(one) in pinned)
    )
    return Taken(
        over(parts),
        frozenset(known),
        tuple(
            f"{inputs.words(part)} not found: {one.reason}"
            for part, one in taken.items()
            if one.digest is None
        ),
        tuple(name for name, one in results.items() if one is None),
        tuple(_unseen(reach, pinned | pins(tree.experiments / "requirements.lock"), bool(by_name))),
    )


def _is_read(cell: reader.Cell) -> bool:
    """Whether a cell is executed; one whose error is shown may even be no Python."""
    if cell.may_raise:
        try:
            python.tree(cells.for_kernel(cell.source))
        except SyntaxError:
            return False
    return not cell.skipped


def _unseen(reach: imports.Reach, pinned: Mapping[str, str], listed: bool) -> Iterator[str]:
    """What may change the results of a run and has no part in its fingerprint, in words."""
    loose = {name for name in reach.packages if distribution(name) not in FRONT_ENDS | pinned.keys()}
    # What is optional and not installed here had no part in anything either.
    if named := sorted(
        name for name in loose if machine.has(name) or (name in reach.required and reach.elsewhere)
    ):
        yield f"import of {', '.join(named)} is not pinned"
    yield from sorted(reach.unseen - ({reading.COMPUTED} if listed else set()))


def _published(executed: Path) -> str | None:
    """A digest over the values, tables, figure data and claims of an executed notebook, in their order."""
    found = published.published(executed)
    return None if found is None else digest(json.dumps(found, sort_keys=True))


def executable(cell: reader.Cell) -> str:
    """What of a cell can change a result: no comments, no options that only affect display."""
    asked: dict[str, object] = {
        name: value for name, value in cells.options(cell.source).items() if not _DISPLAY.fullmatch(name)
    }
    asked |= {"eval": False} if cell.skipped else {}
    asked |= {"error": True} if cell.may_raise else {}
    # Any other option may affect the execution. It is a comment to Python, so it is kept beside the code.
    return imports.meaning(cells.code(cell.source)) + (json.dumps(asked, sort_keys=True) if asked else "")


def pins(requirements: Path) -> dict[str, str]:
    """Package -> pinned version, from ``name==version`` lines."""
    if not requirements.is_file():
        return {}
    found = (_PIN.match(line) for line in requirements.read_text(encoding="utf-8").splitlines())
    return {normal(match[1]): match[2] for match in found if match}


def distribution(package: str) -> str:
    """The name under which an imported package is installed."""
    return normal(DISTRIBUTIONS.get(package, package))


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def over(parts: Mapping[str, str]) -> Fingerprint:
    """The fingerprint that has these parts."""
    return Fingerprint(digest("\n".join(f"{name}={value}" for name, value in sorted(parts.items()))), parts)


_PHRASES = {
    "code": ("code cells changed", "code cells are new", "code cells were removed"),
    "parameter": ("parameter {} changed", "parameter {} is new", "parameter {} was removed"),
    "module": ("{} changed", "{} is newly imported", "{} is no longer imported"),
    "file": ("{} changed", "{} is newly read", "{} is no longer read"),
    "data": ("data set {} changed", "data set {} is new", "data set {} was removed"),
    "weights": ("weights {} changed", "weights {} are new", "weights {} were removed"),
    "results": ("results of {} changed", "{} is newly needed", "{} is no longer needed"),
    "pin": ("{} {old} → {new}", "{} {new} is newly imported", "{} is no longer imported"),
}
"""What is said of a part that changed, is new, or is gone: by kind, the likeliest causes first."""
_OTHER = ("{part} changed", "{part} is new", "{part} was removed")
"""The same of a kind that this press does not know: a record may be older, or newer."""


_MOST = 4
"""So many causes of one kind are named, more are counted."""


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """Why a result is stale, a phrase for each part that differs, the likeliest causes first."""
    kinds = {kind: place for place, kind in enumerate(_PHRASES)}
    changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    ordered = sorted(changed, key=lambda name: kinds.get(name.partition("/")[0], len(kinds)))
    found: list[str] = []
    for kind, names in groupby(ordered, key=lambda name: name.partition("/")[0]):
        parts = list(names)
        if len(parts) > _MOST:
            found.append(f"{len(parts)} {kind.removesuffix('s')}s changed, came or went")
        else:
            found += [_phrase(name, old.get(name), new.get(name)) for name in parts]
    return tuple(found)


def _phrase(part: str, old: str | None, new: str | None) -> str:
    kind, _, thing = part.partition("/")
    changed, added, removed = _PHRASES.get(kind, _OTHER)
    phrase = added if old is None else removed if new is None else changed
    return phrase.format(thing, part=part, old=old, new=new)
