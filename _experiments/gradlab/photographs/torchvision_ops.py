"""Import torchvision beside a torch build that its compiled operators were not made for.

torchvision's wheel carries a shared library that registers ``torchvision::nms`` and friends. Where
that library does not load (for example a CPU build of torch beside the registry's CUDA build of
torchvision), ``import torchvision`` stops, because it describes the shapes of two operators that
nobody has registered. The classification models and transforms used here need neither operator, so
registering their *schemas*, without an implementation, is enough. With matching builds the library
loads and this module changes nothing.

In the kernels of runs this is an IPython extension, so that a notebook may import torchvision before
gradlab; elsewhere ``%load_ext gradlab.photographs.torchvision_ops`` does the same.
"""

import contextlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

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


def ensure_schemas() -> tuple[str, ...]:
    """Make ``import torchvision`` possible; return the operators whose schema had to be added."""
    import torch  # here, because kernels load this module whether they need torch or not

    library = _compiled_library()
    if library is not None:
        # It may have been built for another torch: then the schemas below stand in.
        with contextlib.suppress(OSError):
            torch.ops.load_library(library)  # type: ignore[no-untyped-call]
    names = (operator.split("::") for operator in _BOX_OPERATORS)
    missing = tuple(
        f"{space}::{name}" for space, name in names if not hasattr(getattr(torch.ops, space), name)
    )
    for operator in missing:
        torch.library.define(operator, _SCHEMA)
    return missing


class BeforeTorchvision(MetaPathFinder):
    """Finds nothing; when torchvision is looked for the first time, it adds what its import needs."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        """Leave the search to the other finders."""
        if name == "torchvision":
            sys.meta_path.remove(self)
            ensure_schemas()


def load_ipython_extension(shell: Any) -> None:
    """Prepare a kernel for ``import torchvision``; torch is imported only then."""
    if "torchvision" not in sys.modules:
        sys.meta_path.insert(0, BeforeTorchvision())
