import io
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from gradlab.photographs import archives, datasets
from gradlab.photographs.archives import DataError


def test_label_box_and_photograph_belong_together(miniature):
    photographs = datasets.tiny_imagenet("val")
    wnids = list(archives.class_names())
    every = [*wnids, "n00000001"]
    assert photographs.pixels.shape == (30, 3, 64, 64)
    assert photographs.classes == tuple(archives.class_names().values())
    brightness = photographs.pixels.float().mean(1)
    masks = datasets.box_mask(photographs.boxes, 64, 64)
    for i, name in enumerate(photographs.names):
        number = int(name.removeprefix("val_").removesuffix(".JPEG"))
        assert wnids[photographs.labels[i]] == every[(number * 7) % 31]
        # The bright rectangle of this very photograph is where its box says.
        assert brightness[i][masks[i]].min() > 150
        assert brightness[i][~masks[i]].max() < 150


def test_training_photographs_follow_the_class_list(miniature):
    photographs = datasets.tiny_imagenet("train")
    assert torch.bincount(photographs.labels).tolist() == [2] * 30
    first = photographs.per_class(1)
    assert len(first) == 30
    assert all(name.endswith("_0.JPEG") for name in first.names)
    assert first.subset([4, 2]).names == (first.names[4], first.names[2])
    assert torch.equal(first.subset([4]).pixels, first.pixels[4:5])


def test_a_photograph_damaged_inside_the_archive_is_named(miniature):
    data = bytearray(miniature.read_bytes())
    with zipfile.ZipFile(miniature) as archive:
        target = next(i for i in archive.infolist() if i.filename.endswith("val_0.JPEG"))
    data[target.header_offset + 400] ^= 255
    miniature.write_bytes(data)
    with pytest.raises(DataError, match=r"val_0\.JPEG is damaged"):
        datasets.tiny_imagenet("val")


def test_something_that_is_no_photograph_is_named(miniature, tmp_path):
    changed = tmp_path / "other.zip"
    with zipfile.ZipFile(miniature) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"text" if name.endswith("val_0.JPEG") else old.read(name))
    with pytest.raises(DataError, match=r"val_0\.JPEG is not a readable photograph"):
        datasets.tiny_imagenet("val", changed)


def test_normalise_removes_the_mean_colour():
    colour = (torch.tensor(datasets.IMAGENET_MEAN) * 255).round().to(torch.uint8)
    pixels = colour[None, :, None, None].expand(2, 3, 4, 4).contiguous()
    assert datasets.normalise(pixels).abs().max() < 0.01
    white = datasets.normalise(torch.full((1, 3, 1, 1), 255, dtype=torch.uint8)).flatten()
    assert white.tolist() == pytest.approx([(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225])


def test_box_mask_is_half_open():
    mask = datasets.box_mask(torch.tensor([[1, 2, 3, 4], [0, 0, 5, 6]]), 6, 5)
    assert mask.sum((1, 2)).tolist() == [4, 30]
    assert torch.nonzero(mask[0]).tolist() == [[2, 1], [2, 2], [3, 1], [3, 2]]


ANNOTATION = """<annotation><object><name>{wnid}</name><bndbox><xmin>{x0}</xmin><ymin>{y0}</ymin>
<xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox></object><object><name>n0other</name><bndbox><xmin>0</xmin>
<ymin>0</ymin><xmax>1</xmax><ymax>1</ymax></bndbox></object></annotation>"""
WNIDS = ["n00000002", "n00000005"]


def write_ilsvrc(folder):
    """Photographs of different shapes with a bright object; the classes do not follow the numbers."""
    (folder / "images").mkdir(parents=True)
    (folder / "boxes").mkdir()
    facts = [
        (1, (400, 300), (150, 100, 250, 200), WNIDS[1]),
        (2, (300, 500), (40, 200, 200, 300), WNIDS[0]),
        (3, (800, 300), (0, 0, 60, 60), WNIDS[1]),  # wholly outside the centre crop
        (4, (256, 256), (16, 16, 240, 240), WNIDS[0]),
    ]
    for number, (width, height), (x0, y0, x1, y1), wnid in facts:
        pixels = np.full((height, width, 3), 20, dtype=np.uint8)
        pixels[y0:y1, x0:x1] = 240
        name = f"ILSVRC2012_val_{number:08d}"
        Image.fromarray(pixels).save(folder / "images" / f"{name}.JPEG", quality=95)
        text = ANNOTATION.format(wnid=wnid, x0=x0, y0=y0, x1=x1, y1=y1)
        (folder / "boxes" / f"{name}.xml").write_text(text)
    return folder


def test_ilsvrc_boxes_are_carried_through_resize_and_crop(tmp_path):
    photographs = datasets.imagenet_validation(write_ilsvrc(tmp_path), WNIDS)
    assert [int(name[-6:-5]) for name in photographs.names] == [1, 2, 4]
    assert photographs.labels.tolist() == [1, 0, 0]
    assert photographs.pixels.shape == (3, 3, 224, 224)
    masks = datasets.box_mask(photographs.boxes, 224, 224)
    bright = photographs.pixels.float().mean(1) > 130
    # Resampling blurs the object's rim: at most a line of pixels on each side may differ.
    assert (bright != masks).sum((1, 2)).max() < 4 * 224
    assert (bright & masks).sum() > 0.95 * masks.sum()
    assert photographs.boxes[2].tolist() == [0, 0, 224, 224]


def test_ilsvrc_errors_name_what_is_absent(tmp_path):
    with pytest.raises(DataError, match=r"expected images/\*\.JPEG \(0 found\)"):
        datasets.imagenet_validation(tmp_path, WNIDS)
    folder = write_ilsvrc(tmp_path / "a")
    with pytest.raises(DataError, match=r"class n00000005 is none of the 1 given"):
        datasets.imagenet_validation(folder, WNIDS[:1])
    (folder / "boxes" / "ILSVRC2012_val_00000002.xml").write_text("<annotation></annotation>")
    with pytest.raises(DataError, match=r"val_00000002\.xml: no bounding box.*no <object>"):
        datasets.imagenet_validation(folder, WNIDS)
    (folder / "boxes" / "ILSVRC2012_val_00000002.xml").unlink()
    with pytest.raises(DataError, match=r"val_00000002\.JPEG: no annotation of that name"):
        datasets.imagenet_validation(folder, WNIDS)


@pytest.mark.parametrize(
    ("size", "box", "expected"),
    [
        ((256, 256), (16, 16, 240, 240), (0, 0, 224, 224)),
        ((512, 256), (128, 0, 384, 256), (0, 0, 224, 224)),
        ((512, 1024), (200, 500, 300, 600), (84, 106, 134, 156)),
        ((1000, 256), (0, 0, 100, 256), None),
    ],
)
def test_resize_and_crop_box_by_hand(size, box, expected):
    width, height = size
    carried = datasets.resize_and_crop_box(box, width, height, 256, 224)
    assert carried == expected


def test_a_truncated_jpeg_is_an_error_that_names_it(tmp_path):
    folder = write_ilsvrc(tmp_path)
    picture = folder / "images" / "ILSVRC2012_val_00000004.JPEG"
    picture.write_bytes(io.BytesIO(picture.read_bytes()).read(200))
    with pytest.raises(DataError, match=r"val_00000004\.JPEG is not a readable photograph"):
        datasets.imagenet_validation(folder, WNIDS)
