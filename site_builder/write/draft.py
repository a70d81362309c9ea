"""A post while its template is rendered: what it used, what it numbered, and the marks it holds."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from site_builder.errors import BuildError, PostError, choices
from site_builder.model import Claim, Figure, Harvest, RunPlan, Site
from site_builder.post.bibliography import Reference
from site_builder.post.sidecar import ShownFigure
from site_builder.write import arguments
from site_builder.write.placeholders import Marks, Place
from site_builder.write.templating import Uncomputable

Thing = TypeVar("Thing")


@dataclass(frozen=True, eq=False)
class Shelf:
    """Everything that templates may ask for; there is one in a build."""

    experiments: Path
    site: Site
    harvests: Mapping[str, Harvest]
    plans: Mapping[str, RunPlan]
    references: Mapping[str, Reference]


@dataclass(frozen=True)
class Numbered:
    """A label's kind ("Figure"), its number in the post, and the line that made it."""

    kind: str
    number: int
    line: int

    @property
    def name(self) -> str:
        """Such as "Figure 2"."""
        return f"{self.kind} {self.number}"


@dataclass(frozen=True)
class Sentence:
    """A sentence that makes a claim: the element ids of the sentence and of its record, and the marks round
    its words with their line in the template.
    """

    claim: Claim
    id: str
    record: str
    line: int
    opening: str
    closing: str


@dataclass
class Draft:
    """One post in the making. ``results`` maps what it shows to how it shows it, for the changelog;
    ``codes`` maps a cell, by run and number, to the label under which the post shows its code; ``line`` is
    that of the call being made in the template; ``others`` are the claims of its runs that no sentence makes;
    ``problems`` are the mistakes found so far.
    """

    shown: str
    slug: str
    shelf: Shelf
    line: int = 1
    marks: Marks = field(default_factory=Marks)
    labels: dict[str, Numbered] = field(default_factory=dict)
    codes: dict[tuple[str, int], str] = field(default_factory=dict)
    harvests: dict[str, Harvest] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, None] = field(default_factory=dict)
    sentences: list[Sentence] = field(default_factory=list)
    others: list[Claim] = field(default_factory=list)
    figures: dict[str, ShownFigure] = field(default_factory=dict)
    placed: set[str] = field(default_factory=set)
    cover: Figure | None = None
    problems: list[str] = field(default_factory=list)

    def at_line(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function`` as a template calls it: with its line, which is the draft's while it works."""

        def called(*given: Any, line: int, **named: Any) -> Any:
            outer, self.line = self.line, line
            try:
                return self.tried(lambda: self._fitting(function, given, named))
            finally:
                self.line = outer

        return called

    def _fitting(self, function: Callable[..., Any], given: Sequence[Any], named: Mapping[str, Any]) -> Any:
        """What ``function`` gives; should it fail because of what it was given, that is a mistake."""
        try:
            return function(*given, **named)
        except BuildError:
            raise
        except Exception:
            if wrong := arguments.misfit(function, given, named):
                self.fail(f"{function.__name__}(): {wrong}")
            raise

    def tried(self, work: Callable[[], Any]) -> Any:
        """What ``work`` gives; nothing if it finds a mistake, which is kept."""
        try:
            return work()
        except PostError as problem:
            self.problems.append(str(problem))
            return ""

    @contextlib.contextmanager
    def failing_together(self) -> Iterator[None]:
        """Raise what goes wrong inside as one ``PostError`` with the problems before it.

        What cannot be computed may follow from a problem, and is then left out.
        """
        try:
            yield
        except Exception as failure:
            if not self.problems:
                raise
            if isinstance(failure, PostError) and not isinstance(failure, Uncomputable):
                self.problems.append(str(failure))
            self.refuse()

    def refuse(self) -> None:
        """Raise all problems, if there are any."""
        if self.problems:
            raise PostError("\n".join(dict.fromkeys(self.problems)))

    def fail(self, problem: str, line: int | None = None) -> NoReturn:
        """Stop with the template's name and line, by default that of the call being made."""
        raise PostError(f"{self.shown}:{self.line if line is None else line}: {problem}")

    def mark(self, place: Place, resolve: Callable[[], str], words: str = "") -> str:
        """A mark that becomes what ``resolve`` gives, from the template line being rendered."""
        return self.marks.add(place, self.line, resolve, words)

    def executed(self, run: str) -> bool:
        """Whether a run of the register was ever executed, so that it has results."""
        known = {*self.shelf.harvests, *self.shelf.plans}
        if run not in known:
            self.fail(f"no run {run!r}; {choices(known, run)}")
        return run in self.shelf.harvests

    def harvest(self, run: str) -> Harvest:
        """The harvest of ``run``, which is now one of the runs of this post."""
        if not self.executed(run):
            self.fail(
                f"run {run!r} was never executed; this installs what it needs and executes it: "
                f'make experiments RUN={run} (or write this inside [% if executed("{run}") %])'
            )
        return self.harvests.setdefault(run, self.shelf.harvests[run])

    def covered(self, run: str, label: str, line: int) -> Figure:
        """The figure for the cover, which lists and cards show and the post itself does not."""
        self.line = line
        return self.find(run, "figure", label, self.harvest(run).figures)

    def find(self, run: str, kind: str, name: str, things: Mapping[str, Thing]) -> Thing:
        """One of the things that ``run`` published."""
        if name not in things:
            self.fail(f"run {run!r} published no {kind} {name!r}; {choices(things, name)}")
        return things[name]

    def number(self, label: str, kind: str) -> Numbered:
        """The next number of its kind for ``label``."""
        if label in self.labels:
            self.fail(f"{label!r} is already {self.labels[label].name}, line {self.labels[label].line}")
        count = sum(1 for other in self.labels.values() if other.kind == kind)
        self.labels[label] = Numbered(kind, count + 1, self.line)
        return self.labels[label]

    def used(self, kind: str, run: str, name: str, shown: Mapping[str, str]) -> None:
        """Keep what the post shows of a result: by format where there are several."""
        entry = self.results.setdefault(f"{kind} {run}/{name}", {"run": run, "shown": {}})
        entry["shown"].update(shown)
