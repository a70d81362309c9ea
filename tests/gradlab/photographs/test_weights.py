import pytest
import torch
import yaml

from gradlab.photographs import archives, declared, weights
from gradlab.photographs.loaded import Loaded
from gradlab.photographs.weight_files import WeightsError

MODULE = """
import torch
from gradlab.photographs.loaded import Loaded

def load(network, name):
    built = torch.nn.Linear(3, 5)
    built.title = f"{__name__}: {network}, {name}"
    return Loaded(built.train(), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 8)
"""


@pytest.fixture
def listed(tmp_path, monkeypatch):
    """Two modules of our own, one for a name and one for all that starts like it."""
    for module in ("weights_one", "weights_all"):
        (tmp_path / f"{module}.py").write_text(MODULE)
    (tmp_path / "weights.yaml").write_text("mine/one: weights_one\nmine: weights_all\n")
    monkeypatch.setattr(declared, "FOLDER", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)


def test_the_longest_name_that_is_listed_wins(listed):
    for name, module in (
        ("mine/one", "one"),
        ("mine/other", "all"),
        ("mine/one/more", "one"),
        ("mine", "all"),
    ):
        loaded = weights.load("small", name)
        assert loaded.network.title == f"weights_{module}: small, {name}"
        assert not loaded.network.training


def test_loading_leaves_the_global_generator_alone(listed):
    before = torch.get_rng_state()
    weights.load("small", "mine/one")
    assert torch.equal(torch.get_rng_state(), before)


def test_an_unknown_name_is_told_with_the_listed_ones(listed):
    with pytest.raises(WeightsError, match=r"'minel/one' is not declared in weights\.yaml; .*mine, mine/one"):
        weights.load("small", "minel/one")


def test_every_declared_module_loads_and_answers():
    for name in ("data_sets.yaml", "weights.yaml"):
        for entry in yaml.safe_load((declared.FOLDER / name).read_text()):
            module = declared.module(name, entry, WeightsError)
            assert callable(module.main)
            assert callable(module.open if name == "data_sets.yaml" else module.load)


def loaded(wnids=None):
    return Loaded(torch.nn.Identity(), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 8, wnids)


def test_outputs_of_a_network_of_a_thousand_classes():
    thousand = [f"n{k:08d}" for k in range(1000)]
    assert loaded().outputs(thousand).tolist() == list(range(1000))
    thirty = archives.class_names()
    assert loaded().outputs(list(thirty)).tolist() == list(archives.ilsvrc_places().values())
    with pytest.raises(WeightsError, match=r"to 1 of 2 classes.*n00000001.*all 1,000.*tiny_imagenet_30"):
        loaded().outputs(["n01443537", "n00000001"])


def test_outputs_of_a_network_of_other_classes():
    few = loaded(("n01", "n05", "n03"))
    assert few.outputs(["n03", "n01"]).tolist() == [2, 0]
    with pytest.raises(WeightsError, match=r"first n02: the network has the classes of n01 \.\.\. n03"):
        few.outputs(["n01", "n02"])


def test_the_places_among_the_thousand_bear_the_names_of_the_classes():
    from gradlab.photographs import torchvision_weights

    categories, places = torchvision_weights.categories(), archives.ilsvrc_places()
    named = {wnid: categories[place] for wnid, place in places.items()}
    # WordNet calls the red panda a lesser panda first.
    assert named == archives.class_names() | {"n02509815": "lesser panda"}
    assert list(places.values()) == sorted(places.values())
