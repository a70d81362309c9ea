"""A whole comparison on a miniature, against a plain loop without shards, folds or grouping."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.gradlab import random_photographs
from tests.gradlab.random_photographs import CLASSES
from torch import nn

from gradlab.comparison import engine, examples, random_weights, study
from gradlab.comparison.arms import PLAIN, Arm, Chooser, Selection, crossed
from gradlab.comparison.channel_statistics import ChannelStatistics
from gradlab.comparison.measure import Comparison, pool_of
from gradlab.comparison.methods import Averaging
from gradlab.comparison.study import Study
from gradlab.comparison.subject import Subject
from gradlab.comparison.table import heading, method_heading
from gradlab.filtering import attribution, channels, metrics, module_lists
from gradlab.filtering.conservation import Conservation
from gradlab.filtering.hooks import partition_channels
from gradlab.photographs import datasets
from gradlab.photographs.loaded import Loaded

SIDE = 16
photographs = partial(random_photographs.photographs, side=SIDE)
ARMS = [PLAIN, *crossed(["all", "last"], [0.25, 0.5], rules=list(Conservation))]


@pytest.fixture(autouse=True)
def own_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(engine, "FOLDER", tmp_path / "shards")
    monkeypatch.setenv("GRADLAB_CORES", "2")
    monkeypatch.delenv("GRADLAB_CLUSTER", raising=False)
    return tmp_path / "shards"


@pytest.fixture
def loaded(small) -> Loaded:
    network = small.residual(2, width=24, classes=CLASSES).float()
    # Its outputs are in another order than the classes of the data set.
    return Loaded(network, (0.5,) * 3, (0.25,) * 3, SIDE, ("n2", "n3", "n1"))


def filterings(loaded: Loaded) -> dict[str, list[str]]:
    names = list(module_lists.convolutions(loaded.network))
    return {"all": names, "last": names[-2:]}


def by_hand(loaded, evaluated, moments, arms, rows):
    """Density and norm of every arm, one photograph at a time, with plain hooks."""
    modules = module_lists.convolutions(loaded.network)
    outputs = torch.tensor([2, 0, 1])
    found: dict[str, list[float]] = {}
    for row in rows:
        label = int(evaluated.labels[row])
        image = loaded.normalise(evaluated.pixels([row]))
        mask = datasets.box_mask(evaluated.boxes[[row]], SIDE, SIDE)
        for arm in arms:
            names = filterings(loaded).get(arm.filtering, [])
            keep = {n: channels.class_channels(moments[n], arm.quantile)[[label]] for n in names}
            with partition_channels({n: modules[n] for n in names}, keep, arm.conservation):
                gradient = attribution.Forward(loaded.network, image, outputs[[label]]).gradient()
            density = metrics.density_inside(attribution.joined(gradient), mask)
            found.setdefault(heading(arm, "density"), []).append(float(density))
            found.setdefault(heading(arm, "log_norm"), []).append(float(metrics.log_norm(gradient)))
    return found


@pytest.mark.parametrize("batch", [3, 50])  # photographs of one class, and of all of them
def test_the_table_is_that_of_a_loop_over_photographs(loaded, batch):
    evaluated, training = photographs(5, 0), photographs(6, 1)
    made = Study.of(loaded, evaluated, filterings(loaded), training, batch=batch)
    table = made.measured(ARMS)
    inputs = loaded.normalise(training.pixels(range(len(training))))
    moments = channels.collect(
        loaded.network, module_lists.convolutions(loaded.network), inputs, training.labels, CLASSES
    )
    assert table.fact("photograph").tolist() == list(evaluated.names)
    assert table.fact("class").tolist() == evaluated.labels.tolist()
    assert table.fact("box_share") == pytest.approx(49 / 256)
    for name, expected in by_hand(loaded, evaluated, moments, ARMS, range(len(evaluated))).items():
        np.testing.assert_allclose(table.columns[name], expected, rtol=1e-4, atol=1e-5)
    answers = loaded.network(loaded.normalise(evaluated.pixels(range(len(evaluated))))).argmax(1)
    assert table.fact("correct").tolist() == (answers == torch.tensor([2, 0, 1])[evaluated.labels]).tolist()
    conserved = Arm("last", 0.5, conservation=Conservation.VARIANCE)
    assert (table.of(conserved, "distance") > 1e-5).any()
    np.testing.assert_allclose(table.of(conserved, "mass"), table.of(conserved, "density") * 49 / 256)


def test_without_training_photographs_each_half_chooses_for_the_other(loaded):
    evaluated = photographs(6, 0)
    made = Study.of(loaded, evaluated, filterings(loaded), batch=4)
    assert [fold.rows.tolist()[:4] for fold in made.folds] == [[0, 2, 4, 6], [1, 3, 5, 7]]
    table = made.measured(ARMS)
    assert sorted(table.fact("photograph")) == sorted(evaluated.names)
    modules = module_lists.convolutions(loaded.network)
    for half in (0, 1):
        other = evaluated.subset(made.folds[1 - half].rows)
        inputs = loaded.normalise(other.pixels(range(len(other))))
        moments = channels.collect(loaded.network, modules, inputs, other.labels, CLASSES)
        own = made.folds[half].rows.tolist()
        part = table.named(np.array([evaluated.names[row] for row in own]))
        for name, expected in by_hand(loaded, evaluated, moments, ARMS[:5], own).items():
            np.testing.assert_allclose(part.columns[name], expected, rtol=1e-4, atol=1e-5)


def test_workers_and_batches_do_not_decide_the_result(loaded, own_shards, monkeypatch):
    evaluated, training = photographs(4, 0), photographs(6, 1)
    arms = [*ARMS, *crossed(["last"], [0.5], Selection.RANDOM)]
    tables = []
    for cores in ("1", "2", "4"):
        monkeypatch.setenv("GRADLAB_CORES", cores)
        monkeypatch.setattr(engine, "FOLDER", own_shards / cores)
        monkeypatch.setattr(study, "SHARDS", ((0, 5),))
        tables.append(Study.of(loaded, evaluated, filterings(loaded), training).measured(arms))
    for name, column in tables[0].columns.items():
        assert all(np.array_equal(column, other.columns[name]) for other in tables[1:]), name
    smaller = Study.of(loaded, evaluated, filterings(loaded), training, batch=2).measured(arms)
    for name, column in tables[0].columns.items():
        if column.dtype.kind == "f":
            np.testing.assert_allclose(smaller.columns[name], column, rtol=1e-3, atol=1e-5)


def test_a_second_study_finds_the_shards_and_another_network_does_not(loaded, capfd):
    evaluated, training = photographs(4, 0), photographs(6, 1)
    first = Study.of(loaded, evaluated, filterings(loaded), training).measured(ARMS[:3])
    capfd.readouterr()
    again = Study.of(loaded, evaluated, filterings(loaded), training).measured(ARMS[:3])
    assert "0 of" not in capfd.readouterr().err
    assert all(np.array_equal(column, again.columns[name]) for name, column in first.columns.items())
    with torch.no_grad():
        loaded.network[-1].weight += 0.5
    changed = Study.of(loaded, evaluated, filterings(loaded), training).measured(ARMS[:3])
    assert not np.array_equal(changed.of(PLAIN, "density"), first.of(PLAIN, "density"))


def test_the_first_photographs_of_each_class_with_ranks_and_a_watched_module(loaded):
    evaluated, training = photographs(4, 0), photographs(6, 1)
    made = Study.of(loaded, evaluated, filterings(loaded), training)
    last = filterings(loaded)["last"][-1]
    table = made.measured(ARMS, each=2, ranks=True, watched=last)
    assert table.fact("photograph").tolist() == [evaluated.names[row] for row in (0, 1, 4, 5, 8, 9)]
    with channels.recorded_means({last: loaded.network.get_submodule(last)}) as means:
        loaded.network(made.inputs([0, 1, 4, 5, 8, 9]))
    np.testing.assert_allclose(table.fact("watched"), means[last], rtol=1e-4, atol=1e-5)
    assert table.without("watched").columns.keys() == table.columns.keys() - {"watched"}
    ranks = table.of(Arm("last", 0.5, conservation=Conservation.VARIANCE), "spearman")
    assert ((ranks > -1) & (ranks <= 1)).all()


def test_precision_is_what_was_asked_for(loaded):
    evaluated, training = photographs(2, 0), photographs(6, 1)
    made = Study.of(loaded, evaluated, filterings(loaded), training)
    arm = Arm("all", 0.5, conservation=Conservation.VARIANCE)
    found = {
        precision: made.measured([arm.unconserved(), arm], precision=precision).of(arm, "log_norm")
        for precision in ("single", "double", "bf16")
    }
    assert 0 < np.abs(found["single"] - found["double"]).max() < 1e-4
    assert 1e-4 < np.abs(found["bf16"] - found["double"]).max() < 0.5
    with pytest.raises(ValueError, match="'half' is none of single, tf32, bf16, double"):
        made.measured([arm], precision="half")


def test_double_precision_says_what_the_scales_leave_of_the_norm(loaded):
    made = Study.of(loaded, photographs(3, 0), filterings(loaded), photographs(6, 1))
    table = made.measured(ARMS, precision="double")
    for arm in (Arm("all", 0.25), Arm("last", 0.5)):
        conserved = arm.conserved()
        ratio = table.of(conserved, "log_norm") - table.of(arm, "log_norm")
        np.testing.assert_allclose(
            table.of(conserved, "excess"), abs(ratio - table.of(conserved, "log_beta")), atol=1e-12
        )
    assert not [name for name in made.measured(ARMS).columns if name.endswith(": excess")]


def test_a_batch_that_does_not_fit_is_halved_with_the_same_result(loaded, monkeypatch):
    evaluated, training = photographs(4, 0), photographs(6, 1)
    made = Study.of(loaded, evaluated, filterings(loaded), training, batch=4)
    whole = made.measured(ARMS[:4])
    columns = Comparison._columns

    def little_memory(self, ready, chooser, pool, rows, pixels):
        if len(rows) > 2:
            raise torch.OutOfMemoryError("of the test")
        return columns(self, ready, chooser, pool, rows, pixels)

    monkeypatch.setattr(Comparison, "_columns", little_memory)
    monkeypatch.setattr(engine, "FOLDER", engine.FOLDER / "little")
    with pytest.warns(UserWarning, match="out of memory: batches of 2 instead of 4"):
        halved = made.measured(ARMS[:4])
    for name, column in whole.columns.items():
        if column.dtype.kind == "f":
            np.testing.assert_allclose(halved.columns[name], column, rtol=1e-4, atol=1e-5)


def test_batches_are_of_one_class_where_that_saves_products_and_full_elsewhere(loaded):
    evaluated, training = photographs(5, 0), photographs(6, 1)
    made = Study.of(loaded, evaluated, filterings(loaded), training)

    def batches(arms, size):
        work = Comparison(made.subject, evaluated, arms, made.folds[0].chooser, made.pool, size)
        return [[int(evaluated.labels[row]) for row in rows] for rows in work._batches(range(1, 15))]

    of_class, drawn = (PLAIN, Arm("all", 0.5)), (Arm("all", 0.5, Selection.RANDOM),)
    assert batches(of_class, 3) == [[0] * 3, [0], [1] * 3, [1] * 2, [2] * 3, [2] * 2]
    assert batches(of_class, 6) == [[0] * 4 + [1] * 2, [1] * 3 + [2] * 3, [2] * 2]
    assert batches(drawn, 3) == [[0] * 3, [0, 1, 1], [1] * 3, [2] * 3, [2] * 2]


def test_double_precision_begins_with_the_input(loaded):
    evaluated = photographs(2, 0)
    ready = Subject(loaded, ()).ready(torch.device("cpu"), "double")
    inputs = ready.inputs(evaluated, range(2))
    third = evaluated.pixels(range(2)).double() / 255
    assert torch.equal(inputs, (third - 0.5) / 0.25)
    assert not torch.equal(inputs, inputs.float().double())


def test_methods_and_removal_are_those_of_the_library(loaded):
    evaluated, training = photographs(2, 0), photographs(6, 1)
    made = Study.of(loaded, evaluated, filterings(loaded), training)
    arm = Arm("last", 0.5, conservation=Conservation.VARIANCE)
    table = made.methods([PLAIN, arm.unconserved(), arm], 1, Averaging(points=4, samples=3))
    removed = made.removal([PLAIN, arm], 1)
    rows, labels = [0, 2, 4], torch.tensor([2, 0, 1])
    inputs = made.inputs(rows)
    keep = made.folds[0].chooser.keep(arm, torch.tensor([0, 1, 2]), {}, rows)
    modules = {name: loaded.network.get_submodule(name) for name in keep}
    masks = datasets.box_mask(evaluated.boxes[rows], SIDE, SIDE)
    with partition_channels(modules, keep, Conservation.VARIANCE):
        maps = attribution.integrated_gradients(loaded.network, inputs, labels, points=4)
        saliency = attribution.saliency(loaded.network, inputs, labels)
    expected = metrics.density_inside(maps, masks)
    found = table.columns[method_heading("integrated gradients", arm, "density")]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    fall = metrics.perturbation(loaded.network, inputs, labels, saliency)
    np.testing.assert_allclose(removed.columns[heading(arm, "MoRF p")], fall.aopc, rtol=1e-3, atol=1e-6)
    assert heading(PLAIN, "LeRF log-odds") in removed.columns


def test_random_weights_are_drawn_anew_with_the_statistics_of_photographs(loaded):
    seen = photographs(4, 1)
    first, again, other = (random_weights.randomised(loaded, seen, seed) for seed in (0, 0, 1))
    state, kept = first.network.state_dict(), loaded.network.state_dict()
    assert all(torch.equal(entry, again.network.state_dict()[name]) for name, entry in state.items())
    assert not torch.equal(state["0.weight"], kept["0.weight"])
    assert not torch.equal(state["0.weight"], other.network.state_dict()["0.weight"])
    norm = nn.BatchNorm2d(3)
    normed = random_weights.randomised(Loaded(nn.Sequential(norm, nn.Flatten()), *SCALE, SIDE), seen)
    pixels = loaded.normalise(seen.pixels(range(len(seen))))
    found = normed.network.get_submodule("0").get_buffer("running_mean")
    torch.testing.assert_close(found, pixels.mean((0, 2, 3)), rtol=1e-3, atol=1e-3)


SCALE = ((0.5,) * 3, (0.25,) * 3)


def test_weights_that_cannot_be_drawn_are_named():
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(1))

    with pytest.raises(ValueError, match="'0' does not say how its weights are drawn"):
        random_weights.randomised(Loaded(nn.Sequential(Odd()), *SCALE, SIDE), photographs(1, 0))


def test_examples_hold_the_maps_of_their_photographs(loaded):
    evaluated, training = photographs(4, 0), photographs(6, 1)
    made = Study.of(loaded, evaluated, filterings(loaded), training)
    shown = examples.with_maps(made, [5, 1], [PLAIN])
    maps = attribution.saliency(loaded.network, made.inputs([5, 1]), torch.tensor([0, 2]))
    assert np.array_equal(shown["plain: map"], examples.steps(maps.numpy()))
    assert shown["pixels"].shape == (2, SIDE, SIDE, 3)
    assert shown["photograph"].tolist() == ["0-5", "0-1"]
    assert [shown[side].tolist() for side in ("x0", "x1")] == evaluated.boxes[[5, 1]][:, [0, 2]].T.tolist()


def test_photographs_are_picked_by_percentile_once_each():
    values = np.array([0.0, 1.0, 2.0, 3.0, 4.0, np.nan])
    assert examples.at_percentiles(values, np.array([0, 2, 3]), (50, 50, 100)) == [2, 3, 0]


def test_the_channels_of_a_class_come_with_the_photographs_they_answer_to(loaded):
    evaluated, training = photographs(4, 0), photographs(6, 1)
    made = Study.of(loaded, evaluated, filterings(loaded), training)
    last = filterings(loaded)["last"][-1]
    activations = np.random.default_rng(0).random((12, 24))
    found = examples.of_channels(made, activations, 1, last, 0.5, first=2, shown=3)
    assert (np.diff(found.channels["t"]) <= 0).all()
    assert found.channels["kept"].sum() == 12
    top = found.channels["channel"][0]
    rows = np.argsort(-activations[:, top])[:3]
    assert found.photographs["channel"][:3].tolist() == [top] * 3
    assert found.photographs["of_class"][:3].tolist() == (evaluated.labels[rows] == 1).tolist()
    assert np.array_equal(
        found.photographs["pixels"][:3], evaluated.pixels(rows.tolist()).permute(0, 2, 3, 1).numpy()
    )


def test_a_pool_in_slices_is_the_pool_of_all():
    evaluated = photographs(4, 0)
    whole = metrics.BoxPool.of(datasets.box_mask(evaluated.boxes, SIDE, SIDE))
    sliced = metrics.BoxPool.of(datasets.box_mask(evaluated.boxes[:5], SIDE, SIDE))
    sliced += metrics.BoxPool.of(datasets.box_mask(evaluated.boxes[5:], SIDE, SIDE))
    for found in (pool_of(evaluated), sliced):
        torch.testing.assert_close(found.total, whole.total)
        assert found.count == 12


def test_statistics_in_shards_are_those_of_one_pass(loaded, monkeypatch):
    training = photographs(6, 1)
    names = tuple(filterings(loaded)["all"])
    work = ChannelStatistics(Subject(loaded, names), training, batch=4)
    found = work.moments(study.computed(work, shard=5))
    inputs = loaded.normalise(training.pixels(range(len(training))))
    expected = channels.collect(
        loaded.network, module_lists.convolutions(loaded.network), inputs, training.labels, CLASSES
    )
    for name in names:
        torch.testing.assert_close(found[name].mean, expected[name].mean, rtol=1e-4, atol=1e-6)
        torch.testing.assert_close(found[name].squares, expected[name].squares, rtol=1e-3, atol=1e-6)


def test_a_column_that_is_not_there_is_named_with_what_is_near(loaded):
    made = Study.of(loaded, photographs(2, 0), filterings(loaded), photographs(6, 1))
    with pytest.raises(KeyError, match=r"no column 'plain: densty'; nearest: 'plain: density'"):
        made.measured([PLAIN]).of(PLAIN, "densty")


def test_the_key_holds_what_decides_the_result(loaded):
    made = Study.of(loaded, photographs(2, 0), filterings(loaded), photographs(6, 1))
    fold = made.folds[0]
    work = Comparison(made.subject, made.photographs, (PLAIN,), fold.chooser, made.pool)
    changes = [
        Comparison(made.subject, photographs(2, 5), (PLAIN,), fold.chooser, made.pool),
        Comparison(made.subject, made.photographs, (Arm("all", 0.5),), fold.chooser, made.pool),
        Comparison(made.subject, made.photographs, (PLAIN,), fold.chooser, made.pool, precision="bf16"),
        Comparison(
            made.subject, made.photographs, (PLAIN,),
            Chooser(fold.chooser.moments, fold.chooser.filterings, seed=1), made.pool,
        ),
    ]  # fmt: skip
    assert work.key() == Comparison(made.subject, made.photographs, (PLAIN,), fold.chooser, made.pool).key()
    assert all(other.key() != work.key() for other in changes)
