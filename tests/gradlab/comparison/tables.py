"""Small tables such as a measuring run publishes, with random numbers in them, for tests that read them."""

import numpy as np

from gradlab.comparison.arms import PLAIN, Arm, Selection, crossed
from gradlab.comparison.measured import Measured, Modules
from gradlab.comparison.table import Measurements, heading, method_heading
from gradlab.filtering.conservation import Conservation

QUANTILES = (0.05, 0.1, 0.3)
FILTERINGS = ("upper", "all")
METHODS = ("saliency", "input × gradient", "SmoothGrad")
PHOTOGRAPHS = 12
CONTROLS = 8
SIDE = 4


def facts(count: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(count)
    return {
        "photograph": np.array([f"p{number}" for number in range(count)]),
        "class": np.arange(count) % 2,
        "box_share": generator.uniform(0.2, 0.8, count),
        "correct": np.arange(count) % 3 > 0,
    }


def table(arms: list[Arm], count: int, seed: int, metrics: tuple[str, ...]) -> Measurements:
    generator = np.random.default_rng(seed)
    columns = facts(count)
    for arm in arms:
        for metric in metrics:
            values = generator.uniform(0.5, 2, count)
            columns[heading(arm, metric)] = (values > 1).astype(float) if metric == "pointing" else values
    return Measurements(columns)


def measured(seed: int = 0, **replaced: Measurements) -> Measured:
    """All tables of a run, some of them ``replaced``."""
    two = crossed(FILTERINGS, QUANTILES)
    control_arms = [
        *two,
        *crossed(FILTERINGS, QUANTILES, rules=(Conservation.EXACT,)),
        *crossed(FILTERINGS, QUANTILES, Selection.RANDOM),
        *crossed(["upper"], QUANTILES, Selection.INSTANCE),
    ]
    own = ("density", "others", "pointing", "log_norm", "log_beta", "kept", "distance")
    upper = [PLAIN, *crossed(["upper"], QUANTILES)]
    tables = {
        "main": table([PLAIN, *two], PHOTOGRAPHS, seed, own),
        "controls": table(control_arms, CONTROLS, seed + 1, (*own, "spearman")),
        "random_weights": table(upper, CONTROLS, seed + 2, ("density",)),
        "double_precision": table(two, 3, seed + 3, ("distance", "excess")),
        "methods": methods(seed + 4),
    } | replaced
    return Measured(
        **tables,
        modules=Modules(
            np.array([7, 3, 3, 1]),
            np.array([True, False, True, True]),
            {"upper": np.array([False, False, True, True]), "all": np.ones(4, dtype=bool)},
        ),
        classes=("goldfish, Carassius auratus", "bullfrog"),
        examples=examples(),
        channels={
            "channel": np.array([2, 0, 1]),
            "t": np.array([3.0, 1.0, -2.0]),
            "kept": np.array([True, False, False]),
            "class": np.ones(3, dtype=int),
        },
        strongest={
            "channel": np.array([2, 2, 0, 0]),
            "of_class": np.array([True, False, True, True]),
            "pixels": pixels(4),
        },
        statistics_photographs=30,
    )


def methods(seed: int, count: int = 5) -> Measurements:
    generator = np.random.default_rng(seed)
    arm = Arm("upper", 0.1)
    columns = facts(count)
    for name in METHODS:
        wanted = [(one, "density") for one in (PLAIN, arm, arm.conserved())]
        wanted += [(arm.conserved(), metric) for metric in ("distance", "spearman")]
        for one, metric in wanted:
            columns[method_heading(name, one, metric)] = generator.uniform(0.5, 2, count)
    return Measurements(columns)


def pixels(count: int) -> np.ndarray:
    return np.random.default_rng(9).integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)


def examples() -> dict[str, np.ndarray]:
    columns = {
        "percentile": np.array([5, 95]),
        "difference": np.array([-0.5, 0.25]),
        "photograph": np.array(["p3", "p1"]),
        "class": np.array([1, 0]),
        **{side: np.array([place, place + 1]) for place, side in enumerate(("x0", "y0", "x1", "y1"))},
        "pixels": pixels(2),
    }
    generator = np.random.default_rng(8)
    for arm in (PLAIN, *crossed(["upper"], QUANTILES)):
        columns[heading(arm, "map")] = generator.integers(0, 256, (2, SIDE, SIDE), dtype=np.uint8)
        columns[heading(arm, "density")] = generator.uniform(0.5, 2, 2)
    return columns
