import pytest
import torch

from gradlab.photographs import archives, datasets


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


def test_normalise_removes_the_mean_colour():
    colour = (torch.tensor(datasets.IMAGENET_MEAN) * 255).round().to(torch.uint8)
    pixels = colour[None, :, None, None].expand(2, 3, 4, 4).contiguous()
    assert datasets.normalise(pixels).abs().max() < 0.01
    white = datasets.normalise(torch.full((1, 3, 1, 1), 255, dtype=torch.uint8)).flatten()
    assert white.tolist() == pytest.approx([(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225])


def test_normalise_takes_the_mean_and_deviation_of_other_networks():
    pixels = torch.arange(0, 255, 85, dtype=torch.uint8).view(1, 3, 1, 1)
    normalised = datasets.normalise(pixels, (127 / 255,) * 3, (128 / 255,) * 3).flatten()
    assert normalised.tolist() == pytest.approx([(x - 127) / 128 for x in (0, 85, 170)], abs=1e-6)


def test_box_mask_is_half_open():
    mask = datasets.box_mask(torch.tensor([[1, 2, 3, 4], [0, 0, 5, 6]]), 6, 5)
    assert mask.sum((1, 2)).tolist() == [4, 30]
    assert torch.nonzero(mask[0]).tolist() == [[2, 1], [2, 2], [3, 1], [3, 2]]
