"""Torchvision's published weights: ``torchvision/VERSION``, as ``torchvision/IMAGENET1K_V1``.

The network is any of torchvision's classifiers by the name of its builder (its "vgg16" has no batch norm,
other than this project's). Files lie where torch's hub keeps them. Which file a network has is read in
torchvision's source, so that the digest needs no torch.
"""

import ast
import importlib.util
import os
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gradlab.photographs import weight_files
from gradlab.photographs.weight_files import WeightsError

if TYPE_CHECKING:
    import gradlab.photographs.loaded

_PREFIX = "torchvision/"


def folder() -> Path:
    """The folder in which torch's hub keeps what it has downloaded."""
    general = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "torch"
    return Path(os.environ.get("TORCH_HOME", general)).expanduser() / "hub" / "checkpoints"


def address(network: str, name: str) -> str:
    """Where the weights ``name`` of ``network`` are published; a WeightsError names the nearest choices."""
    builders = _builders()
    if network not in builders:
        near = get_close_matches(network, builders, 5, 0.5) or sorted(builders)
        raise WeightsError(f"torchvision has no classifier {network!r}; it has {', '.join(near)}")
    version, addresses = name.removeprefix(_PREFIX), _addresses(builders[network])
    if version not in addresses:
        known = ", ".join(f"{_PREFIX}{one}" for one in addresses)
        raise WeightsError(f"torchvision has no weights {name!r} of {network}; it has {known}")
    return addresses[version]


@cache
def _builders() -> dict[str, ast.ClassDef]:
    """Each function that builds a classifier, and the class that lists its weights."""
    package = importlib.util.find_spec("torchvision")
    if package is None or not package.submodule_search_locations:
        raise WeightsError("torchvision is not installed; pip install -r _experiments/requirements.lock")
    found: dict[str, ast.ClassDef] = {}
    for path in sorted((Path(package.submodule_search_locations[0]) / "models").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "WeightsEnum" in text:
            found.update(_builders_in(ast.parse(text)))
    return found


def _builders_in(module: ast.Module) -> Iterator[tuple[str, ast.ClassDef]]:
    """A builder is a function with an argument ``weights`` that is annotated with a class of the module."""
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            for argument in node.args.kwonlyargs:
                names = {one.id for one in ast.walk(argument) if isinstance(one, ast.Name)}
                if argument.arg == "weights" and (listed := names & classes.keys()):
                    yield node.name, classes[listed.pop()]


def _addresses(weights: ast.ClassDef) -> dict[str, str]:
    """The address of each of the weights that a class lists, also by their other names (DEFAULT)."""
    found: dict[str, str] = {}
    for node in weights.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        name, value = node.targets[0].id, node.value
        if isinstance(value, ast.Name) and value.id in found:
            found[name] = found[value.id]
        elif isinstance(value, ast.Call):
            given = {keyword.arg: keyword.value for keyword in value.keywords}
            if isinstance(url := given.get("url"), ast.Constant):
                found[name] = str(url.value)
    return found


def find(name: str, network: str | None) -> Path:
    """The downloaded file; a WeightsError says how to get it."""
    if network is None:
        raise WeightsError(f"{name}: of which network? Say --network, as in --network resnet18")
    published = address(network, name)
    path = folder() / published.rsplit("/", 1)[1]
    if not path.is_file():
        raise WeightsError(
            f"{path} does not exist. It is fetched when the weights are first loaded, or by hand from "
            f"{published}; TORCH_HOME names another folder."
        )
    return path


def load(network: str, name: str) -> "gradlab.photographs.loaded.Loaded":
    """The network with its published weights, which torchvision downloads on first use."""
    from gradlab.photographs import torchvision_ops
    from gradlab.photographs.loaded import Loaded

    torchvision_ops.ensure_schemas()
    from torchvision import models

    published = address(network, name)
    weights = models.get_model_weights(network)[name.removeprefix(_PREFIX)]
    preset = weights.transforms()
    try:
        built = models.get_model(network, weights=weights)
    except Exception as error:  # torch raises what zip and pickle happen to make of a damaged file
        raise WeightsError(
            f"weights {name} of {network} could not be fetched or read ({error}). Put {published} into "
            f"{folder()}, in place of what may be there."
        ) from error
    return Loaded(built.eval(), tuple(preset.mean), tuple(preset.std), preset.crop_size[0])


def categories() -> tuple[str, ...]:
    """The readable names of ILSVRC2012's 1,000 classes, in the order of the networks' outputs."""
    from gradlab.photographs import torchvision_ops

    torchvision_ops.ensure_schemas()
    from torchvision.models import ResNet18_Weights

    return tuple(ResNet18_Weights.IMAGENET1K_V1.meta["categories"])


def main(arguments: list[str] | None = None) -> int:
    """Answer with path and digest."""
    return weight_files.answer("gradlab.photographs.torchvision_weights", find, arguments)


if __name__ == "__main__":
    raise SystemExit(main())
