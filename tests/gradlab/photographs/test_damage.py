"""Archives and cards that are damaged or meant to harm: each is refused with its name."""

import random
import zipfile

import pytest

from gradlab.photographs import archives, checkpoints, tiny_imagenet
from gradlab.photographs.archives import DataError
from gradlab.photographs.weight_files import WeightsError


def damaged(content, chance):
    """The bytes with a part cut off, left out, flipped or put in."""
    start = chance.randrange(len(content))
    end = min(len(content), start + chance.choice((1, 4, 30, 400)))
    before, struck, after = content[:start], content[start:end], content[end:]
    flipped = bytes(one ^ (1 << chance.randrange(8)) for one in struck)
    return chance.choice(
        (before, before + after, before + flipped + after, before + b"\xff\0" + struck + after)
    )


def test_a_damaged_archive_is_refused_with_its_name_wherever_it_is_damaged(tmp_path, miniature):
    content, chance = miniature.read_bytes(), random.Random(1)
    path = tmp_path / "tiny-imagenet-damaged.zip"
    refused: list[str] = []
    for _ in range(150):
        path.write_bytes(damaged(content, chance))
        try:
            archives.digest(path)
            found = tiny_imagenet.read("val", path)
            found.source.photograph(found.keys[0])
        except DataError as refusal:
            refused.append(str(refusal))
    assert len(refused) > 100
    assert all(path.name in one for one in refused)


def test_a_list_that_unpacks_without_end_is_not_unpacked(tmp_path):
    path = tmp_path / "tiny-imagenet-bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tiny-imagenet-200/val/val_annotations.txt", bytes(archives.LONGEST_LIST + 1))
    with (
        archives.open_zip(path) as archive,
        pytest.raises(DataError, match=r"bomb\.zip: .* is larger than 8 MiB"),
    ):
        archives.members(archive, "val")


@pytest.mark.parametrize(
    "card",
    [
        b"\xff\xfe", b"", b"[1]", b"null", b"[" * 100_000, b"{}",
        b'{"network": 1, "classes": 3, "recipe": {}}',
        b'{"network": "a", "classes": 30, "recipe": {"cycles": []}}',
        b'{"network": "a", "classes": 0, "recipe": {"cycles": [{"stages": [[1, 64]]}]}}',
        b'{"network": "a", "classes": NaN, "recipe": {"cycles": [{"stages": [[1, 64]]}]}}',
    ],
)  # fmt: skip
def test_a_damaged_card_is_refused_with_its_name(tmp_path, monkeypatch, card):
    monkeypatch.setattr(checkpoints, "CHECKPOINTS", tmp_path)
    (tmp_path / "mine.safetensors").write_bytes(b"")
    (tmp_path / "mine.json").write_bytes(card)
    with pytest.raises(WeightsError, match=r"mine\.json is no card of a checkpoint"):
        checkpoints.find("checkpoint/mine", None)
