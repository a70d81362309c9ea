"""What an interactive figure gets of the examples, decoded again."""

import base64
import io

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image
from tests.gradlab.comparison import tables

from gradlab.comparison import shown, viewer
from gradlab.comparison.arms import PLAIN, Arm


@pytest.fixture
def examples():
    return shown.examples(tables.measured())


def picture(text: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB"))


def test_rows_are_photographs_then_maps_by_quantile(examples):
    columns = viewer.columns(examples, tables.QUANTILES)
    assert tuple(columns) == viewer.COLUMNS
    layers = list(zip(columns["layer"], columns["quantile"], strict=True))[::2]
    assert layers == [
        ("photograph", None), ("plain", None),
        ("not conserved", 0.05), ("conserved", 0.05),
        ("not conserved", 0.1), ("conserved", 0.1),
        ("not conserved", 0.3), ("conserved", 0.3),
    ]  # fmt: skip
    assert columns["photograph"] == ["p3", "p1"] * 8
    assert [columns[side][1] for side in ("x0", "y0", "x1", "y1", "side")] == [1, 2, 3, 4, tables.SIDE]
    arm = Arm("upper", 0.1).conserved()
    assert columns["density"][10:12] == [one.densities[arm] for one in examples]
    assert columns["density"][:2] == [None, None]
    np.testing.assert_array_equal(picture(columns["picture"][0]), examples[0].pixels)
    coloured = viewer.coloured(examples[1].maps[PLAIN])
    np.testing.assert_array_equal(picture(columns["picture"][3]), coloured)


def test_maps_have_the_colours_of_the_figure():
    steps = np.array([[0, 100], [200, 255]], dtype=np.uint8)
    expected = mpl.colormaps["cividis"](steps / 255)[..., :3] * 255
    assert np.abs(viewer.coloured(steps) - expected).max() < 1
