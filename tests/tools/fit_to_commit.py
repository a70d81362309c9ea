"""Whether files may be committed: notebooks that authors write without outputs, and nothing too large.

python tests/tools/fit_to_commit.py FILE ...   (from the root; ``.pre-commit-config.yaml`` calls it)
"""

import json
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

LIMITS = {
    "_experiments/executed/*.ipynb": 8_000_000,
    "_experiments/checkpoints/*.safetensors": 32_000_000,
    "*": 1_000_000,
}
"""Bytes that a file may have; the first pattern that fits a path counts."""


def problems(paths: Iterable[str], root: Path) -> Iterator[str]:
    """A line for each file of ``paths``, which are relative to ``root``, that should not be committed."""
    for path in paths:
        content = (root / path).read_bytes()
        limit = next(limit for pattern, limit in LIMITS.items() if fnmatchcase(path, pattern))
        if len(content) > limit:
            yield f"{path} has {len(content):,} bytes; at most {limit:,} are committed here"
        if PurePosixPath(path).match("*.ipynb") and str(PurePosixPath(path).parent) == "_experiments":
            yield from _outputs(path, content)


def _outputs(path: str, content: bytes) -> Iterator[str]:
    try:
        cells = json.loads(content)["cells"]
        kept = [
            number
            for number, cell in enumerate(cells, start=1)
            if cell.get("outputs") or cell.get("execution_count") is not None
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        yield f"{path} is no notebook"
        return
    if kept:
        yield (
            f"{path} was saved with what it printed, in cell {kept[0]}: "
            f"jupyter nbconvert --clear-output --inplace {path}"
        )


def main() -> int:
    """Print the problems; exit status 1 if there is one."""
    found = list(problems(sys.argv[1:], Path.cwd()))
    print("\n".join(found), end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
