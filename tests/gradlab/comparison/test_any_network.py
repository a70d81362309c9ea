"""The notebook that `make new KIND=any-network` writes, executed with another network than it names."""

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from tests.gradlab.conftest import write_miniature

from gradlab.comparison import engine
from gradlab.notebook.publish import MIME

STARTER = Path(__file__).parents[3] / "templates" / "new" / "any-network" / "notebook.ipynb"
PARAMETERS = {
    "network": "resnet18", "weights": "checkpoint/resnet18-tiny30", "data": "tiny-imagenet-30", "each": 4,
    "wanted": ["layer4.*.conv?"], "last": 1.0, "quantiles": [0.1, 0.3],
}  # fmt: skip


def test_it_compares_the_network_that_it_is_given(tmp_path, monkeypatch, shown):
    write_miniature(tmp_path / "tiny-imagenet-miniature.zip", val=4)
    monkeypatch.setenv("GRADLAB_DATA", str(tmp_path))
    monkeypatch.setattr(engine, "FOLDER", tmp_path / "shards")
    cells = [cell for cell in json.loads(STARTER.read_text())["cells"] if cell["cell_type"] == "code"]
    names: dict[str, Any] = {}
    with mpl.rc_context({"backend": "agg"}):
        for number, cell in enumerate(cells):
            exec("".join(cell["source"]), names)
            names |= PARAMETERS if number == 0 else {}
        drawn = plt.gcf()
        assert drawn.get_supxlabel() == "share of channels kept, q"
        plt.close("all")
    found = {record["name"]: record for record in (bundle[MIME] for bundle in shown)}
    assert found["SLUG-modules"]["value"] == 4
    assert found["SLUG-photographs"]["value"] == 120
    assert found["measurements"]["count"] == 120
    assert found["SLUG-gain-q0.1"]["low"] <= found["SLUG-gain-q0.1"]["value"]
    assert found["fig-SLUG-effect"]["rows"]


@pytest.mark.parametrize("option", ["label", "fig-cap", "fig-alt"])
def test_its_figure_can_be_published(option):
    assert f"#| {option}: " in STARTER.read_text()
