"""Paths of the machine that executed a notebook, which concern no reader, taken out of its outputs.

What stands below the project is named from its root, what stands in a home from ``~``, and of Python's own
folders only the last part is left. Published records stay as they are.
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_BEGIN = r"(?:(?<![\w.…/\\~+=-])|(?P<colour>\x1b\[[\d;]*m))(?:file://)?"
_PART = r"[^\\/\s'\"<>:;,()\x1b]+"
_END = r"(?![\w.-])"
_PYTHON = re.compile(
    rf"{_BEGIN}(?:~|[A-Za-z]:)?(?!//)(?:[\\/]+{_PART})*[\\/]+(?:(?P<cell>ipykernel_\d+[\\/]+\d+\.py)"
    rf"|(?P<last>(?:site|dist)-packages){_END}|lib(?:64)?[\\/]+(?P<library>python3\.\d+){_END})"
)
_HOME = re.compile(
    rf"{_BEGIN}(?:/(?:home|Users)/{_PART}|/root{_END}|[A-Za-z]:\\+Users\\+[^\\\s'\"<>:\x1b]+)(?P<below>)"
)
_HINT = re.compile(r"ipykernel_|-packages|python3\.|/home/|/Users/|\\Users|/root")


def neutral(text: str, root: Path) -> str:
    """``text`` without the paths of a machine; the project stands at ``root`` on this one."""
    hinted = bool(_HINT.search(text))
    if hinted:
        text = _PYTHON.sub(_python, text)
    for folder, instead in ((root, ""), (Path(sys.prefix), "…"), (Path.home(), "~")):
        if len(folder.parts) > 1 and str(folder) in text:
            place = rf"{_BEGIN}{re.escape(str(folder))}(?:(?P<below>[\\/])|{_END})"
            text = re.sub(place, _named(instead), text)
    return _HOME.sub(_named("~"), text) if hinted else text


def _python(match: re.Match[str]) -> str:
    last = "cell.py" if match["cell"] else f"…/{match['last'] or match['library']}"
    return (match["colour"] or "") + last


def _named(instead: str) -> Callable[[re.Match[str]], str]:
    """What replaces a folder: its name, with the separator where something below it follows."""

    def named(match: re.Match[str]) -> str:
        shown = f"{instead}/" if instead and match["below"] else instead
        return (match["colour"] or "") + (shown or ("" if match["below"] else "."))

    return named


def neutralise(notebook: Mapping[str, Any], root: Path) -> None:
    """Take them out of what the cells of a ``notebook``, as JSON, printed, raised or showed as text."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            for key in ("text", "evalue", "traceback"):
                if key in output:
                    output[key] = _of(output[key], root)
            for kind in [kind for kind in data if kind.startswith("text/")]:
                data[kind] = _of(data[kind], root)


def _of(entry: Any, root: Path) -> Any:
    if isinstance(entry, list):
        return [_of(one, root) for one in entry]
    return neutral(entry, root) if isinstance(entry, str) else entry
