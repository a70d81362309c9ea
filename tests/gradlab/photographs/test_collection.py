"""Collections: the same photographs from the zip, from three layouts, from memory, and after pickling."""

import dataclasses
import multiprocessing
import pickle
import threading

import pytest
import torch
from tests.gradlab.photographs import ilsvrc_layouts

from gradlab.photographs import archives, collection, data_sets, datasets, ilsvrc, pictures
from gradlab.photographs.archives import DataError


def opened(folder, layout, monkeypatch, photographs):
    ilsvrc_layouts.LAYOUTS[layout](photographs, folder / layout)
    monkeypatch.setenv(archives.DATA_VARIABLE, str(folder / layout))
    return data_sets.open("imagenet-val", "val", resize=64, crop=64)


@pytest.mark.parametrize("layout", ilsvrc_layouts.LAYOUTS)
def test_each_layout_gives_what_the_zip_gives(layout, miniature, tmp_path, monkeypatch):
    zipped = data_sets.open(archives.TINY_IMAGENET, "val")
    found = opened(tmp_path, layout, monkeypatch, ilsvrc_layouts.from_tiny_imagenet(miniature))
    numbers = [int(name.removeprefix("val_").removesuffix(".JPEG")) + 1 for name in zipped.names]
    assert found.names == tuple(f"{ilsvrc_layouts.name(number)}.JPEG" for number in numbers)
    every = range(len(zipped))
    assert torch.equal(found.pixels(every), zipped.pixels(every))
    assert torch.equal(found.labels, zipped.labels)
    assert torch.equal(found.boxes, zipped.boxes)
    assert (found.wnids, found.classes, found.side) == (zipped.wnids, zipped.classes, 64)
    assert found.left_out == ()


def test_label_box_and_pixels_of_a_row_belong_together(miniature):
    found = data_sets.open(archives.TINY_IMAGENET, "val")
    every = [*archives.class_names(), "n00000001"]
    masks = datasets.box_mask(found.boxes, found.side, found.side)
    for row, name in enumerate(found.names):
        number = int(name.removeprefix("val_").removesuffix(".JPEG"))
        assert found.wnids[found.labels[row]] == every[(number * 7) % 31]
        brightness = found.pixels([row])[0].float().mean(0)
        # The bright rectangle of this very photograph is where its box says.
        assert brightness[masks[row]].min() > 150
        assert brightness[~masks[row]].max() < 150


def test_rows_come_in_the_order_asked_for(miniature):
    found = data_sets.open(archives.TINY_IMAGENET, "train")
    whole = found.in_memory()
    rows = [7, 3, 3, 40]
    assert torch.equal(found.pixels(rows), whole.pixels[rows])
    assert torch.equal(found.pixels(torch.tensor(rows)), whole.pixels[rows])
    assert found.pixels([]).shape == (0, 3, 64, 64)
    some = found.subset(rows)
    assert some.names == tuple(found.names[row] for row in rows)
    assert torch.equal(some.pixels([2, 3]), whole.pixels[[3, 40]])
    assert torch.equal(some.boxes, whole.boxes[rows])
    assert torch.equal(some.labels, whole.labels[rows])


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_threads_that_read_ahead_change_nothing(threads, miniature):
    found = data_sets.open(archives.TINY_IMAGENET, "train")
    batches = [[7, 3], [3], [40, 1, 2]]
    read = list(found.ahead(iter(batches), threads))
    assert [rows for rows, _ in read] == batches
    assert all(torch.equal(pixels, found.pixels(rows)) for rows, pixels in read)
    with pytest.raises(IndexError):
        list(found.ahead([[0], [10**6]], threads))


def test_one_batch_is_read_while_another_is_worked_on():
    asked, go_on = [], threading.Event()

    class Slow:
        side = 1

        def photograph(self, key):
            asked.append(key)
            if key == 1:
                go_on.wait(10)
            return torch.full((3, 1, 1), key, dtype=torch.uint8)

    pixels = torch.zeros(3, 3, 1, 1, dtype=torch.uint8)
    boxes, labels = torch.zeros(3, 4, dtype=torch.long), torch.zeros(3, dtype=torch.long)
    small = collection.of(datasets.Photographs(pixels, labels, boxes, ("a", "b", "c"), ("one",)))
    batches = dataclasses.replace(small, source=Slow()).ahead([[0], [1], [2]], 1)
    next(batches)
    assert asked[:1] == [0]
    assert 2 not in asked  # one batch ahead, and not all
    go_on.set()
    assert [int(read[0, 0, 0, 0]) for _, read in batches] == [1, 2]


