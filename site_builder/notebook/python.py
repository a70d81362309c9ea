"""The Python of a notebook: what IPython makes of its magics, commands of the shell and questions."""

import ast
import re
import warnings
from collections.abc import Mapping
from typing import Any

from site_builder.errors import BuildError

_AUTOMAGIC = re.compile(
    r"(pip|conda|mamba|uv|cd|ls|ll|cat|cp|mv|rm|mkdir|run|env|load_ext|matplotlib|time(it)?) .*"
)
"""A cell of one line that IPython takes for a magic without its sign, as it is no Python."""
_NAMES = frozenset({"", "python", "ipython", "python3", "ipython3"})
_LANGUAGES = {"ir": "R", "ark": "R", "julia": "Julia", "bash": "bash", "octave": "Octave", "sagemath": "Sage"}
"""Kernels that are known by their names, where a notebook does not name its language."""


def tree(text: str) -> ast.Module:
    """The syntax of a cell; what is no Python of itself stands there as the call that IPython executes.

    Raises ``SyntaxError`` if IPython too could not execute it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a doubtful backslash, which the kernel tells
        try:
            return ast.parse(text)
        except (MemoryError, RecursionError):
            raise SyntaxError("too many signs or brackets in each other") from None
        except (SyntaxError, ValueError):
            # Loaded only now, because it takes 0.1 s and most cells are plain Python.
            from IPython.core.inputtransformer2 import TransformerManager

            if _AUTOMAGIC.fullmatch(text.strip()):
                text = f"%{text.strip()}"
            try:
                return ast.parse(TransformerManager().transform_cell(text))  # type: ignore[no-untyped-call]
            except ValueError as fault:  # a null byte, for older Pythons
                raise SyntaxError(str(fault)) from None


def refuse_other_languages(name: str, notebook: Mapping[str, Any]) -> None:
    """Raise a ``BuildError`` that names the kernel, if the notebook is not to be executed as Python."""
    metadata = notebook.get("metadata")
    spec, info = (
        entry if isinstance(metadata, dict) and isinstance(entry := metadata.get(key), dict) else {}
        for key in ("kernelspec", "language_info")
    )
    kernel = str(spec.get("name") or "")
    guessed = _LANGUAGES.get(kernel.lower().partition("-")[0], "")
    language = str(info.get("name") or spec.get("language") or guessed)
    if language.lower() not in _NAMES:
        asks = f"its kernel {kernel!r} executes {language}" if kernel else f"it is written in {language}"
        raise BuildError(f"{name}: {asks}, and only Python is executed here")
