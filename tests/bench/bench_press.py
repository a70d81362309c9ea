"""What a post costs in the press, at 10, 100 and 1,000 posts, and what a build with nothing to do costs.

    PYTHONPATH=. python tests/bench/bench_press.py [--posts 10 100 1000] [--figures 5]

Every synthetic post has a run of its own with five figures, a value, a claim, a formula and a listing. The
column "per post" is compared with that of the smallest site of the same run of this script: a ratio near
one means that the cost is linear.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.site_builder.harvest_fixtures import Place, cell, claim, figure_cell, value

from site_builder.harvest import harvest
from site_builder.render import pages
from site_builder.write import posts

ROOT = Path(__file__).parents[2]
POST = """
## What was asked {{#question}}

The mean is [[ value("run-{k}", "mean-{k}", ".2f") ]], and a formula is
$$x^2 + y_{{{k}}}^2 = \\lVert z \\rVert^2$$.
[% claim "rises-{k}" %]rises-{k} is so[% endclaim %], as [[ ref("fig-{k}-0") ]] shows.

{figures}
"""


def lay_out(root: Path, count: int, figures: int) -> Place:
    """A project with ``count`` posts of so many ``figures``, with a run each, in the look of this one."""
    place = Place(root)
    for name in ("templates/pages", "templates/macros", "assets/css", "assets/js", "assets/icons"):
        shutil.copytree(ROOT / name, root / name)
    place.references("")
    for k in range(count):
        labels = [f"fig-{k}-{one}" for one in range(figures)]
        shown = "\n\n".join(f'[[ figure("run-{k}", "{label}") ]]' for label in labels)
        place.run(
            f"run-{k}",
            *(figure_cell(label, caption=f"Line {k}.", alt=f"Line {k} rises.") for label in labels),
            *_published(k),
        )
        place.template(f"post-{k}", POST.format(k=k, figures=shown), title=f"Post {k}")
    return place


def _published(k: int) -> list[Any]:
    return [
        cell("publish(x)", value(f"mean-{k}", k / 7)),
        cell("publish(c)", claim(f"rises-{k}", "holds", slope=2.0)),
    ]


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def build(count: int, figures: int) -> dict[str, float]:
    """Seconds of each step for a site of ``count`` posts of so many ``figures``."""
    with tempfile.TemporaryDirectory() as folder:
        place = lay_out(Path(folder), count, figures)
        harvests: dict[str, Any] = {}
        tree, site, runs = place.tree, place.site, place.runs
        plans = [place.plan(name) for name in runs]
        steps: dict[str, Callable[[], object]] = {
            "harvest": lambda: harvests.update(harvest.harvest_all(runs.values(), tree, site)),
            "posts": lambda: posts.write_posts(tree, site, harvests, plans),
            "pages": lambda: pages.render_site(tree, site, harvests, plans, tree.site),
        }
        return {name: seconds(step) for name, step in steps.items()}


def nothing_to_do() -> float:
    """Seconds of a second ``make site`` in this project, the interpreter's start included."""
    command = [sys.executable, "-m", "site_builder", "site", "--no-execute"]
    for _ in range(2):
        spent = seconds(lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True))
    return spent


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--figures", type=int, default=5, help="of each post (default: 5)")
    chosen = parser.parse_args()
    print(f"{'posts':>6} {'harvest s':>10} {'posts s':>9} {'pages s':>9} {'ms per post':>12} {'ratio':>6}")
    first = None
    for count in chosen.posts:
        spent = build(count, chosen.figures)
        each = 1000 * sum(spent.values()) / count
        first = first or each
        columns = f"{spent['harvest']:>10.2f} {spent['posts']:>9.2f} {spent['pages']:>9.2f}"
        print(f"{count:>6} {columns} {each:>12.1f} {each / first:>6.2f}", flush=True)
    print(f"\nmake site with nothing to do: {nothing_to_do():.2f} s (target 0.5 s)")


if __name__ == "__main__":
    main()
