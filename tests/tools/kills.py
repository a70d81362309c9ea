"""Kill builds and deliveries at each change of the file system, or let the disk be full from there on.

python -m tests.tools.kills [--points N]   (from the root; without N: every change there is)

After each it is asked whether ``_site`` is wholly the old one or wholly the new one, and whether the same
command, called again, leaves what an undisturbed one leaves, byte for byte.
"""

import argparse
import errno
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.site_builder import tiny_site
from tests.site_builder.harvest_fixtures import SVG, claim, data, drawing, table, value
from tests.site_builder.tiny_site import TinySite

from site_builder import files
from site_builder.__main__ import main as press

KILL, HALF, FULL = "killed", "killed while it wrote a file", "the disk is full"
"""What happens at a change: the process is killed before it; or when half of the file that was opened last
was written; or nothing that needs room is possible any more.
"""
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NEEDS_ROOM = {"open", "os.mkdir", "os.link", "os.symlink"}
_EXCHANGE = "ctypes.dlsym"
"""The event nearest to the exchange of two names, which tells of none itself."""
POST = tiny_site.POST.replace("[[ provenance", '[[ figure("drawing", "fig-line") ]]\n\n[[ provenance', 1)


@dataclass(frozen=True)
class Scenario:
    """A command in a tree that ``change`` made different from what the command left there before.

    ``begun`` is whether it was ever called before.
    """

    name: str
    command: tuple[str, ...]
    begun: bool = True
    exchange: bool = True


SCENARIOS = (
    Scenario("the first build", ("site", "--no-execute"), begun=False),
    Scenario("a build after changes", ("site", "--no-execute")),
    Scenario("a build where names cannot be exchanged", ("site", "--no-execute"), exchange=False),
    Scenario("an export", ("export", "theirs")),
    Scenario("a paper", ("paper", "theirs")),
)