def test_a_balanced_subset_by_name_order(miniature):
    first = data_sets.open(archives.TINY_IMAGENET, "train").per_class(1)
    assert first.labels.tolist() == list(range(30))
    assert all(name.endswith("_0.JPEG") for name in first.names)


def pixels_elsewhere(pickled):
    return pickle.loads(pickled).pixels([2, 0])


@pytest.mark.parametrize("layout", ["zip", *ilsvrc_layouts.LAYOUTS])
def test_workers_open_the_files_themselves(layout, miniature, tmp_path, monkeypatch):
    if layout == "zip":
        found = data_sets.open(archives.TINY_IMAGENET, "val")
    else:
        found = opened(tmp_path, layout, monkeypatch, ilsvrc_layouts.from_tiny_imagenet(miniature))
    here = found.pixels([2, 0])
    pickled = pickle.dumps(found)
    assert torch.equal(pixels_elsewhere(pickled), here)
    monkeypatch.setenv(archives.DATA_VARIABLE, str(tmp_path / "nowhere"))
    assert torch.equal(pixels_elsewhere(pickled), here), "no data set is looked for again"
    # A part leaves the other rows behind.
    assert found.names[1].encode() in pickled
    assert found.names[1].encode() not in pickle.dumps(found.subset([0]))


def test_a_forked_process_does_not_disturb_its_parent(miniature):
    found = data_sets.open(archives.TINY_IMAGENET, "val")
    whole = found.pixels(range(len(found)))
    with multiprocessing.get_context("fork").Pool(2) as pool:
        handed = [pool.apply_async(_all_pixels, (found.subset([row]),)) for row in range(8)]
        here = found.pixels(range(8))
        there = torch.cat([torch.tensor(one.get(60), dtype=torch.uint8) for one in handed])
    assert torch.equal(here, whole[:8])
    assert torch.equal(there, whole[:8])


def _all_pixels(part):
    return part.pixels(range(len(part))).tolist()


def test_pixels_in_memory_are_a_collection_too(miniature):
    found = data_sets.open(archives.TINY_IMAGENET, "val")
    held = collection.of(found.in_memory(), found.wnids)
    assert torch.equal(held.pixels([4, 1]), found.pixels([4, 1]))
    part = pickle.loads(pickle.dumps(held.subset([4, 1])))
    assert torch.equal(part.pixels([1]), found.pixels([1]))
    assert (part.names, part.classes, part.wnids) == (
        tuple(found.names[row] for row in (4, 1)),
        found.classes,
        found.wnids,
    )


def test_another_size_keeps_the_object_in_its_box(miniature):
    found = data_sets.open(archives.TINY_IMAGENET, "val")
    assert found.resized(64) is found
    larger = found.resized(224)
    assert larger.side == 224
    assert torch.equal(larger.boxes, (found.boxes * 3.5).round().long())
    masks = datasets.box_mask(larger.boxes, 224, 224)
    bright = larger.pixels(range(5)).float().mean(1) > 150
    # Resampling blurs the object's rim: at most two lines of pixels on each side may differ.
    assert (bright != masks[:5]).sum((1, 2)).max() < 4 * 224
    assert torch.equal(larger.subset([3]).pixels([0])[0], pictures.bicubic(found.pixels([3])[0], 224))


def test_unknown_data_sets_and_splits_are_told(miniature):
    with pytest.raises(DataError, match=r"'imagenet' is not declared in data_sets\.yaml; .*: imagenet-val"):
        data_sets.open("imagenet", "val")
    with pytest.raises(ValueError, match="'train' or 'val', not 'test'"):
        data_sets.open(archives.TINY_IMAGENET, "test")
    assert ilsvrc.NAME == "imagenet-val"
