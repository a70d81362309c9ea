"""The fixture site of the page tests: two posts written by hand, one run, and what it published."""

import datetime as dt
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from site_builder.model import (
    Author,
    Claim,
    Figure,
    Fingerprint,
    Harvest,
    Listing,
    Origin,
    Resource,
    Run,
    RunPlan,
    RunRecord,
    Site,
    Size,
    State,
    Tree,
)
from site_builder.post.sidecar import MadeClaim, Sidecar
from site_builder.render.pages import render_site
from site_builder.verdict import Effect, Verdict

SHOWN = Sidecar(
    slug="many-sums",
    date=dt.date(2026, 1, 5),
    title="What a sum of many “small” numbers hides",
    authors=(),
    version="a1b2c3d4",
    figures=(),
    claims=(
        MadeClaim("toy-sums", "grows", "claim-grows-record", ("claim-grows",)),
        MadeClaim("toy-sums", "linear", "claim-linear-record", ("claim-linear",)),
        MadeClaim("toy-sums", "heavy", "claim-heavy-record", ("claim-heavy",)),
    ),
    runs={},
    results={},
)
FIXTURES = Path(__file__).resolve().parent / "fixtures_pages"
SITE = Site(
    title="Sums",
    description="Two short articles about sums.",
    url="",
    repository="https://example.org/sums",
    authors=(Author("Site Author", "", "", ""),),
    figure_theme={},
    data_folders=(),
)


@dataclass(frozen=True)
class FixtureSite:
    """A copy of the fixture tree and all that a build of it needs."""

    tree: Tree
    site: Site
    harvests: dict[str, Harvest]
    plans: tuple[RunPlan, ...]

    def render(self) -> Path:
        render_site(self.tree, self.site, self.harvests, self.plans, self.tree.site, [SHOWN])
        return self.tree.site


def _claim(name: str, statement: str, verdict: Verdict) -> Claim:
    origin = Origin("toy-sums", 7, None, "")
    effects = (Effect("exponent", 0.502, 0.49, 0.51, 2000, 0.03), Effect("bound", 0.5, None, None, 1, None))
    return Claim(name, statement, verdict, effects, "The interval decides.", name == "grows", origin)


def lay_out(root: Path, site: Site = SITE) -> FixtureSite:
    """The fixture site below ``root``."""
    shutil.copytree(FIXTURES, root, dirs_exist_ok=True)
    tree = Tree(root)
    run = Run(
        id="toy-sums",
        notebook=tree.experiments / "toy.ipynb",
        title="How a sum grows",
        parameters={"n": 100},
        data=None,
        weights=(),
        time_limit=60,
        resource=Resource.CPU,
        executed=tree.executed / "toy-sums.ipynb",
    )
    fingerprint = Fingerprint("0123456789abcdef", {"code": "01"})
    record = RunRecord(
        run="toy-sums",
        fingerprint=fingerprint,
        parameters={"n": 100, "seed": 0},
        device="cpu",
        versions={"numpy": "2.0"},
        started=dt.datetime(2026, 2, 3, 10, 0, tzinfo=dt.UTC),
        seconds=12.3,
    )
    figure = Figure(
        label="fig-toy-growth",
        caption=r"Length of a sum of \(n\) terms.",
        alt="A line that rises",
        files={
            ending: Path(f"figures/toy-sums/fig-toy-growth.{ending}")
            for ending in ("svg", "dark.svg", "narrow.svg", "narrow.dark.svg")
        },
        size=Size(672, 288),
        narrow=Size(326, 140),
        origin=Origin("toy-sums", 4, "fig-toy-growth", ""),
    )
    listing = Listing("lst-toy", "", "", Origin("toy-sums", 3, "lst-toy", ""))
    claims = [
        _claim("grows", "The length of a sum grows as the root of the number of its terms.", Verdict.HOLDS),
        _claim("linear", "The length of a sum grows linearly.", Verdict.REFUTED),
        _claim("heavy", "Heavy tails change the exponent.", Verdict.UNTESTED),
        _claim("unwritten", "No post says <this> & that.", Verdict.UNDECIDED),
    ]
    harvest = Harvest(
        run,
        record,
        {figure.label: figure},
        {listing.label: listing},
        {},
        {},
        {},
        {claim.name: claim for claim in claims},
    )
    plan = RunPlan(run, fingerprint, State.STALE, ("code changed",), (), record)
    registered = replace(
        run, id="toy-photographs", title="Do photographs?", data="<cats>", resource=Resource.GPU
    )
    here = ("data set <cats> not found: buy them", "needs a GPU")
    waiting = RunPlan(registered, fingerprint, State.MISSING, (), here, None)
    return FixtureSite(tree, site, {run.id: harvest}, (plan, waiting))