@dataclass
class Fault:
    """What happens at the change of this number (from 1; 0: nothing), and how many changes there were."""

    root: str
    at: int = 0
    kind: str = KILL
    count: int = 0
    opened: list[bool] = field(default_factory=list)
    last: str = ""

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Told of everything that the interpreter does."""
        if event == "open":
            if not (isinstance(arguments[2], int) and arguments[2] & _WRITING):
                return
        elif event not in _CHANGES and (event, arguments[1:]) != (_EXCHANGE, ("renameat2",)):
            return
        named = arguments[0]
        path = os.fsdecode(named) if isinstance(named, str | bytes | os.PathLike) else self.root
        # What has no whole path is named from an open folder: a tree that is being removed.
        if Path(path).is_absolute() and not path.startswith(self.root):
            return
        self.count += 1
        self.opened.append(bool(self.last))
        if self.at and self.count >= self.at:
            self._strike(event, path)
        self.last = path if event == "open" else ""

    def _strike(self, event: str, path: str) -> None:
        if self.kind == FULL:
            if event in _NEEDS_ROOM:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
            return
        if self.kind == HALF:
            half, self.last, self.at = self.last, "", 0
            if Path(half).is_file():  # one without a name is gone with its process
                os.truncate(half, Path(half).stat().st_size // 2)
        os.kill(os.getpid(), signal.SIGKILL)


def called(root: Path, scenario: Scenario, fault: Fault) -> tuple[int, str]:
    """The exit status of the command in a process of its own (negative: the signal), and its words."""
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if not child:
            status = 99
            try:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
                os.chdir(root)
                # What a process wrote outlives it, so the disk is not waited for.
                os.fsync = lambda fd: None
                if not scenario.exchange:
                    files._exchanged = lambda *_: False
                sys.addaudithook(fault.heard)
                status = press(list(scenario.command))
            except BaseException as error:
                print(f"Traceback: {error!r}", file=sys.stderr)
            finally:
                fault.at = 0
                print(f"\n{''.join('.o'[one] for one in fault.opened)}", flush=True)
                sys.stderr.flush()
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        return status, said.read()


def lay_out(root: Path) -> TinySite:
    """A site of two runs and two posts, as if both runs had been executed."""
    tiny = tiny_site.lay_out(root)
    tiny.register(passing={"parameters": {"count": 4}}, drawing={})
    tiny.post.write_text(POST)
    tiny.post.with_name("2024-01-03-gone.md.j2").write_text(
        POST.replace("Sums", "Gone").replace("01-02", "01-03")
    )
    execute(tiny, 9.0, "9 9")
    theirs = root / "theirs"
    (theirs / "_posts").mkdir(parents=True)
    (theirs / "_config.yml").write_text("title: theirs\n")
    return tiny


def execute(tiny: TinySite, total: float, end: str) -> None:
    """Pretend an execution of both runs, with this value and a line that ends there."""
    steps = table("tbl-steps", ["step", "part"], [[1, total], [2, 4.5]])
    drawn = drawing(svg=SVG.replace("L 9 9", f"L {end}"))
    rows = data("fig-line", ["x", "y"], [[1, total]])
    shown = {
        "passing": {4: value("total", total), 5: steps, 6: claim("sum-is-positive", "holds")},
        "drawing": {2: drawn, 3: rows},
    }
    for run, outputs in shown.items():
        tiny.pretend(run)

        def change(notebook: dict[str, Any], outputs: dict[int, Any] = outputs) -> None:
            for place, bundle in outputs.items():
                output = {"output_type": "display_data", "metadata": {}, "data": bundle}
                notebook["cells"][place]["outputs"] = [output]

        tiny.executed_otherwise(run, change)


def change_all(tiny: TinySite) -> None:
    """Other results, another sentence, a post less and a post more."""
    execute(tiny, 8.0, "9 8")
    tiny.post.write_text(POST.replace("The sum is", "In all, the sum is"))
    tiny.post.with_name("2024-01-03-gone.md.j2").unlink()
    tiny.post.with_name("2024-01-05-new.md.j2").write_text(
        POST.replace("Sums", "New").replace("01-02", "01-05")
    )


def written(root: Path, *names: str) -> dict[str, str]:
    """A digest of each file that a command writes for others, by name, half-written ones too."""
    places = [root / name for name in names or ("_posts", "assets", "theirs", "_site")]
    found = (path for place in places for path in sorted(place.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): files.digest(path.read_bytes()) for path in found}


class Trial:
    """A scenario laid out, whose command can be called again and again from the same state."""

    def __init__(self, folder: Path, scenario: Scenario) -> None:
        self.scenario, self.root, self._kept = scenario, folder / "tree", folder / "kept"
        tiny = lay_out(self.root)
        if scenario.begun:
            self._called(Fault(str(self.root)))
            change_all(tiny)
        self.old = written(self.root, "_site")
        # What is kept is known by its path and its times, so a copy has to have both.
        shutil.copytree(self.root, self._kept)
        self.events = self._called(Fault(str(self.root)))
        self.new = written(self.root)

    def _called(self, fault: Fault) -> list[bool]:
        """Call the command undisturbed; for each change whether a file had been opened just before."""
        status, said = called(self.root, self.scenario, fault)
        if status:
            raise RuntimeError(f"{self.scenario.name}: undisturbed it ends with {status}: {said}")
        return [one == "o" for one in said.rstrip("\n").rpartition("\n")[2]]

    def points(self) -> list[tuple[str, int]]:
        """Every fault that there can be: its kind, and the number of the change."""
        places = list(enumerate(self.events, start=1))
        half = [(HALF, at) for at, opened in places if opened]
        return [*((KILL, at) for at, _ in places), *half, *((FULL, at) for at, _ in places)]

    def struck(self, kind: str, at: int) -> Iterator[str]:
        """Call the command with a fault, and again without; a line for each thing that is wrong then."""
        shutil.rmtree(self.root)
        shutil.copytree(self._kept, self.root)
        status, said = called(self.root, self.scenario, Fault(str(self.root), at, kind))
        where = f"{self.scenario.name}, {kind} at change {at} of {len(self.events)}"
        if kind == FULL and (status not in (0, 1) or "Traceback" in said or (status and FULL not in said)):
            yield f"{where}: ended with {status}: {said}"
        if kind != FULL and status != -signal.SIGKILL:
            yield f"{where}: was not killed, but ended with {status}: {said}"
        pages = {name: one for name, one in self.new.items() if name.startswith("_site/")}
        stands = written(self.root, "_site")
        if stands not in (self.old, pages) and (stands or self.scenario.exchange):
            yield f"{where}: _site is neither the old nor the new one: {_unlike(stands, pages)}"
        status, said = called(self.root, self.scenario, Fault(str(self.root)))
        if status:
            yield f"{where}: the next call ends with {status}: {said}"
        elif (left := written(self.root)) != self.new:
            yield f"{where}: the next call does not repair {_unlike(left, self.new)}"


def _unlike(one: dict[str, str], other: dict[str, str]) -> str:
    return ", ".join(sorted(name for name in {*one, *other} if one.get(name) != other.get(name)))


def chosen(points: list[tuple[str, int]], count: int | None) -> list[tuple[str, int]]:
    """So many of the points, evenly spread; all of them without a number."""
    if count is None or count >= len(points):
        return points
    return [points[place * len(points) // count] for place in range(count)]


def main(arguments: list[str] | None = None) -> int:
    """Strike at every point, or at so many of each scenario; say what is wrong, and how many there were."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.kills", description=__doc__)
    parser.add_argument("--points", type=int, help="of each scenario (default: all)")
    wanted = parser.parse_args(arguments).points
    wrong = 0
    for scenario in SCENARIOS:
        with tempfile.TemporaryDirectory(prefix="kills-") as folder:
            trial = Trial(Path(folder).resolve(), scenario)
            points = chosen(trial.points(), wanted)
            for point in points:
                for line in trial.struck(*point):
                    print(line, flush=True)
                    wrong += 1
        kinds = [kind for kind, _ in points]
        counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in (KILL, HALF, FULL))
        print(f"{scenario.name}: {len(trial.events)} changes; {counted}", flush=True)
    print(f"{wrong} things wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
