"""The comparison does not see where its photographs lie: the zip and ImageNet's layouts give one table."""

from functools import partial

import numpy as np
import pytest
from tests.gradlab.photographs.ilsvrc_layouts import LAYOUTS, from_tiny_imagenet

from gradlab.comparison import engine
from gradlab.comparison.arms import PLAIN, crossed
from gradlab.comparison.study import Study
from gradlab.comparison.table import Measurements
from gradlab.filtering import module_lists
from gradlab.photographs import archives, data_sets, weights
from gradlab.photographs.collection import Collection


def measured(photographs: Collection, training: Collection) -> Measurements:
    load = partial(weights.load, "resnet18", "checkpoint/resnet18-tiny30")
    upper = module_lists.upper_modules("resnet18", load().network)
    study = Study.of(load, photographs, {"upper": upper}, training)
    return study.measured([PLAIN, *crossed(["upper"], [0.1])])


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_one_table_whatever_the_layout(layout, miniature, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "FOLDER", tmp_path / "shards")
    zipped = data_sets.open("tiny-imagenet-30", "val")
    training = data_sets.open("tiny-imagenet-30", "train")
    LAYOUTS[layout](from_tiny_imagenet(miniature), tmp_path / "imagenet")
    monkeypatch.setenv(archives.DATA_VARIABLE, str(tmp_path / "imagenet"))
    laid_out = data_sets.open("imagenet-val", "val", resize=64, crop=64)
    expected, found = measured(zipped, training), measured(laid_out, training)
    assert len(expected) == 30
    numbers = [int(name.rsplit("_", 1)[1].split(".")[0]) for name in found.fact("photograph")]
    inside = [f"val_{number - 1}.JPEG" for number in numbers]
    same = expected.named(np.array(inside))
    for name in expected.columns.keys() - {"photograph", "class"}:
        np.testing.assert_array_equal(found.columns[name], same.columns[name], err_msg=name)
