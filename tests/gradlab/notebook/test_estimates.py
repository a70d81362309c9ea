"""What is published of a mean over seeds."""

from gradlab.notebook import publish
from gradlab.notebook.estimates import publish_mean
from gradlab.statistics.seeds import spread


def test_a_mean_is_published_with_its_interval(monkeypatch):
    records = []
    monkeypatch.setattr(publish, "display", lambda bundle, raw: records.append(bundle[publish.MIME]))
    found = spread([1.0, 2.0, 6.0])
    publish_mean("toy-loss", found, unit="nats", over="batches", tolerance=0.5)
    publish_mean("toy-share", found)
    loss, share = records
    assert (loss["value"], loss["low"], loss["high"], loss["n"]) == (3.0, found.low, found.high, 3)
    assert (loss["unit"], loss["tolerance"]) == ("nats", 0.5)
    assert loss["note"] == "mean over batches with the 95 % t interval"
    assert share["note"] == "mean over seeds with the 95 % t interval"
    assert (share["unit"], share["tolerance"]) == ("", 0.02)
