"""Networks side by side, from results that are made up here."""

import pytest

from gradlab.comparison import overview
from gradlab.comparison.overview import Agreement, Network, Printed, direction
from gradlab.notebook.results import Named, Results, Table, Value
from gradlab.statistics.paired import Interval


def network(title: str, values: dict[str, Value]) -> Network:
    slug = title.lower()
    found = Results(
        f"conserve-{slug}", Named("value"), Named("table"), Named("data"), Named("claim"), Named("rows")
    )
    for name, value in values.items():
        found.values[f"{slug}-{name}"] = value
    columns = ("Method", "1 − cos, largest")
    rows = (("saliency", 0.5), ("integrated gradients", 0.25), ("SmoothGrad", 0.125))
    found.tables[f"tbl-methods-{slug}"] = Table("tbl-methods", columns, rows)
    return Network(title, slug, found)


def value(mean: float | int, low: float | None = None, high: float | None = None) -> Value:
    return Value(mean, low, high, 12, "", "")


@pytest.fixture
def net():
    return network(
        "Net",
        {
            "delta-upper-q0.1": value(0.5, 0.25, 0.75),
            "delta-upper-q0.3": value(-0.75, -1.0, -0.5),
            "delta-last30-q0.1": value(1e-5, -2e-5, 3e-5),
            "delta-last50-q0.1": value(0.01, -0.1, 0.2),
            "p-upper-q0.1": value(0.01), "p-upper-q0.3": value(0.001),
            "p-last30-q0.1": value(1.0), "p-last50-q0.1": value(0.6),
            "delta-others-upper-q0.1": value(0.125, 0.0, 0.25),
            "separators-upper": value(2), "modules-upper": value(3),
            "separators-last30": value(4), "modules-last30": value(4),
            "top1": value(0.75), "photographs": value(1500), "plain-density": value(1.25),
            "max-distance-upper": value(0.0625),
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bounds", "sign"),
    [
        ((0.001, 0.002), "+"),
        ((-0.002, -0.001), "−"),
        ((-0.0001, 0.0001), "0"),
        ((-0.001, 0.00005), "undecided"),
        ((0.00005, 0.001), "undecided"),
    ],
)
def test_an_interval_allows_a_sign_beyond_rounding(bounds, sign):
    gain = Interval(0.0, bounds[0], bounds[1], 4)
    assert direction(gain, 0.04) == sign
    assert direction(gain, 0.06) == ("0" if sign == "0" else "undecided")


def test_gains_come_with_their_intervals(net):
    assert net.gain("upper", 0.1) == Interval(0.5, 0.25, 0.75, 12)
    assert net.gain("upper", 0.1, "delta-others") == Interval(0.125, 0.0, 0.25, 12)
    assert net.gain("all", 0.1) is None
    assert net.way("all", 0.1) == "no usable map"


def test_a_bound_that_was_not_published_is_an_error():
    with pytest.raises(TypeError, match="is a number, not None"):
        network("Net", {"delta-all-q0.1": value(0.5)}).gain("all", 0.1)


def test_a_list_is_separated_if_each_module_is(net):
    assert not net.separated("upper")
    assert net.separated("last30")


def test_directions_and_the_largest_difference_of_some_lists(net):
    lists = [(net, "upper"), (net, "all"), (net, "last50")]
    found = overview.directions(lists, [0.1, 0.3])
    assert found == ["+", "−", "no usable map", "no usable map", "undecided", "no usable map"]
    assert overview.largest(lists, [0.1, 0.3]) == 0.75
    assert overview.largest([], [0.1]) == 0.0


def test_a_row_a_network(net):
    columns, (row,) = overview.table([net])
    assert len(columns) == len(row)
    assert row == ["Net", 0.75, 1500, 1.25, "2 of 3", 0.0625, 0.5, 0.25, 0.125]


def test_printed_differences_have_a_sign():
    assert Printed.number(0.0294) == Printed("+0.029", "+")
    assert Printed.number(-0.5) == Printed("−0.500", "−")
    assert Printed.number(0.0) == Printed("0.000", "0")
    assert Printed.range(-0.03, -0.004) == Printed("−0.030 to −0.004", "−")
    with pytest.raises(ValueError, match=r"-0.1 to 0.2 have no common sign"):
        Printed.range(-0.1, 0.2)


@pytest.mark.parametrize(
    ("filtering", "quantile", "printed", "shown", "word"),
    [
        ("upper", 0.1, Printed.number(0.2), "+0.500 [+0.250, +0.750]", "agrees"),
        ("upper", 0.3, Printed.number(0.2), "−0.750 [−1.000, −0.500]", "differs"),
        ("last30", 0.1, Printed.number(0.0), "0 within 0.0001", "agrees"),
        ("last50", 0.1, Printed.number(0.2), "+0.010 [−0.100, +0.200]", "undecided"),
        ("all", 0.1, Printed.number(0.2), "", "no usable map"),
    ],
)
def test_agreement_is_in_direction(net, filtering, quantile, printed, shown, word):
    one = Agreement(net, filtering, quantile, printed)
    assert (one.shown, one.word) == (shown, word)
    columns, rows = overview.agreement_table([one])
    assert len(columns) == len(rows[0])
    assert rows[0][2:] == [quantile, printed.text, shown, word]
