"""Everything that can go wrong because of what an author wrote or what a machine lacks.

    BuildError                  the base: printed without a traceback, exit status 1
    ├── ConfigError             site.yaml, experiments.yaml: every problem at once, with file and key
    ├── ExecutionError          a notebook failed: run, cell label, source, end of the traceback
    ├── HarvestError            an executed notebook cannot be read, or an artifact in it is wrong
    ├── PostError               a post template: unknown name, label, value, claim; with file and line
    ├── PageError               a post that cannot be rendered
    ├── CheckError              findings of `check`, together
    └── BusyError               another process writes the tree or executes the run

A bug is not a BuildError: it keeps its traceback.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")
NEAREST = 3
"""How many names an error message lists."""


class BuildError(Exception):
    """An author's mistake; the message names the file, the thing and the choices."""


class _Gathered(BuildError):
    """Several problems reported together."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class ConfigError(_Gathered):
    """Problems in a configuration file, each ``file: key: what is wrong; choices``."""


class ExecutionError(BuildError):
    """A notebook did not run to its end."""


class HarvestError(_Gathered):
    """Problems in executed notebooks, each with notebook, cell and label."""


class PostError(BuildError):
    """A post template asks for what does not exist or claims what was not found."""


class PageError(BuildError):
    """A post cannot be turned into a page."""


class CheckError(_Gathered):
    """What `check` found, each with file, line and cure."""


class BusyError(BuildError):
    """Another process is writing the tree, or executing the run."""


def gathered(things: Iterable[_In], work: Callable[[_In], _Out]) -> tuple[list[_Out], list[str]]:
    """What ``work`` makes of each thing, and the problems of those of which it makes nothing."""
    done, problems = [], []
    for thing in things:
        try:
            done.append(work(thing))
        except (PostError, PageError) as problem:
            problems.append(str(problem))
    return done, problems


def choices(known: Iterable[str], wanted: object) -> str:
    """The end of an error message: the names that would have been right.

    Of more than three the three most like ``wanted``, the likest first, and how many there are: whoever
    mistyped one name of a thousand does not want to read the others.
    """
    names = sorted({str(name) for name in known})
    if len(names) <= NEAREST:
        return f"known: {', '.join(names)}" if names else "none is known"
    from difflib import SequenceMatcher  # only a mistake needs it

    matcher = SequenceMatcher(None, "", str(wanted).lower())

    def unlike(name: str) -> float:
        matcher.set_seq1(name.lower())
        return -matcher.ratio()

    return f"nearest of {len(names)}: {', '.join(sorted(names, key=unlike)[:NEAREST])}"
