import errno
import json
import os
import time

import numpy as np
import pytest

from gradlab.comparison import shards
from gradlab.comparison.provenance import MixtureError, Origin, refuse_mixture
from gradlab.comparison.shards import Shard, Store, joined, ranges

HERE = Origin("cpu", "2.13.0", "0.28.0", "2.4.6")


def shard(start: int = 0, stop: int = 3, arrays: dict[str, np.ndarray] | None = None) -> Shard:
    return Shard(range(start, stop), arrays or {"a": np.arange(start, stop) / 3}, HERE, "machine:1:0", 0.25)


@pytest.fixture
def store(tmp_path) -> Store:
    return Store.opened(tmp_path, {"network": "resnet18"})


@pytest.mark.parametrize(("rows", "size"), [(1, 1), (7, 3), (6, 3), (2, 5), (100, 7)])
def test_ranges_cover_each_row_once_in_order(rows, size):
    cut = ranges(rows, size)
    assert [row for part in cut for row in part] == list(range(rows))
    assert {len(part) for part in cut[:-1]} <= {size}


@pytest.mark.parametrize(("rows", "size"), [(0, 1), (5, 0), (5, -2)])
def test_ranges_of_nothing_are_refused(rows, size):
    with pytest.raises(ValueError, match="positive"):
        ranges(rows, size)


def test_a_stored_shard_comes_back_as_it_was(store):
    arrays = {
        "file": np.random.default_rng(0).random((3, 2, 4), dtype=np.float32),
        "hit/upper": np.array([True, False]),
        "empty": np.zeros((0, 5)),
        "word": np.array(["a", "bc"]),
    }
    store.write(shard(arrays=arrays))
    back = store.read(range(0, 3))
    assert back is not None
    assert (back.rows, back.origin, back.worker, back.seconds) == (range(0, 3), HERE, "machine:1:0", 0.25)
    assert list(back.arrays) == list(arrays)
    for name, array in arrays.items():
        assert back.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(back.arrays[name], array)


def test_the_folder_says_what_it_is_for_and_another_key_has_another_folder(store, tmp_path):
    assert json.loads((store.folder / "key.json").read_text()) == {"network": "resnet18"}
    assert Store.opened(tmp_path, {"network": "resnet18"}) == store
    assert Store.opened(tmp_path, {"network": "vgg16"}) != store
    assert Store.opened(tmp_path, {"b": 1, "a": 2}) == Store.opened(tmp_path, {"a": 2, "b": 1})


def test_shards_that_are_not_there_are_not_found(store):
    store.write(shard(3, 6))
    found, damaged = store.found([range(0, 3), range(3, 6), range(3, 5)])
    assert list(found) == [range(3, 6)]
    assert damaged == []


def test_a_file_damaged_anywhere_is_noticed(store):
    """Each byte in turn is changed: the numbers are as they were, or the file is refused."""
    store.write(shard())
    path = store.path(range(0, 3))
    good = path.read_bytes()
    refused = 0
    for place in range(len(good)):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :])
        found, damaged = store.found([range(0, 3)])
        refused += len(damaged)
        for whole in found.values():
            np.testing.assert_array_equal(whole.arrays.get("a", shard().arrays["a"]), shard().arrays["a"])
    data = good.index(shard().arrays["a"].tobytes())
    assert refused > 200
    for place in (data, data + 23):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert store.found([range(0, 3)]) == ({}, [range(0, 3)])


@pytest.mark.parametrize("share", [0, 0.3, 0.99])
def test_a_file_that_ends_early_is_noticed(store, share):
    store.write(shard())
    path = store.path(range(0, 3))
    good = path.read_bytes()
    path.write_bytes(good[: int(share * len(good))])
    assert store.found([range(0, 3)]) == ({}, [range(0, 3)])
    with pytest.raises(ValueError, match=f"{path.name} is damaged"):
        store.read(range(0, 3))


def test_a_full_disk_leaves_nothing_half_and_the_shards_before(store, monkeypatch):
    store.write(shard(0, 3))
    before = sorted(store.folder.iterdir())

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"cannot store rows 3-5: No space left.* before stay") as caught:
        store.write(shard(3, 6))
    assert caught.value.errno == errno.ENOSPC
    assert str(store.folder) in str(caught.value)
    assert sorted(store.folder.iterdir()) == before
    assert list(store.found([range(0, 3), range(3, 6)])[0]) == [range(0, 3)]


def test_arrays_are_joined_in_the_order_of_the_shards_whatever_their_length():
    parts = [
        shard(0, 3, {"a": np.array([1, 2]), "s": np.ones((1, 2))}),
        shard(3, 6, {"s": np.zeros((1, 2)), "a": np.array([5])}),
    ]
    both = joined(parts)
    assert both["a"].tolist() == [1, 2, 5]
    assert both["s"].tolist() == [[1, 1], [0, 0]]


def test_shards_with_different_arrays_are_not_joined():
    with pytest.raises(ValueError, match=r"rows 3-5 have the arrays \['b'\], rows 0-2 have \['a'\]"):
        joined([shard(0, 3), shard(3, 6, {"b": np.ones(1)})])


def test_folders_that_no_run_touched_for_a_month_are_removed(store, tmp_path):
    old, lately = (Store.opened(tmp_path, {"network": name}) for name in ("vgg16", "alexnet"))
    foreign = tmp_path / "photographs"
    foreign.mkdir()
    long_ago = time.time() - 3600 * 24 * (shards.KEPT_DAYS + 1)
    for folder in (store.folder, old.folder, foreign, lately.folder):
        for path in (*folder.iterdir(), folder):
            os.utime(path, (long_ago, long_ago))
    Store.opened(tmp_path, {"network": "alexnet"})  # looked at again: touched
    store.remove_old()
    assert {path.name for path in tmp_path.iterdir()} == {
        store.folder.name,
        lately.folder.name,
        "photographs",
    }


def test_origins_that_agree_pass():
    refuse_mixture([HERE, HERE], [HERE], "here")
    refuse_mixture([], [], "here")


@pytest.mark.parametrize("stored", [[], [HERE]])
def test_origins_that_differ_are_listed(stored):
    other = Origin("NVIDIA H100", "2.11.0+cu130", "0.26.0", "2.4.6")
    with pytest.raises(MixtureError) as caught:
        refuse_mixture(stored, [other, HERE], "/the/folder")
    text = str(caught.value)
    assert "workers now: NVIDIA H100, torch 2.11.0+cu130, torchvision 0.26.0, numpy 2.4.6" in text
    assert "workers now: cpu, torch 2.13.0" in text
    assert ("stored shards: cpu, torch 2.13.0" in text) == bool(stored)
    assert "/the/folder" in text
    assert "mixture=True" in text
