import json

import numpy as np
import pytest

from gradlab.notebook import results, rows
from gradlab.notebook.publish import MIME

GENERATOR = np.random.default_rng(0)
COLUMNS = {
    "name": np.array(["ä", "b c", "d"]),
    "count": np.array([3, -1, 2**40]),
    "correct": np.array([True, False, True]),
    "density": np.array([1.25, np.nan, -np.inf]),
    "single": GENERATOR.random(3).astype(np.float32),
    "pixels": GENERATOR.integers(0, 256, (3, 4, 5, 3), dtype=np.uint8),
}


def test_columns_come_back_as_they_were(shown):
    rows.publish_rows("measurements", COLUMNS, note="of a test")
    record = json.loads(json.dumps(shown[0][MIME]))
    assert (record["kind"], record["count"]) == ("rows", 3)
    assert shown[0]["text/plain"] == "measurements: 3 rows of 6 columns"
    found = rows.decoded(record)
    assert list(found) == list(COLUMNS)
    for name, column in COLUMNS.items():
        np.testing.assert_allclose(found[name], column, rtol=1e-5) if column.dtype.kind == "f" else (
            np.testing.assert_array_equal(found[name], column)
        )


def test_rounding_is_relative_and_below_its_limit(shown):
    values = np.concatenate([10.0 ** GENERATOR.uniform(-30, 30, 2000), [0.0, np.float32(3.4028235e38)]])
    rows.publish_rows("a", {"x": values})
    found = rows.decoded(shown[0][MIME])["x"]
    np.testing.assert_allclose(found, values, rtol=2.0 ** -(rows.BITS + 1))
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        ({"a": np.zeros(2), "b": np.zeros(3)}, ValueError, r"'t' have \[2, 3\] rows"),
        ({"a": np.zeros((2, 2))}, TypeError, "'a' has 2 axes"),
        ({"a": np.array([1j, 2])}, TypeError, "'a' holds complex128"),
    ],
)
def test_columns_that_cannot_be_published_are_named(columns, error, words):
    with pytest.raises(error, match=words):
        rows.publish_rows("t", columns)


def test_another_run_reads_the_table(shown, tmp_path, monkeypatch):
    rows.publish_rows("measurements", COLUMNS)
    notebook = {"cells": [{"outputs": [{"data": bundle} for bundle in shown]}]}
    (tmp_path / "measure.ipynb").write_text(json.dumps(notebook))
    monkeypatch.setattr(results, "EXECUTED", tmp_path)
    monkeypatch.delenv(results.NEEDS, raising=False)
    found = results.of("measure").rows
    np.testing.assert_array_equal(found["measurements"]["pixels"], COLUMNS["pixels"])
    with pytest.raises(results.ResultsError, match="run measure has no table of photographs 'measurement'"):
        found["measurement"]
