"""What is published of a mean over seeds."""

from gradlab.notebook import publish
from gradlab.notebook.estimates import CLUSTERED, publish_clustered, publish_mean
from gradlab.statistics.clustered import Mean
from gradlab.statistics.seeds import spread


def test_a_mean_is_published_with_its_interval(shown):
    found = spread([1.0, 2.0, 6.0])
    publish_mean("toy-loss", found, unit="nats", over="batches", tolerance=0.5)
    publish_mean("toy-share", found)
    loss, share = (bundle[publish.MIME] for bundle in shown)
    assert (loss["value"], loss["low"], loss["high"], loss["n"]) == (3.0, found.low, found.high, 3)
    assert (loss["unit"], loss["tolerance"]) == ("nats", 0.5)
    assert loss["note"] == "mean over batches with the 95 % t interval"
    assert share["note"] == "mean over seeds with the 95 % t interval"
    assert (share["unit"], share["tolerance"]) == ("", 0.02)


def test_an_interval_over_photographs_says_of_which_kind_it_is(shown):
    found = Mean(0.5, 0.1, 29.0, 12, 1, 30)
    publish_clustered("toy-delta", found, "density in the box", tolerance=0.05)
    (record,) = (bundle[publish.MIME] for bundle in shown)
    assert (record["value"], record["low"], record["high"]) == (0.5, found.low, found.high)
    assert (record["n"], record["note"]) == (12, f"density in the box; {CLUSTERED}")
    assert record["tolerance"] == 0.05


def test_nothing_is_published_of_no_photographs(shown):
    nothing = float("nan")
    publish_clustered("toy-delta", Mean(nothing, nothing, nothing, 0, 0, 0), "density")
    assert shown == []
