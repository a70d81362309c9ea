"""Maps of a few photographs: which are chosen, and what an interactive figure and a grid show of them."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gradlab.comparison import overview_grid, overview_maps, peaks, photograph_maps
from gradlab.comparison.arms import PLAIN, Arm
from gradlab.comparison.measured import Measured
from gradlab.comparison.overview import Network
from gradlab.comparison.overview_maps import NetworkMaps
from gradlab.comparison.table import Measurements, heading
from gradlab.notebook import figures
from gradlab.notebook.results import Named, Results, Value

ARM = Arm("upper", 0.1)


def network(title: str, **values: Value) -> Network:
    named: Named[Value] = Named("value")
    named.update({name.replace("_", "-"): value for name, value in values.items()})
    return Network(title, "net", Results("r", named, Named("t"), Named("d"), Named("c"), Named("rows")))


def value(mean: float, low: float | None = None, high: float | None = None) -> Value:
    return Value(mean, low, high, 9, "", "")


@pytest.fixture
def maps() -> NetworkMaps:
    grey = np.arange(2 * 8 * 8, dtype=np.uint8).reshape(2, 8, 8) // 4
    arms = (PLAIN, ARM, ARM.conserved())
    rows = {
        "class-name": np.array(["ant", "bee"]),
        "fate": np.array(["kept", "lost"]),
        "pixels": np.repeat(grey[..., None], 3, axis=3),
        **{
            edge: np.array([at, at + 1.0])
            for edge, at in (("x0", 1.0), ("y0", 2.0), ("x1", 5.0), ("y1", 6.0))
        },
        **{heading(arm, "map"): (grey + place) % 32 for place, arm in enumerate(arms)},
        **{heading(arm, "density"): np.array([place + 0.5, np.nan]) for place, arm in enumerate(arms)},
    }
    return NetworkMaps(network("Net"), rows)


def opened(text: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB"))


# -- which photographs --------------------------------------------------------------------------------


def table(**changed: np.ndarray) -> Measurements:
    """Twelve photographs, three of each fate, whose gains are 0, 1 and 2."""
    fates = np.repeat(list(peaks.FATES.values()), 3, axis=0)
    columns: dict[str, np.ndarray] = {
        "photograph": np.array([f"p{i}" for i in range(12)]),
        "correct": np.ones(12, dtype=bool),
        "box_share": np.full(12, 0.2),
        heading(ARM, "pointing"): fates[:, 0].astype(float),
        heading(ARM.conserved(), "pointing"): fates[:, 1].astype(float),
        heading(ARM, "density"): np.zeros(12),
        heading(ARM.conserved(), "density"): np.tile([0.0, 1.0, 2.0], 4),
    }
    return Measurements(columns | changed)


def test_each_fate_has_the_photograph_with_the_median_gain():
    found = peaks.fates(table(), ARM, 0.1, 0.4)
    assert [(one.name, one.row) for one in found] == [
        ("returned", 1),
        ("kept", 4),
        ("missed", 7),
        ("lost", 10),
    ]
    assert [one.share for one in found] == [0.25] * 4


def test_only_correct_photographs_with_room_round_the_box_are_shown_but_all_are_counted():
    correct, box = np.ones(12, dtype=bool), np.full(12, 0.2)
    correct[1], box[0] = False, 0.05
    found = peaks.fates(table(correct=correct, box_share=box), ARM, 0.1, 0.4)
    assert (found[0].row, found[0].share) == (2, 0.25)


def test_a_fate_without_a_photograph_is_an_error():
    with pytest.raises(ValueError, match=r"no photograph with a box of 0\.3 to 0\.4 of the area is returned"):
        peaks.fates(table(), ARM, 0.3, 0.4)


# -- what is shown of them ----------------------------------------------------------------------------


def test_the_clearest_list_is_the_largest_that_survives_the_correction():
    cases = {"upper": (0.1, 0.01), "last30": (-0.3, 0.04), "last50": (0.9, 0.5)}
    values = {
        name: entry
        for f, (mean, p) in cases.items()
        for name, entry in (
            (f"net_delta_{f}_q0.1", value(mean, mean - 0.05, mean + 0.05)),
            (f"net_p_{f}_q0.1", value(p)),
        )
    }
    assert overview_maps.clearest(network("Net", **values), [0.1]) == ("last30", 0.1)
    assert overview_maps.clearest(network("Net"), [0.1]) is None


@pytest.mark.parametrize("same", [False, True])
def test_rows_have_pictures_and_densities_and_come_after_what_stands_above(maps, same):
    case = ("Net", "upper", 0.1, same, 0.3)
    names = ("network", "filtering", "quantile", "on_every_path", "own_mean")
    gains: dict[str, list[Any]] = {name: [entry] for name, entry in zip(names, case, strict=True)}
    found = overview_maps.columns([maps], [0.1], gains)
    assert found["network"] == ["Net", "Net"]
    assert found["filtering"] == [None, "upper modules"]
    assert (found["quantile"], found["own_mean"]) == ([None, 0.1], [None, 0.3])
    assert (found["ant: not conserved"], found["ant: conserved"]) == ([0.5, 1.5], [0.5, 2.5])
    assert found["bee: conserved"] == [None, None]
    # Two photographs beside each other; one row of tiles where the theorem says that both are the same.
    sizes = [opened(text).shape for text in found["picture"]]
    assert sizes == [(32, 32, 3), (16 if same else 32, 32, 3)]


def test_a_strip_has_the_photographs_with_their_boxes(maps):
    strip = overview_maps.strip([maps.photographs], maps.boxes)
    plain = maps.photographs.repeat(2, axis=1).repeat(2, axis=2)
    changed = (strip != np.concatenate(list(plain), axis=1)).any(axis=2)
    rows, columns = changed.nonzero()
    # The first box is 1 to 5 across and 2 to 6 down, half open, two pixels each, in a line of black.
    first = columns < 16
    assert (columns[first].min(), columns[first].max()) == (1, 10)
    assert (rows[first].min(), rows[first].max()) == (3, 12)
    assert strip[4, 2].tolist() == [255] * 3
    assert strip[3, 1].tolist() == [0] * 3


def test_pictures_to_compare_have_a_row_each(maps):
    found = overview_maps.compared([maps], {"Net": "upper"}, [0.1])
    assert found["photograph"] == ["ant, in Net"] * 4 + ["bee, in Net"] * 4
    assert found["layer"][:4] == ["photograph", "plain", "not conserved", "conserved"]
    assert found["quantile"][:4] == [None, None, 0.1, 0.1]
    assert found["density"] == [None, 0.5, 1.5, 2.5, None, None, None, None]
    assert (found["x0"][0], found["y1"][4], found["side"][0]) == (1.0, 7.0, 8)
    assert {opened(text).shape for text in found["picture"]} == {(8, 8, 3)}


@pytest.mark.parametrize("width", [figures.TWO_COLUMNS, figures.ONE_COLUMN])
def test_the_grid_has_both_maps_of_each_network_below_the_photographs(maps, width):
    figure = overview_grid.grid([maps], {"Net": ("upper", 0.1)}, width)
    shown: list[Any] = [ax.images[0].get_array() for ax in figure.axes]
    wanted = [*maps.photographs, *maps.maps(ARM), *maps.maps(ARM.conserved())]
    assert all(np.array_equal(one, other) for one, other in zip(shown, wanted, strict=True))
    assert figure.subfigs[1].get_suptitle() == "Net, upper modules, q = 0.1"


# -- how they are taken -------------------------------------------------------------------------------


def test_densities_are_held_against_those_of_the_measuring_run():
    known = Measurements({"photograph": np.array(["a", "b"]), heading(ARM, "density"): np.array([1.0, 2.0])})
    measured = object.__new__(Measured)
    object.__setattr__(measured, "main", known)
    columns = {"photograph": np.array(["b", "z"]), heading(ARM, "density"): np.array([2.25, 9.0])}
    assert photograph_maps.deviation(columns, measured) == (0.25, 1)
    columns["photograph"] = np.array(["y", "z"])
    assert photograph_maps.deviation(columns, measured) == (0.0, 0)
