"""Measured columns against other code, one photograph at a time, and the cascade."""

import numpy as np
import pytest
import torch

from gradlab.comparison.arms import PLAIN, Arm
from gradlab.comparison.study import computed
from gradlab.faithfulness import cascade, summary
from gradlab.faithfulness.cascade import Cascade, redrawn
from gradlab.faithfulness.maps import TITLES, Methods
from gradlab.faithfulness.measure import Compared, Faithfulness, heading
from gradlab.faithfulness.perturbed import Removal
from gradlab.faithfulness.summary import METRICS

METHODS = Methods("upper", 0.25, ("layer4", "layer3"), points=3)
REMOVAL = Removal((0.2,), (0.3,), 2.0)
pytestmark = pytest.mark.filterwarnings("ignore:Setting backward hooks")


def faithfulness(tiny, batch=4):
    study = tiny.study
    compared = Compared.of(study.subject, study.folds[0].chooser)
    return Faithfulness(compared, study.photographs, METHODS, REMOVAL, batch)


def test_columns_do_not_depend_on_batches_and_have_every_metric(tiny_study):
    found = computed(faithfulness(tiny_study), 6)
    alone = computed(faithfulness(tiny_study, batch=1), 1)
    assert set(found) >= {heading(method, metric) for method in TITLES for metric in METRICS}
    for name, column in found.items():
        assert len(column) == 6
        np.testing.assert_allclose(alone[name], column, rtol=1e-3, atol=1e-3, err_msg=name)


def test_density_and_pointing_equal_those_of_the_comparison_and_of_a_loop(tiny_study):
    study, found = tiny_study.study, computed(faithfulness(tiny_study), 6)
    table = study.measured([PLAIN, Arm("upper", 0.25).conserved()])
    for method, arm in (("gradient", PLAIN), ("conserved", Arm("upper", 0.25).conserved())):
        for metric in ("density", "pointing"):
            np.testing.assert_allclose(found[heading(method, metric)], table.of(arm, metric), rtol=1e-4)
    boxes = study.photographs.boxes.tolist()
    for i, (x0, y0, x1, y1) in enumerate(boxes):
        inside = total = 0.0
        for y in range(32):
            for x in range(32):
                value = np.exp(-((y - 15.5) ** 2 + (x - 15.5) ** 2) / (2 * 8**2))
                total += value
                inside += value * (x0 <= x < x1 and y0 <= y < y1)
        assert found["centre: mass"][i] == pytest.approx(inside / total, rel=1e-4)
        share = (x1 - x0) * (y1 - y0) / 32**2
        assert found["centre: density"][i] == pytest.approx(inside / total / share, rel=1e-4)


def test_a_zero_map_has_no_metric(tiny_study, monkeypatch):
    zero = torch.zeros(32, 32)
    monkeypatch.setattr("gradlab.faithfulness.maps.centred", lambda side: zero)
    found = computed(faithfulness(tiny_study), 6)
    for metric in METRICS:
        assert np.isnan(found[heading("centre", metric)]).all()
        assert np.isfinite(found[heading("gradient", metric)]).all()


def test_redrawing_changes_the_named_modules_and_fits_their_batch_norms(tiny_study):
    loaded, training = tiny_study.loaded, tiny_study.training
    fresh = redrawn(loaded, ["fc", "layer4"], training, seed=0)
    before, after = loaded.network.state_dict(), fresh.network.state_dict()
    for name, tensor in before.items():
        if name.endswith(("weight", "running_mean")) and "bn" not in name.replace("running_mean", ""):
            assert torch.equal(tensor, after[name]) == (not name.startswith(("fc", "layer4"))), name
    seen: list[torch.Tensor] = []
    norm = fresh.network.get_submodule("layer4.0.bn1")
    norm.register_forward_hook(lambda _m, inputs, _o: seen.append(inputs[0]))
    fresh.network(loaded.normalise(training.pixels(range(len(training)))))
    torch.testing.assert_close(norm.get_buffer("running_mean"), seen[0].mean((0, 2, 3)), rtol=1e-4, atol=1e-5)
    first, same, other = (
        redrawn(loaded, ["fc"], training, seed).network.get_parameter("fc.weight") for seed in (0, 0, 1)
    )
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_the_cascade_compares_each_stage_with_the_trained_network(tiny_study):
    study = tiny_study.study
    networks = cascade.studies(study, tiny_study.training, [["fc"], ["layer4", "layer3"]], [0, 1])
    assert list(networks) == [(0, 0), (1, 0), (2, 0), (1, 1), (2, 1)]
    networks[2, 1] = networks[0, 0]  # nothing drawn anew: nothing may change
    found = computed(Cascade(networks, study.photographs, METHODS, batch=4), 6)
    np.testing.assert_allclose(found["gradient: 2 1"], 1.0, atol=1e-6)
    np.testing.assert_allclose(found["lrp: 2 1"], 1.0, atol=1e-6)
    assert (found["gradient: 1 0"] < 0.999).all()
    assert (found["gradient: 2 0"] < 0.9).all()
    classes = study.photographs.labels.numpy()
    similar = summary.similarities(found, classes, 2, [0, 1])
    expected = np.mean([found["gradient: 1 0"], found["gradient: 1 1"]])
    assert similar["gradient"][0].mean == pytest.approx(expected)
    assert similar["gradient"][0].classes == 3
