"""What a measuring run published, read again."""

import json

import numpy as np
import pytest
from tests.gradlab.comparison import tables

from gradlab.comparison.arms import PLAIN, Arm, Selection
from gradlab.comparison.measured import Measured, title_of
from gradlab.comparison.table import Measurements, heading
from gradlab.notebook import publish, results, rows

TABLES = {
    "measurements": "main",
    "controls": "controls",
    "random-weights": "random_weights",
    "double-precision": "double_precision",
    "methods": "methods",
}


def test_a_run_comes_back_as_it_was_published(tmp_path, monkeypatch, shown):
    made = tables.measured()
    monkeypatch.setattr(results, "EXECUTED", tmp_path)
    monkeypatch.delenv(results.NEEDS, raising=False)
    for name, attribute in TABLES.items():
        rows.publish_rows(name, getattr(made, attribute).columns)
    modules = {"module": np.array(["a", "b", "c", "d"]), "channels": np.full(4, 8)}
    modules |= {"kernel": made.modules.kernel, "on_every_path": made.modules.on_every_path}
    rows.publish_rows("modules", modules | dict(made.modules.lists))
    rows.publish_rows("classes", {"name": np.array(made.classes), "wnid": np.array(["n1", "n2"])})
    rows.publish_rows("examples", made.examples)
    rows.publish_rows("channels-of-a-class", made.channels)
    rows.publish_rows("photographs-of-channels", made.strongest)
    publish.value("statistics-photographs", 30)
    outputs = [{"output_type": "display_data", "data": bundle} for bundle in shown]
    cells = {"cells": [{"cell_type": "code", "outputs": outputs}]}
    (tmp_path / "measure-a.ipynb").write_text(json.dumps(cells, sort_keys=True))  # as nbformat stores it

    found = Measured.of("measure-a")
    for attribute in TABLES.values():
        one, other = getattr(found, attribute), getattr(made, attribute)
        assert list(one.columns) == list(other.columns)
        assert one.arms == other.arms
    density = found.main.of(PLAIN, "density")
    np.testing.assert_allclose(density, made.main.of(PLAIN, "density"), rtol=1e-5)
    assert list(found.modules.lists) == ["upper", "all"]
    assert [found.modules.count(f) for f in ("upper", "all")] == [2, 4]
    assert [found.modules.separators(f) for f in ("upper", "all")] == [2, 3]
    assert found.classes == made.classes
    assert found.statistics_photographs == 30
    np.testing.assert_array_equal(found.examples["pixels"], made.examples["pixels"])


def test_lists_and_quantiles_come_from_the_arms():
    made = tables.measured()
    assert made.filterings == ("upper", "all")
    assert made.quantiles == (0.05, 0.1, 0.3)
    assert made.middle == 0.1
    assert made.pairs[:4] == [("upper", 0.05), ("upper", 0.1), ("upper", 0.3), ("all", 0.05)]
    assert made.class_name(0) == "goldfish"


def test_the_control_part_has_the_photographs_of_the_controls():
    made = tables.measured()
    last = made.main.subset(np.array([11, 3]))
    part = tables.measured(controls=last).control_part
    assert part.fact("photograph").tolist() == ["p11", "p3"]
    np.testing.assert_array_equal(part.of(PLAIN, "density"), made.main.of(PLAIN, "density")[[11, 3]])


def test_maps_of_an_arm_in_both_tables_are_counted_once():
    own, random = Arm("upper", 0.1), Arm("upper", 0.1, Selection.RANDOM)
    facts = tables.facts(3)
    norms = [np.array([-np.inf, 1, np.nan]), np.array([1, np.inf, -np.inf])]
    main = Measurements(facts | {heading(own, "log_norm"): norms[0]})
    controls = Measurements(
        facts | {heading(own, "log_norm"): norms[0], heading(random, "log_norm"): norms[1]}
    )
    counts = tables.measured(main=main, controls=controls).map_counts()
    assert (counts.maps, counts.zero, counts.overflown) == (6, 2, 2)


@pytest.mark.parametrize(
    ("filtering", "title"),
    [("upper", "upper modules"), ("last30", "last 30 %"), ("all", "all convolutions")],
)
def test_titles(filtering, title):
    assert title_of(filtering) == title
