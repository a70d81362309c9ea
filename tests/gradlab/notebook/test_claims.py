"""Verdicts follow from a rule and effects, and from nothing else."""

from types import SimpleNamespace
from typing import Any

import pytest

from gradlab.notebook import claims, publish
from gradlab.statistics.clustered import Mean
from gradlab.statistics.paired import Interval

ABOVE = Interval(0.5, 0.2, 0.8, 10)
AROUND = Interval(0.1, -0.2, 0.4, 10)
BELOW = Interval(-0.5, -0.8, -0.2, 10)


@pytest.fixture
def records(monkeypatch):
    shown = []
    monkeypatch.setattr(publish, "display", lambda data, raw: shown.append(data[publish.MIME]))
    return shown


@pytest.mark.parametrize(
    ("rule", "effects", "verdict"),
    [
        (claims.above(0), [ABOVE], "holds"),
        (claims.above(0), [AROUND], "undecided"),
        (claims.above(0), [BELOW], "refuted"),
        (claims.above(0), [ABOVE, AROUND], "undecided"),
        (claims.above(0), [ABOVE, BELOW], "refuted"),
        (claims.above(0.2), [ABOVE], "undecided"),  # the bound is not above itself
        (claims.below(0), [BELOW], "holds"),
        (claims.below(0), [ABOVE], "refuted"),
        (claims.below(1e-10), [claims.exact(1e-12)], "holds"),
        (claims.below(1e-10), [claims.exact(1e-3)], "refuted"),
        (claims.above(0), [claims.exact(0)], "refuted"),
        (claims.between(0.2, 0.8), [ABOVE], "holds"),
        (claims.between(0.3, 0.8), [ABOVE], "undecided"),
        (claims.between(-0.1, 0.1), [ABOVE], "refuted"),
    ],
)
def test_the_verdict_follows_from_rule_and_effects(records, rule, effects, verdict):
    named = {f"effect {number}": effect for number, effect in enumerate(effects)}
    assert claims.judge("c", "It is so.", rule, named, interval="interval") == verdict
    assert records[0]["verdict"] == verdict
    assert records[0]["evidence"] == "exploratory"


def test_an_effect_that_does_not_survive_its_family_is_undecided(records):
    together = {"interval": "95 % interval", "family": "all 15 comparisons"}
    assert (
        claims.judge("c", "S.", claims.above(0), {"e": ABOVE}, holm={"e": 0.168}, **together) == "undecided"
    )
    assert claims.judge("c", "S.", claims.above(0), {"e": ABOVE}, holm={"e": 0.01}, **together) == "holds"
    assert claims.judge("c", "S.", claims.above(0), {"e": BELOW}, holm={"e": 0.2}, **together) == "undecided"
    assert records[0]["effects"][0]["p"] == 0.168
    assert "Holm's correction over all 15 comparisons" in records[0]["criterion"]


def test_the_record_says_what_decides(records):
    claims.judge("c", "S.", claims.above(0.01), {"gain": ABOVE}, interval="95 % t interval")
    (record,) = records
    assert record["effects"] == [{"what": "gain", "value": 0.5, "low": 0.2, "high": 0.8, "n": 10, "p": None}]
    assert record["criterion"].startswith("Holds if the 95 % t interval lies above 0.01; refuted if it lies ")
    claims.judge("c", "S.", claims.below(1e-10), {"largest": claims.exact(0.0, 30)})
    assert (
        records[1]["criterion"] == "Holds if the number lies below 1e-10; refuted if it lies wholly outside."
    )
    assert records[1]["effects"][0]["low"] is None


RULES: dict[str, dict[str, Any]] = {
    "more": {
        "statement": "There is more of it.",
        "above": 0,
        "effects": ["gain"],
        "interval": "95 % t interval",
    },
    "same": {"statement": "It is the same.", "between": [-1, 1], "effects": ["gain"]},
}


def test_a_registered_rule_makes_a_claim_confirmatory(records):
    assert claims.confirm("more", RULES, {"gain": ABOVE}) == "holds"
    assert claims.confirm("same", RULES, {"gain": ABOVE}) == "holds"
    assert records[0]["statement"] == "There is more of it."
    assert [record["evidence"] for record in records] == ["confirmatory", "confirmatory"]


def test_what_was_not_registered_cannot_be_confirmed():
    with pytest.raises(ValueError, match="'less' is not among the registered rules: more, same"):
        claims.confirm("less", RULES, {"gain": ABOVE})
    with pytest.raises(ValueError, match=r"registered for \['gain'\], not \['loss'\]"):
        claims.confirm("more", RULES, {"loss": ABOVE})


def test_all_registered_claims_are_one_family_after_holm(records):
    measured = {"gain": Mean(2.0, 1.0, 100.0, 400, 3, 20), "loss": Mean(5.0, 1.0, 100.0, 400, 3, 20)}
    rules = {
        name: {
            "statement": "S.", "above": 0, "effects": [what], "interval": "95 % t interval", "family": "both"
        }
        for name, what in (("a", "gain"), ("b", "loss"))
    }  # fmt: skip
    claims.confirm_all(rules, measured.__getitem__)
    assert [record["effects"][0]["p"] for record in records] == pytest.approx(
        [measured["gain"].p(), 2 * measured["loss"].p()]
    )
    assert {record["evidence"] for record in records} == {"confirmatory"}
    claims.confirm_all({}, measured.__getitem__)
    assert len(records) == 2


def test_not_tested(records):
    claims.untested("c", "S.", "No photographs of ImageNet were at hand.")
    assert (records[0]["verdict"], records[0]["effects"]) == ("untested", [])


def test_what_cannot_be_judged():
    with pytest.raises(ValueError, match="about nothing"):
        claims.judge("c", "S.", claims.above(0), {})
    with pytest.raises(ValueError, match="'e' or a bound of its interval is NaN"):
        claims.judge("c", "S.", claims.above(0), {"e": Interval(0.1, float("nan"), 1, 3)})
    with pytest.raises(ValueError, match="come together"):
        claims.judge("c", "S.", claims.above(0), {"e": ABOVE}, holm={"e": 0.1})


def test_a_claim_has_a_statement_and_its_intervals_hold_their_values(shown):
    with pytest.raises(ValueError, match="claim 'a' needs a statement"):
        claims.untested("a", " ", "no data")
    outside = SimpleNamespace(mean=1.0, low=2.0, high=3.0, n=4)
    with pytest.raises(ValueError, match=r"'slope' is 1.0, outside of its interval from 2.0 to 3.0"):
        claims.judge("a", "It is.", claims.above(0), {"slope": outside}, interval="95 %")
    assert shown == []
