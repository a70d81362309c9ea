"""ILSVRC2012's photographs as pixels: resized, cropped, with their boxes; and JPEGs of other kinds."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from tests.gradlab.photographs import ilsvrc_layouts
from tests.gradlab.photographs.ilsvrc_layouts import Annotated

from gradlab.photographs import archives, datasets, ilsvrc, torchvision_weights
from gradlab.photographs.archives import DataError

WNIDS = ("n00000002", "n01443537")


def encoded(picture, kind="JPEG"):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **({"quality": 95} if kind == "JPEG" else {}))
    return buffer.getvalue()


def annotated(number, size, box, wnid):
    """A dark photograph with a bright object."""
    pixels = np.full((size[1], size[0], 3), 20, dtype=np.uint8)
    pixels[box[1] : box[3], box[0] : box[2]] = 240
    name = ilsvrc_layouts.name(number)
    return Annotated(name, encoded(Image.fromarray(pixels)), wnid, box, *size)


PHOTOGRAPHS = (
    annotated(1, (400, 300), (150, 100, 250, 200), WNIDS[1]),
    annotated(2, (300, 500), (40, 200, 200, 300), WNIDS[0]),
    annotated(3, (800, 300), (0, 0, 60, 60), WNIDS[1]),  # wholly outside the centre crop
    annotated(4, (256, 256), (16, 16, 240, 240), WNIDS[0]),
)


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Writes photographs and opens them."""

    def write_and_open(photographs=PHOTOGRAPHS, layout="kaggle", **preparation):
        ilsvrc_layouts.LAYOUTS[layout](photographs, tmp_path)
        monkeypatch.setenv(archives.DATA_VARIABLE, str(tmp_path))
        return ilsvrc.open(**preparation)

    return write_and_open


def agree(found):
    """The bright pixels are those inside the boxes."""
    masks = datasets.box_mask(found.boxes, found.side, found.side)
    bright = found.pixels(range(len(found))).float().mean(1) > 130
    # Resampling blurs the object's rim: at most a line of pixels on each side may differ.
    assert (bright != masks).sum((1, 2)).max() < 4 * found.side
    assert (bright & masks).sum() > 0.95 * masks.sum()


def test_boxes_are_carried_through_resize_and_crop(opened):
    found = opened()
    assert [int(name[-6:-5]) for name in found.names] == [2, 4, 1]
    assert found.labels.tolist() == [0, 0, 1]
    assert found.classes == (WNIDS[0], "goldfish")
    assert found.left_out == (f"{ilsvrc_layouts.name(3)}.JPEG",)
    assert found.side == 224
    assert found.boxes[1].tolist() == [0, 0, 224, 224]
    agree(found)


def test_other_sizes(opened):
    found = opened(resize=100, crop=90)
    assert found.side == 90
    agree(found)
    with pytest.raises(ValueError, match="crop of 120 pixels does not fit a shorter side of 100"):
        opened(resize=100, crop=120)


def test_a_copy_at_another_scale_keeps_its_objects(opened):
    smaller = [
        replace(one, data=encoded(Image.open(io.BytesIO(one.data)).resize((one.width // 2, one.height // 2))))
        for one in PHOTOGRAPHS
    ]
    agree(opened(smaller))


def test_a_photograph_that_its_box_was_not_drawn_in(opened):
    turned = replace(PHOTOGRAPHS[0], data=PHOTOGRAPHS[1].data)
    found = opened([turned])
    with pytest.raises(DataError, match=r"00000001\.JPEG is 300 x 500 pixels, but .* in 400 x 300"):
        found.pixels([0])


def test_greyscale_cmyk_and_a_png_in_disguise_have_their_colours(opened):
    """In each, the left half is red; greyscale shows its brightness."""
    pixels = np.zeros((64, 64, 3), dtype=np.uint8)
    pixels[:, :32] = (200, 40, 30)
    rgb = Image.fromarray(pixels)
    files = (
        encoded(rgb),
        encoded(rgb.convert("CMYK")),
        encoded(rgb, "PNG"),
        encoded(rgb.convert("L")),
        encoded(rgb.convert("RGBA"), "PNG"),
    )
    named = [
        Annotated(ilsvrc_layouts.name(k), data, WNIDS[0], (0, 0, 32, 64)) for k, data in enumerate(files)
    ]
    found = opened(named, resize=64, crop=64).pixels(range(5)).float()
    assert found.shape == (5, 3, 64, 64)
    left, right = found[..., 4:28].mean((2, 3)), found[..., 36:60].mean((2, 3))
    for row in (0, 1, 2, 4):
        assert left[row].tolist() == pytest.approx([200, 40, 30], abs=6)
    grey = 0.299 * 200 + 0.587 * 40 + 0.114 * 30
    assert left[3].tolist() == pytest.approx([grey] * 3, abs=6)
    assert right.max() < 6


@pytest.mark.parametrize("layout", ilsvrc_layouts.LAYOUTS)
@pytest.mark.parametrize(
    "damage", [lambda data: data[:200], lambda data: data[: len(data) // 2], lambda _: b""]
)
def test_a_damaged_jpeg_is_named_when_it_is_read(layout, damage, opened):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    broken = Annotated(
        ilsvrc_layouts.name(9), damage(encoded(Image.fromarray(noise))), WNIDS[0], (0, 0, 9, 9)
    )
    found = opened([broken, replace(PHOTOGRAPHS[3], wnid=WNIDS[0])], layout, resize=64, crop=64)
    assert torch.is_tensor(found.pixels([0]))
    with pytest.raises(DataError, match=r"ILSVRC2012_val_00000009\.JPEG is not a readable photograph"):
        found.pixels([1])


def test_no_object_in_any_crop(opened):
    with pytest.raises(DataError, match="no object of 1 photographs lies in the centre crop"):
        opened([PHOTOGRAPHS[2]])


def test_a_thousand_classes_have_torchvisions_names(opened):
    data = encoded(Image.new("RGB", (8, 8)))
    thousand = [
        Annotated(ilsvrc_layouts.name(k), data, f"n{(k * 7) % 1000:08d}", (0, 0, 8, 8), 8, 8)
        for k in range(1000)
    ]
    found = opened(thousand, "tar", resize=8, crop=8)
    assert found.classes == torchvision_weights.categories()
    assert found.wnids == tuple(f"n{k:08d}" for k in range(1000))
    assert found.names[1] == f"{ilsvrc_layouts.name(143)}.JPEG"
    assert found.labels.tolist() == list(range(1000))
