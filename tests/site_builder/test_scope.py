"""Scope: what a claim's record is about, and what the text beside its mark may and has to say."""

from pathlib import Path
from typing import Any

import pytest
from tests.site_builder.harvest_fixtures import RECORD, Place, cell, value

from site_builder.errors import PostError
from site_builder.harvest import harvest
from site_builder.write import posts

STATEMENT = (
    "Over twelve trainings of ResNet18 at 64 pixels, conserving helps (5 and 10 per cent of the channels)."
)
BEFORE = "Twelve trainings of ResNet18 at 64 pixels were measured. "


def record(name: str, statement: str, verdict: str, *effects: str, n: int = 1) -> dict[str, Any]:
    found = [{"what": what, "value": 1.0, "low": 0.5, "high": 2.0, "n": n, "p": None} for what in effects]
    claim = {"kind": "claim", "name": name, "statement": statement, "verdict": verdict, "effects": found}
    return {RECORD: {**claim, "criterion": "It decides.", "evidence": "exploratory"}}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.references("")
    place.run(
        "trained",
        cell(
            "x",
            record("helps", STATEMENT, "holds", "density, q = 0.05", "density, q = 0.1", n=18_000),
            record("beats", "It beats the plain map.", "undecided", "share"),
            record("three", "It is so everywhere.", "holds", "VGG16, upper", "batch-ReLU, upper", "tanh"),
            value("count", 12),
        ),
    )
    return place


def built(place: Place, body: str) -> str:
    place.template("first", body)
    found = harvest.harvest_all(place.runs.values(), place.tree, place.site)
    posts.write_posts(place.tree, place.site, found, [])
    (path,) = place.tree.posts.glob("*.md")
    return path.read_text()


def refusal(place: Place, body: str) -> str:
    with pytest.raises(PostError) as caught:
        built(place, body)
    return str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        BEFORE + '[% claim "helps" %]Conserving helps[% endclaim %] with 10 per cent of the channels.',
        BEFORE + '[% claim "helps" %]It helps[% endclaim %] on 1,500 photographs. VGG16 is another matter.',
        BEFORE
        + 'Batch-ReLU is not it. [% claim "helps" %]It helps[% endclaim %]; VGG16 was trained three times.',
        'ResNet18, 64 px, [[ value("trained", "count", "d") ]] trainings: '
        '[% claim "helps" %]it helps[% endclaim %].',
        'In three networks [% claim "three" %]it is so[% endclaim %].',
        '[% claim "three" %]It is so[% endclaim %] in VGG16, with batch-ReLU and with tanh.',
        'Whether [% claim "beats", finding="undecided" %]it beats that[% endclaim %] is open.',
        'The note says “[% claim "beats", finding="undecided" %]it beats that[% endclaim %]”. Open.',
    ],
)
def test_a_mark_may_stand_where_the_text_says_what_the_record_is_about(place: Place, body: str) -> None:
    assert 'class="claim-mark"' in built(place, body)


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        (
            '\n\n[% claim "helps" %]Conserving helps[% endclaim %].',
            [
                ":7: the record of claim 'helps' (run 'trained') is about ResNet18; trainings: 12",
                "and the paragraph does not say 'ResNet18' and 'trainings: 12' and 'pixels: 64'",
            ],
        ),
        (
            BEFORE + '[% claim "helps" %]It helps in VGG16[% endclaim %].',
            [":7: the sentence says 'VGG16', but the record of claim 'helps'", "ResNet18; trainings: 12"],
        ),
        (BEFORE + 'In VGG16 [% claim "helps" %]it helps[% endclaim %].', ["the sentence says 'VGG16'"]),
        (BEFORE + 'In three networks, [% claim "helps" %]it helps[% endclaim %].', ["says 'networks: 3'"]),
        (BEFORE + '[% claim "helps" %]It helps[% endclaim %] at 128 px.', ["says 'pixels: 128'"]),
        (BEFORE + '[% claim "helps" %]It helps[% endclaim %] in 15 trainings.', ["says 'trainings: 15'"]),
        (
            BEFORE + '[% claim "helps" %]It helps[% endclaim %] with 30 per cent of the channels.',
            ["says 'per cent of the channels: 30'"],
        ),
        (BEFORE + '[% claim "helps" %]It helps[% endclaim %] on 300 photographs.', ["'photographs: 300'"]),
        (
            '[% claim "three" %]It is so[% endclaim %] in VGG16, layer-tanh and ReLU.',
            ["(run 'trained') is about VGG16, batch-ReLU, tanh", "does not say 'batch-ReLU' and 'tanh'"],
        ),
        (
            'Four networks: [% claim "three" %]it is so[% endclaim %].',
            ["'VGG16' and 'batch-ReLU' and 'tanh'"],
        ),
        (
            'It is open. [% claim "beats", finding="undecided" %]It beats that[% endclaim %].',
            [":7: claim 'beats' is undecided, and the sentence asserts it: write 'that', 'whether' or a"],
        ),
    ],
)
def test_a_mark_is_refused_where_text_and_record_differ(place: Place, body: str, problems: list[str]) -> None:
    found = refusal(place, body)
    assert [problem for problem in problems if problem not in found] == [], found


def test_networks_and_sizes_come_from_the_register_where_the_claim_names_none(place: Place) -> None:
    claim = record("plain", "Conserving helps.", "holds", "density")
    parameters = {"title": "VGG16, 64 px", "side": 64, "seeds": [0, 1, 2]}
    place.run("other", cell("x", claim))
    place.register("other", parameters=parameters)
    good = 'In VGG16, at 64 pixels and over three trainings, [% claim "plain" %]it helps[% endclaim %].'
    assert "<dt>Scope</dt><dd>VGG16</dd>" in built(place, good)
    found = refusal(
        place, good.replace("64 pixels", "128 pixels").replace("three trainings", "two trainings")
    )
    assert "the sentence says 'trainings: 2' and 'pixels: 128'" in found
    assert "does not say 'VGG16'" in refusal(place, '[% claim "plain" %]It helps[% endclaim %].')


def test_the_claims_that_no_sentence_makes_stand_in_one_table(place: Place) -> None:
    text = built(place, BEFORE + '[% claim "helps" %]It helps[% endclaim %].')
    assert text.count('<table class="claims">') == 1
    rows = text.split('<table class="claims">')[1].split("</table>")[0].split("<tr>")[2:]
    assert ["It beats the plain map." in row for row in rows] == [True, False]
    assert "✓ holds" in rows[1]
    assert "VGG16, upper: 1 (0.5 to 2)<br>batch-ReLU, upper" in rows[1]
    assert '<a href="#run-trained" data-run="trained" data-cell="1">trained, cell 1</a>' in rows[1]
    every = built(place, 'Here is [[ value("trained", "count", "d") ]].')
    assert "conserving helps. <small>5 and 10 per cent of the channels · <a" in every
    assert "A mark stands behind" not in every
