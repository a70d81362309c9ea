"""Data sets: which the experiments declare, and where they are looked for.

``_experiments/data_sets.yaml`` maps the name of each to the module that answers ``python -m MODULE digest``
with one line of JSON: the ``path`` of what was found, and its ``digest``.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from site_builder.errors import choices
from site_builder.model import Site, Tree

VARIABLE = "GRADLAB_DATA"


def declared(tree: Tree, problems: list[str]) -> Mapping[str, str]:
    """The module of each data set by its name; what is wrong with that is added to ``problems``."""
    from site_builder.plan import yaml_file  # YAML takes longer to load than a build with nothing to do

    path = tree.experiments / "data_sets.yaml"
    name = path.relative_to(tree.root).as_posix()
    found = yaml_file.read(path, name, problems) or {} if path.exists() else {}
    modules = {
        ".".join(module.relative_to(tree.experiments).with_suffix("").parts)
        for module in tree.experiments.rglob("*.py")
    }
    problems.extend(
        f"{name}: {key}: {module!r} is no module of {tree.experiments.name}; {choices(modules, module)}"
        for key, module in found.items()
        if str(module) not in modules
    )
    return {str(key): str(module) for key, module in found.items()}


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
