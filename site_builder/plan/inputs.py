"""What runs read that is too large for a notebook: data sets and weights; who knows them, where they are.

``_experiments/data_sets.yaml`` and ``weights.yaml`` map the name of each, or what stands before one of its
slashes, to a module. That answers ``python -m MODULE digest NAME``, for weights with ``--network NETWORK`` if
the run has such a parameter, with one line of JSON, the ``path`` of what was found and its ``digest``; or it
fails with the reason on stderr.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from site_builder.errors import choices
from site_builder.model import Run, Site, Tree

VARIABLE = "GRADLAB_DATA"
FILES = {"data": "data_sets.yaml", "weights": "weights.yaml"}
"""Which file declares the inputs of a kind; the kind is what the register and fingerprints call it."""


def modules(experiments: Path) -> set[str]:
    """The dotted names of the modules in that folder."""
    found = (module.relative_to(experiments) for module in experiments.rglob("*.py"))
    return {".".join(module.with_suffix("").parts) for module in found}


def declared(tree: Tree, problems: list[str]) -> Mapping[str, str]:
    """The module of each declared ``kind/name``; what is wrong with that is added to ``problems``."""
    from site_builder import yaml_text  # YAML takes longer to load than a build with nothing to do

    known, found = modules(tree.experiments), {}
    for kind, file in FILES.items():
        path = tree.experiments / file
        name = path.relative_to(tree.root).as_posix()
        for key, module in (yaml_text.read(path, name, problems) or {} if path.exists() else {}).items():
            found[f"{kind}/{key}"] = str(module)
            if str(module) not in known:
                near = choices(known, module)
                problems.append(f"{name}: {key}: {module!r} is no module of {tree.experiments.name}; {near}")
    return found


def of(run: Run) -> list[str]:
    """The data set and the weights of a run, each as ``kind/name``: a part of its fingerprint."""
    data = [f"data/{run.data}"] if run.data else []
    return data + [f"weights/{name}" for name in run.weights]


def module(part: str, known: Mapping[str, str]) -> str | None:
    """The module of ``known`` that knows the input ``kind/name``, None if that is not declared."""
    while part and part not in known:
        part = part.rpartition("/")[0]
    return known.get(part)


def words(part: str) -> str:
    """An input as messages call it."""
    kind, _, name = part.partition("/")
    return f"{'data set' if kind == 'data' else kind} {name}"


def variable(site: Site) -> str:
    """What ``GRADLAB_DATA`` shall be for the experiments: the environment's, else the folders that exist."""
    places = _named() or [folder for folder in site.data_folders if folder.exists()]
    # Kernels work in another folder, so a path is made absolute here.
    return os.pathsep.join(str(place.absolute()) for place in places)


def places(site: Site) -> list[Path]:
    """What is watched: each place where data are looked for, there or not, and what lies directly in it."""
    return [place.absolute() / "*" for place in [*_named(), *site.data_folders]]


def _named() -> list[Path]:
    named = os.environ.get(VARIABLE, "").split(os.pathsep)
    return [Path(place).expanduser() for place in named if place]
