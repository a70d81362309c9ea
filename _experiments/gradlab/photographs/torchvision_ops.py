"""Import torchvision beside a torch build that its compiled operators were not made for.

torchvision's wheel carries a shared library that registers ``torchvision::nms`` and friends. Where
that library does not load (for example a CPU build of torch beside the registry's CUDA build of
torchvision), ``import torchvision`` stops, because it describes the shapes of two operators that
nobody has registered. The classification models and transforms used here need neither operator, so
registering their *schemas*, without an implementation, is enough. With matching builds the library
loads and this module changes nothing.
"""

import contextlib
import importlib.machinery
import importlib.util
from pathlib import Path

import torch

_BOX_OPERATORS = ("torchvision::nms", "torchvision::qnms")
_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def _compiled_library() -> Path | None:
    """The file of torchvision's compiled operators, found without importing torchvision."""
    package = importlib.util.find_spec("torchvision")
    for folder in (package.submodule_search_locations or ()) if package else ():
        for suffix in importlib.machinery.EXTENSION_SUFFIXES:
            if (library := Path(folder) / f"_C{suffix}").is_file():
                return library
    return None


def _registered(operator: str) -> bool:
    namespace, name = operator.split("::")
    return hasattr(getattr(torch.ops, namespace), name)


def ensure_schemas() -> tuple[str, ...]:
    """Make ``import torchvision`` possible; return the operators whose schema had to be added."""
    library = _compiled_library()
    if library is not None:
        # It may have been built for another torch: then the schemas below stand in.
        with contextlib.suppress(OSError):
            torch.ops.load_library(library)  # type: ignore[no-untyped-call]
    missing = tuple(name for name in _BOX_OPERATORS if not _registered(name))
    for name in missing:
        torch.library.define(name, _SCHEMA)
    return missing


ADDED = ensure_schemas()
